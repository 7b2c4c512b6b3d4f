"""The outbox as the rest of the integration uses it."""

from collections.abc import Collection
from contextlib import suppress

from . import deferring
from .models import LedgerBusyError, Letter, WaitingRequest
from .storage import Storage


class Outbox:
    """The requests that wait in the ledger until they can leave.

    Times are seconds since the epoch, UTC.
    """

    def __init__(self, storage: Storage) -> None:
        """Use the ledger's storage."""
        self._storage = storage
        self._doubtful: set[str] = set()

    async def put_back(
        self, extend: str, letter: Letter | None, now: float, *, new: bool = False
    ) -> None:
        """Let a request wait that surely did not leave, or that shall not leave yet.

        With a letter it waits here, and leaves by `take`; else by `mark_sending`.
        If it is `new` here there may be no room for it: raises OutboxFullError. Raises
        LedgerBusyError after the end.
        """
        was_durable = self._storage.durable
        await self._storage.run(
            lambda db: deferring.put_back(db, extend, letter, new, now),
            lasting=True,
            always=True,
        )
        if letter is not None and was_durable and not self._storage.durable:
            # a disk that hangs may have written it all the same
            self._doubtful.add(extend)

    async def take(self, extend: str, letter: Letter, now: float) -> bool:
        """Note that the first byte of a request may leave from now on.

        Returns False when it must not: it waits no longer, it is the end, or a file
        that cannot be written would let it leave once more after a restart.
        """
        was_durable = self._storage.durable
        if was_durable:
            self._doubtful.clear()
        if extend in self._doubtful:
            return False
        try:
            await self._storage.run(
                lambda db: deferring.take(db, extend, now), lasting=True, always=True
            )
        except deferring.NotWaitingError, LedgerBusyError:
            if was_durable and not self._storage.durable:
                await self._give_back(extend, letter, now)
            return False
        return True

    async def _give_back(self, extend: str, letter: Letter, now: float) -> None:
        """Let a request wait again in a file that may have noted that it leaves.

        A disk that hangs may have written that all the same; it is looked up once the
        file works again.
        """
        with suppress(LedgerBusyError):  # it is the end
            await self._storage.run(
                lambda db: deferring.give_back(db, extend, letter, now),
                lasting=True,
                always=True,
            )

    async def oldest(
        self, entry_id: str, but: Collection[str] = ()
    ) -> WaitingRequest | None:
        """Return the request of an application that waits longest.

        Leaves out those with an `extend` among some. Raises LedgerBusyError after the
        end.
        """
        skipped = tuple(but)
        return await self._storage.run(
            lambda db: deferring.find_oldest(db, entry_id, skipped), always=True
        )

    async def expire(self, entry_id: str, now: float) -> None:
        """Close what has waited too long.

        Raises LedgerBusyError after the end.
        """
        if await self._storage.run(
            lambda db: deferring.is_overdue(db, entry_id, now), always=True
        ):
            await self._storage.run(
                lambda db: deferring.expire(db, entry_id, now),
                lasting=True,
                always=True,
            )

    async def drop(self, entry_id: str, now: float) -> None:
        """Close all that waits of an application that is not used any more."""
        await self._storage.run(
            lambda db: deferring.drop(db, entry_id, now), lasting=True, always=True
        )
