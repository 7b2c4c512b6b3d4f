"""Faults on order for the next calls of the management API or IAM."""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum

from .typed import InvalidValueError

_MAX_FAULTS = 1000


class Place(StrEnum):
    """Whose answer is at fault."""

    MANAGEMENT = "management"
    IAM = "iam"


class Body(StrEnum):
    """What the body of a faulty answer is."""

    ERROR = "error"
    HTML = "html"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A deviation from the right answer; only late if it has neither code nor status.

    Attributes:
        code: Code of the answer; its HTTP status follows from it.
        http_status: Another HTTP status.
        retry_after: The header of that name.
        delay: How long the answer takes, in seconds.
        body: An error, a page of some proxy, or the connection is broken.
        performed: The call takes effect all the same.
    """

    code: str | None = None
    http_status: int | None = None
    retry_after: str | None = None
    delay: float = 0
    body: Body = Body.ERROR
    performed: bool = False

    @property
    def answers(self) -> bool:
        """Whether it replaces the answer."""
        return (
            self.code is not None
            or self.http_status is not None
            or self.body is not Body.ERROR
        )


class Faults:
    """The faults that are still to come."""

    def __init__(self) -> None:
        """Start with none."""
        self._waiting: dict[Place, deque[Fault]] = {place: deque() for place in Place}

    def add(self, place: Place, fault: Fault, times: int) -> None:
        """Apply a fault to the next calls, after those already waiting."""
        waiting = self._waiting[place]
        if not 1 <= times <= _MAX_FAULTS - len(waiting):
            raise InvalidValueError(f"times must be from 1 to {_MAX_FAULTS}")
        waiting.extend([fault] * times)

    def clear(self) -> None:
        """Forget all."""
        for waiting in self._waiting.values():
            waiting.clear()

    def next(self, place: Place) -> Fault | None:
        """Return the fault of the call that has just arrived."""
        waiting = self._waiting[place]
        return waiting.popleft() if waiting else None
