"""A platform that answers what it is told, for answers that no simulator gives."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
import json

from aiohttp import web
from multidict import CIMultiDictProxy

from custom_components.huawei_cloud_sms.msgsms.management.account import (
    AccessKey,
    Account,
    IamUser,
)
from custom_components.huawei_cloud_sms.msgsms.management.regions import Region


def region_of(url: str) -> Region:
    """Return a region where one address answers everything."""
    return Region(name="simulator", management=url, iam=url)


@dataclass
class Said:
    """One answer."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Answering:
    """Gives its answers one after the other, the last of them again and again."""

    answers: deque[Said] = field(default_factory=lambda: deque([Said()]))
    received: list[tuple[str, str, CIMultiDictProxy[str], bytes]] = field(
        default_factory=list
    )
    url: str = ""

    def says(self, *answers: Said) -> None:
        """Give these answers from now on."""
        self.answers = deque(answers)

    def says_json(self, content: object, status: int = 200, **headers: str) -> None:
        """Give JSON from now on; underscores of headers' names become hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.says(Said(status, json.dumps(content).encode(), named))

    async def handle(self, request: web.Request) -> web.Response:
        """Keep a call and answer it."""
        body = await request.read()
        self.received.append((request.method, request.raw_path, request.headers, body))
        said = self.answers[0] if len(self.answers) == 1 else self.answers.popleft()
        return web.Response(status=said.status, body=said.body, headers=said.headers)

    @property
    def keys(self) -> Account:
        """Return an account with an access key."""
        return Account(AccessKey("ak", "sk"), "project-1", region_of(self.url))

    @property
    def user(self) -> Account:
        """Return an account with an IAM user."""
        user = IamUser("domain", "name", "password")
        return Account(user, "project-1", region_of(self.url))
