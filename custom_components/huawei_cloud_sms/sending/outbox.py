"""Sends what waits, in order, as soon as the platform can be reached."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
import logging
import random

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from .. import clock
from ..const import DOMAIN
from ..ledger.ledger import Ledger
from ..ledger.models import LedgerBusyError, State, WaitingRequest
from ..msgsms.codes import Reaction
from ..msgsms.models import DiffContent
from ..msgsms.splitting import as_request
from .exchange import Exchange, Unsent, WrittenRequest
from .orders import NO_PLAN, Target

_LOGGER = logging.getLogger(__name__)

# How long after a failure the next attempt is made (seconds).
_SHORTEST_PAUSE = 15.0
_LONGEST_PAUSE = 60.0

# What an answer can make of a message, and the reactions to it that concern no other
# one: else what waits would end in the same way.
_ANSWERED = frozenset({State.ACCEPTED, State.DELIVERED, State.FAILED, State.REFUSED})
_OF_ONE_MESSAGE = frozenset({Reaction.NONE, Reaction.CALLER, Reaction.FAULT})


class Outbox:
    """Sends the messages of one application that wait in the ledger."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        ledger: Ledger,
        exchange: Exchange,
        reply_address: Callable[[], Awaitable[str | None]],
        trying: set[str],
    ) -> None:
        """Initialize the outbox of an application.

        `reply_address` returns the address for reports as it is when it is called,
        `trying` is what somebody else still tries to send. `on_left` is called when
        something could not leave before this outbox was stopped.
        """
        self._hass = hass
        self._entry = entry
        self._ledger = ledger
        self._exchange = exchange
        self._reply_address = reply_address
        self._trying = trying
        self._active = False
        self._wanted = False
        self._task: asyncio.Task[None] | None = None
        self._timer: CALLBACK_TYPE | None = None
        self.on_left: Callable[[], None] = lambda: None

    @callback
    def async_start(self) -> None:
        """Begin to send what waits."""
        self._active = True
        self.async_wake()

    @callback
    def async_stop(self) -> None:
        """Send nothing more; what is just being sent ends by itself."""
        self._active = False
        self._cancel_timer()

    @callback
    def async_wake(self) -> None:
        """Try at once: something new waits, or the platform could be reached."""
        if not self._active:
            return
        self._cancel_timer()
        self._wanted = True
        if self._task is None or self._task.done():
            self._task = self._hass.async_create_task(self._run(), f"{DOMAIN} outbox")

    @callback
    def _cancel_timer(self) -> None:
        """Wait no longer for the next attempt."""
        if self._timer is not None:
            self._timer()
            self._timer = None

    async def _run(self) -> None:
        """Send what waits as long as there are reasons to try, and later again."""
        emptied = True
        while self._active and self._wanted:
            self._wanted = False
            try:
                emptied = await self._empty()
            except LedgerBusyError:  # it is the end
                return
            except Exception as err:  # noqa: BLE001
                # whatever it was, what waits must not wait for ever
                _LOGGER.error("What waits could not be sent: %s", type(err).__name__)
                emptied = False
        if emptied:
            return
        if not self._active:
            self.on_left()
            return
        pause = random.uniform(_SHORTEST_PAUSE, _LONGEST_PAUSE)
        self._timer = async_call_later(
            self._hass, pause, HassJob(self._async_due, cancel_on_shutdown=True)
        )

    @callback
    def _async_due(self, _now: datetime) -> None:
        """Try again after a pause."""
        self._timer = None
        self.async_wake()

    async def _empty(self) -> bool:
        """Send what waits until something cannot leave; return whether all is gone."""
        entry_id = self._entry.entry_id
        await self._ledger.outbox.expire(entry_id, clock.now())
        while self._active and (
            waiting := await self._ledger.outbox.oldest(entry_id, self._trying)
        ):
            if any(self._entry.async_get_active_flows(self._hass, {SOURCE_REAUTH})):
                # it would only be refused
                return False
            if not await self._send(waiting):
                return False
        return True

    async def _send(self, waiting: WaitingRequest) -> bool:
        """Send a request; return whether others can leave too."""
        request = _written(waiting)
        address = await self._reply_address()
        if address is not None:
            await self._ledger.keep_address(self._entry.entry_id, address, clock.now())
        outcome = await self._exchange.attempt(request, address, letter=waiting.letter)
        if isinstance(outcome, Unsent):
            # at the end that is impossible: after it nobody knows, and nothing leaves
            with suppress(LedgerBusyError):
                await self._ledger.outbox.put_back(
                    request.extend, waiting.letter, clock.now()
                )
            return False
        if outcome is None:
            return False
        self._exchange.react(outcome)
        return all(
            sent.state in _ANSWERED
            and (sent.code is None or sent.code.reaction in _OF_ONE_MESSAGE)
            for sent in outcome
        )


def _written(waiting: WaitingRequest) -> WrittenRequest:
    """Return a request that waits as it is sent."""
    known = {message.reference: message for message in waiting.messages}
    texts = [
        (text, theirs)
        for text in waiting.letter.texts
        # where storage failed not all of them may be known
        if (theirs := [known[it] for it in text.references if it in known])
    ]
    contents = [
        DiffContent(
            numbers=tuple(message.number for message in theirs),
            template_id=text.template_id,
            variables=text.variables,
            signature=text.signature,
        )
        for text, theirs in texts
    ]
    messages = [message for _, theirs in texts for message in theirs]
    return WrittenRequest(
        sms=as_request(contents, waiting.channel_number),
        extend=waiting.extend,
        template_type=waiting.template_type,
        references=tuple(message.reference for message in messages),
        targets=tuple(
            Target(message.number, message.recipient_id) for message in messages
        ),
        plans=(NO_PLAN,) * len(messages),
    )
