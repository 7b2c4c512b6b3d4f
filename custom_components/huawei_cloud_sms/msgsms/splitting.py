"""Cuts what goes to many numbers into requests of several texts (section 3)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from .checks import MAX_NUMBERS
from .models import DiffContent, DiffSms, Sms, TemplatedSms
from .wire import MAX_CONTENT, content_size

# Kept free in each body for the address for reports and all else that is there once
# (bytes); with it a body is short enough however a kilobyte is counted.
_RESERVE = 4096

# Quotes and a comma.
_AROUND_NUMBER = 3


def split_contents(
    contents: Sequence[DiffContent], channel_number: str | None
) -> tuple[Sms, ...]:
    """Return the requests that send texts to all their numbers (section 3).

    Each has at most 500 numbers and 64 KB, and none of them twice, as answers and reports
    are told apart by number: several texts to one number go in several requests. In each
    the numbers of the same text share a content.
    """
    rounds: list[list[tuple[str, DiffContent]]] = []
    texts: Counter[str] = Counter()
    for content in contents:
        text = replace(content, numbers=())
        for number in content.numbers:
            if texts[number] == len(rounds):
                rounds.append([])
            rounds[texts[number]].append((number, text))
            texts[number] += 1
    return tuple(
        as_request(some, channel_number) for each in rounds for some in _cut(each)
    )


def as_request(contents: Sequence[DiffContent], channel_number: str | None) -> Sms:
    """Return the request for some contents: one alone needs none for several."""
    if len(contents) > 1:
        return DiffSms(contents=tuple(contents), channel_number=channel_number)
    (only,) = contents
    return TemplatedSms(
        numbers=only.numbers,
        template_id=only.template_id,
        variables=only.variables,
        channel_number=channel_number,
        signature=only.signature,
    )


def _cut(messages: Sequence[tuple[str, DiffContent]]) -> Iterator[list[DiffContent]]:
    """Cut messages to as many numbers into the contents of requests."""
    numbers: dict[DiffContent, list[str]] = {}
    count = size = 0
    for number, text in messages:
        more = 0 if text in numbers else content_size(text)
        more += len(number) + _AROUND_NUMBER
        full = count == MAX_NUMBERS or size + more > MAX_CONTENT - _RESERVE
        if numbers and full:
            yield _merged(numbers)
            numbers, count, size = {}, 0, 0
            more = content_size(text) + len(number) + _AROUND_NUMBER
        numbers.setdefault(text, []).append(number)
        count += 1
        size += more
    yield _merged(numbers)


def _merged(numbers: dict[DiffContent, list[str]]) -> list[DiffContent]:
    """Return texts with their numbers."""
    return [replace(text, numbers=tuple(some)) for text, some in numbers.items()]
