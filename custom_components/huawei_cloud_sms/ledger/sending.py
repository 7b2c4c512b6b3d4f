"""Operations on the ledger by which a request goes out."""

from collections.abc import Sequence
from dataclasses import replace
import sqlite3

from . import deferring
from .joining import adopt, judge, release
from .messages import BY_LEAVING, BY_WAITING, LEAVING, WAITING, load, save, select
from .models import SILENT_STATES, Changes, Excess, Message, NewRequest, Outcome, State


def create(
    db: sqlite3.Connection,
    requests: Sequence[NewRequest],
    address: str | None,
    excess: Excess | None,
    now: float,
) -> Changes:
    """Write down an application's requests, all or none, before anything leaves.

    Beyond a limit they are written down as refused, and are what changed.
    """
    rows = [_create(db, request, now) for request in requests]
    if excess is None:
        if address is not None:
            keep_address(db, requests[0].entry_id, address, now)
        return Changes()
    refused = [it for row in rows for it in _refuse(db, row, excess.code, now)]
    return Changes(tuple(refused), current=tuple(refused), excess=excess)


def _refuse(
    db: sqlite3.Connection, request_row: int, code: str, now: float
) -> list[Message]:
    """Refuse the messages of a request before it leaves; return them."""
    refused = []
    for before in select(db, "message.request_id = ?", (request_row,)):
        after = replace(before, state=State.REFUSED, code=code, changed_at=now)
        save(db, before, after)
        refused.append(after)
    return refused


def _create(db: sqlite3.Connection, request: NewRequest, now: float) -> int:
    """Write down one request and its messages; return its row."""
    origin = request.origin
    (row,) = db.execute(
        "INSERT INTO request"
        " (entry_id, extend, created_at, context_id, user_id, parent_id)"
        " VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
        (
            request.entry_id,
            request.extend,
            now,
            origin and origin.context_id,
            origin and origin.user_id,
            origin and origin.parent_id,
        ),
    ).fetchone()
    db.executemany(
        "INSERT INTO message (reference, entry_id, request_id, number, recipient_id,"
        " template_id, channel_number, template_type, planned_parts, text_hash, state,"
        " created_at, changed_at, text, text_known)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?, ?, ?, ?)",
        [
            (
                message.reference,
                request.entry_id,
                row,
                message.number,
                message.recipient_id,
                text.template_id,
                request.channel_number,
                request.template_type,
                text.planned_parts,
                text.text_hash,
                now,
                now,
                text.text,
                text.text_known,
            )
            for text in request.texts
            for message in text.messages
        ],
    )
    return int(row)


def keep_address(db: sqlite3.Connection, entry_id: str, url: str, now: float) -> None:
    """Remember when an address was last handed to the platform."""
    db.execute(
        "INSERT INTO address (entry_id, url, last_used) VALUES (?, ?, ?)"
        " ON CONFLICT DO UPDATE SET last_used = excluded.last_used",
        (entry_id, url, now),
    )


def mark_sending(db: sqlite3.Connection, extend: str, now: float) -> bool:
    """Note that the first byte of a request may leave from now on.

    Returns whether anything of it still waits to be sent.
    """
    marked = db.execute(
        "UPDATE message SET state = 'sending', sent_at = ?, changed_at = ?"
        " WHERE request_id = (SELECT id FROM request WHERE extend = ?)"
        " AND state = 'queued'",
        (now, now, extend),
    )
    return marked.rowcount > 0


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
        before = load(db, entry_id, outcome.reference)
        if before is None:  # the application was removed in the meantime
            continue
        after = _settle(db, before, outcome, now)
        current.append(after)
        if after.state is not before.state:
            changed.append(after)
    # a request has ended with its last message
    ended = dict.fromkeys(message.request_id for message in current)
    changed.extend(release(db, ended, now))
    return Changes(tuple(changed), current=tuple(current))


def _settle(
    db: sqlite3.Connection, before: Message, outcome: Outcome, now: float
) -> Message:
    """Write down how the sending of one message ended."""
    message = before
    if outcome.message_id is not None and before.message_id is None:
        message = adopt(db, before, outcome.message_id)
        before = replace(before, message_id=message.message_id)
    message = replace(
        message,
        channel_number=outcome.channel_number or message.channel_number,
        parts=max(outcome.parts or 0, message.parts or 0) or None,
    )
    if message.state in SILENT_STATES:
        message = replace(
            message, state=outcome.state, code=outcome.code, changed_at=now
        )
    return judge(db, before, message, now)


def recover(db: sqlite3.Connection, now: float) -> Changes:
    """Settle what a crash, a power cut or a restored backup left behind.

    What was never sent stays unsent, unless the outbox has it; what may have left is
    unconfirmed: nothing of it is ever sent again.
    """
    deferring.recover(db, now)
    unconfirmed = []
    for before in select(db, f"{LEAVING} AND state = 'sending'", (), BY_LEAVING):
        after = replace(
            before,
            state=State.UNCONFIRMED,
            code="unconfirmed_interrupted",
            changed_at=now,
        )
        unconfirmed.append(judge(db, before, after, now))
    held = db.execute("SELECT DISTINCT request_id FROM held").fetchall()
    ended = release(db, [request_id for (request_id,) in held], now)
    return Changes((*unconfirmed, *ended))


def give_up_waiting(
    db: sqlite3.Connection, entry_id: str, sent_before: float, now: float
) -> Changes:
    """Close the messages whose report is overdue.

    One that would be sent far from now was sent by a clock that was put right since.
    """
    changed = []
    for before in select(
        db,
        f"{WAITING} AND message.entry_id = ?"
        " AND coalesce(sent_at, message.created_at) NOT BETWEEN ? AND ?",
        (entry_id, sent_before, 2 * now - sent_before),
        BY_WAITING,
    ):
        after = replace(before, state=State.NO_REPORT, code=None, changed_at=now)
        save(db, before, after)
        changed.append(after)
    return Changes(tuple(changed))
