"""Tolerant reading of what the management API answers (section 9)."""

from dataclasses import MISSING, Field, fields
import json
from typing import ClassVar, Protocol

from ..reading import as_text
from .errors import UnavailableError, UnavailableReason
from .http import Answer
from .models import Tenant

_MAX_DIGITS = 18

# What a record calls the fields that could not be read; the last one of its own.
_UNREAD = "unread"


class Record(Protocol):
    """A dataclass whose fields are named as those of the platform's JSON."""

    __dataclass_fields__: ClassVar[dict[str, Field[object]]]


def read_json(answer: Answer) -> object:
    """Return the JSON of an answer, None for an empty one; raises UnavailableError."""
    if not answer.body.strip():
        return None
    try:
        content: object = json.loads(answer.body.decode("utf-8-sig", "replace"))
    except ValueError, RecursionError:
        raise unreadable(answer.http_status) from None
    return content


def unreadable(http_status: int | None = None) -> UnavailableError:
    """Return the error for an answer that is not what it should be."""
    return UnavailableError(UnavailableReason.UNREADABLE, None, http_status)


def read_record[T: Record](kind: type[T], value: object) -> T:
    """Return one record; raises UnavailableError if it is none."""
    record = find_record(kind, value)
    if record is None:
        raise unreadable()
    return record


def find_record[T: Record](kind: type[T], value: object) -> T | None:
    """Return a record, None for what lacks a field that it must have, such as an id.

    Fields that do not fit are None; further ones are passed over.
    """
    if not isinstance(value, dict):
        return None
    found: dict[str, object] = {}
    for field in fields(kind):
        if field.name == _UNREAD:
            unread = {it for it, item in found.items() if item is None}
            found[_UNREAD] = frozenset(it for it in unread if value.get(it) is not None)
            continue
        item = _as_type(field.type, value.get(field.name))
        if field.default is MISSING and not item:
            return None
        found[field.name] = item
    return kind(**found)


def read_list(value: object) -> list[object]:
    """Return a list; raises UnavailableError if it is none. None counts as empty."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise unreadable()
    return value


def as_whole(value: object) -> int | None:
    """Return a number that may be written as text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        # a longer one counts nothing, and no JSON of ours could hold it
        return value if abs(value) < 10**_MAX_DIGITS else None
    if isinstance(value, str) and value.isdecimal() and len(value) <= _MAX_DIGITS:
        return int(value)
    return None


def _as_type(hint: object, value: object) -> object:
    """Return a value as the type of its field, None if it does not fit."""
    if hint == int | None:
        return as_whole(value)
    if hint == bool | None:
        if isinstance(value, bool):
            return value
        text = value.lower() if isinstance(value, str) else ""
        return {"true": True, "false": False}.get(text)
    if hint == Tenant | None:
        return find_record(Tenant, value)
    # Flags of which it is not known as what they come.
    return str(value).lower() if isinstance(value, bool) else as_text(value)
