"""Tolerant reading of single values, in answers and pushes alike."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
import re

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


def as_text(value: object) -> str | None:
    """Return text, or a number as text; None for all that cannot be stored as text."""
    if isinstance(value, str):
        if "\0" in value:
            return None
        if not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                # Half a character cannot be encoded.
                return None
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return None


def short_text(value: object, most: int) -> str | None:
    """Return text as `as_text`, None if it is empty or too long to be true."""
    text = as_text(value)
    return text if text and len(text) <= most else None


def as_integer(text: str | None) -> int | None:
    """Return a small count that is written in digits."""
    if text is None or len(text) > 4 or not (text.isascii() and text.isdecimal()):
        return None
    return int(text)


@lru_cache(maxsize=8)
def as_time(text: str | None) -> datetime | None:
    """Return a time of the form `yyyy-MM-dd'T'HH:mm:ss'Z'`, aware and in UTC.

    A time that no SMS can have is none: at the ends of the calendar it could not even
    be shown in another time zone.
    """
    if text is None or not _TIME.fullmatch(text):
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if 2000 <= time.year < 2200 else None


@lru_cache(maxsize=8)
def as_http_date(text: str | None) -> datetime | None:
    """Return the time of a Date header, aware and in UTC."""
    if text is None:
        return None
    try:
        time = parsedate_to_datetime(text)
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except ValueError, OverflowError:
        return None


def lower_names(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers under lower-case names; the first of several of a name counts."""
    lowered: dict[str, str] = {}
    for name, value in headers.items():
        lowered.setdefault(name.lower(), value)
    return lowered
