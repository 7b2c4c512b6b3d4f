"""What is counted: it stays true when the messages themselves are deleted."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
import sqlite3

from .messages import BY_WAITING, WAITING
from .models import State

# How long one row of `spent` is, and how long rows are kept (seconds): for longer than
# any month lasts.
_QUARTER = 900
_SPENT_KEPT = 62 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """How a recipient's last message stands, and when one was delivered last."""

    state: State
    delivered_at: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How an application stands; times are seconds since the epoch, UTC.

    `sent` are the messages that the platform took, `delivered` and `failed` those of
    them that ended so, `waiting` those whose report is still due. `parts` are what it
    took within the time that was asked for, `latest` is by the recipients' ids.
    """

    sent: int
    delivered: int
    failed: int
    waiting: int
    parts: int
    last_push: float | None
    latest: Mapping[str, Latest]

    def at_least(self, known: Tally) -> Tally:
        """Return this without what never goes down being lower than it was known."""
        return replace(
            self,
            sent=max(self.sent, known.sent),
            delivered=max(self.delivered, known.delivered),
            failed=max(self.failed, known.failed),
        )


def read(db: sqlite3.Connection, entry_id: str, start: float, end: float) -> Tally:
    """Return how an application stands; parts are those sent from start to end."""
    sent, delivered, failed, last_push = db.execute(
        "SELECT sent, delivered, failed, last_push FROM tally WHERE entry_id = ?",
        (entry_id,),
    ).fetchone() or (0, 0, 0, None)
    (waiting,) = db.execute(
        f"SELECT count(request_id) FROM message {BY_WAITING}"
        f" WHERE {WAITING} AND entry_id = ?",
        (entry_id,),
    ).fetchone()
    (parts,) = db.execute(
        "SELECT coalesce(sum(parts), 0) FROM spent"
        " WHERE entry_id = ? AND quarter >= ? AND quarter < ?",
        (entry_id, start // _QUARTER, end // _QUARTER),
    ).fetchone()
    latest = db.execute(
        "SELECT recipient_id, state, delivered_at FROM latest WHERE entry_id = ?",
        (entry_id,),
    )
    return Tally(
        sent=sent,
        delivered=delivered,
        failed=failed,
        waiting=waiting,
        parts=parts,
        last_push=last_push,
        latest={
            recipient_id: Latest(state=State(state), delivered_at=delivered_at)
            for recipient_id, state, delivered_at in latest
        },
    )


def read_totals(db: sqlite3.Connection, entry_id: str) -> dict[str, int]:
    """Return the counters of an application, and whether a push ever came."""
    row = db.execute(
        "SELECT sent, delivered, failed, last_push IS NOT NULL FROM tally"
        " WHERE entry_id = ?",
        (entry_id,),
    ).fetchone() or (0, 0, 0, 0)
    return dict(zip(("sent", "delivered", "failed", "pushed"), row, strict=True))


def note_push(db: sqlite3.Connection, entry_id: str, now: float) -> None:
    """Note when a push of an application came."""
    db.execute(
        "INSERT INTO tally (entry_id, last_push) VALUES (?, ?)"
        " ON CONFLICT DO UPDATE SET last_push = excluded.last_push",
        (entry_id, now),
    )


def is_unanswered(
    db: sqlite3.Connection, entry_id: str, before: float, count: int
) -> bool:
    """Return whether so many messages, sent before a time, wait for the first push.

    Only those count that the platform took since it has the present address.
    """
    (found,) = db.execute(
        "SELECT count(*) FROM (SELECT 1 FROM message WHERE entry_id = ?1"
        " AND sent_at >= (SELECT coalesce(since, 0) FROM address"
        "                 WHERE entry_id = ?1 ORDER BY last_used DESC LIMIT 1)"
        " AND sent_at <= ?2 AND state IN ('accepted', 'no_report')"
        " AND message_id IS NOT NULL AND request_id IS NOT NULL"
        " AND NOT EXISTS"
        " (SELECT 1 FROM tally WHERE entry_id = ?1 AND last_push IS NOT NULL)"
        " LIMIT ?3)",
        (entry_id, before, count),
    ).fetchone()
    return bool(found == count)


def begin_anew(db: sqlite3.Connection, entry_id: str, now: float) -> None:
    """Count for `is_unanswered` only what is sent from now on."""
    db.execute("UPDATE address SET since = ? WHERE entry_id = ?", (now, entry_id))


def purge(db: sqlite3.Connection, entry_id: str, now: float) -> None:
    """Delete what no month that is asked for can need."""
    db.execute(
        "DELETE FROM spent WHERE entry_id = ? AND quarter < ?",
        (entry_id, (now - _SPENT_KEPT) // _QUARTER),
    )


def forget(db: sqlite3.Connection, entry_id: str) -> None:
    """Delete everything of an application that was removed."""
    for table in ("tally", "spent", "latest"):
        db.execute(f"DELETE FROM {table} WHERE entry_id = ?", (entry_id,))


type Counters = list[tuple[str, int, int, int]]


def read_counters(db: sqlite3.Connection) -> Counters:
    """Return what never goes down, of all applications."""
    return db.execute("SELECT entry_id, sent, delivered, failed FROM tally").fetchall()


def raise_counters(db: sqlite3.Connection, counters: Counters) -> None:
    """Let nothing be lower than it was shown before."""
    db.executemany(
        "INSERT INTO tally (entry_id, sent, delivered, failed) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET sent = max(sent, excluded.sent),"
        " delivered = max(delivered, excluded.delivered),"
        " failed = max(failed, excluded.failed)",
        counters,
    )
