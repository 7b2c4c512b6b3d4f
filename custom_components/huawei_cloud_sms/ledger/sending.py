"""Operations on the ledger by which a request goes out."""

from collections.abc import Sequence
import sqlite3

from . import joining
from .models import SILENT_STATES, Changes, Message, NewRequest, Outcome, State


def create(
    db: sqlite3.Connection, request: NewRequest, address: str | None, now: float
) -> None:
    """Write down a request and its messages before anything leaves."""
    origin = request.origin
    row = db.execute(
        "INSERT INTO request"
        " (entry_id, extend, created_at, context_id, user_id, parent_id)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (
            request.entry_id,
            request.extend,
            now,
            origin and origin.context_id,
            origin and origin.user_id,
            origin and origin.parent_id,
        ),
    )
    db.executemany(
        "INSERT INTO message (reference, entry_id, request_id, number, recipient_id,"
        " template_id, channel_number, state, created_at, changed_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                message.reference,
                request.entry_id,
                row.lastrowid,
                message.number,
                message.recipient_id,
                request.template_id,
                request.channel_number,
                State.QUEUED,
                now,
                now,
            )
            for message in request.messages
        ],
    )
    if address is not None:
        keep_address(db, request.entry_id, address, now)


def keep_address(db: sqlite3.Connection, entry_id: str, url: str, now: float) -> None:
    """Remember when an address was last handed to the platform."""
    db.execute(
        "INSERT INTO address (entry_id, url, last_used) VALUES (?, ?, ?)"
        " ON CONFLICT DO UPDATE SET last_used = excluded.last_used",
        (entry_id, url, now),
    )


def mark_sending(db: sqlite3.Connection, extend: str, now: float) -> None:
    """Note that the first byte of a request may leave from now on."""
    db.execute(
        "UPDATE message SET state = ?, sent_at = ?, changed_at = ?"
        " WHERE request_id = (SELECT id FROM request WHERE extend = ?)",
        (State.SENDING, now, now, extend),
    )


def settle(
    db: sqlite3.Connection, entry_id: str, outcomes: Sequence[Outcome], now: float
) -> Changes:
    """Write down how a request ended, number by number.

    Reports that overtook the answer are joined now; a state that they made final
    stays.
    """
    current: list[Message] = []
    changed: list[Message] = []
    for outcome in outcomes:
        before = joining.load(db, outcome.reference)
        if before is None:  # the application was removed in the meantime
            continue
        if before.message_id is None:
            # two numbers with one id would be the platform's fault, not our end
            db.execute(
                "UPDATE OR IGNORE message SET message_id = ? WHERE reference = ?",
                (outcome.message_id, outcome.reference),
            )
        db.execute(
            "UPDATE message SET parts = coalesce(?, parts),"
            " channel_number = coalesce(?, channel_number) WHERE reference = ?",
            (outcome.parts, outcome.channel_number, outcome.reference),
        )
        if before.state in SILENT_STATES:
            joining.set_state(db, outcome.reference, outcome.state, outcome.code, now)
        after = joining.recompute(db, outcome.reference, now)
        current.append(after)
        if after.state is not before.state:
            changed.append(after)
    changed.extend(joining.release_held(db, entry_id, now))
    return Changes(tuple(changed), current=tuple(current))


def recover(db: sqlite3.Connection, now: float) -> None:
    """Settle what a crash, a power cut or a restored backup left behind.

    What was never sent stays unsent, what may have left is unconfirmed: nothing of
    it is ever sent again.
    """
    for left, state, code in (
        (State.QUEUED, State.EXPIRED_UNSENT, "not_sent_interrupted"),
        (State.SENDING, State.UNCONFIRMED, "unconfirmed_interrupted"),
    ):
        db.execute(
            "UPDATE message SET state = ?, code = ?, changed_at = ? WHERE state = ?",
            (state, code, now, left),
        )
    entries = db.execute("SELECT DISTINCT entry_id FROM held").fetchall()
    for (entry_id,) in entries:
        joining.release_held(db, entry_id, now)


def give_up_waiting(
    db: sqlite3.Connection, entry_id: str, sent_before: float, now: float
) -> Changes:
    """Close the messages whose report is overdue."""
    rows = db.execute(
        "SELECT reference FROM message WHERE state IN (?, ?) AND entry_id = ?"
        " AND coalesce(sent_at, created_at) < ?",
        (State.ACCEPTED, State.UNCONFIRMED, entry_id, sent_before),
    ).fetchall()
    changed = []
    for (reference,) in rows:
        joining.set_state(db, reference, State.NO_REPORT, None, now)
        changed.append(joining.must_load(db, reference))
    return Changes(tuple(changed))
