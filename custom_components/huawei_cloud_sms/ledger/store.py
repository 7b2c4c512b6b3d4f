"""One open ledger file, or its stand-in in memory, used from one thread."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import sqlite3

from .keeping import Rows, copy_all, copy_open
from .models import Changes
from .receiving import mark_shown
from .schema import connect

type Operation[T] = Callable[[sqlite3.Connection], T]


class Store:
    """Runs operations on one connection, several to a commit.

    `live` holds the applications whose listeners can be told now. It belongs to the
    ledger; operations change it, so that it changes in step with the commits.
    """

    def __init__(self, path: Path | None, live: set[str]) -> None:
        """Open the file, or memory when there is no path.

        Raises sqlite3.Error or OSError when that is not possible.
        """
        self._db = connect(path)
        self._live = live

    def run(self, operations: Sequence[Operation[object]]) -> list[object]:
        """Run operations in one commit and return their results.

        An operation that fails leaves no trace and its exception is its result.
        Raises sqlite3.DatabaseError when storage itself fails; then nothing of the
        whole commit is kept.
        """
        self._db.execute("BEGIN IMMEDIATE")
        try:
            results = [self._run_one(operation) for operation in operations]
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
        return results

    def _run_one(self, operation: Operation[object]) -> object:
        """Run one operation and note its changes as shown if somebody is told."""
        self._db.execute("SAVEPOINT operation")
        try:
            result = operation(self._db)
            if isinstance(result, Changes):
                for subject in result.subjects:
                    if subject.entry_id in self._live:
                        mark_shown(self._db, subject)
        except Exception as err:
            if is_storage_failure(err):
                raise
            self._db.execute("ROLLBACK TO operation")
            result = err
        self._db.execute("RELEASE operation")
        return result

    def copy_open(self) -> Rows:
        """Return what a stand-in must know."""
        return copy_open(self._db)

    def copy_all(self) -> Rows:
        """Return every row."""
        return copy_all(self._db)

    def close(self) -> None:
        """Close the connection; the write-ahead log is folded into the file."""
        self._db.close()

    def close_later(self, thread: ThreadPoolExecutor) -> None:
        """Close the connection when its thread is free, and end the thread."""
        thread.submit(self.close)
        thread.shutdown(wait=False)


def is_storage_failure(err: Exception) -> bool:
    """Return whether an error speaks of the file rather than of one operation."""
    return isinstance(err, sqlite3.OperationalError) or is_damage(err)


def is_damage(err: Exception) -> bool:
    """Return whether an error says that the file's content is broken.

    SQLite raises DatabaseError itself for that; its subclasses mean other things.
    """
    return type(err) is sqlite3.DatabaseError
