"""Lets callers wait until messages have come to their end."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress

from .models import PASSING_STATES, Changes, Message

type FindOpen = Callable[[], Awaitable[set[str]]]


class _Wait:
    """One who waits, and the messages that have not come to their end."""

    def __init__(self, references: Collection[str]) -> None:
        """Begin with all of them."""
        self.open = set(references)
        self.reason = asyncio.Event()


class Waiters:
    """All who wait for the end of messages, of whichever application.

    They learn of it from the commits themselves, so that it does not matter whether
    anybody is told of changes at the moment.
    """

    def __init__(self) -> None:
        """Begin with nobody."""
        self._waits: set[_Wait] = set()
        self._ended = False

    def note(self, changes: Changes) -> None:
        """Note what a commit changed."""
        if not self._waits:
            return
        ended = {
            it.reference
            for it in changes.subjects
            if isinstance(it, Message) and it.state not in PASSING_STATES
        }
        for wait in self._waits:
            wait.open -= ended
            if not wait.open:
                wait.reason.set()

    def look_again(self) -> None:
        """Let everybody look their messages up: they may have changed in another way."""
        for wait in self._waits:
            wait.reason.set()

    def end(self) -> None:
        """Let nobody wait any more."""
        self._ended = True
        self.look_again()

    async def wait(
        self, references: Collection[str], find_open: FindOpen, timeout: float
    ) -> None:
        """Wait for the end of all of some messages, so many seconds at most.

        `find_open` looks up which of them have not come to it.
        """
        wait = _Wait(references)
        self._waits.add(wait)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout):
                    while wait.open and not self._ended:
                        wait.reason.clear()
                        # what ended meanwhile must not be taken up again
                        wait.open &= await find_open()
                        if wait.open:
                            await wait.reason.wait()
        finally:
            self._waits.discard(wait)
