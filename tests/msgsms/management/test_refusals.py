"""What the platform refuses, and what is no answer at all."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
import ssl

import aiohttp
import pytest

from custom_components.huawei_cloud_sms.msgsms.management.account import (
    AccessKey,
    Account,
    IamUser,
)
from custom_components.huawei_cloud_sms.msgsms.management.client import ManagementClient
from custom_components.huawei_cloud_sms.msgsms.management.errors import (
    ForbiddenError,
    ManagementError,
    NotFoundError,
    RateLimitedError,
    RejectedError,
    UnavailableError,
    UnavailableReason,
    WrongCredentialsError,
    WrongProjectError,
    WrongProjectOrRegionError,
    WrongRegionError,
)
from simulator.config import Account as Owner
from simulator.management_faults import Body, Fault, Place
from simulator.platform import Platform
from tests.msgsms.conftest import KEY, SECRET

from .answering import Answering, Said, region_of

DATE = "Fri, 01 Nov 2024 02:03:05 GMT"
QUOTING = (
    "Incorrect IAM authentication information: verify aksk signature fail, "
    "canonicalRequest:GET|/v2/x/msgsms/country/||host:a|x-project-id:project-1|"
)


def _error(code: str, text: str = "no") -> dict[str, str]:
    """Return the platform's error body."""
    return {"error_code": code, "error_msg": text}


def _iam(message: str) -> dict[str, object]:
    """Return IAM's error body."""
    return {"error": {"code": 401, "message": message, "title": "Unauthorized"}}


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (401, _error("APIGW.0301", QUOTING), WrongCredentialsError, "APIGW.0301"),
        (401, _error("APIG.0301"), WrongCredentialsError, "APIGW.0301"),
        (401, _error("MSGSMS.0003"), WrongCredentialsError, "MSGSMS.0003"),
        (401, _iam("The username or password is wrong."), WrongCredentialsError, None),
        (401, None, WrongCredentialsError, None),
        (401, _error("APIGW.0307"), WrongRegionError, "APIGW.0307"),
        (403, _error("APIGW.0801"), WrongRegionError, "APIGW.0801"),
        (403, _error("APIGW.0802"), WrongRegionError, "APIGW.0802"),
        (401, _iam("User has no access to project x"), WrongProjectError, None),
        (400, _iam("Invalid project id"), WrongProjectError, None),
        (404, _iam("Could not find project: x."), WrongProjectError, None),
        (403, _error("APIGW.0310"), WrongProjectError, "APIGW.0310"),
        (403, _error("APIGW.0302", "not in project x"), ForbiddenError, "APIGW.0302"),
        (404, _error("APIGW.0101"), WrongProjectOrRegionError, "APIGW.0101"),
        (404, None, WrongProjectOrRegionError, None),
        (403, _error("APIGW.0302"), ForbiddenError, "APIGW.0302"),
        (403, _error("MSGSMS.0003"), ForbiddenError, "MSGSMS.0003"),
        (403, {"errorCode": "IAM.0011", "errorMsg": "no"}, ForbiddenError, "IAM.0011"),
        (403, None, ForbiddenError, None),
        (404, _error("MSGSMS.0104x"), WrongProjectOrRegionError, None),
        (500, _error("MSGSMS.0076"), NotFoundError, "MSGSMS.0076"),
        (404, _error("MSGSMS.0009"), NotFoundError, "MSGSMS.0009"),
        (404, _error("MSGSMS.0999"), NotFoundError, "MSGSMS.0999"),
        (500, _error("MSGSMS.0002"), RejectedError, "MSGSMS.0002"),
        (400, _error("MSGSMS.0130"), RejectedError, "MSGSMS.0130"),
        (400, _error("MSGSMS.0999", "bad project"), RejectedError, "MSGSMS.0999"),
        (413, None, RejectedError, None),
        (429, None, RateLimitedError, None),
        (503, _error("APIGW.0308"), RateLimitedError, "APIGW.0308"),
        (500, None, UnavailableError, None),
        (200, None, None, None),
        (400, _error("MSGSMS.0001"), UnavailableError, "MSGSMS.0001"),
        (500, _error("MSGSMS.0029"), UnavailableError, "MSGSMS.0029"),
        (408, None, UnavailableError, None),
        (302, None, UnavailableError, None),
        (401, ["error"], WrongCredentialsError, None),
        (401, {"error_code": 7, "error": "x"}, WrongCredentialsError, None),
    ],
)
async def test_kinds(
    session: aiohttp.ClientSession,
    platform: Answering,
    status: int,
    body: object,
    kind: type[ManagementError] | None,
    code: str | None,
) -> None:
    """Each refusal has the kind that it calls for, with its code and its time."""
    if body is None:
        platform.says(Said(status, b"", {"Date": DATE}))
    else:
        platform.says_json(body, status, Date=DATE)
    client = ManagementClient(session, platform.keys)
    if kind is None:
        assert await client.countries() == ()
        return
    with pytest.raises(ManagementError) as caught:
        await client.countries()
    error = caught.value
    assert type(error) is kind
    assert (error.code, error.http_status) == (code, status)
    assert error.server_time == datetime(2024, 11, 1, 2, 3, 5, tzinfo=UTC)
    if isinstance(error, UnavailableError):
        expected = "unreadable" if status < 400 else "server"
        assert error.reason == expected
    for word in ("canonical", "project-1", "password", "no access", KEY):
        assert word not in f"{error} {error!r} {error.args}"
    assert error.__cause__ is None
    assert len(platform.received) == 1


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("7", 7),
        (" 120 ", 120),
        ("Fri, 01 Nov 2024 02:04:05 GMT", 60),
        ("Fri, 01 Nov 2024 01:00:00 GMT", 0),
        # nobody would wait for that
        ("999999", 86400),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86400),
        ("soon", None),
        ("-3", None),
        ("", None),
    ],
)
async def test_retry_after(
    session: aiohttp.ClientSession,
    platform: Answering,
    written: str,
    seconds: float | None,
) -> None:
    """How long to wait may be written as seconds or as a date."""
    platform.says_json({}, 429, Date=DATE, Retry_After=written)
    with pytest.raises(RateLimitedError) as caught:
        await ManagementClient(session, platform.keys).countries()
    assert caught.value.retry_after == seconds


