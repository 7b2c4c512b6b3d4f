"""A thread that does one piece of work after the other."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
import threading
from typing import cast

type _Work = tuple[Future[object], Callable[[], object]]


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
        future: Future[object] = Future()
        self._queue.put((future, work))
        result = cast("asyncio.Future[T]", asyncio.wrap_future(future))
        # nobody may wait any more when it fails
        result.add_done_callback(lambda it: it.cancelled() or it.exception())
        return result

    async def do[T](self, work: Callable[[], T], timeout: float | None = None) -> T:
        """Have work done and return what it returns; raises as `finish`."""
        return await finish(self.start(work), timeout)

    def stop(self, last: Callable[[], object] | None = None) -> None:
        """End the thread once it has done what waits, and one last piece of work."""
        if last is not None:
            self._queue.put((Future(), last))
        self._queue.put(None)

    def join(self, timeout: float) -> None:
        """Wait for the end of a thread that has nothing left to do."""
        self._thread.join(timeout)

    def _loop(self) -> None:
        """Do what comes in."""
        while (item := self._queue.get()) is not None:
            future, work = item
            try:
                future.set_result(work())
            except Exception as err:  # noqa: BLE001 - it is raised where it is awaited
                future.set_exception(err)


async def finish[T](work: asyncio.Future[T], timeout: float | None) -> T:
    """Return what work returns; it goes on even if nobody waits for it any more.

    Raises what it raises, and TimeoutError when it takes too long.
    """
    done, _ = await asyncio.wait([work], timeout=timeout)
    if not done:
        raise TimeoutError
    return work.result()
