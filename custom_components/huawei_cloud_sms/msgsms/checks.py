"""The rules that a request must keep before anything leaves (sections 2.1 and 3)."""

from dataclasses import replace
from functools import lru_cache
from itertools import batched
import re
from urllib.parse import urlsplit

from .errors import InvalidRequestError
from .models import DiffSms, TemplatedSms

MAX_NUMBERS = 500

_MAX_NUMBER_LENGTH = 21
_MAX_VARIABLES = 20
_NUMBER = re.compile(r"\+?[0-9]+")
_URL = re.compile(r"[!-~]+")


def split(sms: TemplatedSms) -> tuple[TemplatedSms, ...]:
    """Return the requests that send an SMS to all its numbers (section 2.1).

    Blanks around numbers, empty numbers and repeated ones are dropped; no request has more
    than 500. Raises InvalidRequestError.
    """
    stripped = (number.strip() for number in sms.numbers)
    numbers = tuple(dict.fromkeys(number for number in stripped if number))
    if not numbers:
        raise InvalidRequestError("numbers", "empty")
    requests = tuple(
        replace(sms, numbers=some)
        for some in batched(numbers, MAX_NUMBERS, strict=False)
    )
    for request in requests:
        check_templated(request)
    return requests


def check_templated(sms: TemplatedSms) -> None:
    """Check one request of section 2.1; raises InvalidRequestError."""
    _check_common(sms)
    _check_numbers(sms.numbers)
    _check_content(sms.template_id, sms.variables, sms.signature)


def check_diff(sms: DiffSms) -> None:
    """Check one request of section 3; raises InvalidRequestError."""
    _check_common(sms)
    if not sms.contents:
        raise InvalidRequestError("contents", "empty")
    for content in sms.contents:
        _check_numbers(content.numbers)
        _check_content(content.template_id, content.variables, content.signature)
    if sum(len(content.numbers) for content in sms.contents) > MAX_NUMBERS:
        raise InvalidRequestError("numbers", "count")


def _check_common(sms: TemplatedSms | DiffSms) -> None:
    """Check the fields that a request has once."""
    if sms.channel_number is not None:
        _check_text("channel_number", sms.channel_number, 1, 21)
    if sms.extend is not None:
        _check_text("extend", sms.extend, 1, 128)
        if "{" in sms.extend or "}" in sms.extend:
            raise InvalidRequestError("extend", "braces")
    if sms.status_callback is not None and not _is_url(sms.status_callback):
        raise InvalidRequestError("status_callback", "url")


def _check_content(
    template_id: str, variables: tuple[str, ...], signature: str | None
) -> None:
    """Check what is sent to a set of numbers."""
    _check_text("template_id", template_id, 1, 32)
    if len(variables) > _MAX_VARIABLES:
        raise InvalidRequestError("variables", "count")
    for variable in variables:
        _check_text("variables", variable, 1, None)
    if signature is not None:
        _check_text("signature", signature, 0, 32)


def _check_numbers(numbers: tuple[str, ...]) -> None:
    """Check the numbers of one content.

    One character that does not belong would keep the SMS from all of them.
    """
    if not numbers:
        raise InvalidRequestError("numbers", "empty")
    if len(numbers) > MAX_NUMBERS:
        raise InvalidRequestError("numbers", "count")
    if len(set(numbers)) < len(numbers):
        raise InvalidRequestError("numbers", "duplicate")
    for number in numbers:
        if not _NUMBER.fullmatch(number):
            raise InvalidRequestError("numbers", "characters")
        if len(number) > _MAX_NUMBER_LENGTH:
            raise InvalidRequestError("numbers", "length")


def _check_text(field: str, text: str, least: int, most: int | None) -> None:
    """Check the length of a text, and that it can be encoded at all."""
    if least and not text:
        raise InvalidRequestError(field, "empty")
    if most is not None and len(text) > most:
        raise InvalidRequestError(field, "length")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidRequestError(field, "encoding") from None


@lru_cache(maxsize=64)
def _is_url(text: str) -> bool:
    """Tell whether text is an address that the platform can call."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return bool(
        _URL.fullmatch(text) and parts.scheme in ("http", "https") and parts.hostname
    )
