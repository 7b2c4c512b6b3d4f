"""What could not leave is tried again for a while, and nothing else ever is."""

import asyncio
import random
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.huawei_cloud_sms.const import DOMAIN
from custom_components.huawei_cloud_sms.sending import sender as sending
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.script import Script
from simulator.scenarios import PRESETS
from simulator.server import Server
from tests.calls import CALLS, Call
from tests.common import Events, send_sms, wait_until
from tests.const import OTHER_NUMBER

from .outage import BUSY, cut_off, restore, states, wait_for_states

pytestmark = pytest.mark.usefixtures("short_pauses")

HOUR = {"hours": 1}


async def begin(
    hass: HomeAssistant, platform: Server, **data: Any
) -> asyncio.Task[list[dict[str, Any]]]:
    """Begin to send to a platform that is out of reach; it is tried on return."""
    await cut_off(platform)
    task = hass.async_create_task(send_sms(hass, OTHER_NUMBER, **data))
    await wait_until(lambda: "queued" in states(hass))
    await wait_until(lambda: "sending" in states(hass) or task.done())
    return task


@pytest.mark.parametrize("call", CALLS)
async def test_reached_again(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
    call: Call,
) -> None:
    """Whoever sends, by whichever call, does not notice a short outage."""
    await cut_off(platform)
    task = hass.async_create_task(call(hass))
    await wait_for_states(hass, "queued")
    assert not task.done()
    await restore(platform)
    await task
    await reports.wait_for(2)
    assert reports.types == ["accepted", "delivered"]
    assert platform.platform.state.records.request_count == 1


async def test_busy_platform(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """A whole request that is refused with 'try later' is sent later, once."""
    platform.platform.scenarios.for_next_requests(BUSY, 3)
    (message,) = await send_sms(hass, OTHER_NUMBER)
    assert message["state"] == "accepted"
    records = platform.platform.state.records
    assert records.request_count == 4
    assert len(records.messages()) == 1
    assert len({request.extend for request in records.requests}) == 1


async def test_never(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
) -> None:
    """Without a time to try again there is one attempt."""
    await cut_off(platform)
    (message,) = await send_sms(hass, OTHER_NUMBER, retry_for=0)
    assert (message["state"], message["code"]) == ("expired_unsent", "not_sent_connect")
    await reports.wait_for(1)
    assert reports.types == ["expired_unsent"]
    await restore(platform)
    platform.platform.scenarios.for_next_requests(BUSY, 1)
    (message,) = await send_sms(hass, OTHER_NUMBER, retry_for={"seconds": 0})
    assert (message["state"], message["code"]) == ("refused", "E200015")
    assert platform.platform.state.records.request_count == 1


async def test_never_after_its_time(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An attempt that would begin when the time is over is not waited for."""
    monkeypatch.setattr(random, "uniform", lambda _, longest: longest)
    monkeypatch.setattr(sending, "_FIRST_PAUSE", 31)
    platform.platform.scenarios.for_next_requests(BUSY, 1)
    (message,) = await send_sms(hass, OTHER_NUMBER)
    assert (message["state"], message["code"]) == ("refused", "E200015")
    assert platform.platform.state.records.request_count == 1


@pytest.mark.parametrize(
    "scenario", ["broken", "broken_accepted", "system_error", "refused", "html"]
)
async def test_nothing_else_is_repeated(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    scenario: str,
) -> None:
    """What may have been taken, or was refused for another reason, goes out once."""
    platform.platform.scenarios.for_next_requests(PRESETS[scenario], 1)
    (message,) = await send_sms(hass, OTHER_NUMBER, retry_for=HOUR, expires_after=HOUR)
    assert message["state"] in ("unconfirmed", "refused")
    assert platform.platform.state.records.request_count == 1


async def test_reload(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
) -> None:
    """A reload does not end the attempts."""
    task = await begin(hass, platform)
    assert await hass.config_entries.async_reload(application.entry_id)
    await restore(platform)
    (message,) = await task
    assert message["state"] == "accepted"
    await reports.wait_for(2)
    assert platform.platform.state.records.request_count == 1


async def test_disabled(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """An application that was disabled sends nothing more."""
    task = await begin(hass, platform, retry_for=HOUR)
    await hass.config_entries.async_set_disabled_by(
        application.entry_id, ConfigEntryDisabler.USER
    )
    await restore(platform)
    (message,) = await task
    assert (message["state"], message["code"]) == ("expired_unsent", "not_sent_removed")
    assert platform.platform.state.records.request_count == 0


async def test_removed(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """An application that was removed sends nothing more and leaves nothing behind."""
    task = await begin(hass, platform, retry_for=HOUR)
    await hass.config_entries.async_remove(application.entry_id)
    await restore(platform)
    (message,) = await task
    assert (message["state"], message["code"]) == ("expired_unsent", "not_sent_removed")
    assert states(hass) == []
    assert platform.platform.state.records.request_count == 0


async def test_end_of_home_assistant(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """At the end nobody waits for the next attempt: what could not leave is told."""
    task = await begin(hass, platform, retry_for=HOUR)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    (message,) = await task
    assert (message["state"], message["code"]) == ("expired_unsent", "not_sent_connect")
    # nor is anything tried again that fails from now on
    (message,) = await send_sms(hass, OTHER_NUMBER, retry_for=HOUR)
    assert (message["state"], message["code"]) == ("expired_unsent", "not_sent_connect")


async def test_cancelled_caller(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
) -> None:
    """An automation that is ended leaves the message on its way."""
    await cut_off(platform)
    script = Script(
        hass,
        cv.SCRIPT_SCHEMA(
            [
                {
                    "action": f"{DOMAIN}.send_sms",
                    "data": {"numbers": OTHER_NUMBER, "variables": "门开着"},
                }
            ]
        ),
        "test",
        DOMAIN,
    )
    task = hass.async_create_task(script.async_run())
    await wait_for_states(hass, "queued")
    await script.async_stop()
    with pytest.raises(asyncio.CancelledError):
        await task
    await restore(platform)
    await reports.wait_for(2)
    assert reports.types == ["accepted", "delivered"]


async def test_pauses_grow(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each pause is of any length up to one that doubles, and at last does not."""
    asked: list[tuple[float, float]] = []

    def uniform(shortest: float, longest: float) -> float:
        asked.append((shortest, longest))
        return shortest

    monkeypatch.setattr(random, "uniform", uniform)
    platform.platform.scenarios.for_next_requests(BUSY, 4)
    (message,) = await send_sms(hass, OTHER_NUMBER)
    assert message["state"] == "accepted"
    assert asked == [(0, 0.02), (0, 0.04), (0, 0.05), (0, 0.05)]


async def test_error_of_a_caller(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """Without a response an outage that lasts is an error."""
    await cut_off(platform)
    with pytest.raises(HomeAssistantError, match="No connection"):
        await hass.services.async_call(
            DOMAIN,
            "send_sms",
            {"numbers": [OTHER_NUMBER], "variables": ["x"], "retry_for": 0},
            blocking=True,
        )
