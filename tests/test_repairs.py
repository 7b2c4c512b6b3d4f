"""Tests of storage that fails or is damaged, and of the repairs that say so."""

from datetime import timedelta
import sqlite3

from aiohttp.test_utils import TestClient
from freezegun.api import FrozenDateTimeFactory
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.huawei_cloud_sms.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from simulator.server import Server

from .common import (
    WEBHOOK_PATH,
    Events,
    block_storage,
    issues,
    ledger_path,
    report,
    send_sms,
    wait_until,
)
from .const import REPORT_EVENT

SILENT_NUMBER = "+8613700009003"


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set the application up."""
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


async def pass_time(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, passed: timedelta
) -> None:
    """Let time pass."""
    freezer.tick(passed)
    async_fire_time_changed(hass)
    await hass.async_block_till_done(wait_background_tasks=True)


def damage(hass: HomeAssistant) -> None:
    """Put something into the ledger's place that is no ledger."""
    path = ledger_path(hass)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 8192)


def set_aside(hass: HomeAssistant) -> list[str]:
    """Return the names of files that were set aside."""
    return [path.name for path in ledger_path(hass).parent.glob("*damaged*")]


async def test_storage_fails_and_returns(
    hass: HomeAssistant,
    platform: Server,
    door: TestClient,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Without storage everything goes on; it is tried again until it works."""
    block_storage(hass)
    await set_up(hass, entry)
    assert set(issues(hass)) == {"storage_failed"}
    reports = Events(hass, REPORT_EVENT)
    (sent,) = await send_sms(hass, SILENT_NUMBER)
    assert sent["state"] == "accepted"
    assert reports.states[0].attributes["recorded"] is False
    await pass_time(hass, freezer, timedelta(minutes=1))
    assert set(issues(hass)) == {"storage_failed"}

    ledger_path(hass).rmdir()
    await pass_time(hass, freezer, timedelta(minutes=1))
    await wait_until(lambda: not issues(hass))
    answer = await door.post(WEBHOOK_PATH, data=report(sent["message_id"]))
    assert answer.status == 200
    _, delivered = reports.states
    assert delivered.attributes["event_type"] == "delivered"
    assert delivered.attributes["reference"] == sent["reference"]
    assert delivered.attributes["recorded"] is True


async def test_damaged_file(
    hass: HomeAssistant,
    platform: Server,
    door: TestClient,
    entry: MockConfigEntry,
    hass_client: ClientSessionGenerator,
) -> None:
    """A damaged file is set aside, named, and a person takes note of it."""
    damage(hass)
    await set_up(hass, entry)
    issue = issues(hass)["storage_damaged"]
    (name,) = set_aside(hass)
    assert issue.translation_placeholders == {"file": name}
    assert issue.is_fixable

    client = await hass_client()
    answer = await client.post(
        "/api/repairs/issues/fix", json={"handler": DOMAIN, "issue_id": issue.issue_id}
    )
    flow = await answer.json()
    assert flow["step_id"] == "confirm"
    assert flow["description_placeholders"] == {"file": name}
    answer = await client.post(f"/api/repairs/issues/fix/{flow['flow_id']}", json={})
    assert (await answer.json())["type"] == "create_entry"
    assert issues(hass) == {}

    (sent,) = await send_sms(hass, SILENT_NUMBER)
    assert sent["state"] == "accepted"


async def test_damage_is_told_once(
    hass: HomeAssistant,
    platform: Server,
    door: TestClient,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """What a person took note of is not told again when storage fails later."""
    damage(hass)
    await set_up(hass, entry)
    issue = issues(hass)["storage_damaged"]
    ir.async_delete_issue(hass, DOMAIN, issue.issue_id)
    ledger = sqlite3.connect(ledger_path(hass), isolation_level=None)
    ledger.execute("BEGIN EXCLUSIVE")
    await send_sms(hass, SILENT_NUMBER)
    await wait_until(lambda: issues(hass))
    assert set(issues(hass)) == {"storage_failed"}
    ledger.close()
    await pass_time(hass, freezer, timedelta(minutes=1))
    await wait_until(lambda: not issues(hass))
    assert issues(hass) == {}
