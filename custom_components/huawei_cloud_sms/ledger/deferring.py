"""Operations on the ledger by which requests wait until they can leave."""

from collections.abc import Collection
from dataclasses import replace
import json
import sqlite3

from .copying import COPIED
from .joining import release
from .messages import BY_LEAVING, LEAVING, save, select
from .models import (
    Changes,
    Letter,
    LetterText,
    NewMessage,
    OutboxFullError,
    State,
    WaitingRequest,
)

# So many messages of an application may wait.
_MOST_WAITING = 1_000

# A clock that is put back by more than this leaves no telling how old something is.
_CLOCK_SLACK = 60

_FRESH = "expires_at > :now AND request.created_at <= :now + :slack"


class NotWaitingError(Exception):
    """A request does not wait in the outbox, or not any more."""


def put_back(
    db: sqlite3.Connection, extend: str, letter: Letter | None, new: bool, now: float
) -> Changes:
    """Let a request wait that surely did not leave, or that shall not leave yet.

    With a letter it waits in the outbox. If it is `new` there that may be full: raises
    OutboxFullError.
    """
    db.execute(
        "UPDATE message SET state = 'queued', sent_at = NULL, changed_at = ?"
        " WHERE request_id = (SELECT id FROM request WHERE extend = ?)"
        " AND state = 'sending'",
        (now, extend),
    )
    if letter is not None:
        if new:
            _check_room(db, extend)
        _keep_letter(db, extend, letter)
    rows = db.execute("SELECT id FROM request WHERE extend = ?", (extend,)).fetchall()
    # nothing is under way any more that reports could belong to
    return Changes(tuple(release(db, [row for (row,) in rows], now)))


def _check_room(db: sqlite3.Connection, extend: str) -> None:
    """Raise OutboxFullError if too much would wait with a request."""
    (waiting,) = db.execute(
        f"SELECT count(*) FROM message {BY_LEAVING}"
        " JOIN request ON request.id = message.request_id WHERE message.entry_id ="
        f" (SELECT entry_id FROM request WHERE extend = ?1) AND {LEAVING}"
        " AND (expires_at IS NOT NULL OR extend = ?1)",
        (extend,),
    ).fetchone()
    if waiting > _MOST_WAITING:
        raise OutboxFullError


def _keep_letter(db: sqlite3.Connection, extend: str, letter: Letter) -> None:
    """Write down what a request needs to leave later."""
    texts = [
        [text.references, text.template_id, text.variables, text.signature]
        for text in letter.texts
    ]
    db.execute(
        "UPDATE request SET texts = ?, expires_at = ? WHERE extend = ?",
        (json.dumps(texts), letter.expires_at, extend),
    )


def take(db: sqlite3.Connection, extend: str, now: float) -> None:
    """Note that the first byte of a waiting request may leave from now on.

    Raises NotWaitingError when it must not leave.
    """
    taken = db.execute(
        "UPDATE message SET state = 'sending', sent_at = :now, changed_at = :now"
        " WHERE state = 'queued' AND request_id = (SELECT id FROM request"
        f" WHERE extend = :extend AND {_FRESH})",
        {"extend": extend, "now": now, "slack": _CLOCK_SLACK},
    )
    if not taken.rowcount:
        raise NotWaitingError


def give_back(
    db: sqlite3.Connection, extend: str, letter: Letter, now: float
) -> Changes:
    """Let a request wait again that did not leave, if it was noted that it would."""
    (noted,) = db.execute(
        "SELECT EXISTS (SELECT 1 FROM message WHERE state = 'sending'"
        " AND request_id = (SELECT id FROM request WHERE extend = ?))",
        (extend,),
    ).fetchone()
    return put_back(db, extend, letter, False, now) if noted else Changes()