async def test_retry_after_by_own_clock(
    session: aiohttp.ClientSession, platform: Answering
) -> None:
    """Where the platform's date cannot be read, our own clock counts."""
    until = datetime.now(UTC) + timedelta(hours=2)
    written = until.strftime("%a, %d %b %Y %H:%M:%S GMT")
    platform.says_json({}, 429, Date="today", Retry_After=written)
    with pytest.raises(RateLimitedError) as caught:
        await ManagementClient(session, platform.keys).countries()
    assert caught.value.retry_after is not None
    assert 3600 < caught.value.retry_after <= 7200


async def test_wrong_credentials(
    session: aiohttp.ClientSession, keys: Account, user: Account, owner: Owner
) -> None:
    """Each part of the credentials that is wrong is found out."""
    for credentials in (
        AccessKey(owner.access_key, "another"),
        AccessKey("another", owner.secret_key),
        # An application's own keys are no use here.
        AccessKey(KEY, SECRET),
        IamUser(owner.domain, owner.user, "another"),
        IamUser(owner.domain, "another", owner.password),
        IamUser("another", owner.user, owner.password),
    ):
        client = ManagementClient(session, replace(keys, credentials=credentials))
        with pytest.raises(WrongCredentialsError):
            await client.countries()
    for account in (keys, user):
        wrong = replace(account, project_id="f" * 32)
        with pytest.raises(WrongProjectError):
            await ManagementClient(session, wrong).countries()


async def test_forbidden(client: ManagementClient, console: Platform) -> None:
    """A user without the right is told so."""
    account = console.state.console.account
    assert account is not None
    console.state.console.account = replace(account, allowed=False)
    with pytest.raises(ForbiddenError) as caught:
        await client.countries()
    assert caught.value.code == "APIGW.0302"


async def test_clock(
    session: aiohttp.ClientSession, keys: Account, console: Platform
) -> None:
    """A clock that is off looks like wrong keys, but the platform's time is told."""
    console.state.set_options({"clock_offset": 86_400.0})
    with pytest.raises(WrongCredentialsError) as caught:
        await ManagementClient(session, keys).countries()
    assert caught.value.server_time is not None
    assert caught.value.server_time - datetime.now(UTC) > timedelta(hours=1)


