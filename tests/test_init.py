"""Tests of setting an application up, of taking it down and of restarts."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
import sqlite3
from types import MappingProxyType
from urllib.parse import urlencode

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_test_home_assistant,
)

from custom_components.huawei_cloud_sms.const import DOMAIN
from homeassistant import loader
from homeassistant.components import event, notify
from homeassistant.config_entries import (
    ConfigEntry,
    ConfigEntryDisabler,
    ConfigEntryState,
    ConfigSubentry,
)
from homeassistant.const import EVENT_HOMEASSISTANT_CLOSE, EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
from simulator.scenarios import Scenario
from simulator.server import Server

from .common import (
    WEBHOOK_PATH,
    Events,
    issues,
    ledger_path,
    make_entry,
    reply,
    report,
    send_sms,
    template_data,
    wait_until,
)
from .const import (
    NOTIFY_ENTITY,
    OTHER_NUMBER,
    RECIPIENT_SUBENTRY,
    REPLY_EVENT,
    REPORT_EVENT,
    WEBHOOK_ID,
)
from .pushing import FORM, post_by_cloud

ENTITIES = (REPORT_EVENT, REPLY_EVENT, NOTIFY_ENTITY)
SILENT_NUMBER = "+8613700009003"


async def hand_over(hass: HomeAssistant, fields: dict[str, str]) -> int:
    """Hand a push over as the cloud does, and return the answer's status."""
    return await post_by_cloud(hass, urlencode(fields).encode(), FORM)


