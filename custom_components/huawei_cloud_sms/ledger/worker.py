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

    async def do[T](self, work: Callable[[], T], timeout: float | None = None) -> T:
        """Have work done and return what it returns.

        Raises TimeoutError when that takes too long. Work that has not begun by then
        is never done, other work comes to its end without anybody waiting for it.
        """
        future: Future[object] = Future()
        self._queue.put((future, work))
        result = await asyncio.wait_for(asyncio.wrap_future(future), timeout)
        return cast("T", result)

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
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(work())
            except Exception as err:  # noqa: BLE001 - it is raised where it is awaited
                future.set_exception(err)
