"""A platform that gives one answer to everything, and counts the questions."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
import json

from aiohttp import web
from aiohttp.test_utils import TestServer

# The test request was understood, its credentials were right, its template unknown.
_PROVED = {
    "result": [
        {
            "originTo": "+8610000000000",
            "createTime": "2024-11-01T02:03:04Z",
            "from": "csms000000000",
            "smsMsgId": "3f2a1b00-7d6e-4c55-9a77-0c0c0c0c0c0d_1",
            "status": "E200033",
        }
    ],
    "code": "E000510",
    "description": "The SMS fails to be sent. For details, see status.",
}


class CannedPlatform:
    """What is answered, and which paths were asked for."""

    url: str

    def __init__(self) -> None:
        """Begin with the answer that proves the credentials."""
        self.asked: list[str] = []
        self.prove()

    def prove(self) -> None:
        """Answer from now on as if the credentials were right."""
        self.answer(400, json.dumps(_PROVED))

    def refuse(self, status: int, code: str) -> None:
        """Answer with a code from now on."""
        self.answer(status, json.dumps({"code": code, "description": "Refused."}))

    def answer(self, status: int, body: str) -> None:
        """Answer with anything from now on."""
        self._status, self._body = status, body

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one request."""
        self.asked.append(request.path)
        return web.Response(
            status=self._status, text=self._body, content_type="application/json"
        )


@asynccontextmanager
async def serve_canned() -> AsyncGenerator[CannedPlatform]:
    """Serve a canned platform on loopback."""
    platform = CannedPlatform()
    app = web.Application()
    app.router.add_post("/{path:.*}", platform.handle)
    async with TestServer(app) as server:
        platform.url = str(server.make_url("")).rstrip("/")
        yield platform
