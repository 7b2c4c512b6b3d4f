"""The two roads by which pushes come in, and what comes by them."""

import asyncio
from collections.abc import Awaitable, Callable
import json

from aiohttp.test_utils import TestClient

from homeassistant.components import webhook
from homeassistant.core import HomeAssistant
from homeassistant.util.aiohttp import MockRequest

from .common import WEBHOOK_PATH
from .const import WEBHOOK_ID

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

type Post = Callable[[bytes, str], Awaitable[int]]


def batch(*entries: object) -> bytes:
    """Return the body of a batch report."""
    return json.dumps({"statusReportList": list(entries)}).encode()


async def post_directly(door: TestClient, body: bytes, content_type: str) -> int:
    """Post over HTTP and return the answer's status."""
    headers = {"Content-Type": content_type}
    answer = await door.post(WEBHOOK_PATH, data=body, headers=headers)
    return answer.status


async def post_by_cloud(hass: HomeAssistant, body: bytes, content_type: str) -> int:
    """Hand over what the cloud makes of a request, and return the answer's status.

    By then it is also shown, which comes right after the answer.
    """
    request = MockRequest(body, "cloud", "POST", headers={"content-type": content_type})
    answer = await webhook.async_handle_webhook(hass, WEBHOOK_ID, request)
    await asyncio.sleep(0)
    return answer.status


async def push(door: TestClient, fields: dict[str, str]) -> None:
    """Push a report or a reply; it is stored on return."""
    answer = await door.post(WEBHOOK_PATH, data=fields)
    assert answer.status == 200
