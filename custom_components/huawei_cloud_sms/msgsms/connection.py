"""Connections for sending: used again for a moment, and only if nothing is doubtful.

A send must never be answered by what was meant for another, and a body must never leave
twice. aiohttp alone hands out a connection again however it was left.

Connections are aborted: one with TLS that is closed twice breaks aiohttp, which asks it
something when a session ends.
"""

import asyncio
from select import POLLIN, poll
from ssl import SSLContext
from typing import override

import aiohttp
from aiohttp.abc import AbstractResolver, AbstractStreamWriter
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.tracing import Trace

# Servers keep idle connections longer than this, so it is we who close them.
_KEPT_SECONDS = 2.0


class Body(aiohttp.BytesPayload):
    """A body that knows whether it began to leave, and can leave only once.

    Until then the platform cannot have taken the request, whatever went wrong.

    Attributes:
        begun: Whether it began to leave.
        understood: Whether its answer leaves no doubt; to be set by who read that.
        transport: The connection it was given by a `Connector`.
    """

    def __init__(self, content: bytes) -> None:
        """Keep the bytes."""
        super().__init__(content)
        self.begun = False
        self.understood = False
        self.transport: asyncio.Transport | None = None

    def end(self) -> None:
        """Close the connection, unless it may be used again."""
        # Nobody else has it yet: it is not handed out before the answer is understood.
        if self.transport is not None and not self.understood:
            self.transport.abort()

    @override
    async def write_with_length(
        self, writer: AbstractStreamWriter, content_length: int | None
    ) -> None:
        """Hand the bytes over to the connection."""
        if self.begun:
            raise RuntimeError("A body leaves only once")
        self.begun = True
        await super().write_with_length(writer, content_length)


class _Idle(asyncio.Protocol):
    """Watches a connection between two sends; whatever arrives then ends it.

    Attributes:
        body: What was sent over it last.
    """

    def __init__(self, transport: asyncio.Transport, protocol: ResponseHandler) -> None:
        """Keep the connection."""
        self._transport = transport
        self._protocol = protocol
        self.body: object = None
        self._arrived = poll()
        self._arrived.register(transport.get_extra_info("socket"), POLLIN)

    def is_clean(self) -> bool:
        """Tell whether the last answer was understood, and nothing came after it."""
        if not isinstance(self.body, Body) or not self.body.understood:
            return False
        # What arrived at once with the end of the answer.
        if self._protocol.should_close:
            return False
        # What the loop has not read yet, the end of the connection among it.
        return not self._arrived.poll(0)

    def watch(self) -> None:
        """Begin, now that the connection is nobody's."""
        self._transport.set_protocol(self)

    @override
    def data_received(self, data: bytes) -> None:
        """End the connection: nothing was asked."""
        self._transport.abort()

    @override
    def eof_received(self) -> None:
        """End the connection from our side too."""
        self._transport.abort()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """Tell aiohttp."""
        self._protocol.connection_lost(exc)


class Connector(aiohttp.TCPConnector):
    """Hands a connection out again within two seconds, if that is safe."""

    def __init__(
        self, *, ssl: SSLContext | bool, resolver: AbstractResolver | None
    ) -> None:
        """Take what aiohttp's connector takes."""
        super().__init__(ssl=ssl, resolver=resolver, keepalive_timeout=_KEPT_SECONDS)

    @override
    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,
    ) -> Connection:
        """Return a connection that is new, or was left clean."""
        while True:
            connection = await super().connect(req, traces, timeout)
            protocol = connection.protocol
            if protocol is None or (transport := protocol.transport) is None:
                connection.close()
                raise aiohttp.ClientConnectionError("Lost before anything was sent")
            idle = transport.get_protocol()
            if not isinstance(idle, _Idle):
                idle = _Idle(transport, protocol)
                break
            if idle.is_clean():
                transport.set_protocol(protocol)
                break
            connection.close()
        idle.body = body = req.body
        if isinstance(body, Body):
            body.transport = transport
        connection.add_callback(idle.watch)
        return connection
