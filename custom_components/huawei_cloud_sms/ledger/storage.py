"""Commits operations to the file, and goes on in memory while that fails."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
import logging
from pathlib import Path
from typing import cast

from . import copying, deferring, keeping, ledger_file, tally
from .batches import Answer, Batches, Job
from .failures import STORAGE_ERRORS
from .ledger_file import LedgerFile
from .listeners import Listeners
from .missed import MissedOperations
from .models import LedgerBusyError
from .store import Done, Operation, Store
from .worker import Work

_LOGGER = logging.getLogger(__name__)

# So many messages, and replies, a ledger in memory keeps.
_MEMORY_LIMIT = 10_000


class Storage:
    """Runs operations in a file that may fail.

    While it fails, a ledger in memory stands in: sending goes on, nothing is durable.
    `restore` returns to the file once that can be used again, and does there again
    what it missed.
    """

    def __init__(self, path: Path, listeners: Listeners) -> None:
        """Prepare to keep the ledger in the given file."""
        self._file = LedgerFile(path)
        self._listeners = listeners
        self._store: Store
        self._batches = Batches(self._commit)
        self._missed = MissedOperations()
        self._attempt: asyncio.Task[bool] | None = None
        self._standing_in: asyncio.Task[None] | None = None
        self._ending = False
        self._closed = False
        self.durable = False

    @property
    def damaged_file(self) -> Path | None:
        """Return where a damaged file was moved to."""
        return self._file.damaged_file

    async def open(self) -> None:
        """Open the file, or memory where that fails."""
        try:
            self._store = await self._file.open()
        except STORAGE_ERRORS as err:
            await self._use_memory(err, {})
        else:
            self.durable = True
            if self.damaged_file is not None:
                self._listeners.tell_storage_change()

    async def close(self) -> None:
        """Commit what waits and close the file; nothing is taken any more."""
        if self._ending:
            return
        self._ending = True
        if not self.durable:
            # what only memory has would be lost; an attempt that hangs ends by itself
            await asyncio.wait(
                [self._start_restoring()], timeout=ledger_file.COMMIT_TIMEOUT
            )
        self._closed = True
        await self._batches.drain()
        async with self._batches.paused():
            with suppress(*STORAGE_ERRORS):
                await self._store.close(ledger_file.COMMIT_TIMEOUT)

    def run[T](
        self,
        operation: Operation[T],
        *,
        weight: int = 1,
        lasting: bool = False,
        always: bool = False,
        patience: float | None = None,
    ) -> asyncio.Future[T]:
        """Run an operation in the next commit; the future is for its result.

        `lasting`: it changes what the file must know. `always`: it is taken, however
        much waits already. Raises LedgerBusyError when too much does, or after the
        end; the future raises TimeoutError when it takes longer than the caller's
        patience. A caller who does not wait for the result any more does not stop it.
        """
        if self._closed:
            raise LedgerBusyError
        done = self._batches.add(
            lambda: operation,
            weight=weight,
            lasting=lasting,
            always=always,
            patience=patience,
        )
        return cast("asyncio.Future[T]", done)

    def run_prepared[T](
        self, prepare: Callable[[], Operation[T]], *, weight: int, patience: float
    ) -> asyncio.Future[T]:
        """Run what is made when the next commit begins, and changes what must last.

        Else as `run`; the future raises also what `prepare` does.
        """
        if self._closed:
            raise LedgerBusyError
        done = self._batches.add(
            prepare, weight=weight, lasting=True, always=False, patience=patience
        )
        return cast("asyncio.Future[T]", done)

    async def set_copied(self, copied: bool) -> None:
        """Let the file be copied while it is in use, or end that.

        What fails here the next commit finds out.
        """
        self._file.copied = copied
        async with self._batches.paused():
            if self.durable and not self._closed:
                with suppress(*STORAGE_ERRORS):
                    await self._store.read(
                        copying.hold if copied else copying.release,
                        ledger_file.COMMIT_TIMEOUT,
                    )

    async def restore(self) -> bool:
        """Return to the file, if it fails and can be used again.

        Returns whether that was done.
        """
        attempt = self._start_restoring()
        # whoever gives up waiting must not end it half-way
        await asyncio.wait([attempt])
        return attempt.result()

    def _start_restoring(self) -> asyncio.Task[bool]:
        """Begin to return to the file, or join the attempt that is under way."""
        if self._attempt is None or self._attempt.done():
            self._attempt = asyncio.create_task(self._restore(), name="ledger restore")
        return self._attempt

    async def _restore(self) -> bool:
        """Return to the file, if it fails and can be used again."""
        if self.durable or self._closed or self._file.hangs:
            return False
        try:
            store = await self._file.open()
            async with self._batches.paused():
                return await self._return_to(store)
        except STORAGE_ERRORS:
            return False

    def _commit(self, jobs: Sequence[Job], answer: Answer) -> None:
        """Begin to commit operations; the last ones of many may be left for later.

        No task of its own is needed where the file takes them, which is the rule:
        whoever pushes would wait for it to begin and to end.
        """
        if not self.durable:
            self._begin_stand_in(jobs, answer, None)
            return

        def end(work: Work[list[Done]]) -> None:
            """Tell what was done, or go on in memory."""
            if work.error is None:
                self._tell_all(jobs, work.result(), answer)
            else:
                self._begin_stand_in(jobs, answer, work)

        operations = [job.operation for job in jobs]
        self._store.begin_commit(
            operations, self._listeners.is_told(), end, ledger_file.COMMIT_TIMEOUT
        )

    def _begin_stand_in(
        self, jobs: Sequence[Job], answer: Answer, failed: Work[list[Done]] | None
    ) -> None:
        """Begin to commit operations where the file fails, or has just failed."""
        # one that is cancelled before it begins could not answer
        self._standing_in = asyncio.create_task(
            self._stand_in(jobs, answer, failed),
            name="ledger stand-in",
            eager_start=True,
        )

    async def _stand_in(
        self, jobs: Sequence[Job], answer: Answer, failed: Work[list[Done]] | None
    ) -> None:
        """Commit operations in memory while the file cannot take them."""
        # what is not done now is part of the next commit
        done: Sequence[Done] = ()
        try:
            if failed is not None:
                done = await self._replace(jobs, failed)
            else:
                done = await self._commit_in_memory(jobs)
        except Exception as err:
            # nobody must wait for ever because of a fault of ours
            _LOGGER.exception("A commit failed")
            done = [Done(error=err)] * len(jobs)
        finally:
            self._tell_all(jobs, done, answer)

    async def _replace(
        self, jobs: Sequence[Job], failed: Work[list[Done]]
    ) -> list[Done]:
        """Use memory from now on, unless what was given up has succeeded after all."""
        rows = await self._file.read_newest()
        try:
            # what was read cannot have missed it if it came late
            return failed.result()
        except STORAGE_ERRORS as err:
            self._file.leave(self._store, err)
            await self._use_memory(err, rows)
        return await self._commit_in_memory(jobs)

    async def _commit_in_memory(self, jobs: Sequence[Job]) -> list[Done]:
        """Commit operations in the stand-in; the file must get to know some later."""
        operations = [job.operation for job in jobs]
        operations.append(lambda db: keeping.trim(db, _MEMORY_LIMIT))
        is_told = self._listeners.is_told()
        *done, _ = await self._store.commit(operations, is_told)
        for job, it in zip(jobs, done, strict=True):
            if job.lasting and it.error is None:
                self._missed.add(job.operation, job.weight, it)
        return done

    def _tell_all(
        self, jobs: Sequence[Job], done: Sequence[Done], answer: Answer
    ) -> None:
        """Tell the listeners and those who wait what was done."""
        tell = partial(
            self._listeners.tell,
            done,
            recorded=self.durable,
            lasting=any(job.lasting for job in jobs),
        )
        if all(job.pushed for job in jobs):
            # the platform waits for no more than that it is stored; while it goes on
            # there is time for the listeners
            answer(done)
            asyncio.get_running_loop().call_soon(tell)
        else:
            tell()
            answer(done)

    async def _use_memory(self, err: Exception, rows: keeping.Rows) -> None:
        """Begin a ledger in memory with what could be read from the file."""
        _LOGGER.error("Storage failed, going on in memory (%s)", type(err).__name__)
        self.durable = False
        self._store = Store(None)
        await self._store.open()
        filling = [_filling(rows), deferring.leave_to_the_file]
        await self._store.commit(filling)
        self._listeners.tell_storage_change()

    async def _return_to(self, store: Store) -> bool:
        """Go on with the file; it gets to know what it missed."""
        if self._closed:
            await store.close(ledger_file.COMMIT_TIMEOUT)
            return False
        try:
            if await store.read(keeping.is_empty, ledger_file.COMMIT_TIMEOUT):
                rows = await self._store.read(keeping.read_all, None)
                await store.commit([_filling(rows)], timeout=ledger_file.COMMIT_TIMEOUT)
            else:
                # what was shown must not go down where too much was missed
                known = await self._store.read(tally.read_counters, None)
                operations = [*self._missed.operations(), _raising(known)]
                was_shown = self._missed.was_shown()
                await store.commit(
                    operations, was_shown, timeout=ledger_file.COMMIT_TIMEOUT
                )
            if self._file.copied:
                # the copy may have begun while nothing could be written into the file
                await store.read(copying.mark, ledger_file.COMMIT_TIMEOUT)
        except STORAGE_ERRORS as err:
            self._file.leave(store, err)
            return False
        memory, self._store = self._store, store
        await memory.close(None)
        self._missed.clear()
        self.durable = True
        _LOGGER.info("Storage works again")
        self._listeners.tell_storage_change()
        return True


def _raising(known: tally.Counters) -> Operation[None]:
    """Return what lets counters be no lower than they were known to be."""
    return lambda db: tally.raise_counters(db, known)


def _filling(rows: keeping.Rows) -> Operation[None]:
    """Return what fills an empty ledger."""
    return lambda db: keeping.fill(db, rows)
