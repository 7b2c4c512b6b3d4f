"""What the ledger takes and gives."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from ..msgsms.values import passing_value


class State(StrEnum):
    """The states of a message, in the order in which they can follow each other."""

    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNCONFIRMED = "unconfirmed"
    DELIVERED = "delivered"
    FAILED = "failed"
    NO_REPORT = "no_report"
    EXPIRED_UNSENT = "expired_unsent"


# A report may still change these; every other state is final.
OPEN_STATES = frozenset({State.SENDING, State.ACCEPTED, State.UNCONFIRMED})

# States that nobody is told of: the message has not left yet, or its answer is due.
SILENT_STATES = frozenset({State.QUEUED, State.SENDING})

# States that another one follows sooner or later.
PASSING_STATES = OPEN_STATES | SILENT_STATES


@dataclass(frozen=True, slots=True)
class Origin:
    """The ids of the Home Assistant context in which a message was sent."""

    context_id: str
    user_id: str | None
    parent_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """One template to one number, about to be sent."""

    reference: str
    number: str = field(repr=False)
    recipient_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewText:
    """One text of a request, with its messages.

    `text_hash` is the same for the same text only, `planned_parts` what one message is
    likely to be cut into: if its text is not known, at least so many. `text` is None
    also where it must not be kept.
    """

    template_id: str
    messages: tuple[NewMessage, ...]
    text_hash: str | None = field(default=None, repr=False)
    planned_parts: int = 1
    text_known: bool = False
    text: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRequest:
    """One request to the platform with all its texts."""

    entry_id: str
    extend: str = field(repr=False)
    channel_number: str | None = field(repr=False)
    origin: Origin | None
    texts: tuple[NewText, ...]
    template_type: str | None = None

    @property
    def messages(self) -> tuple[NewMessage, ...]:
        """Return the messages of all texts, in their order."""
        return tuple(message for text in self.texts for message in text.messages)


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterText:
    """What the outbox keeps of a text; `references` are those of its messages."""

    references: tuple[str, ...]
    template_id: str
    variables: tuple[str, ...] = field(repr=False)
    signature: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What the outbox keeps of a request so that it can leave later.

    It may until `expires_at`, in seconds since the epoch, UTC.
    """

    texts: tuple[LetterText, ...]
    expires_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingRequest:
    """A request that waits in the outbox, with those of its messages that do."""

    extend: str = field(repr=False)
    template_type: str | None
    channel_number: str | None = field(repr=False)
    letter: Letter
    messages: tuple[NewMessage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepingRules:
    """What is kept of an application.

    Messages and replies from before `since` are not (seconds since the epoch, UTC),
    without `texts` no text of a reply that was shown. `recipients` are the ids and
    numbers of all that it has.
    """

    since: float
    texts: bool
    recipients: frozenset[tuple[str, str]] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one message when its request ended."""

    reference: str
    state: State
    code: str | None = None
    message_id: str | None = None
    channel_number: str | None = field(default=None, repr=False)
    parts: int | None = None


@passing_value
class Message:
    """A message as the ledger knows it; times are seconds since the epoch, UTC.

    `planned_parts` is None where its text was not known.
    `row` and `request_id` are the ledger's own: where the message stands in it, and
    with which request it went out; None for a stranger, of which only reports came.
    """

    row: int
    request_id: int | None
    reference: str
    entry_id: str
    number: str | None = field(repr=False)
    recipient_id: str | None
    template_id: str | None
    channel_number: str | None = field(repr=False)
    message_id: str | None
    state: State
    code: str | None
    parts: int | None
    parts_done: int
    created_at: float
    sent_at: float | None
    changed_at: float
    origin: Origin | None
    planned_parts: int | None = None

    @property
    def as_planned(self) -> bool | None:
        """Return whether there are as many parts as planned, None while that is open."""
        if self.parts is None or self.planned_parts is None:
            return None
        return self.parts == self.planned_parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A person's reply; `reference` is that of the message it most likely answers."""

    entry_id: str
    message_id: str
    sender: str = field(repr=False)
    channel_number: str | None = field(repr=False)
    text: str = field(repr=False)
    created_at: float | None
    received_at: float
    reference: str | None


type Subject = Message | Answer


@passing_value
class Shown:
    """A change that is to be shown now.

    `late` says that it happened while nobody could be told, `recorded` that it
    is in durable storage.
    """

    subject: Subject
    late: bool
    recorded: bool


type Listener = Callable[[Shown], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Excess:
    """A limit that a call would go beyond; `code` is the catalogue's name for it.

    `limit` is how much there may be, `count` how much it would be. A limit of one number
    is `of` that number, and of the type or the text that it counts.
    """

    code: str
    limit: int
    count: int
    of: tuple[str, str] | None = field(default=None, repr=False, compare=False)


@passing_value
class Changes:
    """What one operation on the ledger changed.

    `current` are the messages it was about as they are now, changed or not. `excess`
    says why they were refused before anything left.
    """

    subjects: tuple[Subject, ...] = ()
    late: bool = False
    current: tuple[Message, ...] = ()
    excess: Excess | None = None


class OutboxFullError(Exception):
    """So much waits in the outbox that nothing more is taken."""


class LedgerBusyError(Exception):
    """So much waits to be stored that nothing more is taken, or it is the end."""
