"""What happens to Home Assistant while an SMS is on its way changes nothing for it."""

import asyncio
from contextlib import closing
import sqlite3
import threading
from typing import Any

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.huawei_cloud_sms import recipients
from custom_components.huawei_cloud_sms.const import DOMAIN
from custom_components.huawei_cloud_sms.phone_number import normalize_number
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.script import Script
from simulator.scenarios import PRESETS, Scenario
from simulator.server import Server
from tests.calls import call_legacy_notify, call_notify
from tests.common import Events, issues, ledger_path, report, send_sms, wait_until
from tests.const import (
    NOTIFY_ENTITY,
    OTHER_NUMBER,
    RECIPIENT_NUMBER,
    RECIPIENT_SUBENTRY,
)
from tests.fake_cloud import install_cloud
from tests.pushing import push

from .outage import Held


async def test_cancelled_caller(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
    held: Held,
) -> None:
    """A script that is stopped while sending does not lose the SMS's outcome."""
    platform.platform.scenarios.for_number(OTHER_NUMBER, PRESETS["no_report"])
    script = Script(
        hass,
        cv.SCRIPT_SCHEMA(
            {
                "action": "huawei_cloud_sms.send_sms",
                "data": {"numbers": OTHER_NUMBER, "variables": ["门开着"]},
            }
        ),
        "Test",
        "test",
    )
    running = hass.async_create_task(script.async_run(context=Context()))
    await held.wait_for(1)
    await script.async_stop()
    await asyncio.gather(running, return_exceptions=True)
    assert reports.states == []
    held.end()
    await reports.wait_for(1)
    assert reports.types == ["accepted"]


async def push_report(door: TestClient, platform: Server) -> None:
    """Push a report about the message that the platform took."""
    (message,) = platform.platform.state.records.messages()
    extend = platform.platform.state.records.requests[0].extend
    assert extend is not None
    await push(door, report(message.message_id, extend=extend))


async def test_cut_off(
    hass: HomeAssistant,
    door: TestClient,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
    held: Held,
) -> None:
    """A send that Home Assistant cuts off at its end may have left."""
    platform.platform.scenarios.for_number(OTHER_NUMBER, PRESETS["no_report"])
    call = hass.async_create_task(send_sms(hass, OTHER_NUMBER))
    await held.wait_for(1)
    (task,) = (it for it in asyncio.all_tasks() if it.get_name() == f"{DOMAIN} send")
    task.cancel()
    await asyncio.gather(call, return_exceptions=True)
    await push_report(door, platform)
    await reports.wait_for(2)
    assert reports.types == ["unconfirmed", "delivered"]
    assert reports.states[0].attributes["code"] == "unconfirmed_interrupted"
    assert platform.platform.state.records.request_count == 1


async def begin_to_send(
    hass: HomeAssistant, platform: Server, held: Held, scenario: Scenario | None = None
) -> asyncio.Task[object]:
    """Begin to send to the recipient; how that ended is kept back."""
    platform.platform.scenarios.for_number(
        RECIPIENT_NUMBER, scenario or PRESETS["no_report"]
    )
    task = hass.async_create_task(call_notify(hass))
    await held.wait_for(1)
    return task


async def test_reload_while_sending(
    hass: HomeAssistant,
    door: TestClient,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
    held: Held,
) -> None:
    """A reload changes nothing for a send that is under way."""
    task = await begin_to_send(hass, platform, held)
    assert await hass.config_entries.async_reload(application.entry_id)
    held.end()
    await task
    await push_report(door, platform)
    await reports.wait_for(2)
    assert reports.types == ["accepted", "delivered"]
    assert reports.states[0].attributes["late"] is False
    assert platform.platform.state.records.request_count == 1


async def test_unload_while_sending(
    hass: HomeAssistant,
    door: TestClient,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
    held: Held,
) -> None:
    """What becomes of an SMS while its application is unloaded is shown later."""
    task = await begin_to_send(hass, platform, held)
    assert await hass.config_entries.async_unload(application.entry_id)
    held.end()
    await task
    await push_report(door, platform)
    assert reports.states == []
    assert await hass.config_entries.async_setup(application.entry_id)
    await reports.wait_for(1)
    assert reports.types == ["delivered"]
    assert reports.states[0].attributes["late"] is True


def _name(hass: HomeAssistant) -> str:
    """Return what the recipient's entity is called."""
    name: str = hass.states.get(NOTIFY_ENTITY).attributes["friendly_name"]
    return name


async def test_recipient_changed_while_sending(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry, held: Held
) -> None:
    """An action whose entity is another one by the end has its response."""
    platform.platform.scenarios.for_number(RECIPIENT_NUMBER, PRESETS["no_report"])
    task = hass.async_create_task(
        hass.services.async_call(
            "huawei_cloud_sms",
            "send_template",
            {"entity_id": NOTIFY_ENTITY, "variables": ["门开着"]},
            blocking=True,
            return_response=True,
        )
    )
    await held.wait_for(1)
    hass.config_entries.async_update_subentry(
        application, application.subentries[RECIPIENT_SUBENTRY], title="Mei Lin"
    )
    await wait_until(lambda: _name(hass) == "Mei Lin")
    held.end()
    response = await task
    assert response is not None
    assert response[NOTIFY_ENTITY]["state"] == "accepted"


