"""What the tests of the simulator share: a server, a caller and a receiver."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace

import aiohttp
import pytest

from simulator.config import Application, Config, Kind, default_config
from simulator.server import Server

from .caller import KEY, SECRET, Caller
from .receiver import Receiver

type Starter = Callable[[Config], Awaitable[Server]]

ABROAD_KEY = "ExampleAppKeyAbroad00000001"


@pytest.fixture(autouse=True)
def every_test(socket_enabled: None) -> None:
    """Let tests use loopback; Home Assistant has no part in them."""


@pytest.fixture
def config() -> Config:
    """Return the configuration that comes along, with two applications."""
    config = default_config()
    return replace(
        config,
        applications=(
            Application(app_key=KEY, app_secret=SECRET),
            Application(app_key=ABROAD_KEY, app_secret=SECRET, kind=Kind.INTERNATIONAL),
        ),
        options=replace(config.options, report_delay=0.01, batch_interval=0.05),
    )


@pytest.fixture
async def start() -> AsyncGenerator[Starter]:
    """Return a function that starts servers, which are stopped in the end."""
    servers = []

    async def starter(config: Config) -> Server:
        """Start a server."""
        server = Server(config)
        await server.start()
        servers.append(server)
        return server

    yield starter
    for server in servers:
        await server.stop()


@pytest.fixture
async def server(start: Starter, config: Config) -> Server:
    """Start a server."""
    return await start(config)


@pytest.fixture
async def session() -> AsyncGenerator[aiohttp.ClientSession]:
    """Open an HTTP session."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as opened:
        yield opened


@pytest.fixture
def caller(server: Server, session: aiohttp.ClientSession) -> Caller:
    """Return a caller of the mainland application."""
    return Caller(session, server.url)


@pytest.fixture
def abroad(server: Server, session: aiohttp.ClientSession) -> Caller:
    """Return a caller of the international application."""
    return Caller(session, server.url, key=ABROAD_KEY)


@pytest.fixture
async def receiver() -> AsyncGenerator[Receiver]:
    """Start somebody who takes pushes."""
    async with Receiver() as started:
        yield started
