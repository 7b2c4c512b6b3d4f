"""What is kept of an application, and for how long, follows its options at once."""

from contextlib import closing
from datetime import timedelta
import sqlite3

from aiohttp.test_utils import TestClient
from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from simulator.scenarios import Scenario
from simulator.server import Server

from .common import Events, ledger_path, reply, report, send_sms, wait_until
from .const import OTHER_NUMBER, RECIPIENT_NUMBER, RECIPIENT_SUBENTRY, REPORT_EVENT
from .pushing import push

type Row = tuple[object, ...]


def rows(hass: HomeAssistant, what: str, table: str) -> list[Row]:
    """Return some columns of a table."""
    with closing(sqlite3.connect(ledger_path(hass))) as db:
        return db.execute(f"SELECT {what} FROM {table} ORDER BY id").fetchall()  # noqa: S608


async def choose(
    hass: HomeAssistant, entry: MockConfigEntry, **options: object
) -> None:
    """Change options through their form."""
    form = await hass.config_entries.options.async_init(entry.entry_id)
    await hass.config_entries.options.async_configure(
        form["flow_id"], {"default_country": "CN", **options}
    )
    await hass.async_block_till_done()


async def pass_time(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, passed: timedelta
) -> None:
    """Let time pass."""
    freezer.tick(passed)
    async_fire_time_changed(hass)
    await hass.async_block_till_done(wait_background_tasks=True)


@pytest.fixture
def silent(platform: Server) -> None:
    """Let no report come by itself."""
    for number in (RECIPIENT_NUMBER, OTHER_NUMBER):
        platform.platform.scenarios.for_number(number, Scenario(report=None))


async def test_retention(
    hass: HomeAssistant,
    door: TestClient,
    application: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    silent: None,
) -> None:
    """Without any option messages are kept for 90 days; less is followed at once."""
    await send_sms(hass, OTHER_NUMBER)
    await push(door, reply("old"))
    await pass_time(hass, freezer, timedelta(days=20))
    (sent,) = await send_sms(hass, OTHER_NUMBER)
    await push(door, reply("new"))
    await pass_time(hass, freezer, timedelta(days=69, hours=23))
    assert len(rows(hass, "id", "message")) == len(rows(hass, "id", "reply")) == 2
    await pass_time(hass, freezer, timedelta(hours=2))
    assert rows(hass, "reference", "message") == [(sent["reference"],)]
    assert rows(hass, "message_id", "reply") == [("new",)]

    await choose(hass, application, retention_days=80)
    assert len(rows(hass, "id", "message")) == 1
    await choose(hass, application, retention_days=69)
    assert rows(hass, "id", "message") == rows(hass, "id", "reply") == []


async def test_texts(
    hass: HomeAssistant,
    door: TestClient,
    application: MockConfigEntry,
    replies: Events,
) -> None:
    """Texts that are not to be kept go, and each is still shown, also a late one."""
    await push(door, reply("1"))
    assert rows(hass, "text", "reply") == [("好的",)]
    await choose(hass, application, keep_texts=False)
    assert rows(hass, "text", "reply") == [("",)]
    await push(door, reply("2"))
    assert replies.states[-1].attributes["text"] == "好的"
    assert rows(hass, "text", "reply") == [("",), ("",)]

    assert await hass.config_entries.async_unload(application.entry_id)
    await push(door, reply("3", body="马上"))
    assert rows(hass, "text", "reply")[2:] == [("马上",)]
    assert await hass.config_entries.async_setup(application.entry_id)
    await hass.async_block_till_done()
    state = hass.states.get("event.sms_reply")
    assert (state.attributes["text"], state.attributes["late"]) == ("马上", True)
    assert rows(hass, "text", "reply")[2:] == [("",)]

    await choose(hass, application, keep_texts=True)
    await push(door, reply("4"))
    assert rows(hass, "text", "reply") == [("",), ("",), ("",), ("好的",)]


async def test_recipient_is_deleted(
    hass: HomeAssistant,
    platform: Server,
    door: TestClient,
    application: MockConfigEntry,
    silent: None,
) -> None:
    """With a recipient goes what tells who it was; a late report still counts."""
    (sent,) = await send_sms(hass, RECIPIENT_NUMBER)
    await send_sms(hass, OTHER_NUMBER)
    await push(door, reply())
    before = rows(hass, "id, reference, message_id, state, sent_at", "message")
    hass.config_entries.async_remove_subentry(application, RECIPIENT_SUBENTRY)
    await hass.async_block_till_done()
    assert rows(hass, "number, recipient_id", "message") == [
        (None, None),
        (OTHER_NUMBER, None),
    ]
    assert rows(hass, "sender, text", "reply") == [("", "")]
    after = rows(hass, "id, reference, message_id, state, sent_at", "message")
    assert after == before

    reports = Events(hass, REPORT_EVENT)
    fields = report(sent["message_id"], to=RECIPIENT_NUMBER)
    await push(door, fields)
    (state,) = reports.states
    assert state.attributes["event_type"] == "delivered"
    assert state.attributes["reference"] == sent["reference"]
    assert state.attributes["number"] is None
    assert state.attributes["recipient"] is None
    assert rows(hass, "state", "message")[0] == ("delivered",)


async def test_recipient_of_a_disabled_application_is_deleted(
    hass: HomeAssistant,
    application: MockConfigEntry,
    silent: None,
) -> None:
    """Also what is not in use forgets who is gone, within the hour."""
    await send_sms(hass, RECIPIENT_NUMBER)
    assert await hass.config_entries.async_unload(application.entry_id)
    hass.config_entries.async_remove_subentry(application, RECIPIENT_SUBENTRY)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(hours=1))
    nobody = [(None, None)]
    await wait_until(lambda: rows(hass, "number, recipient_id", "message") == nobody)
