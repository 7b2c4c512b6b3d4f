"""Tests of the event entities: what they show, once, when, and in which context."""

from datetime import timedelta
from itertools import permutations

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from simulator.scenarios import PRESETS
from simulator.server import Server

from .common import Events, make_entry, reply, reply_from_phone, report, send_sms
from .const import (
    CHANNEL_NUMBER,
    OTHER_NUMBER,
    RECIPIENT_NUMBER,
    RECIPIENT_SUBENTRY,
    REPLY_EVENT,
    REPORT_EVENT,
)
from .pushing import push

SILENT_NUMBER = "+8613700009003"
THREE_PARTS = "门" * 150


async def test_entities(hass: HomeAssistant, application: MockConfigEntry) -> None:
    """The application's two are enabled, those of recipients are not."""
    registry = er.async_get(hass)
    found = {
        entity.unique_id: entity.disabled_by
        for entity in er.async_entries_for_config_entry(registry, application.entry_id)
        if entity.domain == "event"
    }
    assert found == {
        f"{application.entry_id}_delivery_report": None,
        f"{application.entry_id}_reply": None,
        f"{RECIPIENT_SUBENTRY}_delivery_report": er.RegistryEntryDisabler.INTEGRATION,
        f"{RECIPIENT_SUBENTRY}_reply": er.RegistryEntryDisabler.INTEGRATION,
    }
    state = hass.states.get(REPORT_EVENT)
    assert state is not None
    assert state.state == "unknown"
    assert set(state.attributes["event_types"]) == {
        "accepted",
        "refused",
        "unconfirmed",
        "delivered",
        "failed",
        "expired_unsent",
        "no_report",
    }
    assert hass.states.get(REPLY_EVENT).attributes["event_types"] == ["received"]


async def test_international_application_has_no_replies(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """Where the platform passes no replies on there is no entity for them."""
    entry = make_entry(platform.url, data={"kind": "international"})
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert hass.states.get(REPORT_EVENT) is not None
    assert hass.states.get(REPLY_EVENT) is None
    # a reply that comes all the same is stored and shown by nobody
    await push(door, reply())


async def test_report(hass: HomeAssistant, platform: Server, reports: Events) -> None:
    """An SMS is shown with what is known of it, in the context of the call."""
    user = MockUser(is_owner=True).add_to_hass(hass)
    context = Context(user_id=user.id, parent_id="parent")
    (sent,) = await send_sms(hass, RECIPIENT_NUMBER, context=context)
    accepted, delivered = await reports.wait_for(2)
    common = {
        "reference": sent["reference"],
        "message_id": sent["message_id"],
        "recipient": "Mei",
        "number": RECIPIENT_NUMBER,
        "parts": 1,
        "planned_parts": None,
        "parts_as_planned": None,
        "late": False,
        "recorded": True,
    }
    for state, more in (
        (
            accepted,
            {
                "event_type": "accepted",
                "parts_done": 0,
                "code": None,
                "meaning": None,
                "remedy": None,
            },
        ),
        (delivered, {"event_type": "delivered", "parts_done": 1, "code": "DELIVRD"}),
    ):
        attributes = state.attributes
        assert attributes.items() >= (common | more).items()
        assert 0 <= attributes["seconds"] < 5
        assert state.context.id == context.id
        assert state.context.parent_id == "parent"
        assert state.context.user_id == user.id
        # the recorder keeps no number
        assert "number" in state.state_info["unrecorded_attributes"]
    assert delivered.attributes["meaning"]


async def test_refused(hass: HomeAssistant, platform: Server, reports: Events) -> None:
    """A refusal is shown with its reason."""
    await send_sms(hass, "+8613700009228")
    (refused,) = await reports.wait_for(1)
    assert refused.attributes["event_type"] == "refused"
    assert refused.attributes["code"] == "E200028"
    assert refused.attributes["meaning"] == "The variables do not fit the template."
    assert refused.attributes["remedy"]


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        ("9001", "UNDELIV"),
        ("9002", "EXPIRED"),
        ("9101", "REJECTD"),
        ("9102", "BLACK"),
        ("9103", "KEYWORD"),
        ("9104", "MK:1004"),
        ("9105", "SC:0003"),
        ("9106", "E200038"),
        ("9107", "UNKNOWN"),
        ("9108", "ZZ:4711"),
    ],
)
async def test_failed(
    hass: HomeAssistant, platform: Server, reports: Events, ending: str, code: str
) -> None:
    """A failure keeps the code of its report and says what it means."""
    hass.config.language = "zh-Hans"
    await send_sms(hass, f"+861370000{ending}")
    _, failed = await reports.wait_for(2)
    assert failed.attributes["event_type"] == "failed"
    assert failed.attributes["code"] == code
    assert failed.attributes["meaning"].endswith("。")
    unknown = "代码表" in failed.attributes["meaning"]
    assert unknown == (code == "ZZ:4711")
    assert failed.attributes["remedy"].endswith("。")


