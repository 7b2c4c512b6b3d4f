"""Sends against a canned platform, beside Huawei's SDK and a bare POST of aiohttp."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from statistics import median
import time

import aiohttp
from huaweicloudsdksmsapi.v1.model.batch_send_sms_request import BatchSendSmsRequest
from huaweicloudsdksmsapi.v1.model.batch_send_sms_request_body import (
    BatchSendSmsRequestBody,
)
from huaweicloudsdksmsapi.v1.smsapi_client import SMSApiClient
from huaweicloudsdksmsapi.v1.smsapi_credentials import SMSApiCredentials

from custom_components.huawei_cloud_sms.msgsms.client import SmsClient, create_connector
from custom_components.huawei_cloud_sms.msgsms.models import Credentials, TemplatedSms
from custom_components.huawei_cloud_sms.msgsms.signing import sdk_headers
from custom_components.huawei_cloud_sms.msgsms.wire import form_body

from .canned_platform import NUMBER, canned_platform
from .table import Row

type Send = Callable[[], Awaitable[None]]

_OURS = "ours"
_SDK = "Huawei's SDK"
_BARE = "bare POST"
_KEY, _SECRET = "ExampleAppKey00000000000001", "ExampleAppSecret/0000+0001="
_IN_FLIGHT = 16
_PATH = "/sms/batchSendSms/v1"
_SMS = TemplatedSms(
    numbers=(NUMBER,),
    template_id="1d18a7f4e1b84f6c8fc1546b48b3baea",
    variables=("3", "人民公园 正门"),
    channel_number="8824110605123",
    status_callback="https://sms.example.org/api/webhook/0123456789abcdef",
    extend="order-7",
)


def rows(*, quick: bool) -> list[Row]:
    """Return CPU time per send and sends per second."""
    rounds, sends = (2, 32) if quick else (25, 320)
    with canned_platform() as url:
        return asyncio.run(_measure(url, rounds, sends))


async def _measure(url: str, rounds: int, sends: int) -> list[Row]:
    """Let all send in turn, again and again."""
    cpu: defaultdict[str, list[float]] = defaultdict(list)
    rate: defaultdict[tuple[str, int], list[float]] = defaultdict(list)
    jar = aiohttp.DummyCookieJar()
    async with (
        aiohttp.ClientSession(connector=create_connector(), cookie_jar=jar) as session,
        aiohttp.ClientSession() as bare,
    ):
        contestants = {
            _OURS: _our_send(session, url),
            _SDK: _sdk_send(url),
            _BARE: bare_send(bare, url),
        }
        for number in range(rounds + 1):
            for name, send in contestants.items():
                # The SDK blocks: there is nothing to be gained from many at once.
                for in_flight in (1,) if name == _SDK else (1, _IN_FLIGHT):
                    seconds, worked = await run(send, sends, in_flight)
                    # The first round opens connections and fills caches.
                    if number:
                        rate[name, in_flight].append(sends / seconds)
                    if number and in_flight == 1:
                        cpu[name].append(worked / sends * 1e6)
    return [
        _cpu_row(cpu, _SDK, 0.30),
        _cpu_row(cpu, _BARE, 1.35),
        _rate_row(rate, 1, _SDK),
        _rate_row(rate, 1, _BARE),
        _rate_row(rate, _IN_FLIGHT, _BARE, 0.7),
    ]


async def run(send: Send, sends: int, in_flight: int) -> tuple[float, float]:
    """Send so many, so many at a time; returns seconds, and seconds of CPU."""

    async def worker() -> None:
        """Send one after the other."""
        for _ in range(sends // in_flight):
            await send()

    started, worked = time.perf_counter(), time.process_time()
    await asyncio.gather(*(worker() for _ in range(in_flight)))
    return time.perf_counter() - started, time.process_time() - worked


def _our_send(session: aiohttp.ClientSession, url: str) -> Send:
    """Return a send of ours."""
    client = SmsClient(session, url, Credentials(_KEY, _SECRET))

    async def send() -> None:
        """Send, and see that it was accepted."""
        [result] = (await client.send(_SMS)).results
        assert result.status == "000000"

    return send


def bare_send(session: aiohttp.ClientSession, url: str) -> Send:
    """Return a POST of the very bytes that we send, made and signed once, before.

    It sees from the answer whether the request was accepted, and nothing else: there is
    no sending without that. All else of aiohttp is as it comes.
    """
    body = form_body(_SMS)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    signed = {"Host": url.removeprefix("http://"), **headers}
    headers |= sdk_headers(_KEY, _SECRET, _PATH, signed, body, datetime.now(UTC))

    async def send() -> None:
        """Post it, and see that it was accepted."""
        async with session.post(f"{url}{_PATH}", data=body, headers=headers) as answer:
            assert (await answer.json())["code"] == "000000"

    return send


def _sdk_send(url: str) -> Send:
    """Return a send of Huawei's SDK."""
    client = (
        SMSApiClient.new_builder()
        .with_credentials(SMSApiCredentials(_KEY, _SECRET))
        .with_endpoint(url)
        .build()
    )
    request = BatchSendSmsRequest(
        body=BatchSendSmsRequestBody(
            _from=_SMS.channel_number,
            to=",".join(_SMS.numbers),
            template_id=_SMS.template_id,
            template_paras='["3","人民公园 正门"]',
            status_callback=_SMS.status_callback,
            extend=_SMS.extend,
        )
    )

    async def send() -> None:
        """Send, and see that it was accepted."""
        [result] = client.batch_send_sms(request).result
        assert result.status == "000000"

    return send


def _cpu_row(cpu: dict[str, list[float]], beside: str, most: float) -> Row:
    """Return the row about CPU time."""
    ours, theirs = median(cpu[_OURS]), median(cpu[beside])
    return Row(
        group="send",
        name="CPU time",
        value=ours,
        unit="µs",
        beside=f"{beside}, {theirs:.0f} µs",
        ratio=ours / theirs,
        goal=f"ratio at most {most:.2f}",
        kept=ours / theirs <= most,
    )


def _rate_row(
    rate: dict[tuple[str, int], list[float]],
    in_flight: int,
    beside: str,
    least: float | None = None,
) -> Row:
    """Return a row about sends per second."""
    ours, theirs = median(rate[_OURS, in_flight]), median(rate[beside, in_flight])
    return Row(
        group="send",
        name=f"{in_flight} in flight",
        value=ours,
        unit="/s",
        beside=f"{beside}, {theirs:,.0f} /s",
        ratio=ours / theirs,
        goal="" if least is None else f"ratio at least {least:.1f}",
        kept=None if least is None else ours / theirs >= least,
    )
