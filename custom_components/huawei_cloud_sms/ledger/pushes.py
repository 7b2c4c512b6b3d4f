"""The pushes of the platform as the rest of the integration hands them in."""

from asyncio import Future
from collections.abc import Sequence
import math
import sqlite3

from ..msgsms.push import Reply, StatusReport
from . import tally
from .models import Changes
from .receiving import WritePushes
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

    async def apply_reports(
        self, entry_id: str, reports: Sequence[StatusReport], now: float
    ) -> None:
        """Write down status reports and tell the listener what they changed.

        Raises LedgerBusyError when too much is waiting already, or after the end, and
        TimeoutError when it takes too long; then it may still be done.
        """
        arrived = [(it, now) for it in reports]
        await self._write(WritePushes(entry_id, arrived, ()), now)

    async def apply_reply(
        self, entry_id: str, reply: Reply, sender: str, now: float
    ) -> None:
        """Write down a reply and tell the listener, if it is a new one.

        Raises as `apply_reports`.
        """
        await self._write(WritePushes(entry_id, (), [(reply, sender, now)]), now)

    def _write(self, write: WritePushes, now: float) -> Future[Changes]:
        """Write pushes down in the next commit."""
        return self._storage.run(
            self._noting(write, now),
            weight=len(write.reports) + len(write.replies),
            lasting=True,
            patience=_PATIENCE,
        )

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
