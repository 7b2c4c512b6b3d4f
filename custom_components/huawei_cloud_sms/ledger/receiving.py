"""Operations on the ledger by which pushes come in and are shown."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
import sqlite3

from ..msgsms.codes import report_code
from ..msgsms.push import Reply, StatusReport
from ..msgsms.values import passing_value
from ..phone_number import PhoneNumberError, normalize_number
from .joining import Sighting, add_stranger, find, judge, keep_part, limit_strangers
from .messages import BY_UNSHOWN, UNSHOWN, load_by_id, select
from .models import Answer, Changes, Message, State, Subject
from .settling import LastWords, settle_whole

# A reply may open a door: one that is older than this is kept, but not shown late.
REPLY_SHOWN_WITHIN = 600

# Whoever knows our address can invent replies: so many are kept.
_MOST_REPLIES = 5_000

# A message has no more parts than this: both numbers have two digits.
_MOST_PARTS = 99


# With the message that it most likely answers: the last one that may have reached the
# person before.
_WRITE_REPLY = """
INSERT INTO reply (entry_id, message_id, sender, channel_number, text, created_at,
    received_at, reference, shown)
VALUES (:entry_id, :message_id, :sender, :channel_number,
    CASE WHEN EXISTS (SELECT 1 FROM without_texts WHERE entry_id = :entry_id)
        THEN '' ELSE :text END,
    :created_at, :received_at, (
        SELECT reference FROM message
        WHERE entry_id = :entry_id AND number = :sender AND request_id IS NOT NULL
        AND state <> 'queued' AND state <> 'refused' AND state <> 'expired_unsent'
        AND (channel_number IS NULL OR :channel_number IS NULL
            OR substr(:channel_number, 1, length(channel_number)) = channel_number)
        ORDER BY id DESC LIMIT 1
    ), 1)
ON CONFLICT DO NOTHING RETURNING reference
"""

# To write a number as others are takes longer than the whole rest of a reply.
_SENDERS_KEPT = 100

_DELETE_OLD_REPLIES = "DELETE FROM reply WHERE id <= (SELECT max(id) FROM reply) - ?"

type ArrivedReport = tuple[StatusReport, float]
type ArrivedReply = tuple[Reply, str, float]


@passing_value
class WritePushes:
    """Writes down what the platform pushed about an application.

    First the reports, with what they make of messages, then the replies, each once. With
    a report stands when it came, with a reply which country its sender's number is from
    if it does not say so, and when it came, in seconds since the epoch, UTC.
    """

    entry_id: str
    reports: Sequence[ArrivedReport]
    replies: Sequence[ArrivedReply]

    def __call__(self, db: sqlite3.Connection) -> Changes:
        """Write them down, each kind in its order."""
        changed = _write_reports(db, self.entry_id, self.reports)
        return Changes((*changed, *_write_replies(db, self.entry_id, self.replies)))


def _write_reports(
    db: sqlite3.Connection, entry_id: str, reports: Sequence[ArrivedReport]
) -> Iterable[Message]:
    """Write reports down; return the messages that they changed."""
    ended = settle_whole(db, entry_id, _last_words(reports))
    # of each message what the reports of one moment come to; not by row: that of a
    # stranger who was adopted may be another's by now
    changed: dict[tuple[str, float], Message] = {}
    strangers = False
    for report, came_at in reports:
        if (after := ended.pop(report.message_id, None)) is not None:
            changed[after.reference, came_at] = after
            continue
        it = _sighting(report, came_at)
        known = load_by_id(db, entry_id, it.message_id)
        before = find(db, known, entry_id, it)
        if before is None:
            before = add_stranger(db, entry_id, it)
            strangers = True
        keep_part(db, before, it)
        after = judge(db, before, before, it.came_at)
        if after.state is not before.state:
            changed[after.reference, it.came_at] = after
    if strangers:
        limit_strangers(db, entry_id)
    return changed.values()


def _last_words(reports: Iterable[ArrivedReport]) -> LastWords:
    """Return the reports that settle a message and are the first ones about it."""
    first: dict[str, dict[str, float]] = {}
    met: set[str] = set()
    for report, came_at in reports:
        if report.message_id not in met:
            met.add(report.message_id)
            if _is_whole(report):
                first.setdefault(report.status, {})[report.message_id] = came_at
    return {
        status: (State.DELIVERED if code.delivered else State.FAILED, came)
        for status, came in first.items()
        if (code := report_code(status)).final
    }


def _is_whole(report: StatusReport) -> bool:
    """Return whether a report is about the only part of a message."""
    if report.parts == 1:
        return True
    total = _count(report.parts)
    return total is None and _sequence(_count(report.sequence), total) == 1


def _sighting(report: StatusReport, came_at: float) -> Sighting:
    """Reduce a report to what decides a message's state."""
    code = report_code(report.status)
    total = _count(report.parts)
    return Sighting(
        came_at=came_at,
        message_id=report.message_id,
        sequence=_sequence(_count(report.sequence), total),
        total=total,
        status=report.status,
        final=code.final,
        delivered=code.delivered,
        extend=report.extend,
        number=report.number,
    )


