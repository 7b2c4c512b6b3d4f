"""One attempt to send a request, and what the ledger gets to know of it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from .. import clock
from ..const import CONF_KIND, Kind
from ..explain import explain
from ..ledger.ledger import Ledger
from ..ledger.limits import TemplateType, may_promote
from ..ledger.models import Letter, Message, State
from ..msgsms.client import SmsClient
from ..msgsms.codes import Reaction, send_code
from ..msgsms.errors import MsgSmsError, NotSentError, RefusedError
from ..msgsms.models import SendResponse, Sms, TemplatedSms
from . import reactions
from .answers import Result, read_error, read_response
from .orders import Plan, Sent, Target

# Requests of one application that are under way at the same time; of those with many
# numbers only one: the platform advises at most 500 numbers a second in all.
_REQUESTS_AT_ONCE = 8
_MANY = 50

# The platform took the message, whatever became of it since.
_TAKEN = frozenset({State.ACCEPTED, State.DELIVERED, State.FAILED})

# What is written down of a message that is not to leave any more.
_REMOVED = Result(state=State.EXPIRED_UNSENT, code="not_sent_removed")
_GIVEN_UP = Result(state=State.EXPIRED_UNSENT, code="not_sent_interrupted")
_TOO_LATE = Result(state=State.REFUSED, code="limit_promotion_hours")

_WAITS = send_code(State.QUEUED)

# What is written down if not even a failure is known.
_INTERRUPTED = Result(state=State.UNCONFIRMED, code="unconfirmed_interrupted")


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenRequest:
    """A request that is written down in the ledger.

    It lacks only the address for reports. `references`, `targets` and `plans` are those
    of its numbers, in their order.
    """

    sms: Sms
    extend: str
    template_type: str | None
    references: tuple[str, ...]
    targets: tuple[Target, ...]
    plans: tuple[Plan, ...]

    def sent(
        self, known: Mapping[str, Message], results: Sequence[Result] | None = None
    ) -> list[Sent]:
        """Return what the ledger knows of its messages, or else was said of them."""
        # the ledger knows nothing if the application was removed meanwhile
        said = results or [_REMOVED] * len(self.targets)
        return [
            as_sent(target, reference, known.get(reference) or result, plan)
            for target, reference, result, plan in zip(
                self.targets, self.references, said, self.plans, strict=True
            )
        ]


@dataclass(frozen=True, slots=True)
class Turn:
    """When an attempt must have begun, by the clock of the event loop.

    That is `until`, or `while_answered` if the platform answers those before it.
    """

    until: float
    while_answered: float


@dataclass(frozen=True, slots=True)
class Unsent:
    """A request that surely did not leave and may be tried again.

    The ledger still has it as leaving; `result` is what it is if nobody tries again.
    """

    result: Result


class Exchange:
    """Talks to the platform for one application."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, client: SmsClient, ledger: Ledger
    ) -> None:
        """Initialize the exchange of an application."""
        self._hass = hass
        self._entry = entry
        self._client = client
        self._ledger = ledger
        self._slots = asyncio.Semaphore(_REQUESTS_AT_ONCE)
        self._large_slot = asyncio.Semaphore(1)
        self._answered = True
        self.on_reached: Callable[[], None] = lambda: None

    @property
    def is_gone(self) -> bool:
        """Return whether the application was removed or disabled."""
        entry = self._hass.config_entries.async_get_entry(self._entry.entry_id)
        return entry is None or entry.disabled_by is not None

    async def attempt(
        self,
        request: WrittenRequest,
        address: str | None,
        *,
        letter: Letter | None = None,
        turn: Turn | None = None,
    ) -> list[Sent] | Unsent | None:
        """Try to send a request and write down how that ended.

        With a letter it is in the outbox. Returns None when the request must not leave
        now, or its turn came too late; then the ledger still has it as it was.
        """
        count = len(request.targets)
        async with self._large_slot if count > _MANY else self._slots:
            if turn is not None and self._is_over(turn):
                return None
            if self.is_gone:
                # whoever takes it away wants no more SMS
                return await self.settle_all(request, _REMOVED)
            if self._is_too_late(request):
                return await self.settle_all(request, _TOO_LATE)
            if letter is not None:
                if not await self._ledger.outbox.take(
                    request.extend, letter, clock.now()
                ):
                    return None
            elif not await self._ledger.mark_sending(request.extend, clock.now()):
                return await self.settle_all(request, _GIVEN_UP)
            try:
                results = await self._talk(request, address)
            except BaseException:
                # cut off, or a fault of ours: it may have left all the same
                await self.settle_all(request, _INTERRUPTED)
                raise
        if isinstance(results, Unsent):
            if self.is_gone:
                # nor does it wait for the day when the application is used again
                return await self.settle_all(request, _REMOVED)
            return results
        return await self.settle(request, results)

    async def settle_all(self, request: WrittenRequest, result: Result) -> list[Sent]:
        """Write down that all messages of a request ended in the same way."""
        return await self.settle(request, [result] * len(request.targets))

    async def settle(
        self, request: WrittenRequest, results: Sequence[Result]
    ) -> list[Sent]:
        """Write down how a request ended, and return what the ledger makes of it."""
        settled = await self._ledger.settle(
            self._entry.entry_id,
            [
                result.outcome(reference)
                for result, reference in zip(results, request.references, strict=True)
            ],
            clock.now(),
        )
        known = {message.reference: message for message in settled.current}
        return request.sent(known, results)

    async def _talk(
        self, request: WrittenRequest, address: str | None
    ) -> list[Result] | Unsent:
        """Talk to the platform; return what it said of each number, in order."""
        sms = replace(request.sms, extend=request.extend, status_callback=address)
        try:
            response = await self._post(sms)
        except MsgSmsError as err:
            self._answered = isinstance(err, RefusedError)
            if isinstance(err, RefusedError):
                self._check_clock(err.server_time)
            result = read_error(err)
            if _may_be_repeated(err, result):
                return Unsent(result)
            return [result] * len(sms.numbers)
        self._answered = True
        self._check_clock(response.server_time)
        return read_response(sms, response)

    async def _post(self, sms: Sms) -> SendResponse:
        """Send a request by the call for its kind; raises MsgSmsError."""
        if isinstance(sms, TemplatedSms):
            return await self._client.send(sms)
        return await self._client.send_diff(sms)

    def _is_over(self, turn: Turn) -> bool:
        """Return whether a turn came too late."""
        latest = turn.while_answered if self._answered else turn.until
        return self._hass.loop.time() > latest

    def _is_too_late(self, request: WrittenRequest) -> bool:
        """Return whether a promotion waited until its hours were over."""
        return (
            request.template_type == TemplateType.PROMOTION
            and self._entry.data[CONF_KIND] == Kind.MAINLAND
            and not may_promote(clock.now())
        )

    @callback
    def _check_clock(self, server_time: datetime | None) -> None:
        """Compare the clocks, while there is anybody to tell."""
        if not self.is_gone:
            reactions.check_clock(self._hass, self._entry, server_time)

    @callback
    def react(self, sent: Sequence[Sent]) -> None:
        """Do what answers ask for, besides telling the caller."""
        if self.is_gone:
            # nobody could mend anything of an application that went meanwhile
            return
        if any(message.state in _TAKEN for message in sent):
            reactions.all_is_well(self._hass, self._entry)
            self.on_reached()
        for code in {message.code for message in sent if message.code}:
            reactions.react(self._hass, self._entry, code)


def _may_be_repeated(err: MsgSmsError, result: Result) -> bool:
    """Return whether a request surely had no effect and may have one later."""
    if isinstance(err, RefusedError) and result.code is not None:
        return send_code(result.code).reaction is Reaction.TRY_AGAIN
    return isinstance(err, NotSentError)


def as_sent(
    target: Target, reference: str, known: Message | Result, plan: Plan
) -> Sent:
    """Return what became of a message as far as it is known."""
    # why it waits is not written down: that changes with each attempt
    code = _WAITS if known.state is State.QUEUED else explain(known.state, known.code)
    return Sent(
        target=target,
        reference=reference,
        state=known.state,
        code=code,
        message_id=known.message_id,
        parts=known.parts,
        plan=plan,
    )
