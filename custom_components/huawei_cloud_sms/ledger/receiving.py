"""Operations on the ledger by which pushes come in and are shown."""

from collections.abc import Sequence
import sqlite3

from ..msgsms.codes import report_code
from ..msgsms.push import Reply, StatusReport
from . import joining
from .models import Answer, Changes, Message

# A reply may open a door: one that is older than this is kept, but not shown late.
REPLY_SHOWN_WITHIN = 600


def apply_reports(
    db: sqlite3.Connection, entry_id: str, reports: Sequence[StatusReport], now: float
) -> Changes:
    """Write down status reports and what they make of their messages."""
    changed: dict[str, Message] = {}
    for report in reports:
        seen = _sighting(report)
        before = joining.find(db, entry_id, seen)
        if not joining.keep_part(db, entry_id, seen, now):
            continue
        if before is None:
            joining.hold(db, entry_id, seen.message_id, now)
            continue
        after = joining.recompute(db, before.reference, now)
        if after.state is not before.state:
            changed[after.reference] = after
    for message in joining.release_held(db, entry_id, now):
        changed[message.reference] = message
    return Changes(tuple(changed.values()))


def _sighting(report: StatusReport) -> joining.Sighting:
    """Reduce a report to what decides a message's state."""
    code = report_code(report.status)
    total = report.parts
    return joining.Sighting(
        message_id=report.message_id,
        # the number of the only part means nothing and is often missing
        sequence=1 if total in (None, 0, 1) else report.sequence or 1,
        total=total,
        status=report.status,
        final=code.final,
        delivered=code.delivered,
        extend=report.extend,
        number=report.number,
    )


def apply_reply(
    db: sqlite3.Connection, entry_id: str, reply: Reply, sender: str, now: float
) -> Changes:
    """Write down a reply once, with the message that it most likely answers."""
    answered = db.execute(
        "SELECT reference FROM message"
        " WHERE entry_id = ?1 AND number = ?2 AND request_id IS NOT NULL"
        " AND (channel_number IS NULL OR ?3 IS NULL"
        "      OR substr(?3, 1, length(channel_number)) = channel_number)"
        " ORDER BY created_at DESC LIMIT 1",
        (entry_id, sender, reply.channel_number),
    ).fetchone()
    answer = Answer(
        entry_id=entry_id,
        message_id=reply.message_id,
        sender=sender,
        channel_number=reply.channel_number,
        text=reply.text,
        created_at=reply.created_at.timestamp() if reply.created_at else None,
        received_at=now,
        reference=answered[0] if answered else None,
    )
    written = db.execute(
        "INSERT OR IGNORE INTO reply (entry_id, message_id, sender, channel_number,"
        " text, created_at, received_at, reference, shown)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)",
        (
            answer.entry_id,
            answer.message_id,
            answer.sender,
            answer.channel_number,
            answer.text,
            answer.created_at,
            answer.received_at,
            answer.reference,
        ),
    )
    return Changes((answer,) if written.rowcount else ())


def mark_shown(db: sqlite3.Connection, subject: Message | Answer) -> None:
    """Note that a change is being shown, so that it is shown once."""
    if isinstance(subject, Message):
        db.execute(
            "UPDATE message SET shown = state WHERE reference = ?",
            (subject.reference,),
        )
    else:
        db.execute(
            "UPDATE reply SET shown = 1 WHERE entry_id = ? AND message_id = ?",
            (subject.entry_id, subject.message_id),
        )


def take_unshown(db: sqlite3.Connection, entry_id: str, now: float) -> Changes:
    """Return what happened while nobody could be told, each change once."""
    messages = joining.select(
        db,
        "message.entry_id = ? AND shown IS NOT state"
        " AND state NOT IN ('queued', 'sending')",
        (entry_id,),
    )
    replies = db.execute(
        "SELECT message_id, sender, channel_number, text, created_at, received_at,"
        " reference FROM reply WHERE entry_id = ? AND shown = 0 AND received_at > ?"
        " ORDER BY received_at",
        (entry_id, now - REPLY_SHOWN_WITHIN),
    ).fetchall()
    db.execute(
        "UPDATE message SET shown = state WHERE entry_id = ? AND shown IS NOT state"
        " AND state NOT IN ('queued', 'sending')",
        (entry_id,),
    )
    db.execute(
        "UPDATE reply SET shown = 1 WHERE entry_id = ? AND shown = 0", (entry_id,)
    )
    answers = [
        Answer(
            entry_id=entry_id,
            message_id=row[0],
            sender=row[1],
            channel_number=row[2],
            text=row[3],
            created_at=row[4],
            received_at=row[5],
            reference=row[6],
        )
        for row in replies
    ]
    return Changes((*messages, *answers), late=True)
