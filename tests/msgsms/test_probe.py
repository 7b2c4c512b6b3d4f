"""The verdict on every answer to a probe."""

import asyncio

import aiohttp
import pytest

from custom_components.huawei_cloud_sms.msgsms.client import SmsClient
from custom_components.huawei_cloud_sms.msgsms.errors import InvalidRequestError
from custom_components.huawei_cloud_sms.msgsms.models import Authentication, Credentials
from custom_components.huawei_cloud_sms.msgsms.probe import (
    PROBE,
    ProbeResult,
    Verdict,
    judge_error,
)

from .canned import Canned, entry
from .conftest import KEY, SECRET
from .raw import serving
from .test_answers import SERVER_TIME
from .test_failures import Behaviour, breaks_off, opened, says_nothing, speaks_no_http

CODES = {
    **dict.fromkeys(["E000102"], Verdict.WRONG_KEY),
    **dict.fromkeys(["E000045", "E000104", "E000105"], Verdict.WRONG_SECRET),
    **dict.fromkeys(["E000101", "E000111"], Verdict.CREDENTIALS),
    **dict.fromkeys(["E000044", "E000110"], Verdict.CLOCK),
    **dict.fromkeys(["E000103", "E000106", "E000109", "E000112"], Verdict.ACCOUNT),
    **dict.fromkeys(["E000620"], Verdict.IP_NOT_ALLOWED),
    **dict.fromkeys(["E000503", "E000623", "E000630"], Verdict.VALID),
    **dict.fromkeys(
        [f"E00000{last}" for last in range(1, 9)]
        + [f"E00002{last}" for last in range(7)]
        + ["E000040", "E000041", "E000042", "E000043"],
        Verdict.CLIENT_FAULT,
    ),
    **dict.fromkeys(
        [
            "E000000",
            "E000027",
            "E000510",
            "E200015",
            "E200037",
            "E999999",
            "APIGW.0301",
        ],
        Verdict.INCONCLUSIVE,
    ),
}


@pytest.mark.parametrize("code", CODES)
async def test_codes(client: SmsClient, platform: Canned, code: str) -> None:
    """Every code of a refused request has its verdict."""
    platform.answer({"code": code, "description": "no"}, 400)
    assert await client.probe() == ProbeResult(CODES[code], code, SERVER_TIME)


@pytest.mark.parametrize("code", CODES)
async def test_codes_with_wsse(
    session: aiohttp.ClientSession, platform: Canned, code: str
) -> None:
    """With X-WSSE a wrong secret may also give the code of a missing header."""
    credentials = Credentials(KEY, SECRET, Authentication.WSSE)
    client = SmsClient(session, platform.url, credentials)
    platform.answer({"code": code, "description": "no"}, 400)
    expected = Verdict.CREDENTIALS if code == "E000001" else CODES[code]
    assert await client.probe() == ProbeResult(expected, code, SERVER_TIME)


@pytest.mark.parametrize("status", ["E200033", "E200030", "E200028", "MILIMIT"])
@pytest.mark.parametrize("code", ["E000510", "E200037", "000000"])
async def test_number_is_refused(
    client: SmsClient, platform: Canned, code: str, status: str
) -> None:
    """That the number was refused shows that the credentials were found good."""
    platform.answer({"code": code, "result": [entry("+8610000000000", status)]}, 400)
    assert await client.probe() == ProbeResult(Verdict.VALID, code, SERVER_TIME)


@pytest.mark.parametrize(
    "result",
    [
        {"code": "000000", "result": [entry("+8610000000000")]},
        {"code": "000000"},
        {"code": "E000510", "result": [entry("+8610000000000")]},
    ],
)
async def test_accepted_after_all(
    client: SmsClient, platform: Canned, result: dict[str, object]
) -> None:
    """An accepted probe is told apart."""
    platform.answer(result)
    assert (await client.probe()).verdict is Verdict.ACCEPTED


async def test_results_that_say_nothing(client: SmsClient, platform: Canned) -> None:
    """A result that cannot be read proves nothing."""
    platform.answer({"code": "E000510", "result": [{}]}, 400)
    assert await client.probe() == ProbeResult(
        Verdict.INCONCLUSIVE, "E000510", SERVER_TIME
    )


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (404, Verdict.WRONG_ADDRESS),
        (405, Verdict.WRONG_ADDRESS),
        (301, Verdict.WRONG_ADDRESS),
        (302, Verdict.WRONG_ADDRESS),
        (200, Verdict.INCONCLUSIVE),
        (400, Verdict.INCONCLUSIVE),
        (403, Verdict.INCONCLUSIVE),
        (429, Verdict.INCONCLUSIVE),
        (500, Verdict.INCONCLUSIVE),
        (502, Verdict.INCONCLUSIVE),
    ],
)
@pytest.mark.parametrize("body", [b"", b"<html></html>"])
async def test_no_code(
    client: SmsClient, platform: Canned, status: int, verdict: Verdict, body: bytes
) -> None:
    """Answers without a code are judged by their HTTP status."""
    platform.status, platform.body = status, body
    result = await client.probe()
    assert (result.verdict, result.code) == (verdict, None)


async def test_not_reachable() -> None:
    """What keeps a connection from being made has verdicts of its own."""

    async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async with (
        serving(silent) as address,
        opened(f"https://{address}", connect_timeout=0.1) as client,
    ):
        assert await client.probe() == ProbeResult(Verdict.TIMEOUT, None, None)
    async with opened(f"http://{address}") as client:
        assert await client.probe() == ProbeResult(Verdict.CANNOT_CONNECT, None, None)


@pytest.mark.parametrize(
    ("behaviour", "verdict"),
    [
        (says_nothing, Verdict.TIMEOUT),
        (breaks_off, Verdict.CANNOT_CONNECT),
        (speaks_no_http, Verdict.INCONCLUSIVE),
    ],
)
async def test_no_answer(behaviour: Behaviour, verdict: Verdict) -> None:
    """So has what breaks afterwards."""

    async def script(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await behaviour((reader, writer))

    async with (
        serving(script) as address,
        opened(f"http://{address}", total_timeout=0.2) as client,
    ):
        assert await client.probe() == ProbeResult(verdict, None, None)


async def test_no_tls() -> None:
    """And so has TLS."""

    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()

    async with serving(plain) as address, opened(f"https://{address}") as client:
        assert await client.probe() == ProbeResult(Verdict.TLS, None, None)


def test_own_mistake() -> None:
    """A request of ours that breaks a rule would be our own fault."""
    result = judge_error(InvalidRequestError("extend", "length"), Authentication.AK_SK)
    assert result == ProbeResult(Verdict.CLIENT_FAULT, None, None)


async def test_probe_cannot_send(client: SmsClient, platform: Canned) -> None:
    """The request is well-formed, to nobody and with a template that nobody has."""
    platform.answer({"code": "E000510", "result": [entry("+8610000000000", "E200033")]})
    await client.probe()
    [received] = platform.received
    assert received.form == {
        "from": "csms000000000",
        "to": "+8610000000000",
        "templateId": "0" * 32,
    }
    assert client.prepare(PROBE) == (PROBE,)
