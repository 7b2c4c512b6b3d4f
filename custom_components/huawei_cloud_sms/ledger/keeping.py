"""Operations on the ledger that keep it small, private and whole."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
import sqlite3

from .messages import BY_LEAVING, BY_WAITING, LEAVING, WAITING
from .schema import TABLES

# How many messages, of those that wait for something and of all, and how many replies
# a ledger in memory takes over that has to stand in.
_CARRIED = 2000

# How many messages one commit may delete: it must not be mistaken for a disk that hangs.
_AT_ONCE = 1000

# A request that is under way is never cleared away.
_AT_REST = f"NOT {LEAVING}"

type Rows = Mapping[str, list[tuple[object, ...]]]


def purge(db: sqlite3.Connection, before: float) -> bool:
    """Delete some of what is older than the given time; tell if there may be more."""
    db.execute("DELETE FROM reply WHERE received_at < ?", (before,))
    db.execute("DELETE FROM address WHERE last_used < ?", (before,))
    return _delete_messages(db, f"created_at < ? AND {_AT_REST}", before)


def trim(db: sqlite3.Connection, limit: int) -> None:
    """Delete the oldest messages and replies that are beyond the limit."""
    for table, condition in (("message", _AT_REST), ("reply", "true")):
        db.execute(
            f"DELETE FROM {table} WHERE {condition}"
            f" AND id <= (SELECT max(id) FROM {table}) - ?",
            (limit,),
        )


def forget_some(db: sqlite3.Connection, entry_id: str) -> bool:
    """Delete some messages of an application; tell if there may be more."""
    return _delete_messages(db, "entry_id = ?", entry_id)


def _delete_messages(db: sqlite3.Connection, condition: str, value: object) -> bool:
    """Delete messages, few enough for one commit; tell if there may be more."""
    deleted = db.execute(
        "DELETE FROM message WHERE id IN"
        f" (SELECT id FROM message WHERE {condition} LIMIT ?)",
        (value, _AT_ONCE),
    ).rowcount
    return deleted == _AT_ONCE


def forget(db: sqlite3.Connection, entry_id: str) -> None:
    """Delete everything of an application that was removed."""
    for table in ("message", "reply", "address"):
        db.execute(f"DELETE FROM {table} WHERE entry_id = ?", (entry_id,))


def is_empty(db: sqlite3.Connection) -> bool:
    """Return whether nothing was ever sent or received."""
    (empty,) = db.execute(
        "SELECT NOT EXISTS (SELECT 1 FROM message) AND NOT EXISTS (SELECT 1 FROM reply)"
    ).fetchone()
    return bool(empty)


def read_newest(path: Path) -> Rows:
    """Read what a stand-in must know: what a push may still speak of or repeat.

    On a connection of its own: that can read while the other one waits for a disk
    that takes no writing. Raises sqlite3.Error where that fails.
    """
    address = f"{path.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as db:
        db.execute("BEGIN")
        wanted = db.execute(
            "SELECT json_group_array(id) FROM ("
            " SELECT * FROM (SELECT id FROM message ORDER BY id DESC LIMIT ?1) UNION"
            f" SELECT * FROM (SELECT id FROM message {BY_LEAVING} WHERE {LEAVING}"
            " ORDER BY id DESC LIMIT ?1) UNION"
            f" SELECT * FROM (SELECT id FROM message {BY_WAITING} WHERE {WAITING}"
            " ORDER BY id DESC LIMIT ?1))",
            (_CARRIED,),
        ).fetchone()
        chosen = "(SELECT value FROM json_each(?1))"
        requests = f"(SELECT request_id FROM message WHERE id IN {chosen})"
        conditions: dict[str, tuple[str, tuple[object, ...]]] = {
            "request": (f"id IN {requests}", wanted),
            "message": (f"id IN {chosen}", wanted),
            "part": (f"message IN {chosen}", wanted),
            "held": (f"message IN {chosen} AND request_id IN {requests}", wanted),
            "reply": ("id > (SELECT max(id) FROM reply) - ?", (_CARRIED,)),
            "address": ("true", ()),
        }
        return {
            table: db.execute(
                f"SELECT * FROM {table} WHERE {condition}", parameters
            ).fetchall()
            for table, (condition, parameters) in conditions.items()
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
