"""What the tests of the management client share: a simulator, and both kinds of user."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
import pytest

from custom_components.huawei_cloud_sms.msgsms.management.account import (
    AccessKey,
    Account,
    IamUser,
)
from custom_components.huawei_cloud_sms.msgsms.management.client import ManagementClient
from simulator.config import Account as Owner, Application, Config, Kind, default_config
from simulator.platform import Platform
from simulator.server import Server
from tests.msgsms.conftest import KEY, SECRET

from .answering import Answering, region_of

ABROAD_KEY = "ExampleAppKeyAbroad00000001"

type Starter = Callable[[Config], Awaitable[Server]]


@pytest.fixture
def config() -> Config:
    """Return the configuration that comes along, with an application of each kind."""
    return replace(
        default_config(),
        applications=(
            Application(app_key=KEY, app_secret=SECRET, name="晨光家园"),
            Application(app_key=ABROAD_KEY, app_secret=SECRET, kind=Kind.INTERNATIONAL),
        ),
    )


@pytest.fixture
async def start() -> AsyncGenerator[Starter]:
    """Return a function that starts simulators, which are stopped in the end."""
    servers: list[Server] = []

    async def starter(config: Config) -> Server:
        """Start a simulator."""
        server = Server(config)
        await server.start()
        servers.append(server)
        return server

    yield starter
    for server in servers:
        await server.stop()


@pytest.fixture
async def server(start: Starter, config: Config) -> Server:
    """Start a simulator."""
    return await start(config)


@pytest.fixture
def console(server: Server) -> Platform:
    """Return the platform, to look at and to steer."""
    return server.platform


@pytest.fixture
def owner(console: Platform) -> Owner:
    """Return the simulator's account."""
    account = console.state.console.account
    assert account is not None
    return account


@pytest.fixture
async def session() -> AsyncGenerator[aiohttp.ClientSession]:
    """Open a session like that of Home Assistant."""
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def keys(server: Server, owner: Owner) -> Account:
    """Return the account with its access key."""
    credentials = AccessKey(owner.access_key, owner.secret_key)
    return Account(credentials, owner.project_id, region_of(server.url))


@pytest.fixture
def user(server: Server, owner: Owner) -> Account:
    """Return the account with its IAM user."""
    credentials = IamUser(owner.domain, owner.user, owner.password)
    return Account(credentials, owner.project_id, region_of(server.url))


@pytest.fixture(params=["keys", "user"])
def account(request: pytest.FixtureRequest) -> Account:
    """Return the account, proven in either way."""
    found: Account = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def client(session: aiohttp.ClientSession, account: Account) -> ManagementClient:
    """Return a client that proves who it is in either way."""
    return ManagementClient(session, account)


@pytest.fixture
async def platform() -> AsyncGenerator[Answering]:
    """Start a platform that answers what it is told."""
    answering = Answering()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", answering.handle)
    async with TestServer(app) as server:
        answering.url = str(server.make_url("")).rstrip("/")
        yield answering
