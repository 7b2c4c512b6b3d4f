"""Many requests at once."""

import asyncio

import pytest

from custom_components.huawei_cloud_sms.msgsms.client import SmsClient
from custom_components.huawei_cloud_sms.msgsms.errors import (
    InvalidRequestError,
    RefusedError,
)
from custom_components.huawei_cloud_sms.msgsms.models import TemplatedSms

from .canned import Canned
from .test_requests import NUMBER


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
