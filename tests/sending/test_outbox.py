"""What waits in the outbox leaves once and in order."""

from datetime import timedelta
import random
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.huawei_cloud_sms.const import DOMAIN
from custom_components.huawei_cloud_sms.ledger import deferring
from custom_components.huawei_cloud_sms.sending import outbox
from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from simulator.scenarios import PRESETS, Scenario
from simulator.server import Server
from tests.common import Events, send_sms, wait_until
from tests.const import OTHER_NUMBER, RECIPIENT_NUMBER

from .outage import (
    BUSY,
    Tried,
    cut_off,
    put,
    restore,
    states,
    texts,
    wait_for_states,
    wake_often,
)

pytestmark = pytest.mark.usefixtures("short_pauses")


async def test_in_order(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
) -> None:
    """What waits leaves in order as soon as the platform can be reached."""
    await cut_off(platform)
    await put(hass, *"甲乙丙")
    assert reports.states == []
    await restore(platform)
    await reports.wait_for(6)
    assert texts(platform) == "甲乙丙"
    assert sorted(reports.types) == ["accepted"] * 3 + ["delivered"] * 3
    assert states(hass) == ["delivered"] * 3


async def test_no_error(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """Whoever lets a message wait is not told of an error."""
    await cut_off(platform)
    await hass.services.async_call(
        DOMAIN,
        "send_sms",
        {
            "numbers": [OTHER_NUMBER],
            "variables": ["x"],
            "retry_for": 0,
            "expires_after": 60,
        },
        blocking=True,
    )
    # the outbox tries it meanwhile
    await wait_for_states(hass, "queued")


async def test_after_the_attempts(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """While it is tried by its own call a message is not taken by the outbox."""
    await cut_off(platform)
    waiting = {"retry_for": {"milliseconds": 200}, "expires_after": 3600}
    (message,) = await send_sms(hass, OTHER_NUMBER, **waiting)
    assert message["state"] == "queued"
    await restore(platform)
    await wait_for_states(hass, "delivered")
    assert platform.platform.state.records.request_count == 1


async def test_left_to_its_call(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    tried: Tried,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The outbox does not take what its own call will try again."""
    monkeypatch.setattr(random, "uniform", lambda *_: 600)
    platform.platform.scenarios.for_next_requests(BUSY, 1)
    terms: dict[str, Any] = {"retry_for": {"hours": 1}, "expires_after": 3600}
    task = hass.async_create_task(send_sms(hass, OTHER_NUMBER, **terms))
    # it is queued before its first attempt, too
    await tried.wait_for(1)
    await wait_for_states(hass, "queued")
    await wake_often(hass, application)
    assert states(hass) == ["queued"]
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=601))
    (message,) = await task
    assert message["state"] == "accepted"
    assert platform.platform.state.records.request_count == 2


async def test_first_attempt_by_its_call(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """A call that lets its messages wait returns when they could leave meanwhile."""
    platform.platform.scenarios.for_next_requests(BUSY, 3)
    (message,) = await send_sms(hass, OTHER_NUMBER, expires_after=3600)
    assert message["state"] == "accepted"
    assert platform.platform.state.records.request_count == 4


@pytest.mark.usefixtures("long_pauses")
async def test_in_line(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
    tried: Tried,
) -> None:
    """Who lets messages wait does not overtake; who does not is not held up."""
    await cut_off(platform)
    await put(hass, "甲")
    await tried.wait_for(2)
    await restore(platform)
    await put(hass, "乙")
    await reports.wait_for(4)
    assert texts(platform) == "甲乙"

    await cut_off(platform)
    await put(hass, "丙")
    await tried.wait_for(6)
    await restore(platform)
    (message,) = await send_sms(hass, RECIPIENT_NUMBER, variables=["丁"])
    assert message["state"] == "accepted"
    # that the platform was reached is reason enough to try again
    await reports.wait_for(8)
    assert texts(platform) == "甲乙丁丙"


async def test_unconfirmed(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
) -> None:
    """What may have been taken is not sent again; what is behind it waits a while."""
    await cut_off(platform)
    await put(hass, *"甲乙")
    platform.platform.scenarios.for_next_requests(PRESETS["broken_accepted"], 1)
    await restore(platform)
    await reports.wait_for(4)
    assert texts(platform) == "甲乙"
    assert reports.types[0] == "unconfirmed"
    assert states(hass) == ["delivered"] * 2


@pytest.mark.parametrize(
    ("scenario", "first"),
    [
        (BUSY, "accepted"),
        (Scenario(code="E000620", accepted=False), "refused"),
        (Scenario(status="E200028"), "refused"),
    ],
)
async def test_refused(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
    scenario: Scenario,
    first: str,
) -> None:
    """A busy platform is asked again, another refusal is an end."""
    await cut_off(platform)
    await put(hass, *"甲乙")
    platform.platform.scenarios.for_next_requests(scenario, 1)
    if scenario.status:
        platform.platform.scenarios.clear()
        platform.platform.scenarios.for_number(OTHER_NUMBER, scenario)
    await restore(platform)
    await reports.wait_for(2)
    assert reports.types[0] == first
    await wait_until(lambda: "queued" not in states(hass))


async def test_wrong_secret(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
) -> None:
    """While somebody has to enter the secret again nothing else is refused for it."""
    await cut_off(platform)
    await put(hass, *"甲乙丙")
    platform.platform.scenarios.for_next_requests(
        Scenario(code="E000045", accepted=False), 1
    )
    await restore(platform)
    await reports.wait_for(1)
    assert reports.types == ["refused"]
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == SOURCE_REAUTH
    await wake_often(hass, application)
    assert platform.platform.state.records.request_count == 1
    hass.config_entries.flow.async_abort(flow["flow_id"])
    assert await hass.config_entries.async_reload(application.entry_id)
    await reports.wait_for(5)
    assert states(hass) == ["refused", "delivered", "delivered"]


@pytest.mark.usefixtures("long_pauses")
async def test_full(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
    tried: Tried,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """When too much waits more is refused, tried first or standing in line."""
    monkeypatch.setattr(deferring, "_MOST_WAITING", 1)
    await cut_off(platform)
    numbers = [OTHER_NUMBER, RECIPIENT_NUMBER]
    many = await send_sms(hass, *numbers, retry_for=0, expires_after=60)
    assert {message["code"] for message in many} == {"outbox_full"}
    await put(hass, "甲")
    await tried.wait_for(3)
    (message,) = await send_sms(hass, OTHER_NUMBER, retry_for=0, expires_after=60)
    assert (message["state"], message["code"]) == ("refused", "outbox_full")
    await reports.wait_for(3)
    assert reports.types == ["refused"] * 3
    await restore(platform)
    application.runtime_data.async_wake_outbox()
    await reports.wait_for(5)
    assert texts(platform) == "甲"


@pytest.mark.usefixtures("long_pauses")
async def test_pause(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
    tried: Tried,
) -> None:
    """Without another reason it is tried again after a pause."""
    await cut_off(platform)
    await put(hass, "甲")
    await tried.wait_for(2)
    await restore(platform)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=1001))
    await reports.wait_for(2)
    assert texts(platform) == "甲"


def test_usual_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two attempts are 15 to 60 seconds."""
    monkeypatch.undo()
    assert (outbox._SHORTEST_PAUSE, outbox._LONGEST_PAUSE) == (15, 60)  # noqa: SLF001


async def test_unforeseen_trouble(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A fault of ours keeps nothing in the outbox for ever."""
    await cut_off(platform)
    await put(hass, "甲")
    with monkeypatch.context() as fault:
        fault.setattr(deferring, "find_oldest", lambda *_: 1 / 0)
        await wait_until(lambda: "ZeroDivisionError" in caplog.text)
    await restore(platform)
    await wait_for_states(hass, "delivered")
