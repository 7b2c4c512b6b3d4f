"""Sends what is asked for, and tries again where nothing left."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
import math
import random

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from .. import clock
from ..const import DOMAIN
from ..ledger.ledger import Ledger
from ..ledger.models import LedgerBusyError, Letter, OutboxFullError, State
from .answers import Result
from .exchange import Exchange, Turn, Unsent, WrittenRequest
from .guard import Guard
from .orders import USUAL_TERMS, Sent, Terms
from .preparing import PreparedRequest
from .recording import as_letter, as_new, as_written

# A request is tried again after a random pause, at most so long at first and twice as
# long each time (seconds).
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 8.0

_FULL = Result(state=State.REFUSED, code="outbox_full")

# What is written down of a message whose turn to leave came too late.
_NO_TURN = Result(state=State.EXPIRED_UNSENT, code="not_sent_timeout")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trial:
    """A request that is being sent, and how far that goes.

    With a letter it may wait in the outbox. `first` is the turn of the first attempt,
    `until` is when the last one must have begun, by the clock of the event loop.
    """

    request: WrittenRequest
    address: str | None
    letter: Letter | None
    first: Turn
    until: float


class Sender:
    """Sends the messages of one application."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        ledger: Ledger,
        exchange: Exchange,
        reply_address: Callable[[], Awaitable[str | None]],
        stopping: asyncio.Event,
    ) -> None:
        """Initialize the sender of an application.

        `reply_address` returns the address for reports as it is when it is called,
        `stopping` is set when Home Assistant is about to stop.
        """
        self._hass = hass
        self._entry = entry
        self._ledger = ledger
        self._exchange = exchange
        self._reply_address = reply_address
        self._stopping = stopping
        self._guard = Guard(hass, entry, ledger)
        self._handing_over = asyncio.Event()
        # the outbox leaves alone what is still tried here
        self.trying: set[str] = set()
        self.on_waiting: Callable[[], None] = lambda: None

    @callback
    def async_hand_over(self) -> None:
        """Leave to the outbox what may wait; the rest goes on until its time is up."""
        self._handing_over.set()

    async def async_send(
        self,
        requests: Sequence[PreparedRequest],
        terms: Terms,
        context: Context | None,
    ) -> list[Sent]:
        """Send and return what became of each message.

        The requests end by themselves even if the caller is cancelled. Raises
        HomeAssistantError when the ledger takes no more.
        """
        task = self._hass.async_create_task(
            self._send_all(requests, terms, context), f"{DOMAIN} send"
        )
        return await asyncio.shield(task)

    async def _send_all(
        self,
        requests: Sequence[PreparedRequest],
        terms: Terms,
        context: Context | None,
    ) -> list[Sent]:
        """Write all requests down, then send them side by side."""
        # whatever holds a message up from here on makes it older
        began, now = self._hass.loop.time(), clock.now()
        address = await self._reply_address()
        new = [as_new(self._entry, request, context) for request in requests]
        written = list(map(as_written, requests, new, strict=True))
        if self._exchange.is_gone:
            # nobody would delete what is written down now
            return [sent for request in written for sent in request.sent({})]
        try:
            await self._guard.async_look_again()
            changes = await self._ledger.create_all(
                new, address, now, self._guard.limits(terms)
            )
            in_line = terms.expires_after is not None and await self._others_wait()
        except LedgerBusyError as err:
            raise HomeAssistantError(
                translation_domain=DOMAIN, translation_key="ledger_busy"
            ) from err
        if changes.excess is not None:
            self._guard.async_tell(changes.excess)
            known = {message.reference: message for message in changes.current}
            return [sent for request in written for sent in request.sent(known)]
        send = self._stand_in_line if in_line else self._try
        sent = await asyncio.gather(
            *(
                send(
                    _Trial(
                        request=request,
                        address=address,
                        letter=as_letter(request, terms, now),
                        first=_first_turn(terms, began),
                        until=began + terms.retry_for,
                    )
                )
                for request in written
            )
        )
        messages = [message for some in sent for message in some]
        self._exchange.react(messages)
        return messages

    async def _others_wait(self) -> bool:
        """Return whether earlier messages wait: those that may wait do not overtake."""
        entry_id = self._entry.entry_id
        return await self._ledger.outbox.oldest(entry_id, self.trying) is not None

    async def _stand_in_line(self, trial: _Trial) -> list[Sent]:
        """Let a request wait behind others."""
        if (ended := await self._put_back(trial, _FULL, new=True)) is not None:
            return ended
        self.on_waiting()
        return await self._as_it_is(trial)

    async def _try(self, trial: _Trial) -> list[Sent]:
        """Send a request, again and again where it cannot leave, while it may."""
        if trial.letter is None:
            return await self._try_on(trial)
        self.trying.add(trial.request.extend)
        try:
            return await self._try_on(trial)
        finally:
            self.trying.discard(trial.request.extend)
            self.on_waiting()

    async def _try_on(self, trial: _Trial) -> list[Sent]:
        """Send a request until there is a result, or it may only wait."""
        waits = trial.letter is not None
        new = True
        last = _FULL
        longest = _FIRST_PAUSE
        outcome = await self._exchange.attempt(
            trial.request, trial.address, turn=trial.first
        )
        if outcome is None:
            outcome = Unsent(_NO_TURN)
        while isinstance(outcome, Unsent):
            last = outcome.result
            pause = random.uniform(0, longest)
            ends = self._is_over(trial) or self._hass.loop.time() + pause > trial.until
            if ends and not waits:
                break
            if (ended := await self._put_back(trial, last, new=new)) is not None:
                return ended
            new = False
            if ends or await self._pause(trial, pause):
                break
            longest = min(2 * longest, _LONGEST_PAUSE)
            outcome = await self._exchange.attempt(
                trial.request,
                trial.address,
                letter=trial.letter,
                turn=Turn(trial.until, trial.until),
            )
        if isinstance(outcome, list):
            return outcome
        if waits:
            return await self._as_it_is(trial)
        return await self._exchange.settle_all(trial.request, last)

    async def _put_back(
        self, trial: _Trial, otherwise: Result, *, new: bool
    ) -> list[Sent] | None:
        """Let a request wait; return what became of it where that is not possible."""
        now = clock.now()
        try:
            await self._ledger.outbox.put_back(
                trial.request.extend, trial.letter, now, new=new
            )
        except OutboxFullError:
            return await self._exchange.settle_all(trial.request, _FULL)
        except LedgerBusyError:  # it is the end
            return await self._exchange.settle_all(trial.request, otherwise)
        return None

    def _is_over(self, trial: _Trial) -> bool:
        """Return whether a request is not tried any more."""
        return self._last_call(trial).is_set()

    async def _pause(self, trial: _Trial, seconds: float) -> bool:
        """Wait before the next attempt; return whether there is to be none."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._last_call(trial).wait()
        return self._is_over(trial)

    def _last_call(self, trial: _Trial) -> asyncio.Event:
        """Return what ends the attempts: what the outbox can go on with ends first."""
        return self._stopping if trial.letter is None else self._handing_over

    async def _as_it_is(self, trial: _Trial) -> list[Sent]:
        """Return the messages of a request as the ledger has them."""
        known = await self._ledger.find(trial.request.references)
        return trial.request.sent(known)


def _first_turn(terms: Terms, began: float) -> Turn:
    """Return until when a first attempt may wait for those of others.

    Who does not want it to be tried again for long wants it to be tried all the same.
    """
    expires = math.inf if terms.expires_after is None else began + terms.expires_after
    patience = max(terms.retry_for, USUAL_TERMS.retry_for)
    return Turn(until=min(began + patience, expires), while_answered=expires)
