"""Operations on the ledger that keep it small, private and whole."""

from dataclasses import dataclass
import sqlite3

from .schema import ENTRY_TABLES

# How many messages follow when another ledger has to stand in.
_CARRIED = 5000

type Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows that move between the ledger and its stand-in."""

    requests: list[Row]
    messages: list[Row]
    parts: list[Row]
    held: list[Row]
    replies: list[Row]
    addresses: list[Row]


def purge(db: sqlite3.Connection, before: float) -> None:
    """Delete what is older than the given time."""
    db.execute(
        "DELETE FROM message WHERE created_at < ?"
        " AND state NOT IN ('queued', 'sending')",
        (before,),
    )
    db.execute(
        "DELETE FROM request WHERE created_at < ? AND NOT EXISTS"
        " (SELECT 1 FROM message WHERE message.request_id = request.id)",
        (before,),
    )
    db.execute("DELETE FROM part WHERE received_at < ?", (before,))
    db.execute("DELETE FROM held WHERE received_at < ?", (before,))
    db.execute("DELETE FROM reply WHERE received_at < ?", (before,))
    db.execute("DELETE FROM address WHERE last_used < ?", (before,))


def forget(db: sqlite3.Connection, entry_id: str) -> None:
    """Delete everything of an application that was removed."""
    for table in ENTRY_TABLES:
        db.execute(f"DELETE FROM {table} WHERE entry_id = ?", (entry_id,))


def copy_open(db: sqlite3.Connection) -> Rows:
    """Return what a stand-in must know: the newest open messages and addresses."""
    opened = (
        "SELECT reference FROM message"
        " WHERE state IN ('queued', 'sending', 'accepted', 'unconfirmed')"
        f" ORDER BY created_at DESC LIMIT {_CARRIED}"
    )
    return Rows(
        requests=db.execute(
            "SELECT * FROM request WHERE id IN"
            f" (SELECT request_id FROM message WHERE reference IN ({opened}))"
        ).fetchall(),
        messages=db.execute(
            f"SELECT * FROM message WHERE reference IN ({opened})"
        ).fetchall(),
        parts=db.execute(
            "SELECT * FROM part WHERE (entry_id, message_id) IN (SELECT entry_id,"
            f" message_id FROM message WHERE reference IN ({opened}))"
        ).fetchall(),
        held=[],
        replies=[],
        addresses=db.execute("SELECT * FROM address").fetchall(),
    )


def copy_all(db: sqlite3.Connection) -> Rows:
    """Return every row of a stand-in."""
    return Rows(
        *(
            db.execute(f"SELECT * FROM {table}").fetchall()
            for table in ("request", "message", "part", "held", "reply", "address")
        )
    )


def absorb(db: sqlite3.Connection, rows: Rows) -> None:
    """Take over the rows of another ledger; of a message the later state wins."""
    ids: dict[object, int] = {None: 0}
    for number, entry_id, extend, *rest in rows.requests:
        db.execute(
            "INSERT OR IGNORE INTO request (entry_id, extend, created_at, context_id,"
            " user_id, parent_id) VALUES (?, ?, ?, ?, ?, ?)",
            (entry_id, extend, *rest),
        )
        (ids[number],) = db.execute(
            "SELECT id FROM request WHERE extend = ?", (extend,)
        ).fetchone()
    for reference, entry_id, request_id, *rest in rows.messages:
        db.execute(
            "INSERT INTO message VALUES (?, ?, nullif(?, 0)"
            f"{', ?' * len(rest)}) ON CONFLICT (reference) DO UPDATE SET"
            " message_id = excluded.message_id, state = excluded.state,"
            " code = excluded.code, parts = excluded.parts,"
            " parts_done = excluded.parts_done, sent_at = excluded.sent_at,"
            " changed_at = excluded.changed_at, shown = excluded.shown"
            " WHERE excluded.changed_at >= message.changed_at",
            (reference, entry_id, ids[request_id], *rest),
        )
    for table, entries in (
        ("part", rows.parts),
        ("held", rows.held),
        ("reply", rows.replies),
        ("address", rows.addresses),
    ):
        for row in entries:
            marks = ", ".join("?" * len(row))
            db.execute(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", row)
