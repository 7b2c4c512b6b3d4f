"""Messages as rows of the ledger."""

from collections.abc import Collection
import json
import sqlite3

from .models import Message, Origin, State

PLANNED = "CASE WHEN text_known THEN planned_parts END"
_COLUMNS = (
    "message.id, request_id, reference, message.entry_id, number, recipient_id,"
    " template_id, channel_number, message_id, state, code, parts, parts_done,"
    f" message.created_at, sent_at, changed_at, {PLANNED}"
)
_ORIGIN = ("context_id", "user_id", "parent_id")
# Where a message's request is not there to join with.
ORIGIN = ", ".join(
    f"(SELECT {it} FROM request WHERE id = request_id)" for it in _ORIGIN
)
# SQLite uses a partial index only for its very condition; naming it makes sure.
LEAVING = "state IN ('queued', 'sending')"
BY_LEAVING = "INDEXED BY message_leaving"
WAITING = "state IN ('accepted', 'unconfirmed')"
BY_WAITING = "INDEXED BY message_waiting"
UNSHOWN = "shown IS NOT state AND state NOT IN ('queued', 'sending')"
BY_UNSHOWN = "INDEXED BY message_unshown"

type _Text = str | None
type _Number = int | None
type _Time = float | None
type _Row = tuple[
    *tuple[int, _Number, str, str, _Text, _Text, _Text, _Text, _Text, str, _Text],
    *tuple[_Number, int, float, _Time, float, _Number, _Text, _Text, _Text],
]


def select(
    db: sqlite3.Connection,
    where: str,
    parameters: tuple[object, ...] | dict[str, object],
    index: str = "",
) -> list[Message]:
    """Return the messages that meet a condition, the oldest first."""
    rows = db.execute(
        f"SELECT {_COLUMNS}, {', '.join(_ORIGIN)} FROM message {index}"
        " LEFT JOIN request ON request.id = message.request_id"
        f" WHERE {where} ORDER BY message.id",
        parameters,
    )
    return [read(row) for row in rows]


def read(row: _Row) -> Message:
    """Return the message that a row is about."""
    return Message(
        row=row[0],
        request_id=row[1],
        reference=row[2],
        entry_id=row[3],
        number=row[4],
        recipient_id=row[5],
        template_id=row[6],
        channel_number=row[7],
        message_id=row[8],
        state=State(row[9]),
        code=row[10],
        parts=row[11],
        parts_done=row[12],
        created_at=row[13],
        sent_at=row[14],
        changed_at=row[15],
        planned_parts=row[16],
        origin=None if row[17] is None else Origin(row[17], row[18], row[19]),
    )


def load(db: sqlite3.Connection, entry_id: str, reference: str) -> Message | None:
    """Return a message of an application by the reference that we gave to it."""
    where = "reference = ? AND message.entry_id = ?"
    return next(iter(select(db, where, (reference, entry_id))), None)


def load_by_id(
    db: sqlite3.Connection, entry_id: str, message_id: str
) -> Message | None:
    """Return a message of an application by the id that the platform gave to it."""
    where = "message.entry_id = ? AND message_id = ?"
    return next(iter(select(db, where, (entry_id, message_id))), None)


def load_all(db: sqlite3.Connection, references: Collection[str]) -> list[Message]:
    """Return messages by the references that we gave to them."""
    where = "reference IN (SELECT value FROM json_each(?))"
    return select(db, where, (json.dumps(list(references)),))


def count_states(db: sqlite3.Connection, entry_id: str) -> dict[str, int]:
    """Return how many messages of an application are in each state."""
    return dict(
        db.execute(
            "SELECT state, count(*) FROM message WHERE entry_id = ? GROUP BY state",
            (entry_id,),
        )
    )


def save(db: sqlite3.Connection, before: Message, after: Message) -> None:
    """Write down what changed of a message, apart from the platform's id.

    Another state counts as shown at once, which is what usually happens; `mark_shown`
    takes that back where it does not.
    """
    if after == before:
        return
    db.execute(
        "UPDATE message SET channel_number = ?1, state = ?2, code = ?3, parts = ?4,"
        " parts_done = ?5, changed_at = ?6,"
        " shown = CASE WHEN state = ?2 THEN shown ELSE ?2 END WHERE id = ?7",
        (
            after.channel_number,
            after.state,
            after.code,
            after.parts,
            after.parts_done,
            after.changed_at,
            after.row,
        ),
    )


def give_id(db: sqlite3.Connection, row: int, message_id: str) -> None:
    """Write down which id the platform gave to a message."""
    db.execute("UPDATE message SET message_id = ? WHERE id = ?", (message_id, row))
