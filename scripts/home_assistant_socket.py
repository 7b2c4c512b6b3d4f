"""Home Assistant's websocket: commands, and events as they happen."""

import asyncio
from collections.abc import Callable
from typing import Self

import aiohttp

from .json_values import UnexpectedAnswerError, at, number, text

_TIMEOUT = 20.0


class CommandError(Exception):
    """Home Assistant refused a command."""


class Socket:
    """A connection that is logged in; an asynchronous context manager.

    Events that come while an answer is waited for are kept for `next_event`.
    """

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str) -> None:
        """Take where to connect and the access token."""
        self._session = session
        self._url = url
        self._token = token
        self._last_id = 0
        self._events: list[object] = []
        self._connection: aiohttp.ClientWebSocketResponse | None = None

    async def __aenter__(self) -> Self:
        """Connect and log in."""
        async with asyncio.timeout(_TIMEOUT):
            self._connection = await self._session.ws_connect(self._url, max_msg_size=0)
            await self._receive()
            await self._connection.send_json(
                {"type": "auth", "access_token": self._token}
            )
            answer = await self._receive()
        if text(answer, "type") != "auth_ok":
            raise CommandError("The login was refused")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Disconnect."""
        if self._connection is not None:
            await self._connection.close()

    async def command(self, kind: str, **fields: object) -> object:
        """Give a command and return its result; raises CommandError."""
        connection = self._open()
        self._last_id += 1
        command_id = self._last_id
        await connection.send_json({"id": command_id, "type": kind, **fields})
        async with asyncio.timeout(_TIMEOUT):
            while True:
                answer = await self._receive()
                if text(answer, "type") == "event":
                    self._events.append(answer)
                elif number(answer, "id") == command_id:
                    break
        if at(answer, "success") is not True:
            raise CommandError(f"{kind}: {text(answer, 'error', 'message')}")
        return at(answer, "result")

    async def watch_states(self) -> None:
        """Have every change of a state reported from now on."""
        await self.command("subscribe_events", event_type="state_changed")

    async def next_state(
        self, wanted: Callable[[object], bool], within: float
    ) -> object:
        """Return the next new state that is wanted; drops those before it.

        Raises TimeoutError when it does not come.
        """
        async with asyncio.timeout(within):
            while True:
                event = self._events.pop(0) if self._events else await self._receive()
                state = at(event, "event", "data", "new_state")
                if state is not None and wanted(state):
                    return state

    def _open(self) -> aiohttp.ClientWebSocketResponse:
        """Return the connection."""
        if self._connection is None:
            raise RuntimeError("The websocket is not open")
        return self._connection

    async def _receive(self) -> object:
        """Return the next message."""
        message = await self._open().receive()
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise UnexpectedAnswerError("the websocket was closed")
        answer: object = message.json()
        return answer
