"""Home Assistant's HTTP interface, as far as demo and tests need it."""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import Self

import aiohttp

from .home_assistant_socket import Socket
from .json_values import at, items, text

_TIMEOUT = 30.0
_ARMED_WITHIN = 10.0
_POLL = 0.05

type Fields = Mapping[str, object]


class ApiError(Exception):
    """Home Assistant refused a request."""

    def __init__(self, what: str, status: int, body: str) -> None:
        """Take what was tried and the answer."""
        super().__init__(f"{what}: {status} {body}")
        self.status = status
        self.body = body


class Api:
    """Calls of one user; an asynchronous context manager.

    Attributes:
        token: The access token, empty until somebody logs in.
    """

    def __init__(self, url: str, token: str = "") -> None:
        """Take the address without a final slash, and the token of a login."""
        self.token = token
        self._url = url
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Open the session."""
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=_TIMEOUT)
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the session."""
        if self._session is not None:
            await self._session.close()

    @property
    def session(self) -> aiohttp.ClientSession:
        """The open session."""
        if self._session is None:
            raise RuntimeError("The API is not open")
        return self._session

    async def call(
        self,
        method: str,
        path: str,
        body: Fields | None = None,
        *,
        form: Mapping[str, str] | None = None,
    ) -> object:
        """Call a path and return the JSON it answers; raises ApiError."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        async with self.session.request(
            method, f"{self._url}{path}", json=body, data=form, headers=headers
        ) as response:
            if response.status >= HTTPStatus.BAD_REQUEST:
                raise ApiError(
                    f"{method} {path}", response.status, await response.text()
                )
            answer: object = await response.json()
            return answer

    async def answers(self) -> bool:
        """Say whether there is a Home Assistant at the address."""
        try:
            await self.call("GET", "/api/onboarding")
        except ApiError as error:
            # without anything left to be set up, the address does not exist
            return error.status == HTTPStatus.NOT_FOUND
        except aiohttp.ClientConnectionError:
            return False
        return True

    async def create_first_user(self, name: str, username: str, password: str) -> None:
        """Create the first user and log in."""
        client = f"{self._url}/"
        user = await self.call(
            "POST",
            "/api/onboarding/users",
            {
                "name": name,
                "username": username,
                "password": password,
                "client_id": client,
                "language": "en",
            },
        )
        tokens = await self.call(
            "POST",
            "/auth/token",
            form={
                "grant_type": "authorization_code",
                "code": text(user, "auth_code"),
                "client_id": client,
            },
        )
        self.token = text(tokens, "access_token")

    async def core_state(self) -> str:
        """Return how far Home Assistant's start is; RUNNING at its end."""
        return text(await self.call("GET", "/api/config"), "state")

    async def components(self) -> list[object]:
        """Return what is set up."""
        return items(await self.call("GET", "/api/config"), "components")

    async def state(self, entity_id: str) -> object:
        """Return the state of an entity."""
        return await self.call("GET", f"/api/states/{entity_id}")

    async def act(self, domain: str, action: str, data: Fields) -> object:
        """Perform an action; raises ApiError when it fails."""
        return await self.call("POST", f"/api/services/{domain}/{action}", data)

    async def act_with_response(self, domain: str, action: str, data: Fields) -> object:
        """Perform an action and return its response; raises ApiError."""
        answer = await self.call(
            "POST", f"/api/services/{domain}/{action}?return_response", data
        )
        return at(answer, "service_response")

    async def add_automation(self, automation_id: str, config: Fields) -> None:
        """Write a new automation and wait until it is armed.

        Raises ApiError when it is refused, TimeoutError when it is not armed in time.
        """
        await self.call(
            "POST", f"/api/config/automation/config/{automation_id}", config
        )
        # it is loaded after the answer
        async with asyncio.timeout(_ARMED_WITHIN):
            while not await self._is_armed(automation_id):
                await asyncio.sleep(_POLL)

    async def _is_armed(self, automation_id: str) -> bool:
        """Say whether there is an automation that is on."""
        return any(
            text(state, "entity_id").startswith("automation.")
            and at(state, "attributes", "id") == automation_id
            and at(state, "state") == "on"
            for state in items(await self.call("GET", "/api/states"))
        )

    async def keep_port(self) -> None:
        """Confirm the port of the configuration file, which is on trial at first.

        Without it Home Assistant goes back to its usual port after five minutes.
        """
        async with self.socket() as socket:
            await socket.command("http/config/promote")
            # what Home Assistant has to say about that is for people who keep the file
            await socket.command(
                "repairs/ignore_issue",
                domain="http",
                issue_id="deprecated_yaml",
                ignore=True,
            )

    def socket(self) -> Socket:
        """Return a connection for commands and events; to be opened."""
        return Socket(self.session, f"{self._url}/api/websocket", self.token)
