"""A simulator with a port of its own."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Self

from aiohttp import web

from .app import create_app
from .config import Config
from .keys import LISTENER, PLATFORM
from .platform import Platform

_SHUTDOWN = 2.0
# Tokens of IAM come back in a header.
_MAX_HEADER = 64 * 1024


class Server:
    """Serves a platform; an asynchronous context manager.

    Attributes:
        platform: The platform, to look at and to steer.
        port: The port; after starting, the one that was found for port 0.
    """

    def __init__(
        self, config: Config, *, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        """Take what to serve and where.

        Raises:
            InvalidValueError: a template of the configuration breaks a rule.
        """
        app = create_app(config)
        app[LISTENER] = self
        app.middlewares.append(self._note_busy)
        self.platform: Platform = app[PLATFORM]
        self.port = port
        self._host = host
        self._busy: set[asyncio.BaseTransport | None] = set()
        self._runner = web.AppRunner(
            app,
            access_log=None,
            shutdown_timeout=_SHUTDOWN,
            max_field_size=_MAX_HEADER,
        )
        self._listener: asyncio.Server | None = None
        self._reopening: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Address of the started server, without a final slash."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self.port}"

    async def start(self) -> None:
        """Start serving.

        Raises:
            OSError: the port cannot be had.
        """
        await self._runner.setup()
        try:
            await self._listen()
        except OSError:
            await self._runner.cleanup()
            raise

    async def stop(self) -> None:
        """Stop serving."""
        if self._reopening is not None:
            self._reopening.cancel()
            await asyncio.gather(self._reopening, return_exceptions=True)
        if self._listener is not None:
            self._listener.close()
        await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        """Start serving."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop serving."""
        await self.stop()

    def pause(self, seconds: float) -> None:
        """Refuse connections for a while; open but unused ones are closed."""
        if self._reopening is not None:
            self._reopening.cancel()
        self._reopening = asyncio.create_task(self._reopen(seconds))

    async def _reopen(self, seconds: float) -> None:
        """Close the port, wait, and open it again."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        self._close_unused()
        await asyncio.sleep(seconds)
        await self._listen()

    @web.middleware
    async def _note_busy(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        """Know which connections have a request under way."""
        transport = request.transport
        self._busy.add(transport)
        try:
            return await handler(request)
        finally:
            self._busy.discard(transport)

    def _close_unused(self) -> None:
        """Close the connections that wait for a request; the others when they do."""
        if self._runner.server is None:
            return
        for connection in self._runner.server.connections:
            if connection.transport in self._busy:
                connection.close()
            else:
                connection.force_close()

    def _protocol(self) -> asyncio.BaseProtocol:
        """Return what serves one connection."""
        server = self._runner.server
        if server is None:
            raise RuntimeError("The server is not set up")
        return server()

    async def _listen(self) -> None:
        """Open the port."""
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(
            self._protocol, self._host, self.port, reuse_address=True
        )
        self.port = self._listener.sockets[0].getsockname()[1]
