"""The phones as the page shows them."""

from dataclasses import dataclass, field
from datetime import datetime

from .records import Json, JsonValue, Records

_MAX_PHONES = 60
_MAX_ENTRIES = 100


@dataclass(slots=True)
class _Phone:
    """A phone with what it got and sent."""

    last_used: datetime
    entries: list[tuple[datetime, Json]] = field(default_factory=list)

    def add(self, at: datetime, direction: str, entry: Json) -> None:
        """Add a message or a reply."""
        self.last_used = max(self.last_used, at)
        self.entries.append((at, {"direction": direction, **entry}))

    def conversation(self) -> list[JsonValue]:
        """Return the latest entries, oldest first."""
        self.entries.sort(key=lambda entry: entry[0])
        return [entry for _, entry in self.entries[-_MAX_ENTRIES:]]


def phones(records: Records) -> list[JsonValue]:
    """Return the phones used last, each with the end of its conversation."""
    found: dict[str, _Phone] = {}
    for message in records.messages():
        phone = found.setdefault(message.number, _Phone(message.at))
        phone.add(message.at, "received", message.as_json())
    for reply in records.replies:
        phone = found.setdefault(reply.number, _Phone(reply.at))
        phone.add(reply.at, "sent", reply.as_json())
    latest = sorted(found.items(), key=lambda item: item[1].last_used, reverse=True)
    return [
        {"number": number, "conversation": phone.conversation()}
        for number, phone in latest[:_MAX_PHONES]
    ]
