"""The ledger as the rest of the integration uses it."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
import logging
from pathlib import Path
import sqlite3
from typing import cast

from ..msgsms.push import Reply, StatusReport
from . import keeping, receiving, sending
from .models import Changes, LedgerBusyError, Listener, NewRequest, Outcome, Shown
from .store import Operation, Store, is_damage

_LOGGER = logging.getLogger(__name__)

# What waits for its commit, and how much of it goes into one.
_QUEUE_LIMIT = 2000
_BATCH_LIMIT = 256

# A disk that takes longer than this counts as failed; at the start it is checked.
COMMIT_TIMEOUT = 5.0
OPEN_TIMEOUT = 30.0

# An address stays valid for pushes until the last report about it can have come.
ADDRESS_KEPT = 73 * 3600

_STORAGE_ERRORS = (sqlite3.DatabaseError, OSError, TimeoutError)


@dataclass(slots=True)
class _Job:
    """An operation that waits for its commit."""

    operation: Operation[object]
    done: asyncio.Future[object]


class Ledger:
    """The durable record of what was sent and what came back.

    Operations that arrive together are committed together, in a thread of their
    own. When storage fails, a ledger in memory stands in: sending goes on, nothing
    is durable, and `restore` returns to the file once it can be used again.
    """

    def __init__(self, path: Path) -> None:
        """Initialize a ledger that is kept in the given file."""
        self._path = path
        self._live: set[str] = set()
        self._listeners: dict[str, Listener] = {}
        self._addresses: dict[str, dict[str, float]] = {}
        self._jobs: deque[_Job] = deque()
        self._writer: asyncio.Task[None] | None = None
        self._thread = _new_thread()
        self._store = Store(None, self._live)
        self._replacement: Store | None = None
        self._closed = False
        self.durable = False
        self.damaged_file: Path | None = None
        self.on_storage_change: Callable[[], None] = lambda: None

    async def open(self, now: float) -> None:
        """Open the file and settle what a crash left behind."""
        try:
            self._store = await self._bounded(self._open_file, OPEN_TIMEOUT)
            self.durable = True
        except _STORAGE_ERRORS as err:
            await self._stand_in(err)
        if self.damaged_file is not None:
            self.on_storage_change()
        await self.run(lambda db: sending.recover(db, now))
        self._addresses = await self.run(_read_addresses)

    async def close(self) -> None:
        """Commit what waits and close the file; nothing is taken any more."""
        self._closed = True
        if self._writer is not None:
            await self._writer
        with suppress(*_STORAGE_ERRORS):
            await self._bounded(self._store.close)
        self._thread.shutdown(wait=False)

    async def run[T](self, operation: Operation[T]) -> T:
        """Run an operation in the next commit and return its result.

        Raises LedgerBusyError when too much is waiting already, or after the end.
        """
        if self._closed or len(self._jobs) >= _QUEUE_LIMIT:
            raise LedgerBusyError
        job = _Job(operation, asyncio.get_running_loop().create_future())
        self._jobs.append(job)
        if self._writer is None:
            self._writer = asyncio.create_task(self._write(), name="ledger writer")
        return cast("T", await asyncio.shield(job.done))

    async def create(
        self, request: NewRequest, address: str | None, now: float
    ) -> None:
        """Write down a request and its messages before anything leaves."""
        if address is not None:
            self._addresses.setdefault(request.entry_id, {})[address] = now
        await self.run(lambda db: sending.create(db, request, address, now))

    async def mark_sending(self, extend: str, now: float) -> None:
        """Note that the first byte of a request may leave from now on."""
        await self.run(lambda db: sending.mark_sending(db, extend, now))

    async def settle(
        self, entry_id: str, outcomes: Sequence[Outcome], now: float
    ) -> Changes:
        """Write down how a request ended, number by number."""
        return await self.run(lambda db: sending.settle(db, entry_id, outcomes, now))

    async def apply_reports(
        self, entry_id: str, reports: Sequence[StatusReport], now: float
    ) -> None:
        """Write down status reports and tell the listener what they changed."""
        await self.run(lambda db: receiving.apply_reports(db, entry_id, reports, now))

    async def apply_reply(
        self, entry_id: str, reply: Reply, sender: str, now: float
    ) -> None:
        """Write down a reply and tell the listener, if it is a new one."""
        await self.run(
            lambda db: receiving.apply_reply(db, entry_id, reply, sender, now)
        )

    async def go_live(self, entry_id: str, listener: Listener, now: float) -> None:
        """Tell a listener from now on, beginning with what nobody was told of."""

        def take(db: sqlite3.Connection) -> Changes:
            self._live.add(entry_id)
            return receiving.take_unshown(db, entry_id, now)

        self._listeners[entry_id] = listener
        await self.run(take)

    async def retire(self, entry_id: str) -> None:
        """Tell nobody any more; what happens from now on is kept for later."""
        await self.run(lambda _: self._live.discard(entry_id))
        self._listeners.pop(entry_id, None)

    async def keep_address(self, entry_id: str, url: str, now: float) -> None:
        """Remember an address that was handed out, or that a push came by."""
        self._addresses.setdefault(entry_id, {})[url] = now
        await self.run(lambda db: sending.keep_address(db, entry_id, url, now))

    def addresses(self, entry_id: str, now: float) -> list[str]:
        """Return the addresses under which pushes may still come, newest first."""
        known = self._addresses.get(entry_id, {})
        return [
            url
            for url, last_used in sorted(known.items(), key=lambda it: -it[1])
            if last_used > now - ADDRESS_KEPT
        ]

    async def count_states(self, entry_id: str) -> dict[str, int]:
        """Return how many messages of an application are in each state."""

        def count(db: sqlite3.Connection) -> dict[str, int]:
            return dict(
                db.execute(
                    "SELECT state, count(*) FROM message WHERE entry_id = ?"
                    " GROUP BY state",
                    (entry_id,),
                )
            )

        return await self.run(count)

    async def forget(self, entry_id: str) -> None:
        """Delete everything of an application that was removed."""
        self._addresses.pop(entry_id, None)
        await self.run(lambda db: keeping.forget(db, entry_id))

    async def tidy(self, before: float) -> None:
        """Delete what is older than the given time."""
        for known in self._addresses.values():
            for url in [url for url, used in known.items() if used < before]:
                del known[url]
        await self.run(lambda db: keeping.purge(db, before))

    async def give_up_waiting(
        self, entry_id: str, sent_before: float, now: float
    ) -> None:
        """Close the messages whose report is overdue."""
        await self.run(
            lambda db: sending.give_up_waiting(db, entry_id, sent_before, now)
        )

    async def restore(self) -> None:
        """Return to the file, if a stand-in is in use and the file works again."""
        if self.durable or self._replacement is not None:
            return
        try:
            self._replacement = await self._bounded(self._open_file, OPEN_TIMEOUT)
        except _STORAGE_ERRORS:
            return
        await self.run(lambda _: None)

    async def _write(self) -> None:
        """Commit what waits until nothing waits any more."""
        while self._jobs:
            if self._replacement is not None:
                await self._return_to(self._replacement)
            jobs = [
                self._jobs.popleft() for _ in range(min(len(self._jobs), _BATCH_LIMIT))
            ]
            results = await self._commit([job.operation for job in jobs])
            for job, result in zip(jobs, results, strict=True):
                if isinstance(result, Changes):
                    self._show(result)
                if isinstance(result, Exception):
                    job.done.set_exception(result)
                else:
                    job.done.set_result(result)
        self._writer = None

    async def _commit(self, operations: Sequence[Operation[object]]) -> list[object]:
        """Commit operations; where storage fails, the stand-in takes them."""
        try:
            return await self._bounded(lambda: self._store.run(operations))
        except _STORAGE_ERRORS as err:
            await self._stand_in(err)
            return self._store.run(operations)

    def _show(self, changes: Changes) -> None:
        """Tell the listeners of changes that can be shown now."""
        for subject in changes.subjects:
            if (listener := self._listeners.get(subject.entry_id)) is None:
                continue
            try:
                listener(Shown(subject, changes.late, self.durable))
            except Exception:
                # whoever listens, the next change must still be stored and shown
                _LOGGER.exception("Showing a change failed")

    async def _stand_in(self, err: Exception) -> None:
        """Go on in memory after a failure of the file."""
        _LOGGER.error("Storage failed, going on in memory (%s)", type(err).__name__)
        rows = None
        if not isinstance(err, TimeoutError):
            # a full or read-only disk can still be read, one that hangs cannot
            with suppress(*_STORAGE_ERRORS):
                rows = await self._bounded(self._store.copy_open)
        self._drop(self._store)
        self._store = Store(None, self._live)
        if rows is not None:
            self._store.run([lambda db: keeping.absorb(db, rows)])
        self.durable = False
        self.on_storage_change()

    async def _return_to(self, store: Store) -> None:
        """Go on with the file, together with what the stand-in took."""
        self._replacement = None
        rows = self._store.copy_all()
        try:
            await self._bounded(
                lambda: store.run([lambda db: keeping.absorb(db, rows)])
            )
        except _STORAGE_ERRORS:
            self._drop(store)
            return
        self._store.close()
        self._store = store
        self.durable = True
        _LOGGER.info("Storage works again")
        self.on_storage_change()

    def _drop(self, store: Store) -> None:
        """Leave a store to its thread, which may hang, and go on with a new one."""
        store.close_later(self._thread)
        self._thread = _new_thread()

    def _open_file(self) -> Store:
        """Open the file; a damaged one is moved aside and a new one begun."""
        try:
            return Store(self._path, self._live)
        except sqlite3.DatabaseError as err:
            if not is_damage(err):
                raise
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        aside = self._path.with_name(f"{self._path.name}.damaged-{stamp}")
        self._path.rename(aside)
        for suffix in ("-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        self.damaged_file = aside
        return Store(self._path, self._live)

    async def _bounded[T](
        self, work: Callable[[], T], timeout: float = COMMIT_TIMEOUT
    ) -> T:
        """Do work on the file in its thread; TimeoutError when the disk hangs."""
        future = asyncio.get_running_loop().run_in_executor(self._thread, work)
        # nobody waits any more for work that is abandoned
        future.add_done_callback(lambda it: it.cancelled() or it.exception())
        return await asyncio.wait_for(asyncio.shield(future), timeout)


def _new_thread() -> ThreadPoolExecutor:
    """Return the one thread that a file is used from."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="sms-ledger")


def _read_addresses(db: sqlite3.Connection) -> dict[str, dict[str, float]]:
    """Return when each address was last handed out, per application."""
    addresses: dict[str, dict[str, float]] = {}
    for entry_id, url, last_used in db.execute(
        "SELECT entry_id, url, last_used FROM address"
    ):
        addresses.setdefault(entry_id, {})[url] = last_used
    return addresses
