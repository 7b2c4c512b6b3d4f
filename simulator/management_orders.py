"""Reads the bodies of the writing calls of the management API."""

from collections.abc import Collection
import json
from typing import cast

from .management_errors import ManagementRefusal
from .management_lists import INVALID

type Fields = dict[str, object]

_MAX_TEXT = 1024


def read_body(body: bytes) -> Fields:
    """Return the JSON object of a body.

    Raises:
        ManagementRefusal: there is none.
    """
    try:
        fields: object = json.loads(body)
    except ValueError, RecursionError:
        raise ManagementRefusal(INVALID) from None
    if not isinstance(fields, dict):
        raise ManagementRefusal(INVALID)
    return cast("Fields", fields)


def text(fields: Fields, name: str, default: str | None = None) -> str:
    """Return a text; raises ManagementRefusal without one if there is no default."""
    value = fields.get(name)
    if value is None and default is not None:
        return default
    if not isinstance(value, str) or len(value) > _MAX_TEXT:
        raise ManagementRefusal(INVALID, name)
    return value


def filled(fields: Fields, name: str) -> str:
    """Return a text that is not empty."""
    value = text(fields, name)
    if not value:
        raise ManagementRefusal(INVALID, name)
    return value


def one_of(fields: Fields, name: str, allowed: Collection[str]) -> str:
    """Return a text that is one of some."""
    value = text(fields, name)
    if value not in allowed:
        raise ManagementRefusal(INVALID, name)
    return value


def number(value: object, name: str) -> int:
    """Return a whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ManagementRefusal(INVALID, name)
    return value


def entries(fields: Fields, name: str) -> list[object]:
    """Return a list, empty if it is not there."""
    value = fields.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise ManagementRefusal(INVALID, name)
    return value
