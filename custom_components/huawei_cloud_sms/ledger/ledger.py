"""The ledger as the rest of the integration uses it."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
import sqlite3

from . import addresses, keeping, receiving, sending
from .addresses import Addresses
from .limits import Limits, find_excess
from .listeners import Listeners
from .messages import count_states, load_all
from .models import (
    PASSING_STATES,
    Changes,
    Excess,
    KeepingRules,
    LedgerBusyError,
    Listener,
    Message,
    NewRequest,
    Outcome,
)
from .outbox import Outbox
from .pushes import Pushes
from .storage import Storage
from .store import Operation
from .waiting import Waiters


class Ledger:
    """The durable record of what was sent and what came back.

    Times are seconds since the epoch, UTC. Operations that arrive together are
    committed together. When storage fails, `durable` is False and sending goes on.
    """

    def __init__(self, path: Path) -> None:
        """Initialize a ledger that is kept in the given file."""
        self._listeners = Listeners()
        self._storage = Storage(path, self._listeners)
        self._addresses = Addresses()
        self._waiters = Waiters()
        self._listeners.on_changes = self._waiters.note
        self.outbox = Outbox(self._storage)
        self.pushes = Pushes(self._storage)

    @property
    def durable(self) -> bool:
        """Return whether what is taken now is in durable storage."""
        return self._storage.durable

    @property
    def damaged_file(self) -> Path | None:
        """Return where a damaged file was moved to."""
        return self._storage.damaged_file

    @property
    def on_storage_change(self) -> Callable[[], None]:
        """Return what is called when storage fails, or works again."""
        return self._listeners.on_storage_change

    @on_storage_change.setter
    def on_storage_change(self, listener: Callable[[], None]) -> None:
        self._listeners.on_storage_change = listener

    def listen_commits(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call a listener after each commit that may have changed something.

        Returns what takes it back.
        """
        return self._listeners.add_for_commits(listener)

    async def open(self, now: float) -> None:
        """Open the file and settle what a crash left behind."""
        await self._storage.open()
        await self._storage.run(
            lambda db: sending.recover(db, now),
            # whatever else is missed, the file must get to know this
            weight=0,
            lasting=True,
        )
        self._addresses.replace(await self.run(addresses.read))

    async def close(self) -> None:
        """Commit what waits and close the file; nothing is taken any more."""
        await self._storage.close()

    async def run[T](self, operation: Operation[T]) -> T:
        """Run an operation that only reads and return its result.

        Raises LedgerBusyError when too much is waiting already, or after the end.
        """
        return await self._storage.run(operation)

    async def _record[T](self, operation: Operation[T]) -> T:
        """Run an operation that changes something, however much is waiting."""
        return await self._storage.run(operation, lasting=True, always=True)

    async def create_all(
        self,
        requests: Sequence[NewRequest],
        address: str | None,
        now: float,
        limits: Limits | None = None,
    ) -> Changes:
        """Write down an application's requests, all or none, before anything leaves.

        Beyond one of the limits, if there are any, all are refused, and the changes
        say so. Raises LedgerBusyError when too much is waiting already, or after the
        end.
        """
        decided: list[Excess | None] = []

        def create(db: sqlite3.Connection) -> Changes:
            """Look the limits up in the commit: no two calls pass them together.

            Only once: what was told holds also where the file gets to know of it later.
            """
            if not decided:
                decided.append(
                    find_excess(db, requests, limits, now) if limits else None
                )
            return sending.create(db, requests, address, decided[0], now)

        changes = await self._storage.run(
            create,
            weight=sum(len(request.messages) for request in requests),
            lasting=True,
        )
        if address is not None and changes.excess is None:
            for request in requests:
                self._addresses.note(request.entry_id, address, now)
        return changes

    async def mark_sending(self, extend: str, now: float) -> bool:
        """Note that the first byte of a request may leave from now on.

        Returns False when it must not: somebody else settled it, or it is the end.
        """
        try:
            marked = await self._record(
                lambda db: sending.mark_sending(db, extend, now)
            )
        except LedgerBusyError:
            return False
        # a ledger that stands in may not know it; sending goes on all the same
        return marked or not self.durable

    async def settle(
        self, entry_id: str, outcomes: Sequence[Outcome], now: float
    ) -> Changes:
        """Write down how a request ended, number by number.

        After the end that is not possible any more: the messages will turn out as
        unconfirmed, and nothing is returned.
        """
        try:
            return await self._record(
                lambda db: sending.settle(db, entry_id, outcomes, now)
            )
        except LedgerBusyError:
            return Changes()

    async def find(self, references: Sequence[str]) -> dict[str, Message]:
        """Return messages by the references that were given to them.

        Those of an application that was removed are missing, and all after the end.
        """
        try:
            found = await self._storage.run(
                lambda db: load_all(db, references), always=True
            )
        except LedgerBusyError:
            return {}
        return {message.reference: message for message in found}

    async def wait_final(
        self, references: Sequence[str], timeout: float
    ) -> dict[str, Message]:
        """Return messages as `find` does when all have ended or the time is up.

        The time is in seconds.
        """

        async def find_open() -> set[str]:
            """Return which of them have not ended."""
            found = await self.find(references)
            return {it for it in found if found[it].state in PASSING_STATES}

        await self._waiters.wait(references, find_open, timeout)
        return await self.find(references)

    def end_waits(self) -> None:
        """Let nobody wait for the end of messages any more."""
        self._waiters.end()

    async def go_live(self, entry_id: str, listener: Listener, now: float) -> None:
        """Tell a listener from now on, beginning with what nobody was told of."""
        self._listeners.add(entry_id, listener)
        await self._show_missed(entry_id, now)

    async def _show_missed(self, entry_id: str, now: float) -> None:
        """Show what nobody was told of yet."""
        await self._record(lambda db: receiving.find_unshown(db, entry_id, now))

    async def retire(self, entry_id: str) -> None:
        """Tell nobody any more; what happens from now on is kept for later."""
        self._listeners.retire(entry_id)
        with suppress(LedgerBusyError):
            # what is just being committed is still shown
            await self._storage.run(lambda _: None, always=True)
        self._listeners.remove_retired(entry_id)

    async def keep_address(self, entry_id: str, url: str, now: float) -> None:
        """Remember an address that was handed out, or that a push came by."""
        self._addresses.note(entry_id, url, now)
        await self._record(lambda db: sending.keep_address(db, entry_id, url, now))

    def addresses(self, entry_id: str, now: float) -> list[str]:
        """Return the addresses under which pushes may still come, newest first.

        The newest counts however old it is: the clock may have been wrong.
        """
        return self._addresses.valid(entry_id, now)

    async def count_states(self, entry_id: str) -> dict[str, int]:
        """Return how many messages of an application are in each state."""
        return await self.run(lambda db: count_states(db, entry_id))

    async def forget(self, entry_id: str) -> None:
        """Delete everything of an application that was removed."""
        self._addresses.forget(entry_id)
        self.pushes.forget(entry_id)
        await self._repeat(lambda db: keeping.forget_some(db, entry_id))
        await self._record(lambda db: keeping.forget(db, entry_id))
        self._waiters.look_again()

    async def tidy(self, entry_id: str, rules: KeepingRules, now: float) -> None:
        """Keep of an application what its rules say, and follow them from now on."""
        self._addresses.purge(entry_id, rules.since)
        await self._repeat(lambda db: keeping.tidy(db, entry_id, rules, now))

    async def _repeat(self, operation: Operation[bool]) -> None:
        """Run an operation, in a commit each time, until nothing is left for it."""
        while await self._storage.run(operation, always=True):
            pass

    async def set_copied(self, copied: bool) -> None:
        """Let the file be copied while it is in use, or end that."""
        await self._storage.set_copied(copied)

    async def give_up_waiting(
        self, entry_id: str, sent_before: float, now: float
    ) -> None:
        """Close the messages whose report is overdue."""
        await self._record(
            lambda db: sending.give_up_waiting(db, entry_id, sent_before, now)
        )

    async def restore(self) -> None:
        """Return to the file, if a stand-in is in use and the file works again."""
        if not await self._storage.restore():
            return
        self._waiters.look_again()
        now = datetime.now(UTC).timestamp()
        with suppress(LedgerBusyError):  # it is the end
            self._addresses.replace(await self._record(addresses.read))
            for entry_id in self._listeners.live:
                await self._show_missed(entry_id, now)
