"""A platform in a process of its own that accepts whatever it is asked.

It does as little as can be, so that what is measured is the one who asks.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path
import subprocess
import sys
from typing import override

from scripts.processes import LOOPBACK

NUMBER = "+8613700000001"

_PROJECT = Path(__file__).resolve().parents[2]
# Ends by itself if whoever started it could not end it.
_SECONDS = 600
# The number that is asked for, all of which are as long as ours, is put in twice.
_TO = b"to=%2B"
_BODY = (
    '{"code":"000000","description":"Success","result":[{"total":1,'
    f'"originTo":"{NUMBER}","createTime":"2026-11-01T02:03:04Z",'
    f'"from":"8824110605123","smsMsgId":"3f2a1b00-7d6e-4c55-9a77-{NUMBER[1:]}_1",'
    '"countryId":"CN","status":"000000"}]}'
).encode()
_ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    b"Date: %b\r\nContent-Length: %d\r\n\r\n%b"
) % (formatdate(usegmt=True).encode(), len(_BODY), _BODY)
_OURS = NUMBER[1:].encode()


@contextmanager
def canned_platform() -> Iterator[str]:
    """Run the process; gives its address."""
    with subprocess.Popen(
        (sys.executable, "-m", __name__), cwd=_PROJECT, stdout=subprocess.PIPE
    ) as process:
        try:
            assert process.stdout is not None
            yield f"http://{LOOPBACK}:{int(process.stdout.readline())}"
        finally:
            process.kill()


class _Connection(asyncio.Protocol):
    """Answers each request on a connection."""

    def __init__(self) -> None:
        """Begin with nothing received."""
        self._received = b""
        self._transport: asyncio.Transport

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    @override
    def data_received(self, data: bytes) -> None:
        """Answer what has arrived whole."""
        self._received += data
        while True:
            head, found, rest = self._received.partition(b"\r\n\r\n")
            if not found:
                return
            length = int(head.lower().partition(b"content-length:")[2].split()[0])
            if len(rest) < length:
                return
            self._received = rest[length:]
            number = rest.partition(_TO)[2][: len(_OURS)]
            self._transport.write(_ANSWER.replace(_OURS, number))


async def _serve() -> None:
    """Say the port and answer."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Connection, LOOPBACK, 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.sleep(_SECONDS)


if __name__ == "__main__":
    asyncio.run(_serve())