def find_oldest(
    db: sqlite3.Connection, entry_id: str, but: Collection[str]
) -> WaitingRequest | None:
    """Return the request of an application that waits longest, but not one of some."""
    found = db.execute(
        "SELECT id, extend, texts, expires_at FROM request"
        " INDEXED BY request_waiting WHERE entry_id = ? AND expires_at IS NOT NULL"
        " AND extend NOT IN (SELECT value FROM json_each(?)) ORDER BY id LIMIT 1",
        (entry_id, json.dumps(list(but))),
    ).fetchone()
    if found is None:
        return None
    row, extend, texts, expires_at = found
    letter = Letter(
        texts=tuple(
            LetterText(
                references=tuple(references),
                template_id=template_id,
                variables=tuple(variables),
                signature=signature,
            )
            for references, template_id, variables, signature in json.loads(texts)
        ),
        expires_at=expires_at,
    )
    messages = db.execute(
        "SELECT reference, number, recipient_id, template_type, channel_number"
        " FROM message WHERE request_id = ? AND state = 'queued' ORDER BY id",
        (row,),
    ).fetchall()
    *_, template_type, channel_number = messages[0]
    return WaitingRequest(
        extend=extend,
        template_type=template_type,
        channel_number=channel_number,
        letter=letter,
        messages=tuple(
            NewMessage(reference=reference, number=number, recipient_id=recipient_id)
            for reference, number, recipient_id, *_ in messages
        ),
    )


def is_overdue(db: sqlite3.Connection, entry_id: str, now: float) -> bool:
    """Return whether anything of an application has waited too long."""
    (overdue,) = db.execute(
        "SELECT EXISTS (SELECT 1 FROM request INDEXED BY request_waiting"
        f" WHERE entry_id = :entry_id AND expires_at IS NOT NULL AND NOT ({_FRESH}))",
        {"entry_id": entry_id, "now": now, "slack": _CLOCK_SLACK},
    ).fetchone()
    return bool(overdue)


def expire(db: sqlite3.Connection, entry_id: str, now: float) -> Changes:
    """Close what has waited too long, or nobody knows how long."""
    return _close(db, entry_id, "not_sent_expired", f"NOT ({_FRESH})", now)


def drop(db: sqlite3.Connection, entry_id: str, now: float) -> Changes:
    """Close all that waits of an application that is not used any more."""
    return _close(db, entry_id, "not_sent_removed", "true", now)


def _close(
    db: sqlite3.Connection, entry_id: str, code: str, condition: str, now: float
) -> Changes:
    """Close messages of the outbox that meet a condition."""
    changed = []
    for before in select(
        db,
        "message.entry_id = :entry_id AND state = 'queued' AND message.request_id IN"
        " (SELECT id FROM request INDEXED BY request_waiting"
        f" WHERE entry_id = :entry_id AND expires_at IS NOT NULL AND {condition})",
        {"entry_id": entry_id, "now": now, "slack": _CLOCK_SLACK},
    ):
        after = replace(before, state=State.EXPIRED_UNSENT, code=code, changed_at=now)
        save(db, before, after)
        changed.append(after)
    return Changes(tuple(changed))


def leave_to_the_file(db: sqlite3.Connection) -> None:
    """Let nothing leave a stand-in that the file would let leave once more."""
    db.execute(
        "UPDATE request SET texts = NULL, expires_at = NULL"
        " WHERE expires_at IS NOT NULL"
    )


def recover(db: sqlite3.Connection, now: float) -> None:
    """Keep what may still wait after a restart; the rest of what was queued is closed.

    Nothing leaves that comes from a backup: it may have left since.
    """
    restored = db.execute("DELETE FROM mark WHERE name = ?", (COPIED,)).rowcount > 0
    closed = db.execute(
        "SELECT CASE WHEN :restored THEN 'not_sent_restored'"
        " WHEN expires_at IS NULL THEN 'not_sent_interrupted'"
        f" ELSE 'not_sent_expired' END, message.id FROM message {BY_LEAVING}"
        " JOIN request ON request.id = message.request_id"
        f" WHERE {LEAVING} AND state = 'queued'"
        f" AND (:restored OR expires_at IS NULL OR NOT ({_FRESH}))",
        {"now": now, "slack": _CLOCK_SLACK, "restored": restored},
    ).fetchall()
    db.executemany(
        "UPDATE message SET state = 'expired_unsent', code = ?, changed_at = ?"
        " WHERE id = ?",
        [(code, now, row) for code, row in closed],
    )