def _sequence(sequence: int | None, total: int | None) -> int:
    """Return which part a report is about; 0, which is none, if that is not clear.

    The number of the only part means nothing and is often missing.
    """
    if total == 1 or (total is None and sequence is None):
        return 1
    return sequence or 0


def _count(number: int | None) -> int | None:
    """Return a number of parts, or of a part, if it can be one."""
    return number if number is not None and 1 <= number <= _MOST_PARTS else None


def _write_replies(
    db: sqlite3.Connection, entry_id: str, replies: Sequence[ArrivedReply]
) -> list[Answer]:
    """Write replies down; return those that did not come before.

    Each with the message that it most likely answers.
    """
    answers = []
    for reply, country, came_at in replies:
        sender = _written_here(reply.sender, country)
        created_at = reply.created_at.timestamp() if reply.created_at else None
        references = db.execute(
            _WRITE_REPLY,
            {
                "entry_id": entry_id,
                "message_id": reply.message_id,
                "sender": sender,
                "channel_number": reply.channel_number,
                "text": reply.text,
                "created_at": created_at,
                "received_at": came_at,
            },
        ).fetchall()
        answers += [
            Answer(
                entry_id=entry_id,
                message_id=reply.message_id,
                sender=sender,
                channel_number=reply.channel_number,
                text=reply.text,
                created_at=created_at,
                received_at=came_at,
                reference=reference,
            )
            for (reference,) in references
        ]
    if answers:
        db.execute(_DELETE_OLD_REPLIES, (_MOST_REPLIES,))
    return answers


@lru_cache(maxsize=_SENDERS_KEPT)
def _written_here(number: str, country: str) -> str:
    """Return a number as other numbers are written here, if that is possible."""
    try:
        return normalize_number(number, country)
    except PhoneNumberError:
        return number


def forget_senders() -> None:
    """Forget who replied; the next replies take longer."""
    _written_here.cache_clear()


def mark_shown(
    db: sqlite3.Connection,
    subjects: Iterable[Subject],
    is_told: Callable[[Subject], bool],
) -> tuple[Subject, ...]:
    """Note what is being shown of some changes, so that each is shown once.

    Returns what that is. All count as shown already: what is not, is noted.
    """
    shown = []
    for subject in subjects:
        if is_told(subject):
            shown.append(subject)
        elif isinstance(subject, Message):
            db.execute(
                "UPDATE message SET shown = NULL WHERE id = ? AND reference = ?",
                (subject.row, subject.reference),
            )
        else:
            # until then it keeps its text
            db.execute(
                "UPDATE reply SET shown = 0, text = ?"
                " WHERE entry_id = ? AND message_id = ?",
                (subject.text, subject.entry_id, subject.message_id),
            )
    return tuple(shown)


def find_unshown(db: sqlite3.Connection, entry_id: str, now: float) -> Changes:
    """Return what happened while nobody could be told.

    Replies of another time are passed over for good, also those of a clock that was
    wrong: how old they are cannot be known.
    """
    messages = select(
        db, f"{UNSHOWN} AND message.entry_id = ?", (entry_id,), BY_UNSHOWN
    )
    db.execute(
        f"UPDATE message {BY_UNSHOWN} SET shown = state WHERE {UNSHOWN}"
        " AND entry_id = ?",
        (entry_id,),
    )
    replies = db.execute(
        "SELECT message_id, sender, channel_number, text, created_at, received_at,"
        " reference FROM reply WHERE entry_id = ? AND shown = 0"
        " AND abs(received_at - ?) < ? ORDER BY id",
        (entry_id, now, REPLY_SHOWN_WITHIN),
    ).fetchall()
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
