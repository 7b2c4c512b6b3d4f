"""What can go wrong, kept apart by what it means for the SMS.

No text of these exceptions carries a number, a message, a key or an address.
"""

from datetime import datetime
from enum import StrEnum


class NotSentReason(StrEnum):
    """Why no connection was made."""

    DNS = "dns"
    CONNECT = "connect"
    TIMEOUT = "timeout"
    TLS = "tls"


class UnconfirmedReason(StrEnum):
    """Why it is not known what became of a request."""

    TIMEOUT = "timeout"
    CONNECTION = "connection"
    UNREADABLE = "unreadable"


class PushRejection(StrEnum):
    """Why a push does not count as the platform's own (section 6)."""

    UNSIGNED = "unsigned"
    MALFORMED = "malformed"
    UNKNOWN_KEY = "unknown_key"
    DATE = "date"
    SIGNATURE = "signature"
    REPLAY = "replay"


class MsgSmsError(Exception):
    """Anything that this package raises."""


class InvalidRequestError(MsgSmsError):
    """The caller broke a rule of sections 2.1, 3 or 4; nothing was sent.

    `field` is the name of an attribute or argument, `rule` a word for the rule, such as
    `length`. Neither holds a value.
    """

    def __init__(self, field: str, rule: str) -> None:
        """Name the field and the rule."""
        super().__init__(f"{field} breaks the rule {rule}")
        self.field = field
        self.rule = rule


class NotSentError(MsgSmsError):
    """The request surely did not reach the platform."""

    def __init__(self, reason: NotSentReason) -> None:
        """Keep the reason."""
        super().__init__(f"Not sent: {reason}")
        self.reason = reason


class RefusedError(MsgSmsError):
    """The request as a whole was refused; no number of it gets an SMS (section 7.1).

    `code` is None where the answer carries none, which is the case for a wrong address
    (HTTP 404). `description` is the platform's own English text.
    """

    def __init__(
        self,
        code: str | None,
        description: str,
        http_status: int,
        server_time: datetime | None,
    ) -> None:
        """Keep what the answer says."""
        super().__init__(f"Refused with code {code}, HTTP status {http_status}")
        self.code = code
        self.description = description
        self.http_status = http_status
        self.server_time = server_time


class UnconfirmedError(MsgSmsError):
    """The request may have been taken, and the SMS may be under way."""

    def __init__(self, reason: UnconfirmedReason, http_status: int | None) -> None:
        """Keep the reason, and the HTTP status if there was one."""
        super().__init__(f"Unconfirmed: {reason}, HTTP status {http_status}")
        self.reason = reason
        self.http_status = http_status


class PushFormatError(MsgSmsError):
    """A push cannot be read (section 5).

    `field` is the platform's name of the field, None if it is not about one.
    """

    def __init__(self, field: str | None, rule: str) -> None:
        """Name the field and the rule."""
        super().__init__(f"{field or 'The push'} breaks the rule {rule}")
        self.field = field
        self.rule = rule


class PushRejectedError(MsgSmsError):
    """A push is not authentic (section 6)."""

    def __init__(self, reason: PushRejection) -> None:
        """Keep the reason."""
        super().__init__(f"Push rejected: {reason}")
        self.reason = reason
