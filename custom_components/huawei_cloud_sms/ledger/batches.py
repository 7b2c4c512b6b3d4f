"""Gathers operations that arrive together, so that one commit takes them."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
import sqlite3
from time import monotonic

from .models import LedgerBusyError
from .store import Done, Operation

# What waits for its commit, in reports and the like, and how many operations go into
# one commit.
_QUEUE_LIMIT = 10_000
_COMMIT_LIMIT = 256

# So long a commit is prepared at most (seconds), unless one operation takes longer: the
# event loop is held up.
_PREPARE_FOR = 0.01

# So many turns of the event loop a commit waits at most for what may come with it: a
# push takes a few on its way from the network to here.
_TURNS = 20

# So often those are looked for who have waited too long (seconds).
_LOOK_EVERY = 0.25


# Makes an operation when its commit begins; what it raises the one who waits gets.
type Prepare = Callable[[], Operation[object]]


@dataclass(slots=True)
class Job:
    """What waits for its commit; `due` is by when, on the loop's clock.

    It has its `operation` once its commit begins.
    """

    prepare: Prepare
    weight: int
    lasting: bool
    due: float | None
    done: asyncio.Future[object]
    operation: Operation[object] = field(init=False)
    prepared: bool = False

    def make_ready(self) -> None:
        """Make the operation, once: it may be left over from an earlier commit."""
        if not self.prepared:
            self.operation = self.prepare()
            self.prepared = True

    @property
    def pushed(self) -> bool:
        """Return whether it came from outside: only there patience has an end."""
        return self.due is not None


# Takes what was done with the operations of a batch, or with the first of them.
type Answer = Callable[[Sequence[Done]], None]

type Commit = Callable[[Sequence[Job], Answer], None]


class Batches:
    """Hands what waits to `commit`, one batch after the other.

    `commit` answers once, with what was done; what it left out is part of the next batch.
    """

    def __init__(self, commit: Commit) -> None:
        """Begin with nothing that waits."""
        self._commit = commit
        self._jobs: deque[Job] = deque()
        self._weight = 0
        self._expected = 1
        self._gathering: asyncio.Handle | None = None
        # no commit is under way, nor anything else that none may be begun beside
        self._free = asyncio.Event()
        self._free.set()
        self._look: asyncio.TimerHandle | None = None

    def add(
        self,
        prepare: Prepare,
        *,
        weight: int,
        lasting: bool,
        always: bool,
        patience: float | None,
    ) -> asyncio.Future[object]:
        """Let something wait for its commit; the future is for its result.

        Raises LedgerBusyError when too much waits already, unless it is taken `always`.
        After `patience`, in seconds, the future raises TimeoutError, but what waits
        stays.
        """
        if not always and self._weight + weight > _QUEUE_LIMIT:
            raise LedgerBusyError
        loop = asyncio.get_running_loop()
        due = None if patience is None else loop.time() + patience
        done: asyncio.Future[object] = loop.create_future()
        self._jobs.append(Job(prepare, weight, lasting, due, done))
        self._weight += weight
        if self._free.is_set():
            self._go_on()
        if due is not None and self._look is None:
            self._look = loop.call_later(_LOOK_EVERY, self._look_for_overdue)
        return done

    async def drain(self) -> None:
        """Wait until nothing waits any more, and nothing is added."""
        if self._jobs:
            await self.add(
                lambda: _do_nothing,
                weight=0,
                lasting=False,
                always=True,
                patience=None,
            )
        if self._look is not None:
            self._look.cancel()

    @asynccontextmanager
    async def paused(self) -> AsyncGenerator[None]:
        """Begin no commit meanwhile; one that is under way comes to its end before."""
        while not self._free.is_set():
            await self._free.wait()
        self._occupy()
        try:
            yield
        finally:
            self._release()

    def _occupy(self) -> None:
        """Let no commit begin from now on."""
        if self._gathering is not None:
            self._gathering.cancel()
            self._gathering = None
        self._free.clear()

    def _release(self) -> None:
        """Let commits begin again, unless somebody has waited to pause them."""
        self._free.set()
        if self._jobs:
            self._go_on()

    def _go_on(self) -> None:
        """Begin a commit once as much waits as came together the last time."""
        if self._gathering is None:
            loop = asyncio.get_running_loop()
            self._gathering = loop.call_soon(self._gather, _TURNS)
        elif len(self._jobs) == self._expected:
            self._begin()

    def _gather(self, turns: int) -> None:
        """Wait for that, at most so many turns of the event loop.

        Who was answered may send the next push at once. Few large commits hold the
        event loop up less than many small ones: each is work of another thread, which
        takes turns with this one at every statement.
        """
        if turns and len(self._jobs) < self._expected:
            loop = asyncio.get_running_loop()
            self._gathering = loop.call_soon(self._gather, turns - 1)
        else:
            self._begin()

    def _begin(self) -> None:
        """Begin a commit of what waits."""
        self._occupy()
        if jobs := self._prepare():
            self._commit(jobs, self._answer)
        else:
            self._release()

    def _prepare(self) -> list[Job]:
        """Prepare what goes into the next commit; who cannot be served learns why.

        One after the other, since a processor does so faster what it has just done.
        """
        ready: list[Job] = []
        until = monotonic() + _PREPARE_FOR
        while self._jobs and len(ready) < _COMMIT_LIMIT:
            job = self._jobs.popleft()
            try:
                job.make_ready()
            except Exception as err:  # noqa: BLE001 - whoever waits gets it
                self._weight -= job.weight
                # its frames would keep what was read, and this job
                _answer(job, Done(error=err.with_traceback(None)))
            else:
                ready.append(job)
            if monotonic() > until:
                break
        self._jobs.extendleft(reversed(ready))
        return ready

    def _answer(self, done: Sequence[Done]) -> None:
        """Tell those who waited longest what was done, and go on with the rest."""
        for it in done:
            job = self._jobs.popleft()
            self._weight -= job.weight
            _answer(job, it)
        self._expected = min(len(done) + len(self._jobs), _COMMIT_LIMIT)
        self._release()

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


def _do_nothing(_db: sqlite3.Connection) -> None:
    """Change nothing."""


def _answer(job: Job, done: Done) -> None:
    """Tell the one who waits, if somebody still does."""
    if job.done.done():
        return
    if done.error is not None:
        job.done.set_exception(done.error)
    else:
        job.done.set_result(done.result)
