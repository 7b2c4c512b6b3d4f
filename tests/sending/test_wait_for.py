"""A call may wait until its messages have ended, however they do."""

import asyncio
from typing import Any

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components.huawei_cloud_sms.const import DOMAIN
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.script import Script
from simulator.scenarios import PRESETS, Scenario
from simulator.server import Server
from tests.common import Events, report, send_sms, wait_until
from tests.const import NOTIFY_ENTITY, OTHER_NUMBER, RECIPIENT_NUMBER
from tests.pushing import push

from .outage import Held, skip_time, states, wait_for_states

SILENT = PRESETS["no_report"]
DELIVERED: dict[str, Any] = {"wait_for": "delivered"}


def silence(platform: Server) -> None:
    """Let no reports come by themselves."""
    for number in (OTHER_NUMBER, RECIPIENT_NUMBER):
        platform.platform.scenarios.for_number(number, SILENT)


async def begin(
    hass: HomeAssistant, platform: Server, **data: Any
) -> asyncio.Task[list[dict[str, Any]]]:
    """Begin to wait for a report that does not come by itself."""
    silence(platform)
    task = hass.async_create_task(send_sms(hass, OTHER_NUMBER, **DELIVERED, **data))
    await wait_for_states(hass, "accepted")
    assert not task.done()
    return task


async def push_report(
    door: TestClient, platform: Server, status: str = "DELIVRD", place: int = 0
) -> None:
    """Push a report about a message that the platform took."""
    message = platform.platform.state.records.messages()[place]
    await push(door, report(message.message_id, status))


