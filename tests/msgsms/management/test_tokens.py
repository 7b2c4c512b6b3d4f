"""Tokens of IAM: fetched once, kept for their life, renewed after a refusal."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
import json

import aiohttp
import pytest

from custom_components.huawei_cloud_sms.msgsms.management.account import Account
from custom_components.huawei_cloud_sms.msgsms.management.client import ManagementClient
from custom_components.huawei_cloud_sms.msgsms.management.errors import (
    ManagementError,
    UnavailableError,
    UnavailableReason,
    WrongCredentialsError,
)
from simulator.management_faults import Fault, Place
from simulator.platform import Platform

from .answering import Answering, Said

_TOKEN_PATH = "/v3/auth/tokens"


@pytest.fixture
def client(session: aiohttp.ClientSession, user: Account) -> ManagementClient:
    """Return a client of the IAM user."""
    return ManagementClient(session, user)


async def test_kept(client: ManagementClient, console: Platform) -> None:
    """One token serves all calls; it is longer than headers usually are."""
    for _ in range(3):
        await client.countries()
    assert console.tokens.count == 1
    assert [one.authentication for one in console.calls.last] == [
        "password",
        *["token"] * 3,
    ]


async def test_shared(client: ManagementClient, console: Platform) -> None:
    """Calls at the same time wait for the same token."""
    console.faults.add(Place.IAM, Fault(delay=0.05), 1)
    await asyncio.gather(*(client.countries() for _ in range(20)))
    assert console.tokens.count == 1


async def test_one_gives_up(client: ManagementClient, console: Platform) -> None:
    """Who gives up does not take the token from those who still wait."""
    console.faults.add(Place.IAM, Fault(delay=0.05), 1)
    first = asyncio.create_task(client.countries())
    second = asyncio.create_task(client.countries())
    while not console.calls.count:
        await asyncio.sleep(0)
    first.cancel()
    assert len(await second) == 3
    assert first.cancelled()
    assert console.tokens.count == 1


async def test_renewed_before_its_end(
    client: ManagementClient, console: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token is not used in the last ten minutes of its 24 hours."""
    loop = asyncio.get_running_loop()
    clock, later = loop.time, 0.0
    monkeypatch.setattr(loop, "time", lambda: clock() + later)
    await client.countries()
    for minutes, fetched in ((24 * 60 - 11, 1), (24 * 60 - 9, 2)):
        later = minutes * 60.0
        await client.countries()
        assert console.tokens.count == fetched


async def test_short_life(session: aiohttp.ClientSession, platform: Answering) -> None:
    """A token that lives for moments only is replaced when it has ended."""
    token = _token(_at(), _at(seconds=0.01))
    platform.says(token, Said(body=b"[]"), token, Said(body=b"[]"))
    client = ManagementClient(session, platform.user)
    await client.countries()
    await asyncio.sleep(0.02)
    await client.countries()
    assert len(platform.received) == 4


async def test_renewed_after_a_refusal(
    client: ManagementClient, console: Platform
) -> None:
    """A token that is no good any more is replaced once, and the call made again."""
    await client.countries()
    console.tokens.revoke()
    assert len(await client.countries()) == 3
    assert console.tokens.count == 2


async def test_renewed_for_a_write(client: ManagementClient, console: Platform) -> None:
    """A write that was refused for its token was surely not taken: it is made again."""
    signatures = console.state.console.signatures
    signatures["1003"] = replace(signatures["1003"], status="TO_BE_ACTIVATED")
    await client.countries()
    console.tokens.revoke()
    await client.enable_signature("1003")
    statuses = [
        one.http_status for one in console.calls.last if one.path.endswith("/active")
    ]
    assert statuses == [401, 200]


async def test_renewed_together(client: ManagementClient, console: Platform) -> None:
    """Calls that are refused at the same time share the next token as well."""
    await client.countries()
    console.tokens.revoke()
    await asyncio.gather(*(client.countries() for _ in range(10)))
    assert console.tokens.count == 2


async def test_renewed_only_once(client: ManagementClient, console: Platform) -> None:
    """If the next token is refused too, that is the end of it."""
    console.faults.add(Place.MANAGEMENT, Fault(code="APIGW.0301"), 5)
    with pytest.raises(WrongCredentialsError) as caught:
        await client.countries()
    assert caught.value.code == "APIGW.0301"
    assert console.tokens.count == 2
    assert console.calls.count == 4


