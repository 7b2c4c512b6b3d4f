"""One open ledger file, or a ledger in memory, and the thread it is used from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
import sqlite3
from time import monotonic

from .failures import is_storage_failure
from .models import Changes, Subject
from .opening import open_file
from .receiving import mark_shown
from .schema import connect
from .worker import Worker

type Operation[T] = Callable[[sqlite3.Connection], T]

# A commit that took operations for so long takes no more of them (seconds): nobody
# must mistake a lot of work for a disk that hangs.
_COMMIT_AFTER = 0.25


@dataclass(frozen=True, slots=True)
class Task:
    """An operation, and who is told of what it changes."""

    operation: Operation[object]
    is_told: Callable[[Subject], bool]


@dataclass(frozen=True, slots=True)
class Done:
    """What an operation returned or raised, and what of it is shown now."""

    result: object = None
    error: Exception | None = None
    shown: tuple[Subject, ...] = ()


class Store:
    """Runs operations on one connection, several to a commit."""

    def __init__(self, path: Path | None) -> None:
        """Prepare to use the given file, or memory when there is none."""
        self._path = path
        self._worker = Worker()
        self._db: sqlite3.Connection | None = None
        self._abandoned = False
        self.damaged_file: Path | None = None

    @property
    def hangs(self) -> bool:
        """Return whether an abandoned store still waits for its disk."""
        return self._worker.is_alive
