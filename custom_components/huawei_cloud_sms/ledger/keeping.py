"""Operations on the ledger that keep it small, private and whole."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
import sqlite3

from .schema import TABLES

# How many messages follow when a ledger in memory has to stand in.
_CARRIED = 5000

# A request that is under way is never cleared away.
_AT_REST = "state NOT IN ('queued', 'sending')"

type Rows = Mapping[str, list[tuple[object, ...]]]


def purge(db: sqlite3.Connection, before: float) -> None:
    """Delete what is older than the given time."""
    db.execute(f"DELETE FROM message WHERE created_at < ? AND {_AT_REST}", (before,))
    db.execute("DELETE FROM reply WHERE received_at < ?", (before,))
    db.execute("DELETE FROM address WHERE last_used < ?", (before,))


def trim(db: sqlite3.Connection, limit: int) -> None:
    """Delete the oldest messages and replies where there are more than the limit."""
    for table, condition in (("message", _AT_REST), ("reply", "true")):
        db.execute(
            f"DELETE FROM {table} WHERE {condition}"
            f" AND id <= (SELECT max(id) FROM {table}) - ?",
            (limit,),
        )


def forget(db: sqlite3.Connection, entry_id: str) -> None:
    """Delete everything of an application that was removed."""
    for table in ("message", "reply", "address"):
        db.execute(f"DELETE FROM {table} WHERE entry_id = ?", (entry_id,))


def is_empty(db: sqlite3.Connection) -> bool:
    """Return whether nothing was ever sent or received."""
    (count,) = db.execute(
        "SELECT (SELECT count(*) FROM (SELECT 1 FROM message LIMIT 1))"
        " + (SELECT count(*) FROM (SELECT 1 FROM reply LIMIT 1))"
    ).fetchone()
    return bool(count == 0)


def read_open(path: Path) -> Rows:
    """Read what a stand-in must know: the newest open messages and the addresses.

    On a connection of its own: that can read while the other one waits for a disk
    that takes no writing. Raises sqlite3.Error where that fails.
    """
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
        db.execute("BEGIN")
        wanted = db.execute(
            "SELECT json_group_array(id) FROM (SELECT id FROM message WHERE state IN"
            " ('queued', 'sending', 'accepted', 'unconfirmed')"
            " ORDER BY id DESC LIMIT ?)",
            (_CARRIED,),
        ).fetchone()
        chosen = "(SELECT value FROM json_each(?1))"
        requests = f"(SELECT request_id FROM message WHERE id IN {chosen})"
        conditions = {
            "request": f"id IN {requests}",
            "message": f"id IN {chosen}",
            "part": f"message IN {chosen}",
            "held": f"message IN {chosen} AND request_id IN {requests}",
            "address": "?1 IS NOT NULL",
        }
        return {
            table: db.execute(
                f"SELECT * FROM {table} WHERE {condition}", wanted
            ).fetchall()
            for table, condition in conditions.items()
        }


def read_all(db: sqlite3.Connection) -> Rows:
    """Return every row."""
    return {table: db.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}


def fill(db: sqlite3.Connection, rows: Rows) -> None:
    """Write rows of another ledger into one that knows no messages yet."""
    for table, values in rows.items():
        for row in values:
            marks = ", ".join("?" * len(row))
            db.execute(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", row)
