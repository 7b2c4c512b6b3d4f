"""What goes into a ledger in tests, and what comes out of it."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from custom_components.huawei_cloud_sms.ledger.ledger import Ledger
from custom_components.huawei_cloud_sms.ledger.messages import select
from custom_components.huawei_cloud_sms.ledger.models import (
    Answer,
    KeepingRules,
    Letter,
    LetterText,
    Message,
    NewMessage,
    NewRequest,
    NewText,
    Origin,
    Outcome,
    Shown,
    State,
)
from custom_components.huawei_cloud_sms.msgsms.push import Reply, StatusReport

ENTRY = "application-1"
OTHER = "application-2"
NUMBER = "+8613700000001"
CHANNEL = "1069000000012"
DELIVERED = "DELIVRD"
FAILED = "UNDELIV"
PENDING = "ACCEPTD"
NOW = 1_800_000_000.0


def request(
    name: str = "a",
    numbers: Sequence[str] = (NUMBER,),
    entry_id: str = ENTRY,
    recipient_ids: Sequence[str | None] | None = None,
    **text: Any,
) -> NewRequest:
    """Return a request of one text; its messages are called `<name><place>`."""
    recipient_ids = recipient_ids or [None] * len(numbers)
    return NewRequest(
        entry_id=entry_id,
        extend=f"extend-{name}",
        channel_number=CHANNEL,
        origin=Origin(f"context-{name}", None, None),
        texts=(
            NewText(
                template_id="template",
                messages=tuple(
                    NewMessage(
                        reference=f"{name}{place}",
                        number=number,
                        recipient_id=recipient,
                    )
                    for place, (number, recipient) in enumerate(
                        zip(numbers, recipient_ids, strict=True)
                    )
                ),
                **text,
            ),
        ),
    )


async def apply_reports(
    ledger: Ledger, entry_id: str, reports: Sequence[StatusReport], now: float
) -> None:
    """Push reports; the listeners were told on return, which comes a moment later."""
    await ledger.pushes.apply(
        entry_id, lambda: tuple(reports), "CN", now, weight=len(reports)
    )
    await asyncio.sleep(0)


async def apply_reply(
    ledger: Ledger, entry_id: str, reply: Reply, sender: str, now: float
) -> None:
    """Push somebody's reply; the listeners were told on return."""
    sent = replace(reply, sender=sender)
    await ledger.pushes.apply(entry_id, lambda: sent, "CN", now, 1)
    await asyncio.sleep(0)


def letter(
    new: NewRequest,
    expires_at: float,
    variables: tuple[str, ...] = (),
    signature: str | None = None,
) -> Letter:
    """Return what a request of one text needs to leave later."""
    text = LetterText(
        references=tuple(message.reference for message in new.messages),
        template_id="template",
        variables=variables,
        signature=signature,
    )
    return Letter(texts=(text,), expires_at=expires_at)


def rules(
    since: float = 0, *, texts: bool = True, recipients: Mapping[str, str] | None = None
) -> KeepingRules:
    """Return what is to be kept; recipients are numbers by their ids."""
    return KeepingRules(
        since=since, texts=texts, recipients=frozenset((recipients or {}).items())
    )


def accepted(
    reference: str = "a0", message_id: str = "id", parts: int | None = None
) -> Outcome:
    """Return the outcome of a message that the platform took."""
    return Outcome(
        reference=reference,
        state=State.ACCEPTED,
        message_id=message_id,
        parts=parts,
    )


def unconfirmed(reference: str = "a0") -> Outcome:
    """Return the outcome of a message of which the platform said nothing."""
    return Outcome(
        reference=reference, state=State.UNCONFIRMED, code="unconfirmed_timeout"
    )


def report(
    message_id: str = "id",
    status: str = DELIVERED,
    sequence: int | None = 1,
    total: int | None = 1,
    *,
    extend: str | None = None,
    number: str | None = None,
) -> StatusReport:
    """Return a status report about one part."""
    return StatusReport(
        message_id=message_id,
        status=status,
        parts=total,
        sequence=sequence,
        extend=extend,
        number=number,
    )


def reply(message_id: str = "reply", *, channel: str | None = CHANNEL) -> Reply:
    """Return a person's reply."""
    return Reply(
        message_id=message_id,
        sender=NUMBER,
        channel_number=channel,
        text="好的",
        created_at=datetime.fromtimestamp(NOW, UTC),
    )


async def begin(ledger: Ledger, *requests: NewRequest, now: float = NOW) -> None:
    """Write requests down and let them leave."""
    for new in requests:
        await ledger.create_all([new], None, now)
        assert await ledger.mark_sending(new.extend, now)


async def send(ledger: Ledger, name: str = "a", message_id: str = "id") -> None:
    """Send one message that the platform takes."""
    await begin(ledger, request(name))
    await ledger.settle(ENTRY, [accepted(f"{name}0", message_id)], NOW)


async def messages(ledger: Ledger, entry_id: str = ENTRY) -> list[Message]:
    """Return all messages of an application."""
    return await ledger.run(lambda db: select(db, "message.entry_id = ?", (entry_id,)))


async def message(ledger: Ledger, reference: str = "a0") -> Message:
    """Return one message."""
    (found,) = await ledger.run(lambda db: select(db, "reference = ?", (reference,)))
    return found


async def state(ledger: Ledger, reference: str = "a0") -> State:
    """Return the state of a message."""
    return (await message(ledger, reference)).state


async def reply_ids(ledger: Ledger) -> list[str]:
    """Return the ids of all replies in the order in which they came."""
    rows = await ledger.run(
        lambda db: db.execute("SELECT message_id FROM reply ORDER BY id").fetchall()
    )
    return [row[0] for row in rows]


def content(path: Path) -> bytes:
    """Return what is in a file."""
    return path.read_bytes()


def size(path: Path) -> int:
    """Return the size of a file."""
    return path.stat().st_size


def names(folder: Path) -> set[str]:
    """Return the names of the files in a folder."""
    return {file.name for file in folder.iterdir()}


class Listener:
    """Keeps what is shown to it."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.shown: list[Shown] = []

    def __call__(self, shown: Shown) -> None:
        """Keep what is shown."""
        self.shown.append(shown)

    @property
    def messages(self) -> list[Message]:
        """Return the messages that were shown."""
        return [it.subject for it in self.shown if isinstance(it.subject, Message)]

    @property
    def states(self) -> list[State]:
        """Return the states that were shown."""
        return [it.state for it in self.messages]

    @property
    def replies(self) -> list[str]:
        """Return the ids of the replies that were shown."""
        return [
            it.subject.message_id for it in self.shown if isinstance(it.subject, Answer)
        ]

    def assert_nothing_twice(self) -> None:
        """Check that no change was shown more than once."""
        changes = Counter((it.reference, it.state) for it in self.messages)
        changes.update((it, State.ACCEPTED) for it in self.replies)
        assert set(changes.values()) <= {1}
