"""The ends of messages of one part, which is what most reports tell."""

from collections.abc import Mapping
import sqlite3

import orjson

from .messages import ORIGIN, PLANNED
from .models import Message, Origin, State

# By the code that ends messages: the state that it gives to them, and when it came, by
# the platform's ids.
type LastWords = Mapping[str, tuple[State, Mapping[str, float]]]

# Only what is not known before is returned: each column of each row takes its time.
_SETTLE = f"""
UPDATE message SET state = :state, code = :code, parts = 1, parts_done = 1,
    changed_at = word.value, shown = :state
FROM json_each(:words) AS word
WHERE message.id = (SELECT id FROM message
        WHERE entry_id = :entry_id AND message_id = word.key)
    AND message.state = 'accepted' AND coalesce(message.parts, 1) = 1
    AND request_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM part WHERE part.message = message.id)
RETURNING id, request_id, reference, number, recipient_id, template_id,
    channel_number, message_id, created_at, sent_at, {PLANNED}, {ORIGIN}
"""


def settle_whole(
    db: sqlite3.Connection, entry_id: str, last_words: LastWords
) -> dict[str, Message]:
    """Write down the ends of messages of one part; return those by the platform's ids.

    That is the usual report: a final word about a message that is accepted, and nothing
    needs to be kept of it beside the message. All of one kind take one statement, since
    each is a moment in which this thread and the event loop's wait for each other. What
    does not fit is passed over.
    """
    settled = {}
    for code, (state, came) in last_words.items():
        parameters = {
            "state": state,
            "code": code,
            "words": orjson.dumps(came).decode(),
            "entry_id": entry_id,
        }
        for row in db.execute(_SETTLE, parameters).fetchall():
            message_id: str = row[7]
            settled[message_id] = Message(
                row=row[0],
                request_id=row[1],
                reference=row[2],
                entry_id=entry_id,
                number=row[3],
                recipient_id=row[4],
                template_id=row[5],
                channel_number=row[6],
                message_id=message_id,
                state=state,
                code=code,
                parts=1,
                parts_done=1,
                created_at=row[8],
                sent_at=row[9],
                changed_at=came[message_id],
                planned_parts=row[10],
                origin=None if row[11] is None else Origin(row[11], row[12], row[13]),
            )
    return settled
