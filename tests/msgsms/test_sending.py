"""Connections that are used again or not, and many requests at once."""

import asyncio

import pytest

from custom_components.huawei_cloud_sms.msgsms.client import SmsClient
from custom_components.huawei_cloud_sms.msgsms.errors import (
    InvalidRequestError,
    RefusedError,
)
from custom_components.huawei_cloud_sms.msgsms.models import TemplatedSms

from .canned import Canned
from .raw import serving
from .test_failures import GOOD, answer, opened
from .test_requests import NUMBER, SIMPLE


async def test_every_send_has_a_connection_of_its_own(
    client: SmsClient, platform: Canned
) -> None:
    """Even sends in quick succession share nothing that could have gone stale."""
    platform.accept(NUMBER)
    for _ in range(3):
        await client.send(SIMPLE)
    assert len({received.peer for received in platform.received}) == 3


async def test_nothing_unasked_is_an_answer() -> None:
    """What a server says after its answer is not taken for the next one."""

    async def script(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        for _ in range(2):
            await answer(GOOD)(reader, writer)
            await asyncio.sleep(0.03)
            writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    async with serving(script) as address, opened(f"http://{address}") as client:
        for _ in range(3):
            assert (await client.send(SIMPLE)).code == "000000"
            await asyncio.sleep(0.1)


async def test_closed_connection_is_not_used_again() -> None:
    """A platform that closes after each answer is no trouble."""
    async with serving(answer(GOOD)) as address, opened(f"http://{address}") as client:
        for _ in range(3):
            assert (await client.send(SIMPLE)).code == "000000"
            await asyncio.sleep(0.05)


def many(count: int) -> TemplatedSms:
    """Return an SMS to many numbers."""
    numbers = tuple(f"+86137{index:08}" for index in range(count))
    return TemplatedSms(numbers=numbers, template_id="1" * 32)


async def test_many_requests_a_few_at_a_time(
    client: SmsClient, platform: Canned
) -> None:
    """All requests are sent, two at a time, and answered in their order."""
    now = most = 0

    async def slow() -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.02)
        now -= 1

    platform.before = slow
    platform.accept(NUMBER)
    sms = many(2_600)
    outcomes = await client.send_all(sms)

    assert most == 2
    assert [len(outcome.request.numbers) for outcome in outcomes] == [500] * 5 + [100]
    assert all(outcome.response and not outcome.error for outcome in outcomes)
    sent = [number for got in platform.received for number in got.form["to"].split(",")]
    assert sorted(sent) == sorted(sms.numbers)


async def test_one_failure_does_not_keep_the_others_back(
    client: SmsClient, platform: Canned
) -> None:
    """Each request has its own outcome."""

    async def alternate() -> None:
        if len(platform.received) % 2:
            platform.accept(NUMBER)
        else:
            platform.answer({"code": "E000623"}, 403)

    platform.before = alternate
    outcomes = await client.send_all(many(1_500))
    assert len(platform.received) == 3
    errors = [outcome.error for outcome in outcomes if outcome.error is not None]
    [error] = errors
    assert isinstance(error, RefusedError)
    assert error.code == "E000623"
    assert sum(outcome.response is not None for outcome in outcomes) == 2


async def test_nothing_is_sent_if_one_number_is_wrong(
    client: SmsClient, platform: Canned
) -> None:
    """A rule that is broken in the last request keeps back the first too."""
    numbers = (*many(600).numbers, "no number")
    with pytest.raises(InvalidRequestError):
        await client.send_all(TemplatedSms(numbers=numbers, template_id="1"))
    assert platform.received == []
