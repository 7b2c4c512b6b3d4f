"""Reading what the platform pushes: status reports and replies (section 5)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
import json
from urllib.parse import unquote, unquote_to_bytes

from .errors import PushFormatError
from .reading import as_integer, as_text, as_time
from .values import passing_value

FORM_LIMIT = 64 * 1024
JSON_LIMIT = 256 * 1024

_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"
_BOM = b"\xef\xbb\xbf"
# Ten times what the platform puts into one push.
_MAX_REPORTS = 500
# More would only keep us busy: ten times what the platform puts into a form, and objects
# and lists enough for that many reports, each with some more in it.
_MAX_FIELDS = 200
_MAX_NESTED = 4 * _MAX_REPORTS
# A report is about so long (bytes).
_WEIGHED_AS_ONE = 512
# What is read; about four times the documented lengths, more where longer values were
# seen.
_LIMITS = {
    "smsMsgId": 200,
    "total": 8,
    "sequence": 8,
    "status": 64,
    "extend": 512,
    "from": 84,
    "to": 84,
    "body": 640,
    "createTime": 80,
}


@passing_value
class StatusReport:
    """What became of one part of a message (section 5.1).

    `status` is `DELIVRD` or a code of section 7.3, kept as it is. `sequence` counts parts
    from 1.
    """

    message_id: str
    status: str
    parts: int | None
    sequence: int | None
    extend: str | None = field(repr=False)
    number: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a person answered (section 5.3); `message_id` is the reply's own."""

    message_id: str
    sender: str = field(repr=False)
    channel_number: str | None = field(repr=False)
    text: str = field(repr=False)
    created_at: datetime | None = field(repr=False)


type Push = tuple[StatusReport, ...] | Reply
type _Fields = Mapping[str, object]


def parse_push(body: bytes, content_type: str) -> Push:
    """Return the reports or the reply of a push (section 5).

    The Content-Type decides between form and JSON, and the body's first character where it
    names neither; always UTF-8, whatever charset is named. The fields decide what it is:
    `statusReportList` a batch, `status` a report, `from` or `body` a reply. Times and
    counts that cannot be read are None, all other fields are passed over.

    Raises PushFormatError, and nothing else, for all that is too long or malformed.
    """
    if _is_json(body, content_type):
        fields = _read_json(body)
    else:
        fields = _read_form(body)
    if "statusReportList" in fields:
        return _batch(fields["statusReportList"])
    if "status" in fields:
        return (_report(fields),)
    if "from" in fields or "body" in fields:
        return _reply(fields)
    raise PushFormatError(None, "unknown")


def weigh(body: bytes) -> int:
    """Return how much a push may be, in reports, without reading it.

    It has no more than that: each report of a batch has a brace of its own. What is
    large weighs more, whatever it has.
    """
    return min(max(1, body.count(b"{"), len(body) // _WEIGHED_AS_ONE), _MAX_REPORTS)


def _is_json(body: bytes, content_type: str) -> bool:
    """Tell whether a body is to be read as JSON."""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type in (_FORM, _JSON):
        return media_type == _JSON
    return body.removeprefix(_BOM).lstrip().startswith(b"{")


def _read_json(body: bytes) -> _Fields:
    """Return the fields of a JSON object."""
    if len(body) > JSON_LIMIT:
        raise PushFormatError(None, "size")
    if body.count(b"{") + body.count(b"[") > _MAX_NESTED:
        raise PushFormatError(None, "count")
    try:
        fields: object = json.loads(body.removeprefix(_BOM).decode())
    except UnicodeDecodeError:
        raise PushFormatError(None, "encoding") from None
    except ValueError, RecursionError:
        raise PushFormatError(None, "json") from None
    if not isinstance(fields, dict):
        raise PushFormatError(None, "json")
    return fields


def _read_form(body: bytes) -> _Fields:
    """Return the known fields of a form, split first and unescaped then.

    A percent sign that escapes nothing stands for itself. Text that is not UTF-8 only
    matters in a field that is read.
    """
    if len(body) > FORM_LIMIT:
        raise PushFormatError(None, "size")
    fields: dict[str, str] = {}
    text = body.removeprefix(_BOM).decode(errors="surrogateescape")
    if text.count("&") >= _MAX_FIELDS:
        raise PushFormatError(None, "count")
    plain = text.isascii() and "+" not in text
    for pair in text.split("&"):
        name, _, value = pair.partition("=")
        if name not in _LIMITS:
            if "%" not in name or (name := unquote(name)) not in _LIMITS:
                continue
        if not plain or "%" in value:
            value = _unescape(name, value)
        if fields.setdefault(name, value) != value:
            raise PushFormatError(name, "duplicate")
    return fields


def _unescape(name: str, value: str) -> str:
    """Return what the value of a form's field stands for."""
    if value.startswith("%2B") and value[3:].isdecimal():
        # of a phone number, as in nearly every push, the plus sign only is escaped
        return f"+{value[3:]}"
    try:
        return unquote_to_bytes(value.replace("+", " ")).decode()
    except UnicodeError:
        raise PushFormatError(name, "encoding") from None


def _batch(entries: object) -> tuple[StatusReport, ...]:
    """Return the reports of a batch (section 5.2), all or none."""
    if not isinstance(entries, list) or not entries:
        raise PushFormatError("statusReportList", "type")
    if len(entries) > _MAX_REPORTS:
        raise PushFormatError("statusReportList", "count")
    reports = []
    for entry in entries:
        if not isinstance(entry, dict):
            raise PushFormatError("statusReportList", "type")
        reports.append(_report(entry))
    return tuple(reports)


def _report(fields: _Fields) -> StatusReport:
    """Return one status report."""
    return StatusReport(
        message_id=_required(fields, "smsMsgId"),
        status=_required(fields, "status"),
        parts=as_integer(_text(fields, "total").strip()),
        sequence=as_integer(_text(fields, "sequence").strip()),
        extend=_text(fields, "extend") or None,
        number=_number(fields, "to"),
    )


def _reply(fields: _Fields) -> Reply:
    """Return a reply; its text may be empty, but must be there."""
    if "body" not in fields:
        raise PushFormatError("body", "missing")
    sender = _number(fields, "from")
    if sender is None:
        raise PushFormatError("from", "missing")
    return Reply(
        message_id=_required(fields, "smsMsgId"),
        sender=sender,
        channel_number=_number(fields, "to"),
        text=_text(fields, "body"),
        created_at=as_time(_text(fields, "createTime").strip()),
    )


def _text(fields: _Fields, name: str) -> str:
    """Return a field as it is, empty if it is missing or null."""
    value = fields.get(name)
    if value is None:
        return ""
    text = as_text(value)
    if text is None:
        raise PushFormatError(name, "type")
    if len(text) > _LIMITS[name]:
        raise PushFormatError(name, "length")
    return text


def _number(fields: _Fields, name: str) -> str | None:
    """Return a phone number; a plus sign that was not escaped arrives as a blank."""
    text = _text(fields, name)
    plus = "+" if text.startswith(" ") and text.strip().isdigit() else ""
    return f"{plus}{text.strip()}" or None


def _required(fields: _Fields, name: str) -> str:
    """Return a field that must be there, without surrounding blanks."""
    word = _text(fields, name).strip()
    if not word:
        raise PushFormatError(name, "missing")
    return word