async def test_each_state(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """The response has the state in which each message ended."""
    scenarios = platform.platform.scenarios
    scenarios.for_number("+8613700000003", PRESETS["failed"])
    scenarios.for_number("+8613700000004", Scenario(status="E200028"))
    numbers = [OTHER_NUMBER, "+8613700000003", "+8613700000004"]
    messages = await send_sms(hass, *numbers, **DELIVERED)
    assert [(it["number"], it["state"], it["code"]) for it in messages] == [
        (OTHER_NUMBER, "delivered", "DELIVRD"),
        ("+8613700000003", "failed", "UNDELIV"),
        ("+8613700000004", "refused", "E200028"),
    ]
    assert messages[0]["message_id"] is not None


async def test_accepted_is_usual(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """Without being asked to nobody waits for reports."""
    silence(platform)
    for wait_for in ({}, {"wait_for": "accepted"}, {"wait_for": None}):
        (message,) = await send_sms(hass, OTHER_NUMBER, **wait_for)
        assert message["state"] == "accepted"


async def test_recipients(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """The action for recipients waits too."""
    platform.platform.scenarios.for_number(RECIPIENT_NUMBER, PRESETS["failed"])
    response = await hass.services.async_call(
        DOMAIN,
        "send_template",
        {"entity_id": NOTIFY_ENTITY, "variables": {"message": "x"}, **DELIVERED},
        blocking=True,
        return_response=True,
    )
    assert response is not None
    assert response[NOTIFY_ENTITY]["state"] == "failed"
    # it was sent all the same
    assert hass.states.get(NOTIFY_ENTITY).state != "unknown"


@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        ("failed", "could not be delivered"),
        ("no_report", "no report about its delivery"),
        ("refused", "variables"),
    ],
)
@pytest.mark.parametrize("action", ["send_sms", "send_template"])
async def test_without_a_response(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    action: str,
    scenario: str,
    words: str,
) -> None:
    """Who asks for no response gets an error that names who got nothing."""
    platform.platform.scenarios.for_number(RECIPIENT_NUMBER, PRESETS[scenario])
    target = {
        "send_sms": {"numbers": [OTHER_NUMBER, RECIPIENT_NUMBER]},
        "send_template": {"entity_id": NOTIFY_ENTITY},
    }[action]
    with pytest.raises(HomeAssistantError, match=words) as err:
        await hass.services.async_call(
            DOMAIN,
            action,
            {"variables": ["x"], "timeout": {"seconds": 1}, **target, **DELIVERED},
            blocking=True,
        )
    assert err.value.translation_key == "not_delivered"
    assert "•••0001" in str(err.value)
    assert "•••0002" not in str(err.value)


async def test_delivered_is_no_error(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """When all are delivered nothing is said."""
    await hass.services.async_call(
        DOMAIN,
        "send_sms",
        {"numbers": [OTHER_NUMBER], "variables": ["x"], **DELIVERED},
        blocking=True,
    )
    assert states(hass) == ["delivered"]


@pytest.mark.parametrize("timeout", [{"milliseconds": 50}, 0])
async def test_time_is_up(
    hass: HomeAssistant,
    platform: Server,
    door: TestClient,
    application: MockConfigEntry,
    timeout: object,
) -> None:
    """When the time is up the response says how it stands, and the message goes on."""
    silence(platform)
    (message,) = await send_sms(hass, OTHER_NUMBER, timeout=timeout, **DELIVERED)
    assert (message["state"], message["code"]) == ("accepted", None)
    await push_report(door, platform)
    assert states(hass) == ["delivered"]


async def test_time_counts_from_the_call(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    held: Held,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What sending takes is not added to the time that a call waits."""
    silence(platform)
    task = hass.async_create_task(
        send_sms(hass, OTHER_NUMBER, timeout={"hours": 1}, **DELIVERED)
    )
    await held.wait_for(1)
    skip_time(hass, monkeypatch, 3601)
    held.end()
    (message,) = await task
    assert message["state"] == "accepted"


async def test_cancelled(
    hass: HomeAssistant,
    platform: Server,
    door: TestClient,
    application: MockConfigEntry,
    reports: Events,
) -> None:
    """Who cancels an automation ends the wait, and nothing else."""
    silence(platform)
    script = Script(
        hass,
        cv.SCRIPT_SCHEMA(
            {
                "action": f"{DOMAIN}.send_sms",
                "data": {"numbers": OTHER_NUMBER, "variables": ["x"], **DELIVERED},
            }
        ),
        "Test",
        "test",
    )
    running = hass.async_create_task(script.async_run())
    await reports.wait_for(1)
    await script.async_stop()
    await asyncio.gather(running, return_exceptions=True)
    await push_report(door, platform)
    await reports.wait_for(2)
    assert reports.types == ["accepted", "delivered"]


@pytest.mark.parametrize("reload", [True, False])
async def test_reload(
    hass: HomeAssistant,
    platform: Server,
    door: TestClient,
    application: MockConfigEntry,
    reload: bool,
) -> None:
    """A wait outlives a reload, and goes on while the application is unloaded."""
    task = await begin(hass, platform)
    assert await hass.config_entries.async_unload(application.entry_id)
    if reload:
        assert await hass.config_entries.async_setup(application.entry_id)
    assert not task.done()
    await push_report(door, platform)
    (message,) = await task
    assert message["state"] == "delivered"


async def test_removed(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """For messages of a removed application nobody waits any more."""
    task = await begin(hass, platform)
    await hass.config_entries.async_remove(application.entry_id)
    (message,) = await task
    assert message["state"] == "accepted"


async def test_end_of_home_assistant(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """At the end nobody waits any more."""
    task = await begin(hass, platform, timeout={"hours": 72})
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    (message,) = await task
    assert message["state"] == "accepted"


async def test_several_wait(
    hass: HomeAssistant,
    platform: Server,
    door: TestClient,
    application: MockConfigEntry,
) -> None:
    """Each call waits for its own messages."""
    first = await begin(hass, platform)
    second = hass.async_create_task(send_sms(hass, RECIPIENT_NUMBER, **DELIVERED))
    await wait_for_states(hass, "accepted", "accepted")
    await push_report(door, platform, "UNDELIV", 1)
    (message,) = await second
    assert message["state"] == "failed"
    assert not first.done()
    await push_report(door, platform)
    (message,) = await first
    assert message["state"] == "delivered"


@pytest.mark.parametrize(
    "data",
    [
        {"wait_for": "read"},
        {"override_limit": "maybe"},
    ],
)
async def test_senseless(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    data: dict[str, Any],
) -> None:
    """What nobody can mean is refused before anything is sent."""
    with pytest.raises(vol.Invalid):
        await send_sms(hass, OTHER_NUMBER, **data)
    assert platform.platform.state.records.request_count == 0


async def test_fields_left_empty(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """A template may leave any of the fields without a value."""
    names = ("wait_for", "timeout", "retry_for", "expires_after", "override_limit")
    (message,) = await send_sms(hass, OTHER_NUMBER, **dict.fromkeys(names))
    assert message["state"] == "accepted"
    await wait_until(lambda: states(hass) == ["delivered"])
