"""Reads what an answer of the platform, or none, means for each message."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..ledger.models import Outcome, State
from ..msgsms.errors import (
    InvalidRequestError,
    MsgSmsError,
    NotSentError,
    RefusedError,
    UnconfirmedError,
)
from ..msgsms.models import NumberResult, SendResponse, Sms

_ACCEPTED = "000000"

# A number without its country code has at least so many digits.
_SHORTEST = 5

# Reports number the parts with two digits.
_MOST_PARTS = 99


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What is known of one message when its request has ended."""

    state: State
    code: str | None = None
    message_id: str | None = None
    channel_number: str | None = field(default=None, repr=False)
    parts: int | None = None

    def outcome(self, reference: str) -> Outcome:
        """Return this as the ledger takes it."""
        return Outcome(
            reference=reference,
            state=self.state,
            code=self.code,
            message_id=self.message_id,
            channel_number=self.channel_number,
            parts=self.parts,
        )


def read_response(request: Sms, response: SendResponse) -> list[Result]:
    """Return the result of each number of a request, in the request's order.

    Results are found by the number as it was given, else by one that is written
    without its country code. A number of which the answer says nothing may have been
    sent to: it is unconfirmed.
    """
    by_number = {result.number: result for result in response.results}
    shortened = [it for it in response.results if it.number not in request.numbers]
    return [
        _read(by_number.get(number) or _only(number, shortened))
        for number in request.numbers
    ]


def read_error(err: MsgSmsError) -> Result:
    """Return what a failed request means for each of its messages."""
    if isinstance(err, NotSentError):
        return Result(state=State.EXPIRED_UNSENT, code=f"not_sent_{err.reason}")
    if isinstance(err, InvalidRequestError):
        return Result(state=State.EXPIRED_UNSENT, code="not_sent_invalid")
    if isinstance(err, RefusedError):
        return Result(state=State.REFUSED, code=err.code or f"http_{err.http_status}")
    # whatever else went wrong, it may have been sent
    reason = err.reason if isinstance(err, UnconfirmedError) else "unreadable"
    return Result(state=State.UNCONFIRMED, code=f"unconfirmed_{reason}")


def _only(number: str, results: Sequence[NumberResult]) -> NumberResult | None:
    """Return the one result whose number is the end of another, if there is one."""
    ends = [
        result
        for result in results
        if len(digits := result.number.lstrip("+0")) >= _SHORTEST
        and number.endswith(digits)
    ]
    return ends[0] if len(ends) == 1 else None


def _read(result: NumberResult | None) -> Result:
    """Return what the platform said of one number."""
    if result is None:
        return Result(state=State.UNCONFIRMED, code="unconfirmed_unmentioned")
    accepted = result.status == _ACCEPTED
    return Result(
        state=State.ACCEPTED if accepted else State.REFUSED,
        code=None if accepted else result.status,
        message_id=result.message_id,
        channel_number=result.channel_number,
        parts=result.parts if (result.parts or 0) <= _MOST_PARTS else None,
    )
