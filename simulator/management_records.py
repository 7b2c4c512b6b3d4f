"""What is remembered of calls of the management API and IAM."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime

from .records import Json
from .times import write_time

_MAX_CALLS = 2_000


@dataclass(slots=True)
class CallRecord:
    """A call; how it was answered is filled in later."""

    at: datetime
    method: str
    path: str
    authentication: str | None
    http_status: int | None = None

    def as_json(self) -> Json:
        """Return it for the control API."""
        return {
            "at": write_time(self.at),
            "method": self.method,
            "path": self.path,
            "authentication": self.authentication,
            "http_status": self.http_status,
        }


class Calls:
    """The last calls."""

    def __init__(self) -> None:
        """Start with none."""
        self.last: deque[CallRecord] = deque(maxlen=_MAX_CALLS)
        self.count = 0

    def add(self, record: CallRecord) -> None:
        """Take note of a call."""
        self.last.append(record)
        self.count += 1
