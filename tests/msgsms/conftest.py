"""What the tests of the client share: a platform on loopback and a session."""

from collections.abc import AsyncGenerator

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
import pytest

from custom_components.huawei_cloud_sms.msgsms.client import SmsClient, create_connector
from custom_components.huawei_cloud_sms.msgsms.models import Credentials

from .canned import Canned

KEY = "ExampleAppKey00000000000001"
SECRET = "ExampleAppSecret/0000+0001="


@pytest.fixture(autouse=True)
def sockets(socket_enabled: None) -> None:
    """Let tests open sockets, on loopback."""


@pytest.fixture
async def platform() -> AsyncGenerator[Canned]:
    """Start a canned platform."""
    canned = Canned()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", canned.handle)
    async with TestServer(app) as server:
        canned.url = str(server.make_url("/"))
        yield canned


@pytest.fixture
async def session() -> AsyncGenerator[aiohttp.ClientSession]:
    """Open a session as the integration does."""
    async with aiohttp.ClientSession(connector=create_connector()) as opened:
        yield opened


@pytest.fixture
def credentials() -> Credentials:
    """Return the credentials of the worked examples."""
    return Credentials(KEY, SECRET)


@pytest.fixture
def client(
    session: aiohttp.ClientSession, platform: Canned, credentials: Credentials
) -> SmsClient:
    """Return a client of the canned platform."""
    return SmsClient(session, platform.url, credentials)
