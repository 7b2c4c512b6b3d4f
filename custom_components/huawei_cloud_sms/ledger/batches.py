"""Gathers operations that arrive together, so that one commit takes them."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import islice
import logging

from .models import LedgerBusyError
from .store import Done, Operation, Then

_LOGGER = logging.getLogger(__name__)

# What waits for its commit, in reports and the like, and how many operations go into
# one commit.
_QUEUE_LIMIT = 10_000
_COMMIT_LIMIT = 256

# So many turns of the event loop a commit waits at most for what may come with it: a
# push takes a few on its way from the network to here.
_TURNS = 20

# So often those are looked for who have waited too long (seconds).
_LOOK_EVERY = 0.25


@dataclass(slots=True)
class Job:
    """An operation that waits for its commit; `due` is by when, on the loop's clock."""

    operation: Operation[object]
    weight: int
    lasting: bool
    due: float | None
    done: asyncio.Future[object]


type Commit = Callable[[Sequence[Job], Then], Awaitable[None]]


class Batches:
    """Hands what waits to `commit`, one batch after the other.

    That hands back what was done with each, unless it raises; the last ones of a batch
    may be left for the next one.
    """

    def __init__(self, commit: Commit) -> None:
        """Begin with nothing that waits."""
        self._commit = commit
        self._jobs: deque[Job] = deque()
        self._weight = 0
        self._expected = 1
        self._writer: asyncio.Task[None] | None = None
        self._look: asyncio.TimerHandle | None = None

    def add(
        self,
        operation: Operation[object],
        *,
        weight: int,
        lasting: bool,
        always: bool,
        patience: float | None,
    ) -> asyncio.Future[object]:
        """Let an operation wait for its commit; the future is for its result.

        Raises LedgerBusyError when too much waits already, unless it is taken `always`.
        After `patience`, in seconds, the future raises TimeoutError, but what waits
        stays.
        """
        if not always and self._weight + weight > _QUEUE_LIMIT:
            raise LedgerBusyError
        loop = asyncio.get_running_loop()
        due = None if patience is None else loop.time() + patience
        done: asyncio.Future[object] = loop.create_future()
        self._jobs.append(Job(operation, weight, lasting, due, done))
        self._weight += weight
        self._start_writer()
        if due is not None and self._look is None:
            self._look = loop.call_later(_LOOK_EVERY, self._look_for_overdue)
        return done

    async def drain(self) -> None:
        """Wait until nothing waits any more, and nothing is added."""
        while self._jobs:
            await asyncio.wait([self._start_writer()])
        if self._look is not None:
            self._look.cancel()

    def _start_writer(self) -> asyncio.Task[None]:
        """Let what waits be committed, and return the task that does it."""
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write(), name="ledger writer")
        return self._writer

    async def _write(self) -> None:
        """Commit what waits until nothing waits any more."""
        while self._jobs:
            await self._gather()
            jobs = list(islice(self._jobs, _COMMIT_LIMIT))
            try:
                await self._commit(jobs, self._answer)
            except Exception as err:
                # nobody must wait for ever because of a fault of ours
                _LOGGER.exception("A commit failed")
                self._answer([Done(error=err)] * len(jobs))

    def _answer(self, done: Sequence[Done]) -> None:
        """Tell those who waited longest what was done."""
        for it in done:
            job = self._jobs.popleft()
            self._weight -= job.weight
            _answer(job, it)
        self._expected = min(len(done) + len(self._jobs), _COMMIT_LIMIT)

    async def _gather(self) -> None:
        """Wait a moment for as much as came together the last time.

        Who was answered may send the next push at once. Few large commits hold the
        event loop up less than many small ones: each is work of another thread, which
        takes turns with this one at every statement.
        """
        for _ in range(_TURNS):
            if len(self._jobs) >= self._expected:
                break
            await asyncio.sleep(0)

    def _look_for_overdue(self) -> None:
        """Let those go who have waited too long.

        One timer for all: most are answered within milliseconds, and each timer of
        their own would cost them about as much as their commit.
        """
        self._look = None
        loop = asyncio.get_running_loop()
        if self._jobs:
            self._look = loop.call_later(_LOOK_EVERY, self._look_for_overdue)
        now = loop.time()
        for job in self._jobs:
            if job.due is not None and job.due < now and not job.done.done():
                job.done.set_exception(TimeoutError())


def _answer(job: Job, done: Done) -> None:
    """Tell the one who waits, if somebody still does."""
    if job.done.done():
        return
    if done.error is not None:
        job.done.set_exception(done.error)
    else:
        job.done.set_result(done.result)
