"""The pushes of the platform as the rest of the integration hands them in."""

from collections.abc import Sequence
import math
import sqlite3

from ..msgsms.push import Reply, StatusReport
from . import receiving, tally
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
        await self._storage.run(
            self._noting(
                entry_id,
                receiving.WriteReports(entry_id, [(it, now) for it in reports]),
                now,
            ),
            weight=len(reports),
            lasting=True,
            patience=_PATIENCE,
        )

    async def apply_reply(
        self, entry_id: str, reply: Reply, sender: str, now: float
    ) -> None:
        """Write down a reply and tell the listener, if it is a new one.

        Raises as `apply_reports`.
        """
        await self._storage.run(
            self._noting(
                entry_id,
                lambda db: receiving.apply_reply(db, entry_id, reply, sender, now),
                now,
            ),
            lasting=True,
            patience=_PATIENCE,
        )

    def _noting[T](
        self, entry_id: str, operation: Operation[T], now: float
    ) -> Operation[T]:
        """Return what applies a push and, if none did in this second, notes the time.

        However many come, noting it costs one statement a second.
        """
        second = math.floor(now)
        if self._noted.get(entry_id) == second:
            return operation
        self._noted[entry_id] = second

        def apply(db: sqlite3.Connection) -> T:
            """Note when the push came and apply it."""
            tally.note_push(db, entry_id, second)
            return operation(db)

        return apply

    async def watch_anew(self, entry_id: str, now: float) -> None:
        """Expect pushes only for what is sent from now on."""
        await self._storage.run(
            lambda db: tally.begin_anew(db, entry_id, now), lasting=True, always=True
        )

    def forget(self, entry_id: str) -> None:
        """Forget an application that was removed."""
        self._noted.pop(entry_id, None)
