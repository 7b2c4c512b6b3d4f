"""A canned platform on loopback: keeps what arrives, answers what it is told."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
import json
from urllib.parse import parse_qsl

from aiohttp import web
from multidict import CIMultiDictProxy

DATE = "Fri, 01 Nov 2024 02:03:05 GMT"


@dataclass
class Received:
    """One request as it came over the wire."""

    path: str
    headers: CIMultiDictProxy[str]
    body: bytes
    peer: tuple[str, int]

    @property
    def form(self) -> dict[str, str]:
        """The fields of a form."""
        return dict(parse_qsl(self.body.decode(), True, True))


@dataclass
class Canned:
    """Answers every request alike."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=lambda: {"Date": DATE})
    received: list[Received] = field(default_factory=list)
    before: Callable[[], Awaitable[object]] | None = None
    url: str = ""

    def answer(self, answer: object, status: int = 200) -> None:
        """Answer with JSON from now on."""
        self.body = json.dumps(answer, ensure_ascii=False).encode()
        self.status = status

    def accept(self, *numbers: str) -> None:
        """Accept numbers from now on."""
        self.answer({"code": "000000", "result": [entry(number) for number in numbers]})

    async def handle(self, request: web.Request) -> web.Response:
        """Keep a request and answer it."""
        transport = request.transport
        assert transport is not None
        self.received.append(
            Received(
                request.raw_path,
                request.headers,
                await request.read(),
                transport.get_extra_info("peername"),
            )
        )
        if self.before is not None:
            await self.before()
        return web.Response(body=self.body, status=self.status, headers=self.headers)


def entry(number: str, status: str = "000000", **more: object) -> dict[str, object]:
    """Return one element of result[]."""
    return {
        "originTo": number,
        "createTime": "2024-11-01T02:03:04Z",
        "from": "8824110605123",
        "smsMsgId": f"3f2a1b00-7d6e-4c55-9a77-0c0c0c0c0c0c_{number[-4:]}",
        "countryId": "CN",
        "total": 1,
        "status": status,
        **more,
    }
