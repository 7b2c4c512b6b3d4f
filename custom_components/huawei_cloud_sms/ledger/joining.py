"""How reports find their message, and what they make of its state."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
import sqlite3
from uuid import NAMESPACE_OID, uuid5

from .messages import BY_LEAVING, LEAVING, give_id, load_by_id, save, select
from .models import OPEN_STATES, Message, State

# Whoever knows our address can invent reports: so many unknown messages are kept.
_MOST_STRANGERS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One report about one part, reduced to what decides a message's state.

    It came at `came_at`, in seconds since the epoch, UTC.
    """

    came_at: float
    message_id: str
    sequence: int
    total: int | None
    status: str
    final: bool
    delivered: bool
    extend: str | None = field(repr=False)
    number: str | None = field(repr=False)


def find(
    db: sqlite3.Connection, known: Message | None, entry_id: str, seen: Sighting
) -> Message | None:
    """Find the message of a report: the one with its id, else by `extend`.

    A stranger gives way to the message of ours that it turns out to be.
    """
    if seen.extend is None or (known is not None and known.request_id is not None):
        return known
    ours = _by_extend(db, entry_id, seen.extend, seen.number)
    return known if ours is None else adopt(db, ours, seen.message_id)


def _by_extend(
    db: sqlite3.Connection, entry_id: str, extend: str, number: str | None
) -> Message | None:
    """Find a message that has no id yet by its request and its number.

    Without a number `extend` only serves a request with a single message.
    """
    where = "message.entry_id = ? AND extend = ?"
    if number is None:
        candidates = select(db, where, (entry_id, extend))
    else:
        digits = number.lstrip("+0")
        # mainland numbers may come without their country code
        candidates = select(
            db,
            f"{where} AND (number IN (?, ?) OR number IS NULL)",
            (entry_id, extend, f"+{digits}", f"+86{digits}"),
        )
        # one without a number was anonymized: it may be that of any other one
        candidates = [it for it in candidates if it.number] or candidates
    if len(candidates) != 1 or candidates[0].message_id is not None:
        return None
    return candidates[0]


def adopt(db: sqlite3.Connection, message: Message, message_id: str) -> Message:
    """Give a message its id, and the reports that came under it before."""
    known = load_by_id(db, message.entry_id, message_id)
    if known is not None:
        if known.request_id is not None:
            # two messages under one id are the platform's fault, not our end
            return message
        db.execute(
            "UPDATE part SET message = ? WHERE message = ?", (message.row, known.row)
        )
        db.execute("DELETE FROM message WHERE id = ?", (known.row,))
    give_id(db, message.row, message_id)
    return replace(message, message_id=message_id)


def add_stranger(db: sqlite3.Connection, entry_id: str, seen: Sighting) -> Message:
    """Make a message for reports that so far belong to none of ours.

    While requests are under way the answer to one of them may still tell whose
    reports these are: until then they wait.
    """
    # the same reports make the same stranger, whichever ledger they come to
    reference = uuid5(NAMESPACE_OID, f"{entry_id} {seen.message_id}").hex
    row = db.execute(
        "INSERT INTO message (reference, entry_id, number, message_id, state,"
        " created_at, changed_at, shown) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            reference,
            entry_id,
            seen.number,
            seen.message_id,
            State.ACCEPTED,
            seen.came_at,
            seen.came_at,
            # nobody asked for it: only its end is worth telling
            State.ACCEPTED,
        ),
    ).lastrowid
    db.execute(
        "INSERT INTO held (message, request_id) SELECT DISTINCT ?, request_id"
        f" FROM message {BY_LEAVING} WHERE {LEAVING}"
        " AND state = 'sending' AND entry_id = ?",
        (row, entry_id),
    )
    (stranger,) = select(db, "message.id = ?", (row,))
    return stranger


def limit_strangers(db: sqlite3.Connection, entry_id: str) -> None:
    """Delete an application's oldest strangers where more came than can be meant."""
    db.execute(
        "DELETE FROM message WHERE request_id IS NULL AND entry_id = ?1 AND id <="
        " (SELECT id FROM message WHERE request_id IS NULL AND entry_id = ?1"
        " ORDER BY id DESC LIMIT 1 OFFSET ?2)",
        (entry_id, _MOST_STRANGERS),
    )


def keep_part(db: sqlite3.Connection, message: Message, seen: Sighting) -> None:
    """Keep what a report says of a part; a final word on it is never changed."""
    db.execute(
        "INSERT INTO part (message, sequence, total, status, final, delivered)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " total = coalesce(excluded.total, total), status = excluded.status,"
        " final = excluded.final, delivered = excluded.delivered"
        " WHERE part.final = 0 AND excluded.final = 1",
        (
            message.row,
            seen.sequence,
            seen.total,
            seen.status,
            seen.final,
            seen.delivered,
        ),
    )


def judge(
    db: sqlite3.Connection, before: Message, message: Message, now: float
) -> Message:
    """Derive a message's state from the reports about its parts, and write it down.

    `before` is what the ledger has, `message` what else is known by now.
    """
    parts = db.execute(
        "SELECT sequence, total, status, final, delivered FROM part"
        " WHERE message = ? ORDER BY sequence",
        (message.row,),
    ).fetchall()
    after = message
    if parts and not _is_held(db, message):
        after = _judge(message, parts, now)
    save(db, before, after)
    return after


type _Part = tuple[int, int | None, str, int, int]


def _judge(message: Message, parts: list[_Part], now: float) -> Message:
    """Return a message as the reports about its parts make it."""
    # where answer and reports differ in their number, nothing is delivered too early
    expected = max(message.parts or 0, *(total or 0 for _, total, _, _, _ in parts))
    if not expected and message.state is State.SENDING:
        # nobody said how many there are; the answer will
        return message
    expected = expected or 1
    counted = [part for part in parts if 1 <= part[0] <= expected]
    state, code = _verdict(message, parts, counted, expected)
    return replace(
        message,
        state=state,
        code=code,
        changed_at=message.changed_at if state is message.state else now,
        parts=expected,
        # of what one report settled no part was kept
        parts_done=max(message.parts_done, sum(final for *_, final, _ in counted)),
    )


def _verdict(
    message: Message, parts: list[_Part], counted: list[_Part], expected: int
) -> tuple[State, str | None]:
    """Return the state of a message, and its code, as all reports make them."""
    if message.state in OPEN_STATES:
        failures = [status for _, _, status, final, good in parts if final and not good]
        if failures:
            return State.FAILED, failures[0]
        if sum(good for *_, good in counted) >= expected:
            return State.DELIVERED, counted[-1][2]
        if message.state is State.UNCONFIRMED:
            # a report about any part proves that the platform took the message
            return State.ACCEPTED, None
    return message.state, message.code


def _is_held(db: sqlite3.Connection, message: Message) -> bool:
    """Return whether a stranger's reports wait for somebody's answer."""
    return (
        message.request_id is None
        and db.execute(
            "SELECT 1 FROM held WHERE message = ?", (message.row,)
        ).fetchone()
        is not None
    )


def release(
    db: sqlite3.Connection, request_ids: Iterable[int | None], now: float
) -> list[Message]:
    """Let reports go that waited for answers; return the strangers they ended."""
    ended = []
    for request_id in request_ids:
        waiting = db.execute(
            "DELETE FROM held WHERE request_id = ? RETURNING message", (request_id,)
        ).fetchall()
        for (row,) in waiting:
            (before,) = select(db, "message.id = ?", (row,))
            after = judge(db, before, before, now)
            if after.state is not before.state:
                ended.append(after)
    return ended
