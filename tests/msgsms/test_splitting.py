"""Texts for many people are cut into requests that the platform takes."""

from collections import Counter
from dataclasses import replace

from hypothesis import given, strategies as st

from custom_components.huawei_cloud_sms.msgsms.checks import check_diff, check_templated
from custom_components.huawei_cloud_sms.msgsms.models import (
    DiffContent,
    DiffSms,
    Sms,
    TemplatedSms,
)
from custom_components.huawei_cloud_sms.msgsms.splitting import split_contents
from custom_components.huawei_cloud_sms.msgsms.wire import form_body, json_body

CHANNEL = "8824110605123"
EXTEND = "0123456789abcdef" * 2
ADDRESS = "https://sms.example.org/" + "a" * 2_000


def content(*numbers: int, text: str = "", **more: str) -> DiffContent:
    """Return a text for some numbers."""
    return DiffContent(
        numbers=tuple(f"+86137{number:08}" for number in numbers),
        template_id="1d18a7f4e1b84f6c8fc1546b48b3baea",
        variables=(text,) if text else (),
        **more,
    )


def messages(request: Sms) -> list[tuple[str, DiffContent]]:
    """Return what goes to whom by a request."""
    return [
        (number, replace(it, numbers=()))
        for it in request.contents
        for number in it.numbers
    ]


def check(request: Sms) -> None:
    """Check that the platform takes a request, with all that is still to come."""
    whole = replace(request, extend=EXTEND, status_callback=ADDRESS)
    if isinstance(whole, TemplatedSms):
        check_templated(whole)
        form_body(whole)
    else:
        check_diff(whole)
        # however a kilobyte is counted
        assert len(json_body(whole)) <= 64_000


TEXTS = st.one_of(
    st.sampled_from(["", "a", "门开着", "😀", '"\\\n']),
    st.builds(
        lambda sign, count: sign * count,
        st.sampled_from("a门😀\x01"),
        st.integers(1, 4_000),
    ),
)
CONTENTS = st.builds(
    lambda start, count, text, signature: content(
        *range(start, start + count), text=text, **signature
    ),
    st.integers(0, 300),
    st.integers(1, 300),
    TEXTS,
    st.sampled_from([{}, {"signature": "晨光"}]),
)


@given(st.lists(CONTENTS, min_size=1, max_size=40))
def test_every_message_once(contents: list[DiffContent]) -> None:
    """Each leaves once, within the platform's limits, and by one of its calls."""
    requests = split_contents(contents, CHANNEL)
    for request in requests:
        check(request)
        assert request.channel_number == CHANNEL
        assert len(set(request.numbers)) == len(request.numbers)
        assert isinstance(request, DiffSms) is (len(request.contents) > 1)
        bare = [text for _, text in messages(request)]
        assert len(set(bare)) == len(request.contents)
    went = Counter(it for request in requests for it in messages(request))
    assert went == Counter(
        (number, replace(it, numbers=())) for it in contents for number in it.numbers
    )


def test_as_few_requests_as_can_be() -> None:
    """Requests are filled up to 500 numbers."""
    contents = [content(number, text=str(number)) for number in range(1_001)]
    sizes = [len(request.numbers) for request in split_contents(contents, CHANNEL)]
    assert sizes == [500, 500, 1]


def test_same_text() -> None:
    """Numbers of the same text share it, and if all do the simple call is enough."""
    contents = [content(number, text="a") for number in range(3)]
    (request,) = split_contents(contents, CHANNEL)
    assert request == TemplatedSms(
        numbers=content(0, 1, 2).numbers,
        template_id=contents[0].template_id,
        variables=("a",),
        channel_number=CHANNEL,
    )
    (mixed,) = split_contents([*contents, content(9, text="b")], CHANNEL)
    assert [len(it.numbers) for it in mixed.contents] == [3, 1]


def test_same_number() -> None:
    """Several texts to a number go in as many requests, the rest in the first one."""
    contents = [content(1, text=text) for text in "abc"] + [content(2, text="a")]
    sizes = [len(request.numbers) for request in split_contents(contents, CHANNEL)]
    assert sizes == [2, 1, 1]


def test_text_that_is_too_long() -> None:
    """What fits into no request with others goes alone, for the platform to judge."""
    long = content(1, 2, text="a" * 65_000)
    requests = split_contents([content(3), long, content(4)], None)
    assert [len(request.contents) for request in requests] == [1, 1, 1, 1]
    assert {type(request) for request in requests} == {TemplatedSms}
