"""Connections that push one request after the other, and note how long each took."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
import time
from typing import override

from scripts.processes import LOOPBACK

_LENGTH = b"\r\nContent-Length: "


@dataclass(frozen=True, slots=True)
class Load:
    """How long all requests took, and each of them (seconds)."""

    seconds: float
    each: list[float]

    @property
    def rate(self) -> float:
        """Return how many were answered per second."""
        return len(self.each) / self.seconds


async def push(port: int, requests: Sequence[bytes], connections: int) -> Load:
    """Push all requests over some connections; each must be answered with 200."""
    loop = asyncio.get_running_loop()
    waiting = iter(requests)
    each: list[float] = []
    started = time.perf_counter()
    made = [
        await loop.create_connection(lambda: _Connection(waiting, each), LOOPBACK, port)
        for _ in range(connections)
    ]
    await asyncio.gather(*(connection.done for _, connection in made))
    return Load(time.perf_counter() - started, each)


async def ask(port: int, request: bytes) -> bytes:
    """Send one request and return what the answer holds."""
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    body = await reader.readexactly(_length(head))
    writer.close()
    return body


def _length(head: bytes) -> int:
    """Return how much follows the head of an answer."""
    return int(head.partition(_LENGTH)[2].partition(b"\r\n")[0] or 0)


class _Connection(asyncio.Protocol):
    """Writes the next request as soon as the one before is answered."""

    def __init__(self, requests: Iterator[bytes], each: list[float]) -> None:
        """Take the requests and where to note how long they took."""
        self._requests = requests
        self._each = each
        self._transport: asyncio.Transport
        self._received = b""
        self._started = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._next()

    @override
    def data_received(self, data: bytes) -> None:
        """Go on once an answer is complete."""
        self._received += data
        head, blank, body = self._received.partition(b"\r\n\r\n")
        if not blank or len(body) < _length(head):
            return
        if not head.startswith(b"HTTP/1.1 200 "):
            self._transport.close()
            self.done.set_exception(RuntimeError(head.decode()))
            return
        self._received = b""
        self._each.append(time.perf_counter() - self._started)
        self._next()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("closed"))

    def _next(self) -> None:
        """Write the next request, if there is one."""
        request = next(self._requests, None)
        if request is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._started = time.perf_counter()
        self._transport.write(request)
