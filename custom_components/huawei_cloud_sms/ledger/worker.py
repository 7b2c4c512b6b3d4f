"""A thread that does one piece of work after the other."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
import threading
from typing import cast

type _Work = tuple[asyncio.Future[object] | None, Callable[[], object]]


class Worker:
    """A thread of its own for what may block.

    Unlike the threads of a pool it never holds up the end of the process, even if
    its disk hangs for ever.
    """

    def __init__(self) -> None:
        """Start the thread."""
        self._queue: SimpleQueue[_Work | None] = SimpleQueue()
        self._thread = threading.Thread(
            target=self._loop, name="sms-ledger", daemon=True
        )
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Return whether the thread still runs."""
        return self._thread.is_alive()

    def start[T](self, work: Callable[[], T]) -> asyncio.Future[T]:
        """Have work done, in its turn; the future is that of the running loop."""
        future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self._queue.put((future, work))
        # nobody may wait any more when it fails
        future.add_done_callback(lambda it: it.cancelled() or it.exception())
        return cast("asyncio.Future[T]", future)

    async def do[T](self, work: Callable[[], T], timeout: float | None = None) -> T:
        """Have work done and return what it returns; raises as `finish`."""
        return await finish(self.start(work), timeout)

    def stop(self, last: Callable[[], object] | None = None) -> None:
        """End the thread once it has done what waits, and one last piece of work."""
        if last is not None:
            self._queue.put((None, last))
        self._queue.put(None)

    def join(self, timeout: float) -> None:
        """Wait for the end of a thread that has nothing left to do."""
        self._thread.join(timeout)

    def _loop(self) -> None:
        """Do what comes in."""
        while (item := self._queue.get()) is not None:
            future, work = item
            try:
                result, error = work(), None
            except Exception as err:  # noqa: BLE001 - it is raised where it is awaited
                result, error = None, err
            if future is not None:
                loop = future.get_loop()
                # after its end nobody is there to know
                with suppress(RuntimeError):
                    loop.call_soon_threadsafe(_settle, future, result, error)


def _settle(
    future: asyncio.Future[object], result: object, error: Exception | None
) -> None:
    """Let a future know what became of its work, if somebody still has it."""
    with suppress(asyncio.InvalidStateError):
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)


async def finish[T](work: asyncio.Future[T], timeout: float | None) -> T:
    """Return what work returns; it goes on even if nobody waits for it any more.

    Raises what it raises, and TimeoutError when it takes too long.
    """
    done, _ = await asyncio.wait([work], timeout=timeout)
    if not done:
        raise TimeoutError
    return work.result()
