"""Calls the sending API, signed by Huawei's own signer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
import json
from urllib.parse import urlencode

import aiohttp
from multidict import CIMultiDictProxy

from .oracle import signed_headers

KEY = "ExampleAppKey00000000000001"
SECRET = "ExampleAppSecret/0000+0001="

NUMBER = "+8613700000001"
CHANNEL = "8824110600001"
CHANNEL_VERIFICATION = "8824110600002"
CHANNEL_PROMOTION = "8824110600003"
CHANNEL_OTHER = "8824110600004"
ABROAD_CHANNEL = "isms000000001"

NOTICE = "0a1f5c2e9b6d4e73a8c05d1f2b3e4a01"
TWO_VARIABLES = "0a1f5c2e9b6d4e73a8c05d1f2b3e4a02"
NO_VARIABLES = "0a1f5c2e9b6d4e73a8c05d1f2b3e4a03"
VERIFICATION = "0a1f5c2e9b6d4e73a8c05d1f2b3e4a05"
PROMOTION = "0a1f5c2e9b6d4e73a8c05d1f2b3e4a06"
GENERAL = "0a1f5c2e9b6d4e73a8c05d1f2b3e4a07"
NOT_APPROVED = "0a1f5c2e9b6d4e73a8c05d1f2b3e4a08"
ABROAD = "0b2e6d3fac7e4f84b9d16e2a3c4f5b01"
ABROAD_MANY = "0b2e6d3fac7e4f84b9d16e2a3c4f5b02"

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
SEND = "/sms/batchSendSms/v1"
SEND_DIFF = "/sms/batchSendDiffSms/v1"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the platform answered."""

    http_status: int
    headers: CIMultiDictProxy[str]
    body: bytes

    @property
    def json(self) -> dict[str, object]:
        """The body as JSON."""
        parsed = json.loads(self.body)
        assert isinstance(parsed, dict)
        return parsed

    @property
    def code(self) -> tuple[int, object]:
        """HTTP status and code."""
        return self.http_status, self.json["code"]

    @property
    def results(self) -> list[dict[str, object]]:
        """The entries of `result`."""
        results = self.json["result"]
        assert isinstance(results, list)
        return results

    @property
    def statuses(self) -> list[object]:
        """The status of each number."""
        return [result["status"] for result in self.results]

    @property
    def ids(self) -> list[str]:
        """The smsMsgId of each number."""
        return [str(result["smsMsgId"]) for result in self.results]


class Caller:
    """A client of one application."""

    def __init__(
        self, session: aiohttp.ClientSession, url: str, *, key: str = KEY
    ) -> None:
        """Take the session to use and the address of the platform."""
        self.session = session
        self.url = url
        self.key = key

    async def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post bytes with exactly these headers."""
        async with self.session.post(
            self.url + path, data=body, headers=headers
        ) as response:
            return Answer(response.status, response.headers, await response.read())

    def sign(
        self,
        path: str,
        body: bytes,
        content_type: str = FORM,
        *,
        key: str | None = None,
        secret: str = SECRET,
        hashed: bool = True,
        extra: Mapping[str, str] | None = None,
    ) -> dict[str, str]:
        """Return signed headers for a call."""
        return signed_headers(
            self.url + path,
            body,
            {"Content-Type": content_type, **(extra or {})},
            key=key or self.key,
            secret=secret,
            hashed=hashed,
        )

    async def post_signed(
        self, path: str, body: bytes, content_type: str = FORM
    ) -> Answer:
        """Post bytes, signed."""
        return await self.post(path, body, self.sign(path, body, content_type))

    async def send(
        self,
        to: str = NUMBER,
        *,
        template: str = NOTICE,
        values: Sequence[object] | None = ("您好",),
        channel: str | None = CHANNEL,
        **fields: str,
    ) -> Answer:
        """Call batchSendSms; further fields go by their own names."""
        form = {"to": to, "templateId": template, **fields}
        if channel is not None:
            form["from"] = channel
        if values is not None:
            form["templateParas"] = json.dumps(list(values), ensure_ascii=False)
        return await self.post_signed(SEND, urlencode(form).encode())

    async def send_diff(self, body: object) -> Answer:
        """Call batchSendDiffSms."""
        text = json.dumps(body, ensure_ascii=False)
        return await self.post_signed(SEND_DIFF, text.encode(), JSON)

    async def control(
        self, method: str, path: str, body: object = None
    ) -> dict[str, object]:
        """Call the control API; anything but 200 fails the test."""
        status, answer = await self.try_control(method, path, body)
        assert status == 200, answer
        return answer

    async def try_control(
        self, method: str, path: str, body: object = None
    ) -> tuple[int, dict[str, object]]:
        """Call the control API and return HTTP status and answer."""
        async with self.session.request(
            method, f"{self.url}/sim/{path}", json=body
        ) as response:
            return response.status, await response.json()

    async def options(self, **options: object) -> None:
        """Set switches."""
        await self.control("PATCH", "options", options)

    async def count(self) -> object:
        """Return how many calls the platform saw."""
        return (await self.control("GET", "requests"))["count"]
