"""What waited in the outbox until it is of no use does not leave."""

from datetime import datetime, timedelta

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from simulator.server import Server
from tests.common import Events

from .outage import SetClock, cut_off, put, restore, texts

pytestmark = pytest.mark.usefixtures("short_pauses")


async def test_too_old(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
    clock: SetClock,
) -> None:
    """What has waited too long is dropped, with an event, and never leaves."""
    await cut_off(platform)
    await put(hass, "甲", expires_after={"minutes": 10})
    await put(hass, "乙", expires_after={"minutes": 20})
    clock(dt_util.utcnow() + timedelta(minutes=10))
    await reports.wait_for(1)
    assert reports.states[0].attributes["event_type"] == "expired_unsent"
    assert reports.states[0].attributes["code"] == "not_sent_expired"
    assert reports.states[0].attributes["late"] is False
    await restore(platform)
    await reports.wait_for(3)
    assert texts(platform) == "乙"


@pytest.mark.parametrize("passed", [timedelta(minutes=-30), timedelta(days=2)])
async def test_clock_jumps(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
    clock: SetClock,
    passed: timedelta,
) -> None:
    """When nobody can tell any more how old a message is, it does not leave."""
    await cut_off(platform)
    await put(hass, "甲", expires_after={"minutes": 10})
    clock(dt_util.utcnow() + passed)
    await reports.wait_for(1)
    assert reports.types == ["expired_unsent"]
    await restore(platform)
    assert texts(platform) == ""


async def test_promotion_that_waited(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
    clock: SetClock,
) -> None:
    """A promotion whose hours are over does not leave."""
    subentry = next(iter(application.subentries.values()))
    hass.config_entries.async_update_subentry(
        application, subentry, data={**subentry.data, "template_type": "promotion"}
    )
    await hass.async_block_till_done()
    await cut_off(platform)
    evening = datetime.fromisoformat("2026-11-20T21:50:00+08:00")
    clock(evening)
    await put(hass, "甲")
    clock(evening + timedelta(minutes=10))
    await restore(platform)
    await reports.wait_for(1)
    assert reports.states[0].attributes["event_type"] == "refused"
    assert reports.states[0].attributes["code"] == "limit_promotion_hours"
    assert platform.platform.state.records.request_count == 0
