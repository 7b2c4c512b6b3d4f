"""Tests of the sensors: they show what the ledger knows, from the first moment on."""

from datetime import UTC, datetime, timedelta
import sqlite3

from aiohttp.test_utils import TestClient
from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.huawei_cloud_sms import picture
from homeassistant.const import EVENT_HOMEASSISTANT_CLOSE, EntityCategory
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.util import dt as dt_util
from simulator.scenarios import Scenario
from simulator.server import Server

from .common import (
    block_storage,
    issues,
    ledger_path,
    make_entry,
    report,
    send_sms,
    template_data,
    wait_until,
)
from .const import OTHER_NUMBER, RECIPIENT_NUMBER, WEBHOOK_ID
from .pushing import push

SENT = "sensor.sms_sent"
DELIVERED = "sensor.sms_delivered"
FAILED = "sensor.sms_not_delivered"
WAITING = "sensor.sms_waiting_for_a_report"
PARTS = "sensor.sms_parts_this_month"
LAST_PUSH = "sensor.sms_last_push"
LAST_MESSAGE = "sensor.mei_last_message"
LAST_DELIVERY = "sensor.mei_last_delivery"

COUNTERS = (SENT, DELIVERED, FAILED, WAITING, PARTS)
SILENT_NUMBER = "+8613700009003"


def state(hass: HomeAssistant, entity_id: str) -> str:
    """Return the state of an entity."""
    found = hass.states.get(entity_id)
    assert found is not None, entity_id
    return found.state


def counters(hass: HomeAssistant) -> list[str]:
    """Return what is counted: sent, delivered, failed, waiting, parts."""
    return [state(hass, entity_id) for entity_id in COUNTERS]


async def shows(hass: HomeAssistant, *expected: str) -> None:
    """Wait until this is what is counted."""
    await wait_until(lambda: counters(hass) == list(expected))


async def look(hass: HomeAssistant) -> None:
    """Let the picture be looked at now."""
    await hass.async_block_till_done()
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=1))
    await hass.async_block_till_done()


async def test_nothing_yet(hass: HomeAssistant, application: MockConfigEntry) -> None:
    """A new application sent nothing, and nothing is known of its recipients."""
    assert counters(hass) == ["0", "0", "0", "0", "0"]
    for entity_id in (LAST_PUSH, LAST_MESSAGE, LAST_DELIVERY):
        assert state(hass, entity_id) == "unknown"


@pytest.mark.parametrize(
    ("entity_id", "attributes"),
    [
        (SENT, {"state_class": "total_increasing", "unit_of_measurement": "messages"}),
        (DELIVERED, {"state_class": "total_increasing"}),
        (FAILED, {"state_class": "total_increasing"}),
        (WAITING, {"state_class": "measurement"}),
        (PARTS, {"state_class": "total", "unit_of_measurement": "parts"}),
        (LAST_PUSH, {"device_class": "timestamp"}),
        (LAST_MESSAGE, {"device_class": "enum"}),
        (LAST_DELIVERY, {"device_class": "timestamp"}),
    ],
)
async def test_kinds(
    hass: HomeAssistant,
    application: MockConfigEntry,
    entity_id: str,
    attributes: dict[str, str],
) -> None:
    """Statistics know what a figure is; only the last push is for diagnosis."""
    found = hass.states.get(entity_id)
    assert found is not None
    assert attributes.items() <= found.attributes.items()
    registered = er.async_get(hass).async_get(entity_id)
    assert registered is not None
    diagnostic = EntityCategory.DIAGNOSTIC if entity_id == LAST_PUSH else None
    assert registered.entity_category is diagnostic


