"""A thread that does one piece of work after the other."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
import threading


class Work[T]:
    """A piece of work of a thread, and what came of it.

    It goes on even if nobody waits for it any more.
    """

    _result: T

    def __init__(self, run: Callable[[], T], then: Callable[[T], None]) -> None:
        """Prepare work whose end the running loop gets to know.

        What it returns is handed to `then` as soon as the loop gets to know it, unless
        whoever waits for it has given up before.
        """
        self._run = run
        self._then = then
        self._loop = asyncio.get_running_loop()
        # whether it ended in time
        self._waiter: asyncio.Future[bool] = self._loop.create_future()
        self._error: Exception | None = None
        self._ended = False

    @property
    def succeeded(self) -> bool:
        """Return whether it came to its end, and not by an error."""
        return self._ended and self._error is None

    def do(self) -> None:
        """Do it, in the thread."""
        try:
            self._result = self._run()
        except Exception as err:  # noqa: BLE001 - it is raised where it is awaited
            self._error = err
        # after the loop's end nobody is there to know
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._end)

    def _end(self) -> None:
        """Hand on what came of it, and wake the one who waits.

        In this order: waking takes a turn of the event loop, and whoever pushes would
        wait for it.
        """
        self._ended = True
        if self._error is None and not self._waiter.done():
            self._then(self._result)
        self._wake(True)

    def _wake(self, in_time: bool) -> None:
        """Wake the one who waits, if he has not been woken before."""
        if not self._waiter.done():
            self._waiter.set_result(in_time)

    async def finish(self, timeout: float | None) -> T:
        """Return what it returns; the timeout is in seconds.

        Raises what it raises, and TimeoutError when it takes too long.
        """
        timer = None
        if timeout is not None:
            timer = self._loop.call_later(timeout, self._wake, False)
        try:
            in_time = await self._waiter
        finally:
            if timer is not None:
                timer.cancel()
        if not in_time:
            raise TimeoutError
        return self.result()

    def result(self) -> T:
        """Return what it returned, after its end; raises what `finish` raises."""
        if self._error is not None:
            raise self._error
        return self._result


class Worker:
    """A thread of its own for what may block.

    Unlike the threads of a pool it never holds up the end of the process, even if
    its disk hangs for ever.
    """

    def __init__(self) -> None:
        """Start the thread."""
        self._queue: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread = threading.Thread(
            target=self._loop, name="sms-ledger", daemon=True
        )
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Return whether the thread still runs."""
        return self._thread.is_alive()

    def start[T](
        self, run: Callable[[], T], then: Callable[[T], None] = lambda _: None
    ) -> Work[T]:
        """Have work done, in its turn; what it returns is handed to `then`."""
        work = Work(run, then)
        self._queue.put(work.do)
        return work

    async def do[T](self, run: Callable[[], T], timeout: float | None = None) -> T:
        """Have work done and return what it returns; raises as `Work.finish`."""
        return await self.start(run).finish(timeout)

    def stop(self, last: Callable[[], object] | None = None) -> None:
        """End the thread once it has done what waits, and one last piece of work."""
        if last is not None:
            self.start(last)
        self._queue.put(None)

    def join(self, timeout: float) -> None:
        """Wait for the end of a thread that has nothing left to do."""
        self._thread.join(timeout)

    def _loop(self) -> None:
        """Do what comes in."""
        while (do := self._queue.get()) is not None:
            do()
