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
    settled: dict[str, Message] = {}
    for code, (state, came) in last_words.items():
        parameters = {
            "state": state,
            "code": code,
            "words": orjson.dumps(came).decode(),
            "entry_id": entry_id,
        }
        for (
            row,
            request_id,
            reference,
            number,
            recipient_id,
            template_id,
            channel_number,
            message_id,
            created_at,
            sent_at,
            planned_parts,
            *origin,
        ) in db.execute(_SETTLE, parameters).fetchall():
            # by place, not by name: that takes half as long
            settled[message_id] = Message(
                row,
                request_id,
                reference,
                entry_id,
                number,
                recipient_id,
                template_id,
                channel_number,
                message_id,
                state,
                code,
                1,
                1,
                created_at,
                sent_at,
                came[message_id],
                Origin(*origin) if origin[0] is not None else None,
                planned_parts,
            )
    return settled