async def test_keys_are_not_renewed(
    session: aiohttp.ClientSession, keys: Account, console: Platform
) -> None:
    """A signature that was refused is not made again."""
    console.faults.add(Place.MANAGEMENT, Fault(code="APIGW.0301"), 1)
    with pytest.raises(WrongCredentialsError):
        await ManagementClient(session, keys).countries()
    assert console.calls.count == 1


async def test_refused_together(client: ManagementClient, console: Platform) -> None:
    """A wrong password is tried once for all who wait: IAM locks users out."""
    console.faults.add(Place.IAM, Fault(http_status=401, delay=0.05), 1)
    results = await asyncio.gather(
        *(client.countries() for _ in range(5)), return_exceptions=True
    )
    assert {type(one) for one in results} == {WrongCredentialsError}
    assert console.calls.count == 1
    assert len(await client.countries()) == 3


async def test_all_give_up(
    client: ManagementClient, console: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    """A failure that nobody waits for any more disturbs nobody."""
    console.faults.add(Place.IAM, Fault(http_status=500, delay=0.05), 1)
    waiting = asyncio.create_task(client.countries())
    while not console.calls.count:
        await asyncio.sleep(0)
    waiting.cancel()
    # one who asks meanwhile waits for the same answer
    with pytest.raises(UnavailableError):
        await client.countries()
    assert len(await client.countries()) == 3
    assert "exception" not in caplog.text


def _token(begin: object, end: object, value: str = "TOKEN-1") -> Said:
    """Return IAM's answer."""
    body = {"token": {"issued_at": begin, "expires_at": end}}
    headers = {"X-Subject-Token": value} if value else {}
    return Said(201, json.dumps(body).encode(), headers)


def _at(**after: float) -> str:
    """Return a time of IAM, some time after a beginning long ago."""
    moment = datetime(2019, 2, 13, tzinfo=UTC) + timedelta(**after)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@pytest.mark.parametrize(
    ("answer", "fetches"),
    [
        # Its life counts, not the clock of either side.
        (_token(_at(), _at(hours=24)), 1),
        (_token(_at(), _at(days=900)), 1),
        (_token(_at(), _at()), 2),
        (_token(_at(hours=1), _at()), 2),
        # What does not say is taken to live for a while.
        (_token(None, _at()), 1),
        (_token("yesterday", "tomorrow"), 1),
        (_token("2019-02-13T00:00:00", _at()), 1),
        (Said(201, b"[]", {"X-Subject-Token": "TOKEN-1"}), 1),
        (Said(201, b"\xff", {"X-Subject-Token": "TOKEN-1"}), 1),
    ],
)
async def test_life(
    session: aiohttp.ClientSession, platform: Answering, answer: Said, fetches: int
) -> None:
    """A token is kept for as long as its own two times are apart."""
    platform.says(
        answer, Said(body=b"[]"), *([answer] * (fetches - 1)), Said(200, b"[]")
    )
    client = ManagementClient(session, platform.user)
    await client.countries()
    await client.countries()
    asked = [path for _, path, _, _ in platform.received]
    assert asked.count(_TOKEN_PATH) == fetches


async def test_order(session: aiohttp.ClientSession, platform: Answering) -> None:
    """IAM is asked for a token of the project by name and password; it is then shown."""
    platform.says(_token(_at(), _at(hours=24)), Said(body=b"[]"))
    await ManagementClient(session, platform.user).countries()
    (method, path, headers, body), (_, called, proof, _) = platform.received
    assert (method, path) == ("POST", _TOKEN_PATH)
    assert headers["Content-Type"] == "application/json"
    assert json.loads(body) == {
        "auth": {
            "identity": {
                "methods": ["password"],
                "password": {
                    "user": {
                        "domain": {"name": "domain"},
                        "name": "name",
                        "password": "password",
                    }
                },
            },
            "scope": {"project": {"id": "project-1"}},
        }
    }
    assert called == "/v2/project-1/msgsms/country"
    assert proof["X-Auth-Token"] == "TOKEN-1"
    assert "Authorization" not in proof


@pytest.mark.parametrize(
    "answer",
    [
        _token(_at(), _at(hours=1), ""),
        # what no header of ours could hold
        _token(_at(), _at(hours=1), "TOKEN ü"),
        Said(200, b"<html>"),
    ],
)
async def test_no_token(
    session: aiohttp.ClientSession, platform: Answering, answer: Said
) -> None:
    """An answer without a token is none of IAM."""
    platform.says(answer)
    with pytest.raises(ManagementError) as caught:
        await ManagementClient(session, platform.user).countries()
    assert isinstance(caught.value, UnavailableError)
    assert caught.value.reason is UnavailableReason.UNREADABLE