@pytest.mark.parametrize("order", permutations((1, 2, 3)))
@pytest.mark.parametrize("repeat", [(0, 1, 2), (0, 0, 1, 0, 1, 2, 2), (0, 1, 1, 0, 2)])
async def test_parts_in_any_order(
    hass: HomeAssistant,
    platform: Server,
    reports: Events,
    order: tuple[int, ...],
    repeat: tuple[int, ...],
) -> None:
    """A long SMS is delivered exactly at its last part."""
    (sent,) = await send_sms(hass, SILENT_NUMBER, variables=[THREE_PARTS])
    assert sent["parts"] == 3
    (message,) = platform.platform.state.records.messages()
    last = repeat.index(2)
    for step, place in enumerate(repeat):
        await platform.platform.reporter.report_part(message, "DELIVRD", order[place])
        expected = ["accepted", "delivered"] if step >= last else ["accepted"]
        assert reports.types == expected
    assert reports.states[-1].attributes["parts_done"] == 3
    assert reports.states[-1].attributes["parts"] == 3


@pytest.mark.parametrize("order", permutations((1, 2, 3)))
async def test_failed_part(
    hass: HomeAssistant, platform: Server, reports: Events, order: tuple[int, ...]
) -> None:
    """A long SMS failed when one part did, and stays so."""
    await send_sms(hass, SILENT_NUMBER, variables=[THREE_PARTS])
    (message,) = platform.platform.state.records.messages()
    failed = False
    for part in order:
        status = "UNDELIV" if part == 2 else "DELIVRD"
        await platform.platform.reporter.report_part(message, status, part)
        failed = failed or part == 2
        assert reports.types == ["accepted", *(["failed"] if failed else [])]
    # a report that contradicts a final one changes nothing
    await platform.platform.reporter.report_part(message, "DELIVRD", 2)
    assert reports.types == ["accepted", "failed"]


@pytest.mark.parametrize(
    "scenario", ["delivered", "duplicated", "reordered", "report_first"]
)
async def test_once_per_change(
    hass: HomeAssistant, platform: Server, reports: Events, scenario: str
) -> None:
    """However the reports of a long SMS come, each change is shown once."""
    platform.platform.scenarios.for_number(OTHER_NUMBER, PRESETS[scenario])
    await send_sms(hass, OTHER_NUMBER, variables=[THREE_PARTS])
    await platform.platform.background.idle()
    if scenario == "report_first":
        assert reports.types == ["delivered"]
    else:
        assert reports.types == ["accepted", "delivered"]


async def test_part_of_an_unconfirmed_message(
    hass: HomeAssistant, platform: Server, reports: Events
) -> None:
    """The report about one part proves that the platform took the SMS."""
    platform.platform.scenarios.for_number(OTHER_NUMBER, PRESETS["broken_accepted"])
    (sent,) = await send_sms(hass, OTHER_NUMBER, variables=[THREE_PARTS])
    assert sent["state"] == "unconfirmed"
    await platform.platform.background.idle()
    assert reports.types == ["unconfirmed", "accepted", "delivered"]
    assert [it.attributes["parts_done"] for it in reports.states] == [0, 1, 3]


