"""What is to be sent to whom, and what became of it."""

from dataclasses import dataclass, field
from typing import Final

from ..ledger.models import State
from ..msgsms.codes import Code
from ..templates.template import SmsTemplate


@dataclass(frozen=True, slots=True)
class Target:
    """A number, and the recipient it belongs to if it is one's."""

    number: str = field(repr=False)
    recipient_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One text, in form of a template and its variables, to some numbers."""

    targets: tuple[Target, ...]
    template: SmsTemplate
    variables: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How far a call goes for its messages; times are in seconds.

    It is tried again for `retry_for` where nothing left, and waits until it expires
    where the platform cannot be reached; None is not to wait. `override_limit` passes
    the limits on what is spent.
    """

    retry_for: float = 30
    expires_after: float | None = None
    override_limit: bool = False


USUAL_TERMS: Final = Terms()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a message was meant to be; None is what its template did not tell."""

    text: str | None = field(default=None, repr=False)
    parts: int | None = None


NO_PLAN: Final = Plan()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of one message by the time its request ended."""

    target: Target
    reference: str
    state: State
    code: Code | None
    message_id: str | None
    parts: int | None
    plan: Plan = NO_PLAN
