"""What the file has not seen while a ledger in memory stood in for it."""

from collections import deque
from dataclasses import dataclass

from .models import Answer, Subject
from .store import Done, IsTold, Operation

# In reports and the like; with more the oldest operations that weigh are lost.
_LIMIT = 5_000


@dataclass(frozen=True, slots=True, eq=False)
class _Missed:
    """An operation, and what was shown of it."""

    operation: Operation[object]
    weight: int
    shown: frozenset[tuple[str, ...]]


class MissedOperations:
    """Operations that are done again on the file once that works."""

    def __init__(self) -> None:
        """Begin with none."""
        self._operations: deque[_Missed] = deque()
        self._weight = 0

    def add(self, operation: Operation[object], weight: int, done: Done) -> None:
        """Remember an operation and what was shown of it."""
        shown = frozenset(map(_identity, done.shown))
        self._operations.append(_Missed(operation, weight, shown))
        self._weight += weight
        while self._weight > _LIMIT:
            oldest = next(it for it in self._operations if it.weight)
            self._operations.remove(oldest)
            self._weight -= oldest.weight

    def operations(self) -> list[Operation[object]]:
        """Return what is to be done."""
        return [it.operation for it in self._operations]

    def was_shown(self) -> IsTold:
        """Return what tells whether somebody was told of a change.

        The file knows more than its stand-in: a change may come of another operation.
        """
        shown = frozenset[tuple[str, ...]]().union(
            *(it.shown for it in self._operations)
        )
        return lambda subject: _identity(subject) in shown

    def clear(self) -> None:
        """Forget them: the file knows them now."""
        self._operations.clear()
        self._weight = 0


def _identity(subject: Subject) -> tuple[str, ...]:
    """Return what a change is known by in the file and in its stand-in."""
    if isinstance(subject, Answer):
        return (subject.entry_id, subject.message_id)
    # what is a stranger to one of them may be known to the other
    return (subject.entry_id, subject.message_id or subject.reference, subject.state)
