"""Connections that are used again, and those that must not be."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
import ssl
import threading
from typing import Any
from unittest.mock import patch

import aiohttp
from aiohttp.connector import Connection
import pytest

from custom_components.huawei_cloud_sms.msgsms import connection
from custom_components.huawei_cloud_sms.msgsms.client import SmsClient, create_connector
from custom_components.huawei_cloud_sms.msgsms.connection import Body
from custom_components.huawei_cloud_sms.msgsms.errors import (
    MsgSmsError,
    NotSentReason,
    RefusedError,
    UnconfirmedError,
)

from .canned import Canned
from .raw import read_request, server_context, serving
from .test_failures import not_sent, opened
from .test_requests import NUMBER, SIMPLE

type After = Callable[[asyncio.StreamWriter], Awaitable[None]]

GOOD = b'{"code":"000000","result":[{"originTo":"%b","status":"000000"}]}'
OURS = GOOD % NUMBER.encode()
# To be taken for the answer of another send, it would have to look like one.
UNASKED = b'HTTP/1.1 400 Bad Request\r\nContent-Length: 18\r\n\r\n{"code":"E000623"}'


def whole(body: bytes, head: bytes = b"HTTP/1.1 200 OK") -> bytes:
    """Return an answer as it goes over the wire."""
    return b"%b\r\nContent-Length: %d\r\n\r\n%b" % (head, len(body), body)


class Server:
    """Answers on every connection as often as it is asked, and counts both."""

    def __init__(self, answer: bytes = whole(OURS), after: After | None = None) -> None:
        """Keep what to answer, and what to do after each answer."""
        self.answer = answer
        self.after = after
        self.asked: list[int] = []
        self.ended = 0
        self.done = threading.Event()

    async def run(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Serve one connection until it ends."""
        number = len(self.asked)
        self.asked.append(0)
        try:
            while True:
                await read_request(reader)
                self.asked[number] += 1
                writer.write(self.answer)
                if self.after is not None:
                    await self.after(writer)
                    # An end takes the loop some more turns.
                    await asyncio.sleep(0.01)
                    self.done.set()
        finally:
            self.ended += 1


@pytest.fixture(params=["http", "https"])
def scheme(request: pytest.FixtureRequest) -> str:
    """Try everything with and without TLS."""
    found: str = request.param
    return found


@asynccontextmanager
async def meeting(
    scheme: str, folder: Path, server: Server
) -> AsyncGenerator[SmsClient]:
    """Open a client of a server."""
    ours, theirs = contexts(scheme, folder)
    async with (
        serving(server.run, context=theirs) as address,
        opened(f"{scheme}://{address}", trusted=ours) as client,
    ):
        yield client


def contexts(
    scheme: str, folder: Path
) -> tuple[ssl.SSLContext | bool, ssl.SSLContext | None]:
    """Return the contexts of client and server."""
    if scheme == "http":
        return True, None
    theirs = server_context(folder)
    return ssl.create_default_context(cafile=folder / "certificate.pem"), theirs


async def send(client: SmsClient) -> None:
    """Send, and check that the answer is the one to this."""
    response = await client.send(SIMPLE)
    assert [it.number for it in response.results] == [NUMBER]


async def ended(server: Server, count: int) -> None:
    """Wait until so many connections have ended."""
    async with asyncio.timeout(5):
        while server.ended < count:
            await asyncio.sleep(0.01)


async def test_sends_in_quick_succession_share_a_connection(
    scheme: str, tmp_path: Path
) -> None:
    """One after the other, they need only one."""
    server = Server()
    async with meeting(scheme, tmp_path, server) as client:
        for _ in range(3):
            await send(client)
        await asyncio.sleep(0.2)
        await send(client)
    assert server.asked == [4]


async def test_sends_at_once_share_none(scheme: str, tmp_path: Path) -> None:
    """Each has a connection of its own while it lasts; afterwards they are used again."""
    server = Server()
    async with meeting(scheme, tmp_path, server) as client:
        for _ in range(5):
            await asyncio.gather(*(send(client) for _ in range(4)))
    assert sum(server.asked) == 20
    assert 4 <= len(server.asked) <= 8


