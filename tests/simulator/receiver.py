"""Takes pushes and keeps them, as a customer's callback address would."""

import asyncio
from dataclasses import dataclass
import ssl
from typing import Self
from urllib.parse import parse_qsl

from aiohttp import web
from aiohttp.test_utils import TestServer
from multidict import CIMultiDictProxy


@dataclass(frozen=True, slots=True)
class Received:
    """A push as it came over the wire."""

    path: str
    headers: CIMultiDictProxy[str]
    body: bytes

    @property
    def fields(self) -> dict[str, str]:
        """The fields of a form."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


class Receiver:
    """An HTTP server for pushes; answers with `status`."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        """Start with nothing received."""
        self._tls = tls
        self.pushes: list[Received] = []
        self.status = 200
        self._came = asyncio.Event()
        app = web.Application()
        app.router.add_post("/{path:.*}", self._receive)
        self._server = TestServer(app, scheme="https" if tls else "http")

    async def __aenter__(self) -> Self:
        """Start."""
        await self._server.start_server(ssl=self._tls)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self._server.close()

    def url(self, path: str = "/hw/report") -> str:
        """Return an address that is received."""
        return str(self._server.make_url("/")).rstrip("/") + path

    async def wait(self, count: int = 1) -> list[Received]:
        """Wait for so many pushes and return all."""
        async with asyncio.timeout(5):
            while len(self.pushes) < count:
                self._came.clear()
                await self._came.wait()
        return self.pushes

    async def _receive(self, request: web.Request) -> web.Response:
        """Keep a push."""
        self.pushes.append(
            Received(request.raw_path, request.headers, await request.read())
        )
        self._came.set()
        return web.Response(status=self.status)
