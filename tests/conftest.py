"""What all tests share: a platform on loopback and an application that uses it."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import suppress
from dataclasses import replace
from functools import partial
import logging
import re
import threading
import time

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.huawei_cloud_sms.sending import outbox
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from simulator.config import Application, Config, default_config
from simulator.options import Options
from simulator.server import Server

from .common import Events, make_entry
from .const import (
    APP_KEY,
    APP_SECRET,
    PUSH_SECRET,
    REPLY_EVENT,
    REPORT_EVENT,
    WEBHOOK_ID,
)
from .pushing import Post, post_by_cloud, post_directly
from .sending.outage import Held, SetClock, Tried, clock_setter, shorten_pauses

_LOGGER_NAME = "custom_components.huawei_cloud_sms"

# What none of our log records may hold: numbers, texts, keys, ids and addresses.
_PRIVATE = re.compile(
    rf"\+?\d{{7,}}|[\u4e00-\u9fff]|https?://|{WEBHOOK_ID}|{APP_KEY}"
    rf"|{re.escape(APP_SECRET)}|{PUSH_SECRET}|Example-?Iam|chenguang"
)


@pytest.fixture(autouse=True)
def every_test(request: pytest.FixtureRequest, socket_enabled: None) -> None:
    """Let tests use loopback, and Home Assistant, where there is one, load us."""
    if "hass" in request.fixturenames:
        request.getfixturevalue("enable_custom_integrations")


@pytest.fixture(autouse=True)
def nothing_private_in_logs(caplog: pytest.LogCaptureFixture) -> Generator[None]:
    """Look through all that the integration logged, down to the debug level."""
    caplog.set_level(logging.DEBUG, _LOGGER_NAME)
    yield
    formatter = logging.Formatter()
    for phase in ("setup", "call"):
        for record in caplog.get_records(phase):
            if record.name.startswith(_LOGGER_NAME):
                text = formatter.format(record)
                assert not _PRIVATE.search(text), text


@pytest.fixture(autouse=True)
def time_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the clock and the time that passes go on together, frozen or not."""
    monkeypatch.setattr(time, "clock_gettime", lambda _: time.time())


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> Generator[str]:
    """Give every test a configuration folder, and so a ledger, of its own."""
    yield hass_tmp_config_dir
    # a thread whose file failed ends by itself, and nobody waits for it
    for thread in threading.enumerate():
        if thread.name == "sms-ledger":
            thread.join(10)


@pytest.fixture
def platform_config() -> Config:
    """Return what the platform knows; its reports come soon.

    Not so soon that they overtake its answers on a slow machine: an SMS would then be
    delivered without ever having been accepted.
    """
    config = default_config()
    return replace(
        config,
        applications=(Application(app_key=APP_KEY, app_secret=APP_SECRET),),
        options=Options(report_delay=0.1),
    )


@pytest.fixture
def platforms() -> list[Server]:
    """Collect the platforms that run."""
    return []


@pytest.fixture
async def platform(
    hass: HomeAssistant, platform_config: Config, platforms: list[Server]
) -> AsyncGenerator[Server]:
    """Start the platform."""
    async with Server(platform_config) as server:
        platforms.append(server)
        yield server
        platforms.remove(server)


@pytest.fixture
async def door(
    hass: HomeAssistant,
    hass_client_no_auth: ClientSessionGenerator,
    platforms: list[Server],
) -> AsyncGenerator[TestClient]:
    """Open Home Assistant's HTTP server; its address is the external URL.

    It closes when nothing is on its way to it any more.
    """
    for component in ("http", "webhook", "api", "diagnostics", "repairs"):
        assert await async_setup_component(hass, component, {})
    client = await hass_client_no_auth()
    await hass.config.async_update(external_url=str(client.make_url("")).rstrip("/"))
    yield client
    for server in platforms:
        background = server.platform.background
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                await background.idle()
        await background.cancel()


@pytest.fixture
def entry(platform: Server) -> MockConfigEntry:
    """Return an application with one template and one recipient."""
    return make_entry(platform.url)


@pytest.fixture
async def application(
    hass: HomeAssistant, door: TestClient, entry: MockConfigEntry
) -> MockConfigEntry:
    """Set the application up."""
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


@pytest.fixture
def reports(hass: HomeAssistant, application: MockConfigEntry) -> Events:
    """Collect what the application's delivery report shows."""
    return Events(hass, REPORT_EVENT)


@pytest.fixture
def replies(hass: HomeAssistant, application: MockConfigEntry) -> Events:
    """Collect what the application's reply shows."""
    return Events(hass, REPLY_EVENT)


@pytest.fixture
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again soon where nothing could leave."""
    shorten_pauses(monkeypatch)


@pytest.fixture
def long_pauses(short_pauses: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the outbox try again only when there is a reason."""
    monkeypatch.setattr(outbox, "_SHORTEST_PAUSE", 1000)
    monkeypatch.setattr(outbox, "_LONGEST_PAUSE", 1000)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """Return what sets the clock."""
    return clock_setter(monkeypatch)


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> Tried:
    """Count the attempts to send."""
    return Tried(monkeypatch)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    """Keep back how attempts to send end."""
    return Held(monkeypatch)


@pytest.fixture(params=["direct", "cloud hook"])
def post(hass: HomeAssistant, door: TestClient, request: pytest.FixtureRequest) -> Post:
    """Return what posts a push, by each of the two roads."""
    if request.param == "direct":
        return partial(post_directly, door)
    return partial(post_by_cloud, hass)
