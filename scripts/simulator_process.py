"""The simulator in a process of its own, and its control API."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
import sys
from typing import Self

import aiohttp

from .json_values import items, number
from .processes import LOOPBACK, Process, ProcessError

_PROJECT = Path(__file__).resolve().parent.parent
_STARTED_WITHIN = 15.0
_ENDED_WITHIN = 5.0
_TIMEOUT = 20.0
_POLL = 0.05

# What the simulator's own console has; the text is 家中提醒：${1}.
TEMPLATE_ID = "0a1f5c2e9b6d4e73a8c05d1f2b3e4a01"
TEMPLATE_TEXT = "家中提醒：${1}"
LONGEST_VALUE = 400
CHANNEL_NUMBER = "8824110600001"
SIGNATURE = "晨光家园"
ACCESS_KEY = "ExampleIamAk0000000"
SECRET_KEY = "ExampleIamSk"
PROJECT_ID = "0123456789abcdef0123456789abcdef"


class SimulatorProcess:
    """The simulator with one application; it remembers nothing.

    Attributes:
        url: Where it answers, without a final slash.
    """

    def __init__(self, port: int, log: Path) -> None:
        """Take its port, which must be free, and the file for its output."""
        self.url = f"http://{LOOPBACK}:{port}"
        self._port = port
        self._process = Process("The simulator", log)

    def start(
        self, *, app_key: str, app_secret: str, push_ak: str, push_sk: str
    ) -> None:
        """Start the process; it answers a moment later."""
        self._process.launch(
            (
                sys.executable,
                "-m",
                "simulator",
                f"--host={LOOPBACK}",
                f"--port={self._port}",
                # in one word with the name: a value may begin with a hyphen
                f"--app-key={app_key}",
                f"--app-secret={app_secret}",
                f"--push-ak={push_ak}",
                f"--push-sk={push_sk}",
            ),
            _PROJECT,
        )

    async def wait_until_answering(self, control: Control) -> None:
        """Wait until it answers.

        Raises ProcessError when it has not come to that in time.
        """
        try:
            async with asyncio.timeout(_STARTED_WITHIN):
                while not await control.answers():
                    self._process.check()
                    await asyncio.sleep(_POLL)
        except TimeoutError:
            raise ProcessError("The simulator does not answer") from None

    def check(self) -> None:
        """Raise ProcessError if it has ended."""
        self._process.check()

    def stop(self) -> None:
        """End it."""
        self._process.stop(_ENDED_WITHIN)


class ControlError(Exception):
    """The simulator refused what it was told."""


class Control:
    """The simulator's control API; an asynchronous context manager."""

    def __init__(self, url: str) -> None:
        """Take the simulator's address."""
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

    async def call(
        self, method: str, path: str, body: Mapping[str, object] | None = None
    ) -> object:
        """Call a path below /sim/ and return what it answers; raises ControlError."""
        if self._session is None:
            raise RuntimeError("The control API is not open")
        async with self._session.request(
            method, f"{self._url}/sim/{path}", json=body
        ) as response:
            if not response.ok:
                raise ControlError(f"{method} {path}: {await response.text()}")
            answer: object = await response.json()
            return answer

    async def answers(self) -> bool:
        """Say whether the simulator is there."""
        try:
            await self.call("GET", "state")
        except aiohttp.ClientConnectionError:
            return False
        return True

    async def push_replies_to(self, address: str) -> None:
        """Set the address for replies, as one does in the platform's console."""
        await self.call("PATCH", "application", {"uplink_url": address})

    async def next_request(self, scenario: str | Mapping[str, object]) -> None:
        """Set what happens to the next request."""
        await self.call("POST", "scenarios", {"scenario": scenario})

    async def request_count(self) -> int:
        """Return how many sending requests there were."""
        return number(await self.call("GET", "requests?last=0"), "count")

    async def messages(self, phone: str) -> list[object]:
        """Return the messages a phone got, oldest first."""
        path = f"messages?number={phone.replace('+', '%2B')}"
        return items(await self.call("GET", path), "messages")

    async def reply(self, phone: str, message: str) -> object:
        """Reply from a phone; returns what became of the push."""
        return await self.call("POST", "reply", {"number": phone, "text": message})

    async def report(self, message_id: str, status: str = "DELIVRD") -> object:
        """Push a report on a message; returns what became of the push."""
        return await self.call(
            "POST", "report", {"message_id": message_id, "status": status}
        )

    async def wait_for_messages(
        self, phone: str, count: int, within: float
    ) -> list[object]:
        """Wait until a phone has so many messages; raises TimeoutError."""
        async with asyncio.timeout(within):
            while len(found := await self.messages(phone)) < count:
                await asyncio.sleep(_POLL)
        return found
