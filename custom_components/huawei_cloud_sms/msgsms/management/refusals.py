"""What an answer of the management API or of IAM refuses a call for (section 7.4)."""

from collections.abc import Iterator
from datetime import UTC, datetime
import json
import re

from ..reading import as_http_date, as_text
from .errors import (
    ForbiddenError,
    ManagementError,
    NotFoundError,
    RateLimitedError,
    RejectedError,
    UnavailableError,
    UnavailableReason,
    WrongCredentialsError,
    WrongProjectError,
    WrongProjectOrRegionError,
    WrongRegionError,
)
from .http import Answer

_CODE = re.compile(r"[A-Za-z]{2,16}\.[0-9]{1,8}")
_SERVICE = "MSGSMS."
_SECONDS = re.compile(r"[0-9]{1,6}")
# What asks for more, in seconds, is no pause but a fault of a clock.
_LONGEST_PAUSE = 24 * 3600.0
_PROJECT = re.compile(r"\bproject", re.IGNORECASE)
# From here on the gateway quotes the request, in which a project is always named.
_QUOTATION = "canonical"

_BY_CODE: dict[str, type[ManagementError]] = {
    "MSGSMS.0002": RejectedError,
    "MSGSMS.0003": ForbiddenError,
    "MSGSMS.0004": RejectedError,
    "MSGSMS.0005": NotFoundError,
    "MSGSMS.0006": RejectedError,
    "MSGSMS.0007": RejectedError,
    "MSGSMS.0008": RejectedError,
    "MSGSMS.0009": NotFoundError,
    "MSGSMS.0076": NotFoundError,
    "MSGSMS.0104": RejectedError,
    "MSGSMS.0130": RejectedError,
    "MSGSMS.0132": RejectedError,
    "APIGW.0307": WrongRegionError,
    "APIGW.0310": WrongProjectError,
    "APIGW.0801": WrongRegionError,
    "APIGW.0802": WrongRegionError,
}
# The platform's own trouble, whatever the HTTP status.
_SERVER_CODES = frozenset({"MSGSMS.0001", "MSGSMS.0103"})
_THROTTLED = "APIGW.0308"


def refusal(answer: Answer) -> ManagementError:
    """Return the error that an answer other than 2xx stands for."""
    fields = _error_fields(answer.body)
    code = _first_code(fields)
    status = answer.http_status
    server_time = as_http_date(answer.headers.get("Date"))
    if status == 429 or code == _THROTTLED:
        return RateLimitedError(code, status, server_time, _retry_after(answer))
    if code in _SERVER_CODES:
        return UnavailableError(UnavailableReason.SERVER, code, status, server_time)
    if code in _BY_CODE and not (code == "MSGSMS.0003" and status == 401):
        return _BY_CODE[code](code, status, server_time)
    by_service = code is not None and code.startswith(_SERVICE)
    about_project = not by_service and any(map(_PROJECT.search, _texts(fields)))
    match status:
        case 401 if not about_project:
            kind: type[ManagementError] = WrongCredentialsError
        case 400 | 401 | 404 if about_project:
            kind = WrongProjectError
        case 403:
            kind = ForbiddenError
        case 404:
            kind = NotFoundError if by_service else WrongProjectOrRegionError
        case _ if 400 <= status < 500 and status not in (407, 408, 499):
            kind = RejectedError
        case _:
            reason = _server_reason(status)
            return UnavailableError(reason, code, status, server_time)
    return kind(code, status, server_time)


def _server_reason(status: int) -> UnavailableReason:
    """Return what a status means that says nothing about the call."""
    return UnavailableReason.UNREADABLE if status < 400 else UnavailableReason.SERVER


def _error_fields(body: bytes) -> tuple[dict[str, object], ...]:
    """Return the object of an error body, and the one within as IAM writes it."""
    try:
        answer: object = json.loads(body.decode("utf-8", "replace"))
    except ValueError, RecursionError:
        return ()
    if not isinstance(answer, dict):
        return ()
    within = answer.get("error")
    return (answer, within) if isinstance(within, dict) else (answer,)


def _first_code(fields: tuple[dict[str, object], ...]) -> str | None:
    """Return the platform's code if there is one that looks like one."""
    for entry in fields:
        for name in ("error_code", "errorCode", "code"):
            text = as_text(entry.get(name))
            if text and _CODE.fullmatch(text):
                # Some gateways leave a letter out.
                return text.upper().replace("APIG.", "APIGW.")
    return None


def _texts(fields: tuple[dict[str, object], ...]) -> Iterator[str]:
    """Return what the platform wrote; it is looked at and not kept."""
    for entry in fields:
        for name in ("error_msg", "errorMsg", "message"):
            yield (as_text(entry.get(name)) or "").partition(_QUOTATION)[0]


def _retry_after(answer: Answer) -> float | None:
    """Return how long to wait, which may be written as seconds or as a date.

    It is a day at most.
    """
    text = answer.headers.get("Retry-After", "").strip()
    if _SECONDS.fullmatch(text):
        return min(float(text), _LONGEST_PAUSE)
    if (until := as_http_date(text)) is None:
        return None
    now = as_http_date(answer.headers.get("Date")) or datetime.now(UTC)
    return min(max(0.0, (until - now).total_seconds()), _LONGEST_PAUSE)
