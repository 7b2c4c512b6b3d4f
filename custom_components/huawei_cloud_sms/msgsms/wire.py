"""Bodies of requests, and what their answers mean (sections 2 and 3)."""

from functools import lru_cache
import json
import re
from urllib.parse import quote

import orjson

from .errors import (
    InvalidRequestError,
    RefusedError,
    UnconfirmedError,
    UnconfirmedReason,
)
from .models import DiffContent, DiffSms, NumberResult, SendResponse, TemplatedSms
from .reading import as_http_date, as_integer, as_text, as_time, short_text

ACCEPTED = "000000"

MAX_CONTENT = 64 * 1024
# Generous against the documented lengths: what is longer does not come from the platform.
_MAX_CODE = 32
_MAX_DESCRIPTION = 2048
_MAX_ID = 200
_MAX_NUMBER = 84
# Looked up by byte: looking into each text costs more than all else of a form.
_QUOTED = tuple(quote(bytes((byte,)), "") for byte in range(256))
_BOM = b"\xef\xbb\xbf"
_PLATFORM_CODE = re.compile(r"E[0-9]{6}")
# The request belongs elsewhere, so whoever answered did not take it. 303 is not among
# them: it follows a request that was taken.
_MOVED = frozenset({301, 302, 307, 308})
# Said by what stands between, which may speak after it passed the request on.
_PROXY_TROUBLE = frozenset({407, 408, 499})


def form_body(sms: TemplatedSms) -> bytes:
    """Return the form of section 2.1, percent-encoded UTF-8, blanks as `%20`."""
    body = f"from={_known(sms.channel_number)}&" if sms.channel_number else ""
    # Nothing else in numbers needs quoting, see `check_templated`.
    body += "to=" + "%2C".join(sms.numbers).replace("+", "%2B")
    body += f"&templateId={_known(sms.template_id)}"
    if sms.variables:
        body += f"&templateParas={_quoted(orjson.dumps(sms.variables))}"
    if sms.status_callback:
        body += f"&statusCallback={_known(sms.status_callback)}"
    if sms.extend:
        body += f"&extend={_quoted(sms.extend.encode())}"
    if sms.signature:
        body += f"&signature={_known(sms.signature)}"
    return body.encode()


def _quoted(value: bytes) -> str:
    """Return bytes percent-encoded, as `quote` does it for any text."""
    return "".join(map(_QUOTED.__getitem__, value))


@lru_cache(maxsize=64)
def _known(text: str) -> str:
    """Return text percent-encoded; the same few come again and again."""
    return _quoted(text.encode())


def json_body(sms: DiffSms) -> bytes:
    """Return the JSON of section 3 in UTF-8.

    Raises InvalidRequestError if it is longer than the 64 KB that the platform takes.
    """
    fields: dict[str, object] = {
        "from": sms.channel_number,
        "statusCallback": sms.status_callback,
        "smsContent": [_content(content) for content in sms.contents],
        "extend": sms.extend,
    }
    body = orjson.dumps({name: value for name, value in fields.items() if value})
    if len(body) > MAX_CONTENT:
        raise InvalidRequestError("contents", "size")
    return body


def content_size(content: DiffContent) -> int:
    """Return how many bytes one element of smsContent takes, with what surrounds it."""
    # the list of numbers is left out where there are none
    return len(orjson.dumps(_content(content))) + len('"to":[],,')


def _content(content: DiffContent) -> dict[str, object]:
    """Return one element of smsContent."""
    fields: dict[str, object] = {
        "to": content.numbers,
        "templateId": content.template_id,
        "templateParas": content.variables,
        "signature": content.signature,
    }
    return {name: value for name, value in fields.items() if value}


def read_answer(http_status: int, date: str | None, body: bytes) -> SendResponse:
    """Return what an answer says of single numbers (section 2.3).

    `date` is the Date header. Results count whatever the code and the HTTP status are.
    Acceptance without results is a response with none: of its numbers nothing is known.

    Raises RefusedError when the request as a whole surely was not taken: a code of the
    platform without results, or a 4xx or redirecting status. Raises UnconfirmedError for
    all that cannot be read: empty or HTML bodies under 2xx and 5xx, troubles of proxies.
    """
    answer = _json_object(body)
    code = _code(answer.get("code"))
    description = (as_text(answer.get("description")) or "")[:_MAX_DESCRIPTION]
    results = answer.get("result") or []
    server_time = as_http_date(date)
    if not isinstance(results, list):
        raise UnconfirmedError(UnconfirmedReason.UNREADABLE, http_status)
    if results or code == ACCEPTED:
        read = [it for entry in results if (it := _number_result(entry)) is not None]
        return SendResponse(
            http_status, code or "", description, tuple(read), server_time
        )
    # A 504 of some gateway may carry JSON and a code too: only the platform's own count.
    if _refuses(http_status) or (code and _PLATFORM_CODE.fullmatch(code)):
        raise RefusedError(code, description, http_status, server_time)
    raise UnconfirmedError(UnconfirmedReason.UNREADABLE, http_status)


def _refuses(http_status: int) -> bool:
    """Tell whether a status alone says that the request was not taken."""
    if http_status in _PROXY_TROUBLE:
        return False
    return http_status in _MOVED or 400 <= http_status < 500


def _json_object(body: bytes) -> dict[str, object]:
    """Return the JSON object of a body, empty if there is none.

    Broken characters are replaced: a garbled description must not hide results.
    """
    answer: object
    try:
        answer = orjson.loads(body)
    except ValueError:
        answer = _lenient_json(body)
    return answer if isinstance(answer, dict) else {}


def _lenient_json(body: bytes) -> object:
    """Return what JSON says that is not quite as it should be, None if it is none."""
    try:
        return json.loads(body.removeprefix(_BOM).decode("utf-8", "replace"))
    except ValueError, RecursionError:
        return None


def _number_result(entry: object) -> NumberResult | None:
    """Return one element of result[], None if it does not say what became of whom."""
    if not isinstance(entry, dict):
        return None
    get = entry.get
    number = short_text(get("originTo"), _MAX_NUMBER)
    status = _code(get("status"))
    if number is None or status is None:
        return None
    return NumberResult(
        number,
        status,
        short_text(get("smsMsgId"), _MAX_ID),
        short_text(get("from"), _MAX_NUMBER),
        as_time(as_text(get("createTime"))),
        short_text(get("countryId"), _MAX_CODE),
        as_integer(as_text(get("total"))),
    )


def _code(value: object) -> str | None:
    """Return a code as text; `000000` that became a number is a 0."""
    if value == ACCEPTED or (value == 0 and value is not False):
        return ACCEPTED
    return short_text(value, _MAX_CODE)