async def test_burst(hass: HomeAssistant, platform: Server, reports: Events) -> None:
    """Of 50 reports at once each is shown."""
    numbers = [f"+861371000{place:04}" for place in range(50)]
    await send_sms(hass, *numbers, override_limit=True)
    await reports.wait_for(100)
    delivered = [
        it for it in reports.states if it.attributes["event_type"] == "delivered"
    ]
    assert sorted(it.attributes["number"] for it in delivered) == numbers
    assert len({it.state for it in reports.states}) == 100


async def test_report_of_unknown_message(
    hass: HomeAssistant, door: TestClient, reports: Events
) -> None:
    """A report about an SMS that nobody here sent is shown, once."""
    for _ in range(2):
        await push(door, report("foreign-1", to=OTHER_NUMBER, extend="x"))
    await push(door, report("foreign-2", "UNDELIV"))
    await reports.wait_for(2)
    assert reports.types == ["delivered", "failed"]
    first, second = (state.attributes for state in reports.states)
    assert first["message_id"] == "foreign-1"
    assert first["number"] == OTHER_NUMBER
    assert first["seconds"] is None
    assert second["number"] is None
    assert second["recipient"] is None


async def test_reply(hass: HomeAssistant, platform: Server, replies: Events) -> None:
    """A reply is shown with its text, and with the message that it answers."""
    (sent,) = await send_sms(hass, RECIPIENT_NUMBER)
    await reply_from_phone(platform, RECIPIENT_NUMBER, "好的 +1 & 再见")
    (state,) = await replies.wait_for(1)
    attributes = state.attributes
    assert attributes["event_type"] == "received"
    assert attributes["text"] == "好的 +1 & 再见"
    assert attributes["sender"] == RECIPIENT_NUMBER
    assert attributes["recipient"] == "Mei"
    assert attributes["channel_number"] == CHANNEL_NUMBER
    assert attributes["reference"] == sent["reference"]
    assert attributes["message_id"]
    assert attributes["late"] is False
    assert attributes["recorded"] is True
    time = dt_util.parse_datetime(attributes["time"])
    assert time is not None
    assert abs(time - dt_util.utcnow()) < timedelta(seconds=5)
    assert state.state_info["unrecorded_attributes"] >= {"sender", "text"}


async def test_reply_of_a_stranger(door: TestClient, replies: Events) -> None:
    """A reply is shown whoever sends it, each once."""
    await push(door, reply("1", **{"from": "13700000002"}))
    await push(door, reply("1", **{"from": "13700000002"}))
    await push(door, reply("2", **{"from": "10086"}))
    await replies.wait_for(2)
    assert len(replies.states) == 2
    first, second = (state.attributes for state in replies.states)
    assert (first["sender"], first["recipient"]) == (OTHER_NUMBER, None)
    assert first["reference"] is None
    assert second["sender"] == "10086"


async def test_entities_of_a_recipient(
    hass: HomeAssistant,
    platform: Server,
    door: TestClient,
    application: MockConfigEntry,
) -> None:
    """Those of a recipient, once enabled, show what concerns this recipient only."""
    registry = er.async_get(hass)
    for kind in ("delivery_report", "reply"):
        registry.async_update_entity(f"event.mei_{kind}", disabled_by=None)
    assert await hass.config_entries.async_reload(application.entry_id)
    reports = Events(hass, "event.mei_delivery_report")
    replies = Events(hass, "event.mei_reply")
    (sent, _) = await send_sms(hass, RECIPIENT_NUMBER, OTHER_NUMBER)
    await platform.platform.background.idle()
    assert reports.types == ["accepted", "delivered"]
    assert reports.states[0].attributes["reference"] == sent["reference"]
    await push(door, report("foreign"))
    await push(door, reply("1"))
    await push(door, reply("2", **{"from": OTHER_NUMBER}))
    assert len(reports.states) == 2
    (state,) = await replies.wait_for(1)
    assert state.attributes["recipient"] == "Mei"