async def test_slow(session: aiohttp.ClientSession, account: Account) -> None:
    """An answer that does not come in time is given up."""
    never = asyncio.Event()

    async def wait(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take a connection and say nothing."""
        await never.wait()
        writer.close()

    server = await asyncio.start_server(wait, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    slow = replace(account, region=region_of(url))
    with pytest.raises(UnavailableError) as caught:
        await ManagementClient(session, slow, total_timeout=0.05).countries()
    assert caught.value.reason is UnavailableReason.TIMEOUT
    never.set()
    server.close()


@pytest.mark.parametrize(
    "said", [b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: " + b"x" * 99_999]
)
async def test_no_http(
    session: aiohttp.ClientSession, keys: Account, said: bytes
) -> None:
    """What is no HTTP, or has headers without end, is no answer."""

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take a request and answer it."""
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        writer.close()

    server = await asyncio.start_server(say, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    with pytest.raises(UnavailableError) as caught:
        await ManagementClient(
            session, replace(keys, region=region_of(url))
        ).countries()
    assert caught.value.reason is UnavailableReason.UNREADABLE
    server.close()


async def test_nobody_there(session: aiohttp.ClientSession, account: Account) -> None:
    """An address where nothing answers, or none at all, is told as such."""
    server = await asyncio.start_server(lambda _, writer: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    gone = replace(account, region=region_of(f"http://127.0.0.1:{port}"))
    with pytest.raises(UnavailableError) as caught:
        await ManagementClient(session, gone).countries()
    assert caught.value.reason is UnavailableReason.CONNECT
    closed = aiohttp.ClientSession()
    await closed.close()
    with pytest.raises(UnavailableError) as caught:
        await ManagementClient(closed, account).countries()
    assert caught.value.reason is UnavailableReason.CONNECT


class _Failing(aiohttp.TCPConnector):
    """A connector that fails as it is told."""

    def __init__(self, error: Exception) -> None:
        """Take the error."""
        super().__init__()
        self._error = error

    async def connect(self, *_: object, **__: object) -> aiohttp.connector.Connection:
        """Fail."""
        raise self._error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (
            aiohttp.ClientConnectorDNSError(None, OSError("secret.example")),  # type: ignore[arg-type]
            UnavailableReason.DNS,
        ),
        (
            aiohttp.ClientConnectorSSLError(None, ssl.SSLError("x")),  # type: ignore[arg-type]
            UnavailableReason.TLS,
        ),
        (aiohttp.ConnectionTimeoutError("secret.example"), UnavailableReason.CONNECT),
        (OSError("secret.example"), UnavailableReason.CONNECTION),
    ],
)
async def test_no_connection(
    keys: Account, error: Exception, reason: UnavailableReason
) -> None:
    """Why there was no connection is kept, but no address."""
    async with aiohttp.ClientSession(connector=_Failing(error)) as session:
        with pytest.raises(UnavailableError) as caught:
            await ManagementClient(session, keys).countries()
    assert caught.value.reason is reason
    assert "secret.example" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("body", [Body.HTML, Body.BROKEN])
async def test_proxies(client: ManagementClient, console: Platform, body: Body) -> None:
    """Pages of proxies and broken connections are no answers."""
    console.faults.add(Place.MANAGEMENT, Fault(body=body, http_status=200), 3)
    with pytest.raises(UnavailableError) as caught:
        await client.countries()
    expected = {
        Body.HTML: UnavailableReason.UNREADABLE,
        Body.BROKEN: UnavailableReason.CONNECTION,
    }
    assert caught.value.reason is expected[body]


@pytest.mark.parametrize("performed", [True, False])
async def test_write_is_not_repeated(
    client: ManagementClient, console: Platform, performed: bool
) -> None:
    """A write whose answer is lost is made once, though aiohttp would repeat a PUT."""
    signatures = console.state.console.signatures
    signatures["1003"] = replace(signatures["1003"], status="TO_BE_ACTIVATED")
    await client.countries()
    fault = Fault(body=Body.BROKEN, performed=performed)
    console.faults.add(Place.MANAGEMENT, fault, 1)
    with pytest.raises(UnavailableError) as caught:
        await client.enable_signature("1003")
    assert caught.value.reason is UnavailableReason.CONNECTION
    calls = [one for one in console.calls.last if one.method == "PUT"]
    assert len(calls) == 1
    assert signatures["1003"].usable is performed


async def test_too_long(session: aiohttp.ClientSession, platform: Answering) -> None:
    """An answer longer than any real one is not read to its end."""
    platform.says(Said(body=b'{"results":[]' + b" " * (5 * 1024 * 1024) + b"}"))
    with pytest.raises(UnavailableError) as caught:
        await ManagementClient(session, platform.keys).application("1")
    assert caught.value.reason is UnavailableReason.UNREADABLE


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"id": ""}', b'{"id": null}'])
async def test_no_record(
    session: aiohttp.ClientSession, platform: Answering, body: bytes
) -> None:
    """An answer without a record is no answer."""
    platform.says(Said(body=body))
    with pytest.raises(UnavailableError) as caught:
        await ManagementClient(session, platform.keys).application("1")
    assert caught.value.reason is UnavailableReason.UNREADABLE


async def test_tolerance(session: aiohttp.ClientSession, platform: Answering) -> None:
    """What does not fit is none; what is new is kept or passed over."""
    platform.says_json(
        {
            "id": 12,
            "status": "REVIEWED_BY_A_NEW_KIND_OF_CLERK",
            "industry": "3",
            "is_support_multiomp": "TRUE",
            "app_name": {"a": 1},
            "app_key": 42,
            "region": True,
            "tenant": "x",
            "something_new": [1],
        }
    )
    client = ManagementClient(session, platform.keys)
    application = await client.application("12")
    assert application.id == "12"
    assert application.status == "REVIEWED_BY_A_NEW_KIND_OF_CLERK"
    assert (application.industry, application.is_support_multiomp) == (3, True)
    assert (application.app_name, application.app_key) == (None, "42")
    assert (application.region, application.tenant) == ("true", None)
    for industry in (True, "three", "9" * 19, 1.5):
        platform.says_json({"id": "1", "industry": industry})
        assert (await client.application("1")).industry is None


async def test_variables_as_a_bare_list(
    session: aiohttp.ClientSession, platform: Answering
) -> None:
    """Variables are put in order, and may come without a frame as countries do."""
    platform.says_json(
        [{"id": 1, "variable_index": 2}, {"id": 2, "variable_index": 1}, 7, {"id": 3}]
    )
    found = await ManagementClient(session, platform.keys).template_variables("1")
    assert [one.id for one in found] == ["3", "2", "1"]
