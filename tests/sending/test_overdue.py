"""What never gets its report is closed in time, whatever happens meanwhile."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from homeassistant.core import HomeAssistant
from simulator.scenarios import PRESETS
from simulator.server import Server
from tests.common import Events, make_entry, send_sms
from tests.const import OTHER_NUMBER, REPORT_EVENT
from tests.test_init import restarted

from .outage import states


async def test_restart(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The time that Home Assistant was not running, or asleep, counts as well."""
    platform.platform.scenarios.for_number(OTHER_NUMBER, PRESETS["no_report"])
    (sent,) = await send_sms(hass, OTHER_NUMBER)
    freezer.tick(timedelta(hours=30))
    await hass.async_stop(force=True)
    freezer.tick(timedelta(hours=20))
    async with restarted(hass.config.config_dir) as again:
        entry = make_entry(platform.url, entry_id=application.entry_id)
        entry.add_to_hass(again)
        assert await again.config_entries.async_setup(entry.entry_id)
        reports = Events(again, REPORT_EVENT)
        for hours, state in ((21, "accepted"), (3, "no_report")):
            freezer.tick(timedelta(hours=hours))
            async_fire_time_changed(again)
            await again.async_block_till_done(wait_background_tasks=True)
            assert states(again) == [state]
        assert reports.types == ["no_report"]
        assert reports.states[0].attributes["reference"] == sent["reference"]
        assert reports.states[0].attributes["late"] is False
