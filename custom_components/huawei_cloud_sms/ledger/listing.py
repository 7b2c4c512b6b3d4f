"""Looks messages up, the newest first and some at a time."""

from collections.abc import Collection
from dataclasses import dataclass
import json
import sqlite3

from .messages import load, select
from .models import Message, State

# Higher than the number of any row.
_NO_ROW = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which messages are looked up: those to which all that is given applies.

    `since` and `until` are seconds since the epoch, UTC, in which a message was made.
    `before` is the reference of the message where the last page ended.
    """

    limit: int
    reference: str | None = None
    recipients: Collection[str] | None = None
    states: Collection[State] | None = None
    since: float | None = None
    until: float | None = None
    before: str | None = None


class UnknownReferenceError(Exception):
    """The message where the last page ended is not there, or not any more."""


def find(db: sqlite3.Connection, entry_id: str, wanted: Wanted) -> list[Message]:
    """Return messages that an application sent; strangers are none of them.

    Raises UnknownReferenceError.
    """
    first, last = 0, _NO_ROW
    if wanted.before is not None:
        if (end := load(db, entry_id, wanted.before)) is None:
            raise UnknownReferenceError
        last = end.row - 1
    if wanted.reference is not None:
        if (named := load(db, entry_id, wanted.reference)) is None:
            return []
        first, last = named.row, min(named.row, last)
    # without an index, so that no more than need be are looked at
    rows = db.execute(
        "SELECT id FROM message NOT INDEXED WHERE id BETWEEN :first AND :last"
        " AND entry_id = :entry_id AND request_id IS NOT NULL"
        " AND (:states IS NULL OR state IN (SELECT value FROM json_each(:states)))"
        " AND (:recipients IS NULL"
        "      OR recipient_id IN (SELECT value FROM json_each(:recipients)))"
        " AND (:since IS NULL OR created_at >= :since)"
        " AND (:until IS NULL OR created_at < :until) ORDER BY id DESC LIMIT :limit",
        {
            "first": first,
            "last": last,
            "entry_id": entry_id,
            "states": _as_json(wanted.states),
            "recipients": _as_json(wanted.recipients),
            "since": wanted.since,
            "until": wanted.until,
            "limit": wanted.limit,
        },
    ).fetchall()
    ids = json.dumps([row for (row,) in rows])
    found = select(db, "message.id IN (SELECT value FROM json_each(?))", (ids,))
    return found[::-1]


def texts(db: sqlite3.Connection, messages: Collection[Message]) -> dict[str, str]:
    """Return the texts that are kept of some messages, by reference."""
    rows = json.dumps([message.row for message in messages])
    return dict(
        db.execute(
            "SELECT reference, text FROM message WHERE text IS NOT NULL"
            " AND id IN (SELECT value FROM json_each(?))",
            (rows,),
        )
    )


def _as_json(values: Collection[str] | None) -> str | None:
    """Return values as a statement takes many of them."""
    return None if values is None else json.dumps(list(values))
