"""One open ledger file, or a ledger in memory, and the thread it is used from."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from itertools import groupby
from pathlib import Path
import sqlite3
from time import monotonic

from ..msgsms.values import passing_value
from .failures import is_storage_failure
from .models import Changes, Subject
from .opening import open_file
from .receiving import WritePushes, mark_shown
from .schema import connect
from .worker import Work, Worker

type Operation[T] = Callable[[sqlite3.Connection], T]

# Whether anybody is told of a change.
type IsTold = Callable[[Subject], bool]

# A commit that took operations for so long takes no more of them (seconds): nobody
# must mistake a lot of work for a disk that hangs.
_COMMIT_AFTER = 0.25


@passing_value
class Done:
    """What an operation returned or raised, and what of it is shown now."""

    result: object = None
    error: Exception | None = None
    shown: tuple[Subject, ...] = ()


class _OperationError(Exception):
    """An operation failed, but storage did not."""

    def __init__(self, error: Exception) -> None:
        """Keep what it raised."""
        super().__init__()
        self.error = error


class Store:
    """Runs operations on one connection, several to a commit."""

    _db: sqlite3.Connection

    def __init__(self, path: Path | None) -> None:
        """Prepare to use the given file, or memory when there is none."""
        self._path = path
        self._worker = Worker()
        self._opened = ExitStack()
        self._abandoned = False
        self.damaged_file: Path | None = None

    @property
    def hangs(self) -> bool:
        """Return whether an abandoned store still waits for its disk."""
        return self._worker.is_alive

    async def open(self, timeout: float | None = None, *, broken: bool = False) -> None:
        """Open the file; a damaged one, or a broken one, makes room for a new one.

        Raises sqlite3.Error or OSError when it cannot be used.
        """
        await self._worker.do(lambda: self._open(broken), timeout)

    def _open(self, broken: bool) -> None:
        """Open the file in its thread."""
        if self._path is None:
            db = connect(None)
        else:
            db, self.damaged_file = open_file(self._path, broken=broken)
        self._db = self._opened.enter_context(closing(db))

    async def read[T](self, operation: Operation[T], timeout: float | None) -> T:
        """Run one operation that changes nothing."""
        return await self._worker.do(lambda: operation(self._db), timeout)

    def begin_commit(
        self,
        operations: Sequence[Operation[object]],
        is_told: IsTold,
        on_end: Callable[[Work[list[Done]]], None],
        timeout: float,
    ) -> None:
        """Run operations in one commit; the last ones of many may be left out.

        An operation that fails leaves no trace. The error of the whole is sqlite3.Error
        or OSError when storage itself fails; then nothing of it is kept.
        """
        self._worker.start(
            lambda: self._commit(operations, is_told, False), on_end, timeout
        )

    async def commit(
        self,
        operations: Sequence[Operation[object]],
        is_told: IsTold = lambda _: False,
        *,
        timeout: float | None = None,
    ) -> list[Done]:
        """Run all operations in one commit; raises what is an error of `begin_commit`."""
        return await self._worker.do(
            lambda: self._commit(operations, is_told, True), timeout
        )

    def _commit(
        self, operations: Sequence[Operation[object]], is_told: IsTold, whole: bool
    ) -> list[Done]:
        """Run operations in one commit in the file's thread."""
        single = [(it, 1) for it in operations]
        # what only memory has must be known one by one: the file will get to know it
        joined = single if self._path is None else _join(operations)
        try:
            return self._try(joined, is_told, whole, self._run)
        except _OperationError:
            # rare: once more, with something before each to go back to if it fails
            return self._try(single, is_told, whole, self._run_guarded)

    def _try(
        self,
        operations: Sequence[tuple[Operation[object], int]],
        is_told: IsTold,
        whole: bool,
        run: Callable[[Operation[object], IsTold], Done],
    ) -> list[Done]:
        """Run operations in one commit, or none of them."""
        db = self._db
        until = monotonic() + _COMMIT_AFTER
        done = []
        db.execute("BEGIN IMMEDIATE")
        try:
            for operation, count in operations:
                done += [run(operation, is_told), *[Done()] * (count - 1)]
                if not whole and monotonic() > until:
                    break
            self._check_wanted()
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        return done

    def _check_wanted(self) -> None:
        """Raise TimeoutError if nobody waits any more for what is being done."""
        if self._abandoned:
            raise TimeoutError("too late")

    def _run(self, operation: Operation[object], is_told: IsTold) -> Done:
        """Run one operation, and note its changes as shown if somebody is told.

        Raises _OperationError when it fails and storage does not.
        """
        shown: tuple[Subject, ...] = ()
        try:
            result = operation(self._db)
            if isinstance(result, Changes):
                shown = mark_shown(self._db, result.subjects, is_told)
        except Exception as err:
            # memory does not fail: there it is always the operation
            if self._path is not None and is_storage_failure(err):
                raise
            raise _OperationError(err) from err
        return Done(result, shown=shown)

    def _run_guarded(self, operation: Operation[object], is_told: IsTold) -> Done:
        """Run one operation; if it fails it leaves no trace."""
        db = self._db
        db.execute("SAVEPOINT operation")
        try:
            done = self._run(operation, is_told)
        except _OperationError as err:
            db.execute("ROLLBACK TO operation")
            done = Done(error=err.error)
        db.execute("RELEASE operation")
        return done

    async def close(self, timeout: float | None) -> None:
        """Close the connection; the write-ahead log is folded into the file.

        A disk that hangs is left to its thread.
        """
        try:
            await self._worker.do(self._opened.close, timeout)
        finally:
            self.abandon()
        self._worker.join(1)

    def abandon(self) -> None:
        """Leave the connection to its thread, which closes it when it can."""
        self._abandoned = True
        self._worker.stop(self._opened.close)


def _join(
    operations: Sequence[Operation[object]],
) -> list[tuple[Operation[object], int]]:
    """Return what does the same with fewer operations, and how many each stands for."""
    joined: list[tuple[Operation[object], int]] = []
    for entry_id, run in groupby(operations, _whose_push):
        if entry_id is None:
            joined += [(it, 1) for it in run]
        else:
            single = [it for it in run if isinstance(it, WritePushes)]
            reports = [report for it in single for report in it.reports]
            replies = [reply for it in single for reply in it.replies]
            joined.append((WritePushes(entry_id, reports, replies), len(single)))
    return joined


def _whose_push(operation: Operation[object]) -> str | None:
    """Return whose report or reply is written down, None unless it is a single one.

    That is what usually comes; what has many is work enough for one operation.
    """
    if (
        isinstance(operation, WritePushes)
        and len(operation.reports) + len(operation.replies) == 1
    ):
        return operation.entry_id
    return None