async def test_idle_connection_is_closed_soon(scheme: str, tmp_path: Path) -> None:
    """After two seconds it is not used again, and not kept either."""
    server = Server()
    async with meeting(scheme, tmp_path, server) as client:
        await send(client)
        await ended(server, 1)
        await send(client)
    assert server.asked == [1, 1]


async def at_once(writer: asyncio.StreamWriter) -> None:
    """Say something unasked in one breath with the answer."""
    writer.write(UNASKED)


async def soon(writer: asyncio.StreamWriter) -> None:
    """Say something unasked a little later."""
    await asyncio.sleep(0.05)
    writer.write(UNASKED)


async def begin(writer: asyncio.StreamWriter) -> None:
    """Begin to say something unasked, and leave it at that."""
    await asyncio.sleep(0.05)
    writer.write(UNASKED[:10])


async def end(writer: asyncio.StreamWriter) -> None:
    """Close the connection a little later."""
    await asyncio.sleep(0.05)
    writer.close()


async def end_at_once(writer: asyncio.StreamWriter) -> None:
    """Close the connection behind the answer."""
    writer.close()


async def reset(writer: asyncio.StreamWriter) -> None:
    """Break the connection off a little later."""
    await asyncio.sleep(0.05)
    writer.transport.abort()


@pytest.mark.parametrize("after", [at_once, soon, begin, end, end_at_once, reset])
async def test_connection_on_which_something_happened_is_not_used_again(
    scheme: str, tmp_path: Path, after: After
) -> None:
    """Neither is what came unasked an answer, nor does an end make a send doubtful."""
    server = Server(after=after)
    async with meeting(scheme, tmp_path, server) as client:
        for count in range(1, 4):
            await send(client)
            await ended(server, count)
    assert server.asked == [1, 1, 1]


async def test_answer_in_pieces_with_something_unasked_behind() -> None:
    """What stands behind the last piece of an answer is seen too."""
    answer = whole(OURS)

    async def rest(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.05)
        writer.write(answer[60:] + UNASKED)

    server = Server(answer[:60], rest)
    async with serving(server.run) as address, opened(f"http://{address}") as client:
        for _ in range(3):
            await send(client)
        await ended(server, 3)
    assert server.asked == [1, 1, 1]


@contextmanager
def in_a_thread(server: Server, context: ssl.SSLContext | None) -> Iterator[str]:
    """Serve in another thread, which goes on while the event loop is held up."""
    address: Future[str] = Future()
    over = threading.Event()

    async def serve() -> None:
        async with serving(server.run, context=context) as found:
            address.set_result(found)
            while not over.is_set():
                await asyncio.sleep(0.01)

    with ThreadPoolExecutor(1) as threads:
        served = threads.submit(asyncio.run, serve())
        try:
            yield address.result()
        finally:
            over.set()
    served.result()


@pytest.mark.parametrize("after", [soon, begin, end, reset])
async def test_what_happened_while_the_loop_was_held_up_is_noticed(
    scheme: str, tmp_path: Path, after: After
) -> None:
    """What lies in the kernel's buffer only is looked for too."""
    server = Server(after=after)
    ours, theirs = contexts(scheme, tmp_path)
    with in_a_thread(server, theirs) as address:
        async with opened(f"{scheme}://{address}", trusted=ours) as client:
            for _ in range(3):
                await send(client)
                hold_up(server)
    assert server.asked == [1, 1, 1]


