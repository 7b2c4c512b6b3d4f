"""What the simulator remembers, in bounded tables."""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime

from .orders import Order
from .times import write_time

_MAX_REQUESTS = 2_000
_MAX_MESSAGES = 10_000
_MAX_REPLIES = 2_000
_MAX_PUSHES = 10_000
_MAX_REPORTS = 1_000

type JsonValue = (
    str | int | float | bool | list[JsonValue] | dict[str, JsonValue] | None
)
type Json = dict[str, JsonValue]


@dataclass(slots=True, kw_only=True)
class RequestRecord:
    """A call of the sending API; what became of it is filled in later."""

    at: datetime
    path: str
    authentication: str | None
    content_type: str | None
    host: str | None = field(repr=False)
    body_size: int = 0
    code: str | None = None
    http_status: int | None = None
    numbers: tuple[str, ...] = field(default=(), repr=False)
    template_ids: tuple[str, ...] = ()
    extend: str | None = field(default=None, repr=False)
    status_callback: str | None = field(default=None, repr=False)
    accepted: int = 0

    def describe(self, order: Order) -> None:
        """Take note of what was asked for."""
        self.numbers = order.numbers
        self.template_ids = tuple(content.template_id for content in order.contents)
        self.extend = order.extend
        self.status_callback = order.status_callback

    def as_json(self) -> Json:
        """Return it for the control API."""
        return {
            "at": write_time(self.at),
            "path": self.path,
            "authentication": self.authentication,
            "content_type": self.content_type,
            "host": self.host,
            "body_size": self.body_size,
            "code": self.code,
            "http_status": self.http_status,
            "numbers": list(self.numbers),
            "template_ids": list(self.template_ids),
            "extend": self.extend,
            "status_callback": self.status_callback,
            "accepted": self.accepted,
        }


@dataclass(slots=True, kw_only=True)
class Message:
    """An accepted message; `reports` are (part, status) in order of making."""

    message_id: str
    app_key: str = field(repr=False)
    number: str = field(repr=False)
    origin_to: str = field(repr=False)
    channel_number: str
    template_id: str
    text: str = field(repr=False)
    parts: int
    extend: str | None = field(default=None, repr=False)
    status_callback: str | None = field(default=None, repr=False)
    at: datetime
    reports: list[tuple[int, str]] = field(default_factory=list)

    def add_report(self, part: int, status: str) -> None:
        """Take note of a report; only so many are kept."""
        if len(self.reports) < _MAX_REPORTS:
            self.reports.append((part, status))

    @property
    def state(self) -> str:
        """`accepted` until all parts are reported, `DELIVRD`, or the first failure."""
        statuses = dict(reversed(self.reports))
        failures = [status for status in statuses.values() if status != "DELIVRD"]
        if failures:
            return failures[0]
        return "DELIVRD" if len(statuses) >= self.parts else "accepted"

    def as_json(self) -> Json:
        """Return it for the control API and the page."""
        return {
            "message_id": self.message_id,
            "number": self.number,
            "origin_to": self.origin_to,
            "channel_number": self.channel_number,
            "template_id": self.template_id,
            "text": self.text,
            "parts": self.parts,
            "extend": self.extend,
            "status_callback": self.status_callback,
            "at": write_time(self.at),
            "state": self.state,
            "reports": [[part, status] for part, status in self.reports],
        }


@dataclass(slots=True, kw_only=True)
class Reply:
    """A reply that somebody sent."""

    message_id: str
    number: str = field(repr=False)
    channel_number: str
    text: str = field(repr=False)
    at: datetime

    def as_json(self) -> Json:
        """Return it for the control API and the page."""
        return {
            "message_id": self.message_id,
            "number": self.number,
            "channel_number": self.channel_number,
            "text": self.text,
            "at": write_time(self.at),
        }


@dataclass(slots=True, kw_only=True)
class PushRecord:
    """A push and how it was answered; `error` names the exception if it was not."""

    kind: str
    address: str = field(repr=False)
    body: str = field(repr=False)
    signed: bool
    at: datetime
    http_status: int | None = None
    error: str | None = None

    def as_json(self) -> Json:
        """Return it for the control API and the page."""
        return {
            "kind": self.kind,
            "address": self.address,
            "body": self.body,
            "signed": self.signed,
            "at": write_time(self.at),
            "http_status": self.http_status,
            "error": self.error,
        }


class Records:
    """All tables; the oldest entries go first."""

    def __init__(self) -> None:
        """Start empty."""
        self.requests: deque[RequestRecord] = deque(maxlen=_MAX_REQUESTS)
        self.replies: deque[Reply] = deque(maxlen=_MAX_REPLIES)
        self.pushes: deque[PushRecord] = deque(maxlen=_MAX_PUSHES)
        self.request_count = 0
        self.accepted_count = 0
        self.push_count = 0
        self._messages: OrderedDict[str, Message] = OrderedDict()

    def add_request(self, record: RequestRecord) -> None:
        """Take note of a call."""
        self.requests.append(record)
        self.request_count += 1

    def add_push(self, record: PushRecord) -> None:
        """Take note of a push."""
        self.pushes.append(record)
        self.push_count += 1

    def add_message(self, message: Message) -> None:
        """Take note of an accepted message."""
        self._messages[message.message_id] = message
        self.accepted_count += 1
        if len(self._messages) > _MAX_MESSAGES:
            self._messages.popitem(last=False)

    def message(self, message_id: str) -> Message | None:
        """Return a message by its smsMsgId."""
        return self._messages.get(message_id)

    def messages(self, number: str | None = None) -> list[Message]:
        """Return all messages, or those to a number, oldest first."""
        return [
            message
            for message in self._messages.values()
            if number is None or message.number == number
        ]

    def clear(self) -> None:
        """Forget everything."""
        self.requests.clear()
        self.replies.clear()
        self.pushes.clear()
        self._messages.clear()
        self.request_count = 0
        self.accepted_count = 0
        self.push_count = 0
