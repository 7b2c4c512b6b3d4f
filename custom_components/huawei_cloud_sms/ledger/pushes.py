"""The pushes of the platform as the rest of the integration hands them in."""

from asyncio import Future
from collections.abc import Callable
import math
import sqlite3

from ..msgsms.push import Push, Reply
from . import tally
from .models import Changes
from .receiving import WritePushes, forget_senders
from .storage import Storage
from .store import Operation

# Whoever pushes waits no longer (seconds): with the time between two looks for that, 5 s.
_PATIENCE = 4.75


class Pushes:
    """Takes reports and replies; each is stored once, whatever becomes of the caller.

    Times are seconds since the epoch, UTC.
    """

    def __init__(self, storage: Storage) -> None:
        """Use the ledger's storage."""
        self._storage = storage
        self._noted: dict[str, int] = {}

    def apply(
        self,
        entry_id: str,
        read: Callable[[], Push],
        country: str,
        now: float,
        weight: int,
    ) -> Future[Changes]:
        """Write down what is pushed and tell the listener what is new.

        It is read when its commit begins: reading several in a row takes a third of
        the time. `weight` is how much it is, in reports and the like, `country` where
        a number without a country is from. Raises LedgerBusyError when too much is
        waiting already, or after the end; the future raises what `read` does, and
        TimeoutError when it takes too long; then it may still be done.
        """

        def prepare() -> Operation[Changes]:
            """Read it, and return what writes it down."""
            push = read()
            if isinstance(push, Reply):
                write = WritePushes(entry_id, (), ((push, country, now),))
            else:
                write = WritePushes(entry_id, [(it, now) for it in push], ())
            return self._noting(write, now)

        return self._storage.run_prepared(prepare, weight=weight, patience=_PATIENCE)

    def _noting(self, write: WritePushes, now: float) -> Operation[Changes]:
        """Return what writes pushes and, if none did in this second, notes the time.

        However many come, noting it costs one statement a second.
        """
        second = math.floor(now)
        if self._noted.get(write.entry_id) == second:
            return write
        self._noted[write.entry_id] = second

        def note_and_write(db: sqlite3.Connection) -> Changes:
            """Note when the push came, then write it."""
            tally.note_push(db, write.entry_id, second)
            return write(db)

        return note_and_write

    async def watch_anew(self, entry_id: str, now: float) -> None:
        """Expect pushes only for what is sent from now on."""
        await self._storage.run(
            lambda db: tally.begin_anew(db, entry_id, now), lasting=True, always=True
        )

    def forget(self, entry_id: str) -> None:
        """Forget an application that was removed."""
        self._noted.pop(entry_id, None)
        forget_senders()
