"""What was surely not sent, and what may have been."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
import socket
import ssl

import aiohttp
from aiohttp.abc import AbstractResolver
import pytest

from custom_components.huawei_cloud_sms.msgsms.client import SmsClient, create_connector
from custom_components.huawei_cloud_sms.msgsms.errors import (
    NotSentError,
    NotSentReason,
    RefusedError,
    UnconfirmedError,
    UnconfirmedReason,
)
from custom_components.huawei_cloud_sms.msgsms.models import Credentials

from .canned import Canned
from .conftest import KEY, SECRET
from .raw import Resolver, Script, read_request, server_context, serving
from .test_requests import NUMBER, SIMPLE, check_signature

type Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
type Behaviour = Callable[[Streams], Awaitable[None]]

GOOD = b'{"code":"000000","result":[]}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n"


@asynccontextmanager
async def opened(
    endpoint: str,
    *,
    resolver: AbstractResolver | None = None,
    trusted: ssl.SSLContext | bool = True,
    connect_timeout: float = 5,
    total_timeout: float = 5,
) -> AsyncGenerator[SmsClient]:
    """Open a client with a session of its own."""
    connector = create_connector(ssl=trusted, resolver=resolver)
    async with aiohttp.ClientSession(connector=connector) as session:
        yield SmsClient(
            session,
            endpoint,
            Credentials(KEY, SECRET),
            connect_timeout=connect_timeout,
            total_timeout=total_timeout,
        )


async def not_sent(client: SmsClient) -> NotSentReason:
    """Return why a send failed before it began."""
    with pytest.raises(NotSentError) as raised:
        await client.send(SIMPLE)
    check_context(raised.value)
    return raised.value.reason


async def unconfirmed(client: SmsClient) -> tuple[UnconfirmedReason, int | None]:
    """Return why it is not known what became of a send."""
    with pytest.raises(UnconfirmedError) as raised:
        await client.send(SIMPLE)
    check_context(raised.value)
    return raised.value.reason, raised.value.http_status


def check_context(err: Exception) -> None:
    """Check that nothing of aiohttp's, which names addresses, goes into a log."""
    assert err.__cause__ is None
    assert err.__context__ is None or err.__suppress_context__


