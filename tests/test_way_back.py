"""Tests of the notice that nothing ever comes back, and of the check it offers."""

from datetime import timedelta
from itertools import count, islice

from aiohttp.test_utils import TestClient
from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.huawei_cloud_sms import way_back
from homeassistant.const import EVENT_HOMEASSISTANT_CLOSE
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from simulator.server import Server

from .common import (
    WEBHOOK_PATH,
    block_storage,
    issues,
    make_entry,
    reply,
    report,
    send_sms,
    wait_until,
)
from .const import PUSH_KEY, PUSH_SECRET
from .pushing import push

# The simulator makes no reports about numbers that end so; one each, for the limits.
_NUMBERS = (f"+861370{it:03}9003" for it in count())


async def send_some(hass: HomeAssistant, messages: int = 3) -> list[str]:
    """Send messages about which nothing ever comes; return their ids."""
    return [
        message["message_id"]
        for number in islice(_NUMBERS, messages)
        for message in await send_sms(hass, number)
    ]


async def later(hass: HomeAssistant, passed: timedelta) -> None:
    """Let what is done from time to time be done."""
    async_fire_time_changed(hass, dt_util.utcnow() + passed)
    await hass.async_block_till_done()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let half an hour pass at once."""
    monkeypatch.setattr(way_back, "_PATIENCE", timedelta(minutes=-1))


async def test_half_an_hour_without_a_push(
    hass: HomeAssistant,
    application: MockConfigEntry,
    door: TestClient,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Three messages, half an hour and no push are a notice; one push ends it."""
    ids = await send_some(hass, 2)
    freezer.tick(timedelta(minutes=20))
    ids += await send_some(hass, 1)
    for minutes, expected in ((11, set()), (18, set()), (2, {"no_pushes"})):
        freezer.tick(timedelta(minutes=minutes))
        assert await hass.config_entries.async_reload(application.entry_id)
        assert set(issues(hass)) == expected
    issue = issues(hass)["no_pushes"]
    assert issue.is_fixable
    assert issue.translation_placeholders == {"application": "SMS"}
    await push(door, report(ids[0]))
    await later(hass, timedelta(seconds=1))
    assert issues(hass) == {}


@pytest.mark.usefixtures("impatient")
async def test_looked_at_from_time_to_time(
    hass: HomeAssistant, application: MockConfigEntry, door: TestClient
) -> None:
    """The notice comes by itself, and a reply ends it as well."""
    await send_some(hass)
    await later(hass, timedelta(minutes=11))
    await wait_until(lambda: set(issues(hass)) == {"no_pushes"})
    await push(door, reply())
    await later(hass, timedelta(seconds=1))
    await wait_until(lambda: not issues(hass))
    await send_some(hass)
    await later(hass, timedelta(minutes=22))
    assert await hass.config_entries.async_reload(application.entry_id)
    assert issues(hass) == {}


@pytest.mark.usefixtures("impatient")
async def test_too_few(hass: HomeAssistant, application: MockConfigEntry) -> None:
    """Two messages are no proof."""
    await send_some(hass, 2)
    assert await hass.config_entries.async_reload(application.entry_id)
    assert issues(hass) == {}


@pytest.mark.usefixtures("impatient")
async def test_without_an_address(
    hass: HomeAssistant, application: MockConfigEntry
) -> None:
    """Where there is no address, the missing address is what is told."""
    await send_some(hass)
    await hass.config.async_update(external_url=None)
    assert await hass.config_entries.async_reload(application.entry_id)
    assert set(issues(hass)) == {"no_public_address"}


@pytest.mark.usefixtures("impatient")
async def test_refused_pushes_do_not_count(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """Only an authentic push proves anything."""
    entry = make_entry(
        platform.url,
        data={"push_keys": [{"push_ak": PUSH_KEY, "push_sk": PUSH_SECRET}]},
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    (first, *_) = await send_some(hass)
    assert (await door.post(WEBHOOK_PATH, data=report(first))).status == 401
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert set(issues(hass)) == {"no_pushes"}


@pytest.mark.usefixtures("impatient")
async def test_without_storage(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """A ledger in memory does not know what came before, so nothing is said."""
    block_storage(hass)
    entry = make_entry(platform.url)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await send_some(hass)
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert set(issues(hass)) == {"storage_failed"}


@pytest.mark.usefixtures("impatient")
async def test_after_the_end(hass: HomeAssistant, application: MockConfigEntry) -> None:
    """A ledger that is closed is not asked in vain."""
    await send_some(hass)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_CLOSE)
    await hass.async_block_till_done()
    await later(hass, timedelta(minutes=11))
    assert issues(hass) == {}
