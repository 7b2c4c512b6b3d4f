"""Reads the bodies of both sending calls and checks the rules of their fields."""

from collections.abc import Sequence
from dataclasses import dataclass, field
import json
import re
from urllib.parse import parse_qsl, urlsplit

from .errors import RefusedRequestError
from .options import Options

UNPARSEABLE = "E000000"
BAD_FIELD = "E000503"

_MAX_NUMBERS = 500
_MAX_NUMBER_LENGTH = 21
_MAX_VALUES = 20
_MAX_CONTENT = 64 * 1024
_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One template for some numbers, as written in the request."""

    to: tuple[str, ...] = field(repr=False)
    template_id: str
    values: tuple[str, ...] = field(default=(), repr=False)
    signature: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A sending request; `channel_number` is its `from`."""

    contents: tuple[Content, ...]
    channel_number: str | None = None
    status_callback: str | None = field(default=None, repr=False)
    extend: str | None = field(default=None, repr=False)

    @property
    def numbers(self) -> tuple[str, ...]:
        """All numbers as written, in order."""
        return tuple(number for content in self.contents for number in content.to)


def parse_form(body: bytes) -> Order:
    """Read the body of batchSendSms; nothing but its form is judged.

    Raises:
        RefusedRequestError: E000000, it cannot be read.
    """
    if _BROKEN_ESCAPE.search(body):
        raise RefusedRequestError(UNPARSEABLE)
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise RefusedRequestError(UNPARSEABLE) from error
    # The first one counts when a field is repeated.
    fields = dict(reversed(pairs))
    to = fields.get("to", "")
    values = fields.get("templateParas", "")
    return Order(
        contents=(
            Content(
                to=tuple(to.split(",")) if to else (),
                template_id=fields.get("templateId", ""),
                values=_texts(_json(values.encode()) if values else None),
                signature=fields.get("signature") or None,
            ),
        ),
        channel_number=fields.get("from") or None,
        status_callback=fields.get("statusCallback") or None,
        extend=fields.get("extend"),
    )


def parse_json(body: bytes) -> Order:
    """Read the body of batchSendDiffSms; nothing but its form is judged.

    Raises:
        RefusedRequestError: E000000, it cannot be read.
    """
    raw = _object(_json(body))
    if len(body) > _MAX_CONTENT:
        raise RefusedRequestError(BAD_FIELD)
    return Order(
        contents=tuple(
            _content(_object(item)) for item in _array(raw.get("smsContent"))
        ),
        channel_number=_text(raw.get("from")) or None,
        status_callback=_text(raw.get("statusCallback")) or None,
        extend=_text(raw.get("extend")),
    )


def check_order(order: Order, options: Options) -> None:
    """Check the rules of the fields, template and channel aside.

    Raises:
        RefusedRequestError: E000503 (or as the options say) for the first rule broken.
    """
    if not order.contents:
        raise RefusedRequestError(BAD_FIELD)
    for content in order.contents:
        _check_numbers(content.to, options)
        _check(1 <= len(content.template_id) <= 32)
        _check(len(content.values) <= _MAX_VALUES)
        _check(len(content.signature or "") <= 32)
        _check(not options.per_element_limit or len(content.to) <= _MAX_NUMBERS)
    _check(options.per_element_limit or len(order.numbers) <= _MAX_NUMBERS)
    _check(len(order.channel_number or "") <= 21)
    _check_callback(order.status_callback)
    if order.extend is not None:
        _check(order.extend != "" and not set("{}") & set(order.extend))
        if len(order.extend) > 128:
            raise RefusedRequestError(options.extend_too_long_code)


def _check(condition: bool) -> None:
    """Refuse the request unless the condition holds."""
    if not condition:
        raise RefusedRequestError(BAD_FIELD)


def _check_numbers(numbers: Sequence[str], options: Options) -> None:
    """Check the characters of all numbers; whether they exist comes later."""
    if not any(numbers):
        raise RefusedRequestError(options.empty_to_code)
    for number in numbers:
        _check(len(number) <= _MAX_NUMBER_LENGTH)
        _check(set(number) <= set("+0123456789"))


def _check_callback(address: str | None) -> None:
    """Check that a callback address is one."""
    if address is None:
        return
    try:
        parts = urlsplit(address)
        _check(parts.scheme in ("http", "https") and bool(parts.hostname))
        # Reading it checks it.
        _ = parts.port
    except ValueError as error:
        raise RefusedRequestError(BAD_FIELD) from error


def _content(raw: dict[str, object]) -> Content:
    """Read one element of smsContent."""
    return Content(
        to=_texts(raw.get("to")),
        template_id=_text(raw.get("templateId")) or "",
        values=_texts(raw.get("templateParas")),
        signature=_text(raw.get("signature")) or None,
    )


def _json(data: bytes) -> object:
    """Parse JSON."""
    try:
        parsed: object = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise RefusedRequestError(UNPARSEABLE) from error
    return parsed


def _object(value: object) -> dict[str, object]:
    """Return a JSON object."""
    if not isinstance(value, dict):
        raise RefusedRequestError(UNPARSEABLE)
    return value


def _array(value: object) -> list[object]:
    """Return a JSON array; null is an empty one."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise RefusedRequestError(UNPARSEABLE)
    return value


def _text(value: object) -> str | None:
    """Return a JSON text, or a number written as text."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise RefusedRequestError(UNPARSEABLE)


def _texts(value: object) -> tuple[str, ...]:
    """Return an array of texts."""
    return tuple(_text(item) or "" for item in _array(value))
