"""How reports find their message, and what they make of its state."""

from dataclasses import dataclass
import sqlite3
from uuid import uuid4

from .models import OPEN_STATES, Message, Origin, State

_COLUMNS = (
    "reference, message.entry_id, number, recipient_id, template_id, channel_number,"
    " message_id, state, code, parts, parts_done, message.created_at, sent_at,"
    " changed_at, context_id, user_id, parent_id"
)
_FROM = "FROM message LEFT JOIN request ON request.id = message.request_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One report about one part, reduced to what decides a message's state."""

    message_id: str
    sequence: int
    total: int | None
    status: str
    final: bool
    delivered: bool
    extend: str | None
    number: str | None


def select(
    db: sqlite3.Connection, where: str, parameters: tuple[object, ...]
) -> list[Message]:
    """Return the messages that meet a condition, the oldest first."""
    rows = db.execute(
        f"SELECT {_COLUMNS} {_FROM} WHERE {where} ORDER BY message.created_at",
        parameters,
    )
    return [
        Message(
            reference=row[0],
            entry_id=row[1],
            number=row[2],
            recipient_id=row[3],
            template_id=row[4],
            channel_number=row[5],
            message_id=row[6],
            state=State(row[7]),
            code=row[8],
            parts=row[9],
            parts_done=row[10],
            created_at=row[11],
            sent_at=row[12],
            changed_at=row[13],
            origin=None if row[14] is None else Origin(row[14], row[15], row[16]),
        )
        for row in rows
    ]


def load(db: sqlite3.Connection, reference: str) -> Message | None:
    """Return one message, or None when its application was removed."""
    return next(iter(select(db, "reference = ?", (reference,))), None)


def must_load(db: sqlite3.Connection, reference: str) -> Message:
    """Return a message that is known to be there."""
    (message,) = select(db, "reference = ?", (reference,))
    return message


def set_state(
    db: sqlite3.Connection, reference: str, state: State, code: str | None, now: float
) -> None:
    """Move a message to another state."""
    db.execute(
        "UPDATE message SET state = ?, code = ?, changed_at = ? WHERE reference = ?",
        (state, code, now, reference),
    )


def find(db: sqlite3.Connection, entry_id: str, seen: Sighting) -> Message | None:
    """Find the message of a report: by the platform's id, else by `extend`.

    With `extend` the number decides; without a number it only serves a request
    with a single message. A message that has an id of its own is not taken for
    another.
    """
    for message in select(
        db,
        "message.entry_id = ? AND message_id = ?",
        (entry_id, seen.message_id),
    ):
        return message
    if seen.extend is None:
        return None
    candidates = select(
        db,
        "message.entry_id = ? AND extend = ?",
        (entry_id, seen.extend),
    )
    if seen.number is not None:
        candidates = [it for it in candidates if _same(it.number, seen.number)]
    if len(candidates) != 1 or candidates[0].message_id is not None:
        return None
    (found,) = candidates
    db.execute(
        "UPDATE message SET message_id = ? WHERE reference = ?",
        (seen.message_id, found.reference),
    )
    return found


def _same(ours: str | None, theirs: str) -> bool:
    """Return whether two spellings name one number, with or without +86."""
    mine, other = (ours or "").lstrip("+"), theirs.strip().lstrip("+0")
    return bool(other) and mine in {other, f"86{other}"}


def keep_part(
    db: sqlite3.Connection, entry_id: str, seen: Sighting, now: float
) -> bool:
    """Keep what a report says of a part; a final word on it is never changed.

    Returns whether the report said anything new.
    """
    written = db.execute(
        "INSERT INTO part (entry_id, message_id, sequence, total, status, final,"
        " delivered, number, received_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET total = excluded.total, status = excluded.status,"
        " final = excluded.final, delivered = excluded.delivered,"
        " received_at = excluded.received_at"
        " WHERE part.final = 0 AND excluded.final = 1",
        (
            entry_id,
            seen.message_id,
            seen.sequence,
            seen.total,
            seen.status,
            seen.final,
            seen.delivered,
            seen.number,
            now,
        ),
    )
    return written.rowcount > 0


def recompute(db: sqlite3.Connection, reference: str, now: float) -> Message:
    """Derive a message's state from the reports about its parts."""
    message = must_load(db, reference)
    if message.message_id is None:
        return message
    parts = db.execute(
        "SELECT status, final, delivered, total FROM part"
        " WHERE entry_id = ? AND message_id = ? ORDER BY received_at, sequence",
        (message.entry_id, message.message_id),
    ).fetchall()
    if not parts:
        return message
    # the reports know best how many of them there will be
    reported = [total for _, _, _, total in parts if total]
    expected = max(reported) if reported else message.parts or 1
    done = sum(final for _, final, _, _ in parts)
    db.execute(
        "UPDATE message SET parts = ?, parts_done = ? WHERE reference = ?",
        (expected, done, reference),
    )
    if message.state in OPEN_STATES:
        bad = [status for status, final, good, _ in parts if final and not good]
        good = [status for status, _, good, _ in parts if good]
        if bad:
            set_state(db, reference, State.FAILED, bad[0], now)
        elif len(good) >= expected:
            set_state(db, reference, State.DELIVERED, good[-1], now)
        elif message.state is State.UNCONFIRMED:
            # a report about any part proves that the platform took the message
            set_state(db, reference, State.ACCEPTED, None, now)
    return must_load(db, reference)


def hold(db: sqlite3.Connection, entry_id: str, message_id: str, now: float) -> None:
    """Keep a report back whose message may be on its way."""
    db.execute(
        "INSERT OR IGNORE INTO held (entry_id, message_id, received_at)"
        " VALUES (?, ?, ?)",
        (entry_id, message_id, now),
    )


def release_held(db: sqlite3.Connection, entry_id: str, now: float) -> list[Message]:
    """Give the reports that joined nothing a message of their own.

    Only when no request is under way any more that left before the report came:
    until then its answer may still tell whose report it is.
    """
    due = db.execute(
        "SELECT message_id FROM held WHERE entry_id = ?1 AND NOT EXISTS"
        " (SELECT 1 FROM message WHERE state = 'sending' AND entry_id = ?1"
        " AND sent_at <= held.received_at)",
        (entry_id,),
    ).fetchall()
    messages = []
    for (message_id,) in due:
        db.execute(
            "DELETE FROM held WHERE entry_id = ? AND message_id = ?",
            (entry_id, message_id),
        )
        known = select(
            db,
            "message.entry_id = ? AND message_id = ?",
            (entry_id, message_id),
        )
        if not known:
            messages.append(_stand_in(db, entry_id, message_id, now))
    return [it for it in messages if it.state is not State.ACCEPTED]


def _stand_in(
    db: sqlite3.Connection, entry_id: str, message_id: str, now: float
) -> Message:
    """Make a message for reports that belong to none of ours."""
    (number,) = db.execute(
        "SELECT max(number) FROM part WHERE entry_id = ? AND message_id = ?",
        (entry_id, message_id),
    ).fetchone()
    reference = uuid4().hex
    db.execute(
        "INSERT INTO message (reference, entry_id, number, message_id, state,"
        " created_at, changed_at, shown) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            reference,
            entry_id,
            number,
            message_id,
            State.ACCEPTED,
            now,
            now,
            State.ACCEPTED,
        ),
    )
    return recompute(db, reference, now)
