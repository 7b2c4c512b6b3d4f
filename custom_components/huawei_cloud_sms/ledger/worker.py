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

    def __init__(
        self,
        run: Callable[[], T],
        on_end: Callable[[Work[T]], None],
        timeout: float | None,
    ) -> None:
        """Prepare work; the running loop calls `on_end` once.

        That is at its end, or when it has taken longer than the timeout (seconds).
        """
        self._run = run
        self._on_end = on_end
        self._loop = asyncio.get_running_loop()
        self._timer = (
            None if timeout is None else self._loop.call_later(timeout, self._tell)
        )
        self._error: Exception | None = None
        self._ended = False
        self._told = False

    @property
    def error(self) -> Exception | None:
        """Return what it raised, TimeoutError before its end, None if it succeeded."""
        return self._error if self._ended else TimeoutError()

    def result(self) -> T:
        """Return what it returned; raises its error."""
        if (err := self.error) is not None:
            raise err
        return self._result

    def do(self) -> None:
        """Do it, in the thread."""
        try:
            self._result = self._run()
        except Exception as err:  # noqa: BLE001 - whoever asks for the result gets it
            self._error = err
        # after the loop's end nobody is there to know
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._end)

    def _end(self) -> None:
        """Note that it has come to its end."""
        self._ended = True
        self._tell()

    def _tell(self) -> None:
        """Tell whoever waits, if that was not done before.

        Here and now: a future would take one more turn of the event loop, and whoever
        pushes waits for each of them.
        """
        if self._told:
            return
        self._told = True
        if self._timer is not None:
            self._timer.cancel()
        self._on_end(self)


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
        self,
        run: Callable[[], T],
        on_end: Callable[[Work[T]], None] = lambda _: None,
        timeout: float | None = None,
    ) -> None:
        """Have work done, in its turn; `on_end` and the timeout are as for `Work`."""
        self._queue.put(Work(run, on_end, timeout).do)

    async def do[T](self, run: Callable[[], T], timeout: float | None = None) -> T:
        """Have work done and return what it returns; the timeout is in seconds.

        Raises what it raises, and TimeoutError when it takes too long.
        """
        ended: asyncio.Future[Work[T]] = asyncio.get_running_loop().create_future()

        def end(work: Work[T]) -> None:
            """Wake who waits, unless he was cancelled."""
            with suppress(asyncio.InvalidStateError):
                ended.set_result(work)

        self.start(run, end, timeout)
        return (await ended).result()

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