async def test_from_sending_to_delivery(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """Every step of every message is shown."""
    platform.platform.scenarios.for_number(OTHER_NUMBER, Scenario(report="UNDELIV"))
    platform.platform.scenarios.for_number("+8613700000003", Scenario(code="E000112"))
    before = dt_util.utcnow() - timedelta(seconds=1)
    await send_sms(hass, RECIPIENT_NUMBER, OTHER_NUMBER, SILENT_NUMBER)
    await shows(hass, "3", "1", "1", "1", "3")
    assert state(hass, LAST_MESSAGE) == "delivered"
    for entity_id in (LAST_PUSH, LAST_DELIVERY):
        shown = dt_util.parse_datetime(state(hass, entity_id))
        assert shown is not None
        assert before <= shown <= dt_util.utcnow()
    await send_sms(hass, "+8613700000003", variables={"message": "门" * 100})
    assert counters(hass) == ["3", "1", "1", "1", "3"]


async def test_refused_recipient(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """A message that the platform refused is a recipient's last one, but not sent."""
    platform.platform.scenarios.for_number(RECIPIENT_NUMBER, Scenario(code="E000112"))
    await send_sms(hass, RECIPIENT_NUMBER)
    await wait_until(lambda: state(hass, LAST_MESSAGE) == "refused")
    assert state(hass, LAST_DELIVERY) == "unknown"
    assert counters(hass) == ["0", "0", "0", "0", "0"]


async def test_parts(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """A long message counts once, and with all its parts."""
    await send_sms(hass, SILENT_NUMBER, variables={"message": "门" * 150})
    await wait_until(lambda: state(hass, SENT) == "1")
    assert int(state(hass, PARTS)) > 1


async def test_truthful_from_the_start(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    door: TestClient,
) -> None:
    """After a reload all is shown at once, what came in between as well."""
    silent = Scenario(report=None)
    platform.platform.scenarios.for_number(RECIPIENT_NUMBER, silent)
    (sent,) = await send_sms(hass, RECIPIENT_NUMBER)
    await shows(hass, "1", "0", "0", "1", "1")
    assert state(hass, LAST_MESSAGE) == "accepted"
    assert await hass.config_entries.async_unload(application.entry_id)
    assert state(hass, SENT) == "unavailable"
    await push(door, report(sent["message_id"]))
    shown: list[str] = []

    @callback
    def keep(event: Event[EventStateChangedData]) -> None:
        """Keep what is shown."""
        new = event.data["new_state"]
        assert new is not None
        shown.append(new.state)

    async_track_state_change_event(hass, [DELIVERED, LAST_MESSAGE], keep)
    assert await hass.config_entries.async_setup(application.entry_id)
    assert sorted(shown) == ["1", "delivered"]
    assert counters(hass) == ["1", "1", "0", "0", "1"]
    assert state(hass, LAST_PUSH) == state(hass, LAST_DELIVERY)


async def test_strangers_and_replays(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    door: TestClient,
) -> None:
    """What was sent elsewhere, or comes again, is only a push."""
    await send_sms(hass, RECIPIENT_NUMBER)
    await shows(hass, "1", "1", "0", "0", "1")
    message_id = platform.platform.state.records.messages()[0].message_id
    for fields in (report("foreign"), report(message_id), report(message_id)):
        await push(door, fields)
    await push(door, report(message_id, "UNDELIV"))
    await hass.async_block_till_done()
    await look(hass)
    assert counters(hass) == ["1", "1", "0", "0", "1"]


async def test_many_pushes_are_looked_at_together(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    door: TestClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However many pushes come within a moment, the picture changes once."""
    monkeypatch.setattr(picture, "_DELAY", 3600)
    numbers = [f"+86137{it:08}" for it in range(20)]
    for number in numbers:
        platform.platform.scenarios.for_number(number, Scenario(report=None))
    sent = await send_sms(hass, *numbers)
    # what was being looked at before
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(hours=2))
    await hass.async_block_till_done()
    changes: list[str] = []

    @callback
    def keep(event: Event[EventStateChangedData]) -> None:
        """Keep what is shown."""
        new = event.data["new_state"]
        assert new is not None
        changes.append(new.state)

    async_track_state_change_event(hass, DELIVERED, keep)
    for message in sent:
        await push(door, report(message["message_id"]))
    assert changes == []
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(hours=4))
    await wait_until(lambda: changes)
    assert changes == ["20"]


async def test_unloaded_before_the_look(
    hass: HomeAssistant, application: MockConfigEntry
) -> None:
    """Nothing is left to be done for an application that was unloaded."""
    await send_sms(hass, SILENT_NUMBER)
    assert await hass.config_entries.async_unload(application.entry_id)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(hours=1))
    await hass.async_block_till_done()
    assert state(hass, SENT) == "unavailable"


async def test_month(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A new month begins with nothing, in the person's time zone."""
    await hass.config.async_set_time_zone("Asia/Shanghai")
    freezer.move_to(datetime(2026, 12, 31, 15, 58, tzinfo=UTC))
    async_fire_time_changed(hass)
    await send_sms(hass, SILENT_NUMBER)
    await look(hass)
    assert counters(hass) == ["1", "0", "0", "1", "1"]
    attributes = hass.states.get(PARTS).attributes
    assert attributes["last_reset"] == "2026-12-01T00:00:00+08:00"
    freezer.tick(timedelta(minutes=3))
    async_fire_time_changed(hass)
    await look(hass)
    assert counters(hass) == ["1", "0", "0", "1", "0"]
    attributes = hass.states.get(PARTS).attributes
    assert attributes["last_reset"] == "2027-01-01T00:00:00+08:00"


async def test_month_of_another_zone(
    hass: HomeAssistant,
    application: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Whoever sets another time zone has another month, with its parts."""
    await hass.config.async_set_time_zone("Asia/Kathmandu")
    freezer.move_to(datetime(2026, 12, 31, 18, 10, tzinfo=UTC))
    async_fire_time_changed(hass)
    await send_sms(hass, SILENT_NUMBER)
    await look(hass)
    assert counters(hass) == ["1", "0", "0", "1", "1"]
    freezer.move_to(datetime(2026, 12, 31, 18, 20, tzinfo=UTC))
    async_fire_time_changed(hass)
    await look(hass)
    assert counters(hass) == ["1", "0", "0", "1", "0"]
    await hass.config.async_set_time_zone("UTC")
    freezer.tick(timedelta(minutes=1))
    async_fire_time_changed(hass)
    await look(hass)
    assert counters(hass) == ["1", "0", "0", "1", "1"]


async def restore_storage(hass: HomeAssistant) -> None:
    """Let the file be tried again."""
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=2))
    await wait_until(lambda: "storage_failed" not in issues(hass))


async def test_without_storage_from_the_start(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """Nothing is claimed as long as nothing of the file can be read."""
    block_storage(hass)
    entry = make_entry(platform.url)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await send_sms(hass, SILENT_NUMBER)
    await look(hass)
    assert counters(hass) == ["unknown"] * 5
    ledger_path(hass).rmdir()
    await restore_storage(hass)
    await shows(hass, "1", "0", "0", "1", "1")


async def test_storage_fails(hass: HomeAssistant, application: MockConfigEntry) -> None:
    """Where not even the file can be read, counters do not go down."""
    path = ledger_path(hass)
    for _ in range(2):
        await send_sms(hass, SILENT_NUMBER)
    await shows(hass, "2", "0", "0", "2", "2")
    ledger = sqlite3.connect(path, isolation_level=None)
    ledger.execute("BEGIN EXCLUSIVE")
    path.rename(path.with_name("elsewhere"))
    await send_sms(hass, SILENT_NUMBER)
    await wait_until(lambda: state(hass, WAITING) == "1")
    assert state(hass, SENT) == "2"
    ledger.close()
    path.with_name("elsewhere").rename(path)
    await restore_storage(hass)
    await shows(hass, "3", "0", "0", "3", "3")


async def test_after_the_end(hass: HomeAssistant, application: MockConfigEntry) -> None:
    """What was known stays shown once the ledger is closed."""
    await send_sms(hass, SILENT_NUMBER)
    await shows(hass, "1", "0", "0", "1", "1")
    await send_sms(hass, SILENT_NUMBER)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_CLOSE)
    await hass.async_block_till_done()
    await look(hass)
    assert state(hass, SENT) in ("1", "2")


async def test_applications_are_counted_apart(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """One application's messages are none of another's."""
    other = make_entry(
        platform.url,
        title="Other",
        data={"webhook_id": WEBHOOK_ID[::-1]},
        subentries=[template_data(subentry_id="other")],
    )
    other.add_to_hass(hass)
    assert await hass.config_entries.async_setup(other.entry_id)
    await send_sms(hass, SILENT_NUMBER, config_entry_id=application.entry_id)
    await wait_until(lambda: state(hass, SENT) == "1")
    assert state(hass, "sensor.other_sent") == "0"