def hold_up(server: Server) -> None:
    """Keep our event loop from everything else until the server has done its part."""
    assert server.done.wait(10)
    server.done.clear()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (whole(b"<html>"), UnconfirmedError),
        (whole(b"[]"), UnconfirmedError),
        (whole(b"{}", b"HTTP/1.1 502 Bad Gateway"), UnconfirmedError),
        (whole(b'{"code":"E000623"}', b"HTTP/1.1 403 Forbidden"), RefusedError),
        (whole(b"", b"HTTP/1.1 404 Not Found"), RefusedError),
        (whole(OURS, b"HTTP/1.1 200 OK\r\nConnection: close"), None),
        (whole(OURS, b"HTTP/1.0 200 OK"), None),
        (whole(GOOD % b"+8613700000009"), None),
    ],
)
async def test_connection_with_a_doubtful_answer_is_closed_at_once(
    monkeypatch: pytest.MonkeyPatch,
    scheme: str,
    tmp_path: Path,
    answer: bytes,
    error: type[MsgSmsError] | None,
) -> None:
    """An answer that was not understood, or speaks of others, is the last one."""
    # otherwise the connection would soon end as any other that nobody uses
    monkeypatch.setattr(connection, "_KEPT_SECONDS", 60)
    server = Server(answer)
    async with meeting(scheme, tmp_path, server) as client:
        for count in range(1, 4):
            if error is None:
                await client.send(SIMPLE)
            else:
                with pytest.raises(error):
                    await client.send(SIMPLE)
            await ended(server, count)
    assert server.asked == [1, 1, 1]


async def test_session_may_be_closed_while_a_connection_ends(
    scheme: str, tmp_path: Path
) -> None:
    """At whatever moment that is: both sides end a connection, and then we close all."""
    server = Server(whole(b"<html>"))
    for turns in range(40):
        async with meeting(scheme, tmp_path, server) as client:
            with pytest.raises(UnconfirmedError):
                await send(client)
            for _ in range(turns):
                await asyncio.sleep(0)
    assert server.asked == [1] * 40


async def test_cancelled_send_leaves_no_connection() -> None:
    """What is given up may still be answered, so its connection goes."""
    given_up = asyncio.Event()
    requests: list[bytes] = []

    async def late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await read_request(reader))
        if not given_up.is_set():
            await given_up.wait()
            writer.write(UNASKED)
        writer.write(whole(OURS))
        await writer.drain()

    async with serving(late) as address, opened(f"http://{address}") as client:
        sending = asyncio.create_task(client.send(SIMPLE))
        while not requests:
            await asyncio.sleep(0.01)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        given_up.set()
        await send(client)
    assert len(requests) == 2


async def test_connection_that_is_lost_at_once(platform: Canned) -> None:
    """One that ended before anything could be written was not sent over."""
    connect = aiohttp.TCPConnector.connect

    async def lose(*arguments: Any) -> Connection:
        connection = await connect(*arguments)
        assert connection.transport is not None
        connection.transport.abort()
        await asyncio.sleep(0.01)
        return connection

    async with opened(platform.url) as client:
        with patch.object(aiohttp.TCPConnector, "connect", lose):
            assert await not_sent(client) is NotSentReason.CONNECT
        platform.accept(NUMBER)
        await send(client)
    assert len(platform.received) == 1


async def test_other_requests_get_connections_of_their_own(platform: Canned) -> None:
    """Of what is not a send, nobody says whether its answer was understood."""
    async with aiohttp.ClientSession(connector=create_connector()) as session:
        for _ in range(2):
            await session.post(platform.url, data=b"x")
    assert len({received.peer for received in platform.received}) == 2


async def test_body_leaves_once_whatever_aiohttp_would_do() -> None:
    """Neither where it would follow nor where it would try again is a body sent twice."""
    requests = []

    async def move(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await read_request(reader))
        writer.write(b"HTTP/1.1 307 Moved\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    async def hang_up(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        requests.append(await read_request(reader))

    for script in (move, hang_up):
        body = Body(b"x")
        assert not body.begun
        async with serving(script) as address, aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.ClientError):
                await session.put(f"http://{address}", data=body)
            assert body.begun
            with pytest.raises(aiohttp.ClientError):
                await session.post(f"http://{address}", data=body)
    assert len(requests) == 2