def rows_of(hass: HomeAssistant, entry_id: str | None = None) -> int:
    """Count what the ledger's file holds, of an application or at all."""
    count = 0
    with closing(sqlite3.connect(ledger_path(hass))) as ledger:
        tables = ledger.execute(
            "SELECT name, sql LIKE '%entry_id%' FROM sqlite_master"
            " WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
        assert len(tables) >= 4
        for table, has_entry in tables:
            query = f"SELECT count(*) FROM {table}"  # noqa: S608
            if entry_id is None:
                count += ledger.execute(query).fetchone()[0]
            elif has_entry:
                query += " WHERE entry_id = ?"
                count += ledger.execute(query, (entry_id,)).fetchone()[0]
    return count


@asynccontextmanager
async def restarted(config_dir: str) -> AsyncGenerator[HomeAssistant]:
    """Run another Home Assistant on the same configuration folder."""
    async with async_test_home_assistant(config_dir=config_dir) as hass:
        hass.data.pop(loader.DATA_CUSTOM_COMPONENTS)
        yield hass
        await hass.async_stop(force=True)


async def test_set_up_talks_to_nobody(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """Setting up, reloading and unloading never ask the platform anything."""
    assert application.state is ConfigEntryState.LOADED
    assert await hass.config_entries.async_reload(application.entry_id)
    assert await hass.config_entries.async_unload(application.entry_id)
    assert await hass.config_entries.async_setup(application.entry_id)
    assert platform.platform.state.records.request_count == 0
    assert issues(hass) == {}


async def test_set_up_without_internet(hass: HomeAssistant, platform: Server) -> None:
    """An application is there although its platform cannot be reached."""
    await platform.stop()
    entry = make_entry(platform.url)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert all(hass.states.get(entity_id) for entity_id in ENTITIES)


async def test_wsse(hass: HomeAssistant, platform: Server, door: TestClient) -> None:
    """The other authentication is used where it is chosen."""
    entry = make_entry(platform.url, data={"auth": "wsse"})
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    (message,) = await send_sms(hass, OTHER_NUMBER)
    assert message["state"] == "accepted"
    assert platform.platform.state.records.requests[-1].authentication == "wsse"


async def test_unload(hass: HomeAssistant, application: MockConfigEntry) -> None:
    """Entities go with the application, actions stay."""
    assert await hass.config_entries.async_unload(application.entry_id)
    assert application.state is ConfigEntryState.NOT_LOADED
    for entity_id in ENTITIES:
        assert hass.states.get(entity_id).state == "unavailable"
    assert hass.services.has_service(DOMAIN, "send_sms")
    assert hass.services.has_service(DOMAIN, "send_template")


async def test_unload_fails(
    hass: HomeAssistant,
    door: TestClient,
    application: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An application whose entities cannot be unloaded goes on showing events."""

    async def fail(_hass: HomeAssistant, _entry: ConfigEntry) -> bool:
        """Keep the entities, as only a fault in the notify component could."""
        return False

    monkeypatch.setattr(notify, "async_unload_entry", fail)
    monkeypatch.setattr(event, "async_unload_entry", fail)
    assert not await hass.config_entries.async_unload(application.entry_id)
    assert application.state is ConfigEntryState.FAILED_UNLOAD
    reports = Events(hass, REPORT_EVENT)
    answer = await door.post(WEBHOOK_PATH, data=report("one"))
    assert answer.status == 200
    assert reports.types == ["delivered"]


async def test_changes_reload(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """Another recipient, a renamed one, and one less are there at once."""
    wei = ConfigSubentry(
        data=MappingProxyType({"name": "Wei", "number": OTHER_NUMBER}),
        subentry_type="recipient",
        title="Wei",
        unique_id=f"recipient_{OTHER_NUMBER}",
    )
    hass.config_entries.async_add_subentry(application, wei)
    await hass.async_block_till_done()
    assert hass.states.get("notify.wei") is not None
    hass.config_entries.async_remove_subentry(application, RECIPIENT_SUBENTRY)
    await hass.async_block_till_done()
    assert hass.states.get(NOTIFY_ENTITY) is None
    assert er.async_get(hass).async_get(NOTIFY_ENTITY) is None
    names = {
        device.name
        for device in dr.async_entries_for_config_entry(
            dr.async_get(hass), application.entry_id
        )
    }
    assert names == {"SMS", "Wei"}


async def test_changed_while_it_is_set_up(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """A change that comes in the middle of setting up is not lost."""
    entry = make_entry("http://127.0.0.1:9")

    @callback
    def change(_event: Event[dr.EventDeviceRegistryUpdatedData]) -> None:
        """Put the address right."""
        hass.config_entries.async_update_entry(
            entry, data={**entry.data, "endpoint": platform.url}
        )

    # the device is made when the settings have been read
    hass.bus.async_listen_once(dr.EVENT_DEVICE_REGISTRY_UPDATED, change)
    entry.add_to_hass(hass)
    # by its end it may already be loading anew
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    (sent,) = await send_sms(hass, OTHER_NUMBER)
    assert sent["state"] == "accepted"


async def test_remove(hass: HomeAssistant, platform: Server, door: TestClient) -> None:
    """Nothing is left of a removed application, and all of the others."""
    entries = []
    for name, webhook_id in (("One", WEBHOOK_ID), ("Two", "f" * 64)):
        entry = make_entry(
            platform.url,
            title=name,
            data={"webhook_id": webhook_id},
            subentries=[template_data(subentry_id=f"template-{name}")],
        )
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await send_sms(hass, OTHER_NUMBER, config_entry_id=entry.entry_id)
        await platform.platform.background.idle()
        for fields in (reply(), report("foreign")):
            answer = await door.post(f"/api/webhook/{webhook_id}", data=fields)
            assert answer.status == 200
        entries.append(entry)
    one, two = (entry.entry_id for entry in entries)
    count = rows_of(hass, two)
    assert rows_of(hass, one) == count >= 5
    result = await hass.config_entries.async_remove(one)
    assert result == {"require_restart": False}
    assert rows_of(hass, one) == 0
    assert rows_of(hass, two) == count
    # an unknown webhook takes everything and does nothing
    assert (await door.put(WEBHOOK_PATH)).status == 200
    assert (await door.put(f"/api/webhook/{'f' * 64}")).status == 405
    await hass.config_entries.async_remove(two)
    assert rows_of(hass) == 0


async def test_remove_a_disabled_one(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """A disabled application leaves nothing behind either."""
    await send_sms(hass, OTHER_NUMBER)
    await hass.config_entries.async_set_disabled_by(
        application.entry_id, ConfigEntryDisabler.USER
    )
    assert rows_of(hass) > 0
    await hass.config_entries.async_remove(application.entry_id)
    assert rows_of(hass) == 0


async def test_restart(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """What was sent before a restart is known after it."""
    (sent,) = await send_sms(hass, SILENT_NUMBER)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    shown = hass.states.get(REPORT_EVENT)
    # while everything ends, a push is stored, and nothing is shown
    assert await hand_over(hass, reply()) == 200
    assert hass.states.get(REPORT_EVENT) is shown
    hass.bus.async_fire(EVENT_HOMEASSISTANT_CLOSE)
    await hass.async_block_till_done()
    assert await hand_over(hass, reply()) == 503

    async with restarted(hass.config.config_dir) as again:
        entry = make_entry(platform.url, entry_id=application.entry_id)
        entry.add_to_hass(again)
        assert await again.config_entries.async_setup(entry.entry_id)
        await again.async_block_till_done()
        late = again.states.get(REPLY_EVENT)
        assert late.attributes["reference"] is None
        assert late.attributes["late"] is True
        reports = Events(again, REPORT_EVENT)
        assert await hand_over(again, report(sent["message_id"])) == 200
        (state,) = reports.states
        assert state.attributes["event_type"] == "delivered"
        assert state.attributes["reference"] == sent["reference"]
        assert state.attributes["recipient"] is None
        assert state.attributes["number"] == SILENT_NUMBER
        assert state.attributes["late"] is False


async def test_crash_while_sending(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """What may have left before a crash is unconfirmed and never sent again."""
    platform.platform.scenarios.for_number(
        OTHER_NUMBER, Scenario(delay=0.3, report_delay=600)
    )
    task = hass.async_create_task(send_sms(hass, OTHER_NUMBER))
    await wait_until(platform.platform.state.records.messages)
    # the file as a crash would leave it
    config_dir = tmp_path_factory.mktemp("config")
    (config_dir / ".storage").mkdir()
    with (
        closing(sqlite3.connect(ledger_path(hass))) as ledger,
        closing(
            sqlite3.connect(config_dir / ".storage" / ledger_path(hass).name)
        ) as copy,
    ):
        ledger.backup(copy)
    await task

    async with restarted(str(config_dir)) as again:
        entry = make_entry(platform.url, entry_id=application.entry_id)
        entry.add_to_hass(again)
        assert await again.config_entries.async_setup(entry.entry_id)
        await again.async_block_till_done()
        state = again.states.get(REPORT_EVENT)
        assert state.attributes["event_type"] == "unconfirmed"
        assert state.attributes["code"] == "unconfirmed_interrupted"
        assert state.attributes["late"] is True
        # its report settles it
        (message,) = platform.platform.state.records.messages()
        fields = report(message.message_id, extend=message.extend, to=message.number)
        assert await hand_over(again, fields) == 200
        assert again.states.get(REPORT_EVENT).attributes["event_type"] == "delivered"
    assert platform.platform.state.records.request_count == 1


async def test_remove_while_disabled(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """An application that was disabled since the start leaves nothing either."""
    await send_sms(hass, OTHER_NUMBER)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_CLOSE)
    await hass.async_block_till_done()
    assert rows_of(hass, application.entry_id) > 0
    async with restarted(hass.config.config_dir) as again:
        entry = make_entry(
            platform.url,
            entry_id=application.entry_id,
            disabled_by=ConfigEntryDisabler.USER,
        )
        entry.add_to_hass(again)
        assert await async_setup_component(again, "webhook", {})
        await again.config_entries.async_remove(entry.entry_id)
        assert DOMAIN not in again.config.components
        assert rows_of(again, application.entry_id) == 0


async def test_disabled_from_the_start(
    hass: HomeAssistant,
    platform: Server,
    door: TestClient,
    application: MockConfigEntry,
) -> None:
    """Enabled ones get their webhook before they are loaded, disabled ones none."""
    entry = make_entry(
        platform.url,
        title="Disabled",
        data={"webhook_id": "f" * 64},
        subentries=[],
        disabled_by=ConfigEntryDisabler.USER,
    )
    entry.add_to_hass(hass)
    assert (await door.put(WEBHOOK_PATH)).status == 405
    assert (await door.put(f"/api/webhook/{'f' * 64}")).status == 200


async def test_disabled_after_failed_set_up(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """An application that was never loaded takes no pushes once it is disabled."""
    entry = make_entry("https://not an address")
    entry.add_to_hass(hass)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert (await door.post(WEBHOOK_PATH, data=report("early-1"))).status == 200
    rows = rows_of(hass, entry.entry_id)
    assert rows
    await hass.config_entries.async_set_disabled_by(
        entry.entry_id, ConfigEntryDisabler.USER
    )
    # nobody answers any more but Home Assistant itself
    await door.post(WEBHOOK_PATH, data=report("early-2"))
    assert rows_of(hass, entry.entry_id) == rows


async def test_becomes_international(
    hass: HomeAssistant, application: MockConfigEntry
) -> None:
    """An application that has no replies any more loses their entities."""
    hass.config_entries.async_update_entry(
        application, data={**application.data, "kind": "international"}
    )
    await hass.async_block_till_done()
    registry = er.async_get(hass)
    keys = {
        entity.translation_key
        for entity in er.async_entries_for_config_entry(registry, application.entry_id)
    }
    assert "reply" not in keys
    assert keys > {"delivery_report", "recipient"}
