"""Tests of when the event entities show what happened, and who acts on it."""

from datetime import timedelta
import time
from typing import Any

from aiohttp.test_utils import TestClient
from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from homeassistant.const import EVENT_STATE_REPORTED
from homeassistant.core import CoreState, Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from simulator.server import Server

from .common import Events, reply, reply_from_phone, report, send_sms, wait_until
from .const import (
    OTHER_NUMBER,
    RECIPIENT_NUMBER,
    RECIPIENT_SUBENTRY,
    REPLY_EVENT,
    REPORT_EVENT,
)
from .pushing import push

SILENT_NUMBER = "+8613700009003"
THREE_PARTS = "门" * 150


async def test_not_polled(
    hass: HomeAssistant, application: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Nothing is written while nothing happens."""
    written: list[Event[Any]] = []

    @callback
    def keep(event: Event[Any]) -> None:
        written.append(event)

    @callback
    def all_of_them(_data: Any) -> bool:
        return True

    hass.bus.async_listen(EVENT_STATE_REPORTED, keep, all_of_them)
    freezer.tick(60)
    async_fire_time_changed(hass)
    await hass.async_block_till_done()
    assert written == []


async def test_recipient_is_changed_before_the_reload(
    hass: HomeAssistant,
    platform: Server,
    door: TestClient,
    application: MockConfigEntry,
) -> None:
    """A recipient's entities go on while a change of the recipient is on its way."""
    registry = er.async_get(hass)
    registry.async_update_entity("event.mei_delivery_report", disabled_by=None)
    assert await hass.config_entries.async_reload(application.entry_id)
    reports = Events(hass, "event.mei_delivery_report")
    async with application.setup_lock:
        # the reload waits for the lock
        hass.config_entries.async_update_subentry(
            application, application.subentries[RECIPIENT_SUBENTRY], title="Mei Lin"
        )
        await send_sms(hass, RECIPIENT_NUMBER)
        await platform.platform.background.idle()
        assert reports.types == ["accepted", "delivered"]
        assert reports.states[0].attributes["recipient"] == "Mei Lin"
    await hass.async_block_till_done()


async def test_shown_after_reload(
    hass: HomeAssistant,
    platform: Server,
    door: TestClient,
    application: MockConfigEntry,
    reports: Events,
    replies: Events,
) -> None:
    """What came while nobody could be told is shown late, once."""
    (sent,) = await send_sms(hass, SILENT_NUMBER)
    await reports.wait_for(1)
    assert await hass.config_entries.async_unload(application.entry_id)
    await push(door, report(sent["message_id"]))
    await push(door, reply())
    assert len(reports.states) == 1
    for _ in range(2):
        assert await hass.config_entries.async_setup(application.entry_id)
        await hass.async_block_till_done()
        assert reports.types == ["accepted", "delivered"]
        assert len(replies.states) == 1
        assert await hass.config_entries.async_unload(application.entry_id)
    assert reports.states[-1].attributes["late"] is True
    assert replies.states[-1].attributes["late"] is True


async def test_shown_after_the_start(
    hass: HomeAssistant,
    platform: Server,
    door: TestClient,
    entry: MockConfigEntry,
) -> None:
    """Before Home Assistant has started nothing is shown: no automation could act."""
    hass.set_state(CoreState.starting)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    reports, replies = Events(hass, REPORT_EVENT), Events(hass, REPLY_EVENT)
    await push(door, report("before"))
    await push(door, reply("before"))
    assert reports.states == replies.states == []
    hass.set_state(CoreState.running)
    hass.bus.async_fire("homeassistant_started")
    await reports.wait_for(1)
    await replies.wait_for(1)
    await push(door, report("after"))
    await push(door, reply("after"))
    await reports.wait_for(2)
    await replies.wait_for(2)
    assert [it.attributes["late"] for it in reports.states] == [True, False]
    assert [it.attributes["late"] for it in replies.states] == [True, False]


async def test_old_reply_is_not_shown(
    hass: HomeAssistant,
    door: TestClient,
    application: MockConfigEntry,
    reports: Events,
    replies: Events,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A reply that nobody could be told of for ten minutes opens no door any more."""
    assert await hass.config_entries.async_unload(application.entry_id)
    await push(door, reply("old"))
    await push(door, report("old"))
    freezer.tick(590)
    await push(door, reply("new"))
    freezer.tick(20)
    assert await hass.config_entries.async_setup(application.entry_id)
    await hass.async_block_till_done()
    assert [state.attributes["message_id"] for state in replies.states] == ["new"]
    assert reports.types == ["delivered"]


async def test_no_report(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
    freezer: FrozenDateTimeFactory,
) -> None:
    """An SMS whose report is overdue is closed."""
    (sent,) = await send_sms(hass, SILENT_NUMBER)
    for hours, types in ((72, ["accepted"]), (2, ["accepted", "no_report"])):
        freezer.tick(timedelta(hours=hours))
        async_fire_time_changed(hass)
        await hass.async_block_till_done(wait_background_tasks=True)
        assert reports.types == types
    assert reports.states[-1].attributes["reference"] == sent["reference"]


async def test_no_report_while_the_clock_is_wrong(
    hass: HomeAssistant,
    door: TestClient,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A clock that is set months ahead closes and deletes nothing for 73 hours."""
    passed = time.time()
    monkeypatch.setattr(time, "clock_gettime", lambda _: passed)

    async def pass_hours(hours: float) -> None:
        """Let time pass, and everybody notice."""
        nonlocal passed
        passed += hours * 3600
        freezer.tick(timedelta(hours=hours))
        async_fire_time_changed(hass)
        await hass.async_block_till_done(wait_background_tasks=True)

    first, second = [await send_sms(hass, SILENT_NUMBER) for _ in range(2)]
    freezer.tick(timedelta(days=200))
    await pass_hours(1)
    assert await hass.config_entries.async_reload(application.entry_id)
    assert reports.types == ["accepted"] * 2
    await push(door, report(str(first[0]["message_id"])))
    await pass_hours(72)
    assert reports.types == ["accepted"] * 2 + ["delivered"]
    await pass_hours(2)
    assert reports.types == ["accepted"] * 2 + ["delivered", "no_report"]
    assert reports.states[-1].attributes["reference"] == second[0]["reference"]


async def test_automation_answers(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """An automation on a reply answers by SMS, though its number lost the plus."""
    assert await async_setup_component(
        hass,
        "automation",
        {
            "automation": {
                "mode": "queued",
                "max": 100,
                "triggers": {
                    "trigger": "event.received",
                    "target": {"entity_id": REPLY_EVENT},
                    "options": {"event_type": ["received"]},
                },
                "actions": {
                    "action": "huawei_cloud_sms.send_sms",
                    "data": {
                        "numbers": "{{ trigger.to_state.attributes.sender }}",
                        "variables": {
                            "message": "{{ trigger.to_state.attributes.text }}"
                        },
                    },
                },
            }
        },
    )
    await hass.async_block_till_done()
    await send_sms(hass, OTHER_NUMBER)
    reports = Events(hass, REPORT_EVENT)
    for text in ("一", "二", "三"):
        await reply_from_phone(platform, OTHER_NUMBER, text)
    messages = platform.platform.state.records.messages
    await wait_until(lambda: len(messages(OTHER_NUMBER)) == 4)
    answers = [message.text[-1] for message in messages(OTHER_NUMBER)[1:]]
    assert answers == ["一", "二", "三"]
    # what is shown of the answers belongs to the automation's runs
    await reports.wait_for(6)
    automation = hass.states.get("automation.automation_0")
    assert automation.context.id in {state.context.id for state in reports.states}
