"""What a ledger must have after a crash, from what was acknowledged before it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain, combinations
from pathlib import Path
import sqlite3
import time

from custom_components.huawei_cloud_sms.ledger.ledger import Ledger
from custom_components.huawei_cloud_sms.ledger.messages import select
from custom_components.huawei_cloud_sms.ledger.models import Message, State

from .crash_server import ENTRY_ID, LEDGER_FILE, PARTS, SHOWN_FILE

DELIVERED = "DELIVRD"
FAILED = "UNDELIV"


class BrokenPromiseError(Exception):
    """The ledger has not what it has to, or more than that."""


@dataclass(slots=True)
class Sms:
    """A message, and what is known of it outside of the ledger.

    `fates` are the statuses of its parts by their numbers, `answer` is what the sender
    was told. Of the reports on the parts in `stored` we were told 200; those in `tried`
    may be stored or not.
    """

    name: str
    number: str
    fates: dict[int, str]
    hangs_up: bool
    left: int = 0
    answer: State | None = None
    stored: set[int] = field(default_factory=set)
    tried: set[int] = field(default_factory=set)

    def allowed(self) -> set[State]:
        """Return the states that follow from what is known."""
        if not self.left:
            return {State.EXPIRED_UNSENT, State.UNCONFIRMED}
        unsure = self.tried - self.stored
        some = chain.from_iterable(
            combinations(unsure, count) for count in range(len(unsure) + 1)
        )
        return set().union(*(self._after(self.stored | set(it)) for it in some))

    def _after(self, seen: set[int]) -> set[State]:
        """Return the states that follow if just these reports are stored."""
        statuses = [self.fates[part] for part in seen]
        if FAILED in statuses:
            return {State.FAILED}
        if len(statuses) == PARTS:
            return {State.DELIVERED}
        if statuses or self.answer is State.ACCEPTED:
            # a report proves that the platform took it
            return {State.ACCEPTED}
        if self.answer is None and not self.hangs_up:
            return {State.UNCONFIRMED, State.ACCEPTED}
        return {State.UNCONFIRMED}


@dataclass(slots=True)
class Known:
    """All that is known outside of the ledger."""

    messages: dict[str, Sms] = field(default_factory=dict)
    replies_stored: set[str] = field(default_factory=set)
    replies_tried: set[str] = field(default_factory=set)

    @property
    def stored(self) -> int:
        """How many pushes were answered with 200."""
        reports = sum(len(it.stored) for it in self.messages.values())
        return reports + len(self.replies_stored)


async def check(folder: Path, known: Known) -> None:
    """Open the ledger of a process that was killed, and compare.

    Raises BrokenPromiseError.
    """
    ledger = Ledger(folder / LEDGER_FILE)
    await ledger.open(time.time())
    try:
        if not ledger.durable or ledger.damaged_file is not None:
            raise BrokenPromiseError("the file cannot be used")
        rows = await ledger.run(
            lambda db: select(db, "message.entry_id = ?", (ENTRY_ID,))
        )
        replies = await ledger.run(_replies)
    finally:
        await ledger.close()
    _check_messages(rows, known.messages)
    _check_replies(replies, known)
    _nothing_twice("shown", (folder / SHOWN_FILE).read_text("utf-8").splitlines())


def _replies(db: sqlite3.Connection) -> list[str]:
    """Return the ids of all replies whose text is theirs."""
    rows = db.execute("SELECT message_id FROM reply WHERE text = 'text ' || message_id")
    return [message_id for (message_id,) in rows]


def _check_messages(rows: list[Message], messages: dict[str, Sms]) -> None:
    """Compare the messages."""
    _nothing_twice("stored", (row.reference for row in rows))
    by_name = {row.reference: row for row in rows}
    if strangers := by_name.keys() - messages.keys():
        raise BrokenPromiseError(f"reports found no message: {len(strangers)}")
    for sms in messages.values():
        if sms.left > 1:
            raise BrokenPromiseError(f"{sms.name} was sent twice")
        row = by_name.get(sms.name)
        if row is None:
            if sms.left:
                raise BrokenPromiseError(f"{sms.name} was sent and is not there")
            continue
        if row.state not in sms.allowed():
            raise BrokenPromiseError(
                f"{sms.name} is {row.state}, not {sorted(sms.allowed())}"
            )
        if not len(sms.stored) <= row.parts_done <= len(sms.stored | sms.tried):
            raise BrokenPromiseError(f"{sms.name} has {row.parts_done} parts done")


def _check_replies(replies: list[str], known: Known) -> None:
    """Compare the replies."""
    _nothing_twice("stored", replies)
    if lost := known.replies_stored - set(replies):
        raise BrokenPromiseError(f"replies are lost: {len(lost)}")
    if set(replies) - known.replies_tried:
        raise BrokenPromiseError("there are replies that nobody sent")


def _nothing_twice(what: str, things: Iterable[str]) -> None:
    """Raise BrokenPromiseError if anything is there more than once."""
    for thing, count in Counter(things).items():
        if count > 1:
            raise BrokenPromiseError(f"{thing} was {what} {count} times")