@pytest.mark.parametrize("code", ["E000112", "E000102", None])
async def test_removal_while_sending(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    held: Held,
    code: str | None,
) -> None:
    """An application that is removed while it sends leaves nothing to mend behind."""
    # nor is the clock anybody's any more
    platform.platform.state.set_options({"clock_offset": 700.0})
    task = await begin_to_send(hass, platform, held, Scenario(status=code))
    await hass.config_entries.async_remove(application.entry_id)
    held.end()
    if code is None:
        await task
    else:
        with pytest.raises(HomeAssistantError, match=code):
            await task
    await hass.async_block_till_done()
    assert issues(hass) == {}
    assert hass.config_entries.flow.async_progress() == []


def begin_many(
    hass: HomeAssistant, count: int
) -> list[asyncio.Task[list[dict[str, Any]]]]:
    """Begin to send several messages to one number."""
    return [
        hass.async_create_task(
            send_sms(hass, OTHER_NUMBER, variables=[str(it)], override_limit=True)
        )
        for it in range(count)
    ]


async def test_removal_stops_what_waits(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry, held: Held
) -> None:
    """What has not left when an application is removed does not leave any more."""
    platform.platform.scenarios.for_number(OTHER_NUMBER, PRESETS["no_report"])
    sends = begin_many(hass, 12)
    await held.wait_for(8)
    await hass.config_entries.async_remove(application.entry_id)
    held.end()
    messages = [message for (message,) in await asyncio.gather(*sends)]
    assert [it["state"] for it in messages].count("accepted") == 8
    unsent = [it["code"] for it in messages if it["state"] == "expired_unsent"]
    assert unsent == ["not_sent_removed"] * 4
    assert platform.platform.state.records.request_count == 8


async def test_removal_before_anything_is_written(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A call that still waits for the address for reports leaves no record behind."""
    cloud = install_cloud(hass, monkeypatch)
    cloud.reachable.clear()
    task = hass.async_create_task(send_sms(hass, OTHER_NUMBER))
    await hass.config_entries.async_remove(application.entry_id)
    cloud.reachable.set()
    (message,) = await task
    assert (message["state"], message["code"]) == ("expired_unsent", "not_sent_removed")
    assert platform.platform.state.records.request_count == 0
    with closing(sqlite3.connect(ledger_path(hass))) as ledger:
        assert ledger.execute("SELECT * FROM message").fetchall() == []


async def test_removal_while_numbers_are_read(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A call for an application that is gone by then sends nothing, and says so."""
    begun, gate = threading.Semaphore(0), threading.Event()

    def read(number: str, country: str) -> str:
        """Read a number slowly."""
        begun.release()
        assert gate.wait(60)
        return normalize_number(number, country)

    monkeypatch.setattr(recipients, "normalize_number", read)
    by_number = hass.async_create_task(send_sms(hass, OTHER_NUMBER))
    by_notify = hass.async_create_task(call_legacy_notify(hass))
    for _ in range(2):
        assert await asyncio.to_thread(begun.acquire, timeout=60)
    await hass.config_entries.async_remove(application.entry_id)
    gate.set()
    (message,) = await by_number
    assert message["code"] == "not_sent_removed"
    with pytest.raises(HomeAssistantError, match="removed"):
        await by_notify
    assert platform.platform.state.records.request_count == 0


async def test_disabled_while_sending(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry, held: Held
) -> None:
    """An application that is disabled while it sends is not asked to be mended."""
    task = await begin_to_send(hass, platform, held, Scenario(status="E000102"))
    await hass.config_entries.async_set_disabled_by(
        application.entry_id, ConfigEntryDisabler.USER
    )
    held.end()
    with pytest.raises(HomeAssistantError):
        await task
    await hass.async_block_till_done()
    assert hass.config_entries.flow.async_progress() == []


async def test_settled_by_another_process(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry, held: Held
) -> None:
    """What another Home Assistant on the same folder gave up is not sent here."""
    platform.platform.scenarios.for_number(OTHER_NUMBER, PRESETS["no_report"])
    sends = begin_many(hass, 9)
    await held.wait_for(8)
    with closing(sqlite3.connect(ledger_path(hass), autocommit=True)) as other:
        other.execute(
            "UPDATE message SET state = 'expired_unsent' WHERE state = 'queued'"
        )
    held.end()
    messages = [message for (message,) in await asyncio.gather(*sends)]
    assert [it["state"] for it in messages].count("accepted") == 8
    assert [it["state"] for it in messages].count("expired_unsent") == 1
    assert platform.platform.state.records.request_count == 8
