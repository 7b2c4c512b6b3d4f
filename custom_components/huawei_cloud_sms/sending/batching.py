"""Puts messages of different texts together in as few requests as can be."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from ..msgsms.models import DiffContent
from ..msgsms.splitting import split_contents
from .orders import Target
from .preparing import PreparedRequest, PreparedText


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The requests of a batch.

    For each of what was put together, `places` tells where its messages are, counted
    over all requests. The same text to the same number is there once.
    """

    requests: tuple[PreparedRequest, ...]
    places: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Message:
    """One text to one number; equal are those that a phone could not tell apart."""

    channel_number: str | None = field(repr=False)
    number: str = field(repr=False)
    content: DiffContent
    template_type: str | None = field(compare=False)
    target: Target = field(compare=False)
    text: PreparedText = field(compare=False)


def bundle(prepared: Iterable[Sequence[PreparedRequest]]) -> Batch:
    """Put the requests of several orders together.

    Each new one has one channel number, and templates of one type: what a promotion
    has to wait for is not to hold up anything else.
    """
    wanted = [list(_messages(requests)) for requests in prepared]
    kinds: dict[tuple[str | None, str | None], list[_Message]] = {}
    for message in dict.fromkeys(chain.from_iterable(wanted)):
        kind = message.channel_number, message.template_type
        kinds.setdefault(kind, []).append(message)
    found = [
        it for kind, messages in kinds.items() for it in _requests(*kind, messages)
    ]
    ordered = chain.from_iterable(messages for _, messages in found)
    places = {message: place for place, message in enumerate(ordered)}
    return Batch(
        requests=tuple(request for request, _ in found),
        places=tuple(tuple(places[it] for it in messages) for messages in wanted),
    )


def _messages(requests: Sequence[PreparedRequest]) -> Iterator[_Message]:
    """Return the messages of requests."""
    for request in requests:
        for content, text in zip(request.sms.contents, request.texts, strict=True):
            bare = replace(content, numbers=())
            for target in text.targets:
                yield _Message(
                    channel_number=request.sms.channel_number,
                    number=target.number,
                    content=bare,
                    template_type=request.template_type,
                    target=target,
                    text=text,
                )


def _requests(
    channel_number: str | None,
    template_type: str | None,
    messages: Sequence[_Message],
) -> Iterator[tuple[PreparedRequest, list[_Message]]]:
    """Return requests for messages, each with those of them that are in it, in order."""
    by_text = {(it.number, it.content): it for it in messages}
    contents = [replace(it.content, numbers=(it.number,)) for it in messages]
    for sms in split_contents(contents, channel_number):
        grouped = [
            [by_text[number, replace(it, numbers=())] for number in it.numbers]
            for it in sms.contents
        ]
        request = PreparedRequest(
            sms=sms,
            template_type=template_type,
            texts=tuple(
                replace(theirs[0].text, targets=tuple(it.target for it in theirs))
                for theirs in grouped
            ),
        )
        yield request, list(chain.from_iterable(grouped))
