"""What can go wrong with the account: the management API and IAM (section 7.4).

No text of these exceptions holds what the platform wrote: it may quote requests and
their signatures. Its codes are kept.
"""

from datetime import datetime
from enum import StrEnum

from ..errors import MsgSmsError


class UnavailableReason(StrEnum):
    """Why there is no answer that says something.

    After the first three the platform surely did not take the request.
    """

    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    CONNECTION = "connection"
    SERVER = "server"
    UNREADABLE = "unreadable"


class ManagementError(MsgSmsError):
    """Anything that went wrong with the account.

    `code` is the platform's, such as `MSGSMS.0076`, `APIGW.0301` or `IAM.0011`, None if
    there was none; `http_status` is None if there was no answer; `server_time` is the
    platform's clock, aware and in UTC.
    """

    def __init__(
        self,
        code: str | None = None,
        http_status: int | None = None,
        server_time: datetime | None = None,
    ) -> None:
        """Keep what the answer says."""
        super().__init__(
            f"{type(self).__name__}: code {code}, HTTP status {http_status}"
        )
        self.code = code
        self.http_status = http_status
        self.server_time = server_time


class WrongCredentialsError(ManagementError):
    """Access key, secret, user or password are not right (401).

    A clock that is more than 15 minutes off looks the same: see `server_time`.
    """


class ForbiddenError(ManagementError):
    """The credentials are right but may not do this (403)."""


class WrongProjectOrRegionError(ManagementError):
    """There is no such project in this region, or no such service.

    Which of the two is wrong is not told, unless it is one of the following.
    """


class WrongProjectError(WrongProjectOrRegionError):
    """The credentials may not use this project in this region."""


class WrongRegionError(WrongProjectOrRegionError):
    """The credentials, or the service, are not for this region."""


class NotFoundError(ManagementError):
    """There is no such application, signature, template or file."""


class RateLimitedError(ManagementError):
    """Too many calls (429).

    `retry_after` is in seconds, a day at most, None if the platform did not say.
    """

    def __init__(
        self,
        code: str | None,
        http_status: int,
        server_time: datetime | None,
        retry_after: float | None,
    ) -> None:
        """Keep what the answer says."""
        super().__init__(code, http_status, server_time)
        self.retry_after = retry_after


class RejectedError(ManagementError):
    """The platform did not want this request: a field, or the state of the record."""


class UnavailableError(ManagementError):
    """No answer that says something; a write may have been taken all the same."""

    def __init__(
        self,
        reason: UnavailableReason,
        code: str | None = None,
        http_status: int | None = None,
        server_time: datetime | None = None,
    ) -> None:
        """Keep the reason and what there was of an answer."""
        super().__init__(code, http_status, server_time)
        self.reason = reason
