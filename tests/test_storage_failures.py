"""A disk that is full, read-only or locked: sending goes on, and nothing is claimed."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path
import sqlite3

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.huawei_cloud_sms.component import DATA_COMPONENT
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from simulator.scenarios import Scenario
from simulator.server import Server

from .common import (
    WEBHOOK_PATH,
    Events,
    issues,
    ledger_path,
    reply,
    report,
    send_sms,
    wait_until,
)
from .const import OTHER_NUMBER, REPLY_EVENT, REPORT_EVENT
from .ledger.failing import fill_disk, write_protect

# A folder that nobody may write into, not even root.
_READ_ONLY = Path("/proc/sys")

_OTHERS = [f"+86137000010{place:02}" for place in range(100)]


async def spoil(hass: HomeAssistant, how: Callable[[sqlite3.Connection], None]) -> None:
    """Let the file fail in some way, but not what stands in for it."""

    def spoil_file(db: sqlite3.Connection) -> None:
        (_, _, file) = db.execute("PRAGMA database_list").fetchone()
        if file:
            how(db)

    await hass.data[DATA_COMPONENT].ledger.run(spoil_file)


@asynccontextmanager
async def full_disk(hass: HomeAssistant) -> AsyncGenerator[None]:
    """Let the file grow no more."""
    await spoil(hass, fill_disk)
    yield


@asynccontextmanager
async def read_only_disk(hass: HomeAssistant) -> AsyncGenerator[None]:
    """Let the file be read only."""
    await spoil(hass, write_protect)
    yield


@asynccontextmanager
async def locked_file(hass: HomeAssistant) -> AsyncGenerator[None]:
    """Hold a lock on the file, as another program may do."""
    with closing(sqlite3.connect(ledger_path(hass), isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        yield


async def assert_it_goes_on(hass: HomeAssistant, door: TestClient) -> None:
    """Send, and take a report and a reply, without storage."""
    reports, replies = Events(hass, REPORT_EVENT), Events(hass, REPLY_EVENT)
    (sent,) = await send_sms(hass, OTHER_NUMBER, override_limit=True)
    assert sent["state"] == "accepted"
    for fields in (report(sent["message_id"]), reply("while it fails")):
        answer = await door.post(WEBHOOK_PATH, data=fields)
        assert answer.status == 503
    assert reports.types == ["accepted", "delivered"]
    assert [it.attributes["reference"] for it in reports.states] == [
        sent["reference"]
    ] * 2
    assert len(replies.states) == 1
    for state in (*reports.states, *replies.states):
        assert state.attributes["recorded"] is False
    assert set(issues(hass)) == {"storage_failed"}


async def assert_it_is_over(hass: HomeAssistant, door: TestClient) -> None:
    """Take a push again, and show nothing for a second time."""
    reports, replies = Events(hass, REPORT_EVENT), Events(hass, REPLY_EVENT)
    for fields in (report("later"), reply("while it fails")):
        answer = await door.post(WEBHOOK_PATH, data=fields)
        assert answer.status == 200
    assert [it.attributes["message_id"] for it in reports.states] == ["later"]
    assert reports.states[0].attributes["recorded"] is True
    assert replies.states == []
    assert issues(hass) == {}


async def try_again(hass: HomeAssistant) -> None:
    """Let the time come at which the file is tried again, until that is done."""
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=1))
    await wait_until(lambda: not issues(hass))


@pytest.fixture(autouse=True)
def silent(platform: Server) -> None:
    """Let no report come by itself."""
    for number in (OTHER_NUMBER, *_OTHERS):
        platform.platform.scenarios.for_number(number, Scenario(report=None))


@pytest.mark.parametrize("fail", [full_disk, read_only_disk, locked_file])
async def test_while_running(
    hass: HomeAssistant,
    door: TestClient,
    application: MockConfigEntry,
    fail: Callable[[HomeAssistant], AsyncGenerator[None]],
) -> None:
    """A file that fails while it is in use costs nothing but its promise."""
    async with fail(hass):  # type: ignore[attr-defined]
        # whatever room there is left
        await send_sms(hass, *_OTHERS, override_limit=True)
        await assert_it_goes_on(hass, door)
    await try_again(hass)
    await assert_it_is_over(hass, door)


@pytest.fixture
def read_only_folder(hass: HomeAssistant) -> Path:
    """Let the ledger's file belong into a folder that takes none."""
    path = ledger_path(hass)
    path.parent.mkdir(exist_ok=True)
    path.symlink_to(_READ_ONLY / path.name)
    return path


async def test_read_only_folder_at_the_start(
    hass: HomeAssistant,
    door: TestClient,
    read_only_folder: Path,
    entry: MockConfigEntry,
) -> None:
    """A file that cannot be made is missed for as long, and no longer."""
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    await assert_it_goes_on(hass, door)
    await hass.async_add_executor_job(read_only_folder.unlink)
    await try_again(hass)
    await assert_it_is_over(hass, door)
