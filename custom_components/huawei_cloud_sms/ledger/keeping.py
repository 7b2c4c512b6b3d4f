"""Operations on the ledger that keep it small, private and whole."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
import sqlite3

from . import tally
from .messages import BY_LEAVING, BY_WAITING, LEAVING, WAITING
from .models import KeepingRules
from .receiving import REPLY_SHOWN_WITHIN
from .tables import TABLES

# How many messages, of those that wait for something and of all, and how many replies
# a ledger in memory takes over that has to stand in.
_CARRIED = 2000

# How many messages one commit may change: it must not be mistaken for a disk that hangs.
_AT_ONCE = 1000

# A request that is under way is never cleared away.
_AT_REST = f"NOT {LEAVING}"

type Rows = Mapping[str, list[tuple[object, ...]]]


def tidy(
    db: sqlite3.Connection, entry_id: str, rules: KeepingRules, now: float
) -> bool:
    """Keep of an application what its rules say; tell if there may be more to do."""
    tally.purge(db, entry_id, now)
    more = _keep_texts(db, entry_id, rules.texts, now)
    more = _purge(db, entry_id, rules.since) or more
    return _forget_recipients(db, entry_id, rules.recipients) or more


def _purge(db: sqlite3.Connection, entry_id: str, since: float) -> bool:
    """Delete some of what is older than the given time; tell if there may be more."""
    limit = (entry_id, since)
    db.execute("DELETE FROM reply WHERE entry_id = ? AND received_at < ?", limit)
    db.execute("DELETE FROM address WHERE entry_id = ? AND last_used < ?", limit)
    old = f"entry_id = ? AND created_at < ? AND {_AT_REST}"
    return _delete_messages(db, old, *limit)


def _keep_texts(db: sqlite3.Connection, entry_id: str, keep: bool, now: float) -> bool:
    """Keep texts from now on, or take those that nobody waits for.

    A reply that is still to be shown keeps its text until then. Returns whether there
    may be more to do.
    """
    if keep:
        db.execute("DELETE FROM without_texts WHERE entry_id = ?", (entry_id,))
        return False
    db.execute("INSERT OR IGNORE INTO without_texts VALUES (?)", (entry_id,))
    db.execute(
        "UPDATE reply SET text = '' WHERE entry_id = ? AND text <> ''"
        " AND (shown OR abs(received_at - ?) >= ?)",
        (entry_id, now, REPLY_SHOWN_WITHIN),
    )
    changed = db.execute(
        "UPDATE message SET text = NULL WHERE id IN (SELECT id FROM message"
        " WHERE entry_id = ? AND text IS NOT NULL LIMIT ?)",
        (entry_id, _AT_ONCE),
    ).rowcount
    return changed == _AT_ONCE


def _forget_recipients(
    db: sqlite3.Connection, entry_id: str, present: frozenset[tuple[str, str]]
) -> bool:
    """Take from the rows of recipients that are gone what tells who they were.

    Ids, states and times stay: reports still find their message, and it still counts.
    Returns whether there may be more to do.
    """
    known = set(
        db.execute(
            "SELECT recipient_id, number FROM recipient WHERE entry_id = ?", (entry_id,)
        )
    )
    db.executemany(
        "INSERT INTO recipient VALUES (?, ?, ?)",
        [(entry_id, *it) for it in present - known],
    )
    ids = {recipient_id for recipient_id, _ in present}
    in_use = {number for _, number in present}
    for recipient_id, number in known:
        if recipient_id in ids:
            continue
        if number not in in_use:
            db.execute(
                "UPDATE reply SET sender = '', text = '', shown = 1"
                " WHERE entry_id = ? AND sender = ?",
                (entry_id, number),
            )
        if _anonymize_messages(db, entry_id, recipient_id, number):
            return True
    return False


def _anonymize_messages(
    db: sqlite3.Connection, entry_id: str, recipient_id: str, number: str
) -> bool:
    """Anonymize some messages to a recipient's number; tell if there may be more.

    What is under way comes when it is at rest; until then the number is remembered.
    Those of another recipient, who has the number now, are not this one's.
    """
    theirs = "entry_id = ?1 AND number = ?2 AND coalesce(recipient_id, ?3) = ?3"
    changed = db.execute(
        "UPDATE message SET number = NULL, recipient_id = NULL, text_hash = NULL,"
        " text = NULL"
        f" WHERE id IN (SELECT id FROM message WHERE {theirs} AND {_AT_REST} LIMIT ?4)",
        (entry_id, number, recipient_id, _AT_ONCE),
    ).rowcount
    if changed == _AT_ONCE:
        return True
    db.execute(
        "DELETE FROM recipient WHERE entry_id = ?1 AND number = ?2"
        f" AND recipient_id = ?3 AND NOT EXISTS (SELECT 1 FROM message WHERE {theirs})",
        (entry_id, number, recipient_id),
    )
    return False


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


def _delete_messages(db: sqlite3.Connection, condition: str, *values: object) -> bool:
    """Delete messages, few enough for one commit; tell if there may be more."""
    deleted = db.execute(
        "DELETE FROM message WHERE id IN"
        f" (SELECT id FROM message WHERE {condition} LIMIT ?)",
        (*values, _AT_ONCE),
    ).rowcount
    return deleted == _AT_ONCE


def forget(db: sqlite3.Connection, entry_id: str) -> None:
    """Delete everything of an application that was removed."""
    for table in ("message", "reply", "address", "recipient", "without_texts"):
        db.execute(f"DELETE FROM {table} WHERE entry_id = ?", (entry_id,))
    tally.forget(db, entry_id)


def is_empty(db: sqlite3.Connection) -> bool:
    """Return whether nothing was ever sent or received."""
    (empty,) = db.execute(
        "SELECT NOT EXISTS (SELECT 1 FROM message) AND NOT EXISTS (SELECT 1 FROM reply)"
        " AND NOT EXISTS (SELECT 1 FROM tally)"
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
            "recipient": ("true", ()),
            "without_texts": ("true", ()),
            "tally": ("true", ()),
            "spent": ("true", ()),
            "latest": ("true", ()),
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