async def test_nobody_listens() -> None:
    """A refused connection is surely not sent."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        async with opened(f"http://127.0.0.1:{port}") as client:
            assert await not_sent(client) is NotSentReason.CONNECT


async def test_no_such_name() -> None:
    """A name that nobody knows is surely not sent."""
    async with opened("https://smsapi.example.org", resolver=Resolver(None)) as client:
        assert await not_sent(client) is NotSentReason.DNS


@pytest.mark.parametrize(
    ("connect_timeout", "total_timeout"), [(0.05, 5), (5, 0.05), (0.05, 0.05)]
)
async def test_name_is_not_found_in_time(
    connect_timeout: float, total_timeout: float
) -> None:
    """Whichever time limit ends the wait for a connection, nothing was sent."""
    async with opened(
        "https://smsapi.example.org",
        resolver=Resolver(None, delay=5),
        connect_timeout=connect_timeout,
        total_timeout=total_timeout,
    ) as client:
        assert await not_sent(client) is NotSentReason.TIMEOUT


@pytest.mark.parametrize(
    ("connect_timeout", "total_timeout"), [(0.1, 5), (5, 0.1), (0.1, 0.1)]
)
async def test_no_tls_in_time(connect_timeout: float, total_timeout: float) -> None:
    """A server that accepts connections and says nothing got nothing of ours."""
    got = b""

    async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        nonlocal got
        got = await reader.read()

    async with (
        serving(silent) as address,
        opened(
            f"https://{address}",
            connect_timeout=connect_timeout,
            total_timeout=total_timeout,
        ) as client,
    ):
        assert await not_sent(client) is NotSentReason.TIMEOUT
    assert b"sms" not in got


async def test_all_connections_are_busy(platform: Canned) -> None:
    """A send that waits in vain for a connection of the pool was not sent."""
    busy = asyncio.Event()
    platform.before = busy.wait
    connector = aiohttp.TCPConnector(limit=1)
    async with aiohttp.ClientSession(connector=connector) as session:
        client = SmsClient(
            session, platform.url, Credentials(KEY, SECRET), connect_timeout=0.1
        )
        first = asyncio.create_task(client.send(SIMPLE))
        while not platform.received:
            await asyncio.sleep(0)
        assert await not_sent(client) is NotSentReason.TIMEOUT
        platform.accept(NUMBER)
        busy.set()
        assert (await first).code == "000000"
    assert len(platform.received) == 1


async def test_certificate_is_not_trusted(tmp_path: Path) -> None:
    """A certificate that nobody vouches for is surely not sent to."""
    async with (
        serving(answer(GOOD), context=server_context(tmp_path)) as address,
        opened(f"https://{address}") as client,
    ):
        assert await not_sent(client) is NotSentReason.TLS


async def test_no_tls_at_all() -> None:
    """Neither is a server that does not speak TLS."""

    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    async with serving(plain) as address, opened(f"https://{address}") as client:
        assert await not_sent(client) is NotSentReason.TLS


async def test_tls(tmp_path: Path) -> None:
    """A context that is handed in is used."""
    context = server_context(tmp_path)
    trusted = ssl.create_default_context(cafile=tmp_path / "certificate.pem")
    async with (
        serving(answer(GOOD), context=context) as address,
        opened(f"https://{address}", trusted=trusted) as client,
    ):
        assert (await client.send(SIMPLE)).code == "000000"


async def test_session_is_closed(
    client: SmsClient, session: aiohttp.ClientSession
) -> None:
    """After the end of the session nothing is sent."""
    await session.close()
    assert await not_sent(client) is NotSentReason.CONNECT


def answer(body: bytes, head: bytes = b"HTTP/1.1 200 OK") -> Script:
    """Return a script that reads a request and answers it."""

    async def script(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await read_request(reader)
        writer.write(b"%b\r\nContent-Length: %d\r\n\r\n%b" % (head, len(body), body))
        await writer.drain()

    return script


async def says_nothing(streams: Streams) -> None:
    """Never answer."""
    await streams[0].read()


async def says_half(streams: Streams) -> None:
    """Stop in the middle of the body."""
    streams[1].write(HEAD + b"\r\n" + GOOD)
    await streams[0].read()


async def hangs_up(streams: Streams) -> None:
    """Close the connection instead of answering."""
    streams[1].close()


async def breaks_off(streams: Streams) -> None:
    """Reset the connection."""
    streams[1].transport.abort()


async def breaks_off_in_the_middle(streams: Streams) -> None:
    """Close the connection in the middle of the body."""
    streams[1].write(HEAD + b"\r\n" + GOOD)
    await streams[1].drain()


async def speaks_no_http(streams: Streams) -> None:
    """Answer with something else."""
    streams[1].write(b"SSH-2.0-OpenSSH_9.9\r\n\r\n")
    await streams[1].drain()


async def garbles_compression(streams: Streams) -> None:
    """Announce gzip and send none."""
    streams[1].write(HEAD + b"Content-Encoding: gzip\r\n\r\n" + b"x" * 100)
    await streams[1].drain()
    await streams[0].read()


async def garbles_chunks(streams: Streams) -> None:
    """Announce chunks and send none."""
    streams[1].write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")
    await streams[1].drain()
    await streams[0].read()


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        (says_nothing, (UnconfirmedReason.TIMEOUT, None)),
        (says_half, (UnconfirmedReason.TIMEOUT, 200)),
        (hangs_up, (UnconfirmedReason.CONNECTION, None)),
        (breaks_off, (UnconfirmedReason.CONNECTION, None)),
        (breaks_off_in_the_middle, (UnconfirmedReason.UNREADABLE, 200)),
        (speaks_no_http, (UnconfirmedReason.UNREADABLE, None)),
        (garbles_compression, (UnconfirmedReason.UNREADABLE, 200)),
        (garbles_chunks, (UnconfirmedReason.UNREADABLE, None)),
    ],
)
async def test_may_have_been_sent(
    behaviour: Behaviour, expected: tuple[UnconfirmedReason, int | None]
) -> None:
    """Whatever goes wrong once the request is under way: unconfirmed, and sent once."""
    requests = []

    async def script(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        requests.append(await read_request(reader))
        await behaviour((reader, writer))

    async with (
        serving(script) as address,
        opened(f"http://{address}", total_timeout=0.3) as client,
    ):
        assert await unconfirmed(client) == expected
        await asyncio.sleep(0.05)
    assert len(requests) == 1


async def test_stops_in_the_middle_of_the_request() -> None:
    """A request that was not taken whole may still have been read elsewhere."""

    async def script(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")

    async with serving(script) as address, opened(f"http://{address}") as client:
        assert await unconfirmed(client) == (UnconfirmedReason.CONNECTION, None)


async def test_endless_answer(client: SmsClient, platform: Canned) -> None:
    """An answer longer than any real one is not read to its end."""
    platform.body = GOOD + b" " * 2_000_000
    assert await unconfirmed(client) == (UnconfirmedReason.UNREADABLE, 200)
    platform.status = 400
    with pytest.raises(RefusedError) as raised:
        await client.send(SIMPLE)
    assert (raised.value.code, raised.value.http_status) == (None, 400)


async def test_slow_answer_within_the_limit(
    client: SmsClient, platform: Canned
) -> None:
    """A slow platform is waited for."""

    async def slow() -> None:
        await asyncio.sleep(0.2)

    platform.before = slow
    platform.accept(NUMBER)
    assert (await client.send(SIMPLE)).code == "000000"


async def test_cancelled(client: SmsClient, platform: Canned) -> None:
    """Cancellation is not turned into anything else."""
    platform.before = asyncio.Event().wait
    sending = asyncio.create_task(client.send(SIMPLE))
    while not platform.received:
        await asyncio.sleep(0)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert len(platform.received) == 1


@pytest.mark.parametrize(
    ("endpoint", "host"),
    [
        ("http://smsapi.example.org", "smsapi.example.org"),
        ("http://SMSAPI.example.org:80/", "smsapi.example.org"),
        ("http://smsapi.example.org:8443", "smsapi.example.org:8443"),
        ("http://短信.example.org", "xn--vuq298g.example.org"),
    ],
)
async def test_host_on_the_wire_is_the_one_signed(
    platform: Canned, endpoint: str, host: str
) -> None:
    """A default port is left out, any other is written; once."""
    port = int(platform.url.rstrip("/").rpartition(":")[2])
    platform.accept(NUMBER)
    async with opened(endpoint, resolver=Resolver(("127.0.0.1", port))) as client:
        await client.send(SIMPLE)
    [received] = platform.received
    assert received.headers.getall("Host") == [host]
    check_signature(received.path, dict(received.headers), received.body)
