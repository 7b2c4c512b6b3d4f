"""What goes beyond a limit is refused before it costs anything."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.huawei_cloud_sms.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
from simulator.server import Server
from tests.calls import CALLS, Call
from tests.common import Events, issues, make_entry, send_sms, template_data
from tests.const import OTHER_NUMBER, RECIPIENT_NUMBER

from .outage import SetClock


@pytest.fixture
def entry(platform: Server) -> MockConfigEntry:
    """Return an application that may send little."""
    return make_entry(
        platform.url, options={"max_parts_per_hour": 2, "max_parts_per_day": 3}
    )


def numbers(count: int) -> list[str]:
    """Return some different numbers."""
    return [f"+86137{it:08}" for it in range(1, count + 1)]


async def test_refused(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
) -> None:
    """The whole call is refused; an event and one issue name the limit."""
    messages = await send_sms(hass, *numbers(3))
    assert {(it["state"], it["code"]) for it in messages} == {("refused", "limit_hour")}
    assert "within an hour" in messages[0]["meaning"]
    await reports.wait_for(3)
    assert reports.types == ["refused"] * 3
    assert reports.states[0].attributes["code"] == "limit_hour"
    assert platform.platform.state.records.request_count == 0
    issue = issues(hass)["limit_reached"]
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["code"] == "limit_hour"
    assert issue.translation_placeholders["limit"] == "2"
    assert issue.translation_placeholders["count"] == "3"


async def send(hass: HomeAssistant, number: str, **data: Any) -> str | None:
    """Send whatever the limits are on parts; return the code of the result."""
    (message,) = await send_sms(hass, number, override_limit=True, **data)
    return message["code"]


async def test_room_again(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    clock: SetClock,
) -> None:
    """The issue goes with the first message for which there is room again."""
    await send_sms(hass, *numbers(2))
    await send_sms(hass, OTHER_NUMBER)
    await send(hass, RECIPIENT_NUMBER)
    # that it could be overridden does not mean that there is room
    assert "limit_reached" in issues(hass)
    clock(dt_util.utcnow() + timedelta(days=1, seconds=1))
    (message,) = await send_sms(hass, OTHER_NUMBER)
    assert message["state"] == "accepted"
    assert "limit_reached" not in issues(hass)


async def test_room_by_an_option(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """The issue goes when a limit was raised, although the entry was reloaded."""
    await send_sms(hass, *numbers(3))
    hass.config_entries.async_update_entry(
        application,
        options={"max_parts_per_hour": 10, "max_parts_per_day": 10}
        | {"default_country": "CN"},
    )
    await hass.async_block_till_done()
    assert "limit_reached" in issues(hass)
    await send_sms(hass, OTHER_NUMBER)
    assert "limit_reached" not in issues(hass)


@pytest.mark.parametrize(
    ("sent", "data", "code", "wait"),
    [
        (5, {}, "limit_loop", timedelta(minutes=10)),
        (10, {"override_limit": False}, "limit_number_minute", timedelta(minutes=1)),
        (50, {"override_limit": False}, "limit_number_day", timedelta(days=1)),
    ],
)
async def test_room_for_a_number(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    clock: SetClock,
    sent: int,
    data: dict[str, Any],
    code: str,
    wait: timedelta,
) -> None:
    """A message to another number proves nothing about the one that had enough."""
    plenty = {"max_parts_per_hour": 900, "max_parts_per_day": 900}
    hass.config_entries.async_update_entry(
        application, options={**application.options, **plenty}
    )
    await hass.async_block_till_done()
    now = dt_util.utcnow()
    for place in range(sent):
        if code == "limit_number_day":
            clock(now + place * timedelta(minutes=1))
        text = "same" if code == "limit_loop" else f"n{place}"
        assert await send(hass, OTHER_NUMBER, variables=[text]) is None
    text = "same" if code == "limit_loop" else "one more"
    (message,) = await send_sms(hass, OTHER_NUMBER, variables=[text], **data)
    assert message["code"] == code
    (message,) = await send_sms(hass, RECIPIENT_NUMBER)
    assert message["state"] == "accepted"
    assert "limit_reached" in issues(hass)
    clock(dt_util.utcnow() + wait)
    (message,) = await send_sms(hass, RECIPIENT_NUMBER, variables=["another"])
    assert message["state"] == "accepted"
    assert "limit_reached" not in issues(hass)


async def test_room_for_promotions(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    clock: SetClock,
) -> None:
    """The issue about promotions at night goes in the morning."""
    subentry = next(iter(application.subentries.values()))
    hass.config_entries.async_update_subentry(
        application, subentry, data={**subentry.data, "template_type": "promotion"}
    )
    await hass.async_block_till_done()
    night = datetime.fromisoformat("2026-11-20T23:00:00+08:00")
    clock(night)
    (message,) = await send_sms(hass, OTHER_NUMBER)
    assert message["code"] == "limit_promotion_hours"
    assert "limit_reached" in issues(hass)
    clock(night + timedelta(hours=9))
    (message,) = await send_sms(hass, OTHER_NUMBER)
    assert message["state"] == "accepted"
    assert "limit_reached" not in issues(hass)


@pytest.mark.parametrize("call", CALLS)
async def test_every_call(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry, call: Call
) -> None:
    """No way to send leads around the limits, and each tells its caller."""
    await send_sms(hass, *numbers(2))
    with pytest.raises(HomeAssistantError, match="limit_hour"):
        await call(hass)
    assert platform.platform.state.records.request_count == 1


async def test_at_once(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """Calls that come at the same time cannot pass a limit together."""
    found = await asyncio.gather(*(send_sms(hass, number) for number in numbers(10)))
    states = [message["state"] for (message,) in found]
    assert sorted(states) == ["accepted"] * 2 + ["refused"] * 8
    assert platform.platform.state.records.request_count == 2


async def test_override(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """Who says so may pass the limits."""
    messages = await send_sms(hass, *numbers(5), override_limit=True)
    assert {message["state"] for message in messages} == {"accepted"}
    (message,) = await send_sms(hass, OTHER_NUMBER)
    assert message["code"] == "limit_hour"
    await hass.services.async_call(
        DOMAIN,
        "send_template",
        {
            "entity_id": "notify.mei",
            "variables": ["x"],
            "override_limit": True,
        },
        blocking=True,
    )


async def test_options_are_read_live(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """A changed option counts for the next call."""
    await send_sms(hass, *numbers(2))
    hass.config_entries.async_update_entry(
        application, options={**application.options, "max_parts_per_hour": 3}
    )
    await hass.async_block_till_done()
    (message,) = await send_sms(hass, OTHER_NUMBER)
    assert message["state"] == "accepted"
    (message,) = await send_sms(hass, RECIPIENT_NUMBER)
    assert message["code"] == "limit_hour"


@pytest.mark.parametrize(
    ("text", "length", "kind", "state"),
    [
        ("${1}", 140, "mainland", "refused"),
        ("${1}", 120, "mainland", "accepted"),
        ("门" * 30 + "${1}", 105, "mainland", "refused"),
        # a template whose text is not known
        (None, 135, "mainland", "refused"),
        (None, 134, "mainland", "accepted"),
    ],
)
async def test_parts(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    text: str | None,
    length: int,
    kind: str,
    state: str,
) -> None:
    """A long message counts as the parts that it is likely to be cut into."""
    data = template_data(**({} if text is None else {"text": text}))
    subentry = next(
        it for it in application.subentries.values() if it.subentry_type == "template"
    )
    hass.config_entries.async_update_subentry(application, subentry, data=data["data"])
    await hass.async_block_till_done()
    (message,) = await send_sms(hass, OTHER_NUMBER, variables=["x" * length])
    assert (message["code"] == "limit_hour") is (state == "refused")


@pytest.mark.parametrize(
    ("kind", "text", "state"),
    [
        ("international", "x" * 306, "ok"),
        ("international", "x" * 307, "limit_hour"),
        # these take two places
        ("international", "€" * 153, "ok"),
        ("international", "€" * 154, "limit_hour"),
        # one sign outside the alphabet makes all of them wide
        ("international", "ж" + "x" * 134, "limit_hour"),
        ("mainland", "😀" * 67, "ok"),
        ("mainland", "😀" * 68, "limit_hour"),
    ],
)
async def test_alphabets(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    kind: str,
    text: str,
    state: str,
) -> None:
    """How much fits into a part depends on the signs and on where it goes."""
    hass.config_entries.async_update_entry(
        application, data={**application.data, "kind": kind}
    )
    await hass.async_block_till_done()
    (message,) = await send_sms(hass, OTHER_NUMBER, variables=[text])
    assert (message["code"] == "limit_hour") is (state == "limit_hour")


async def test_loop(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
) -> None:
    """An automation in a loop is stopped, whatever it overrides."""

    for _ in range(5):
        assert await send(hass, OTHER_NUMBER) is None
    assert await send(hass, OTHER_NUMBER) == "limit_loop"
    assert issues(hass)["limit_reached"].translation_placeholders is not None
    assert await send(hass, OTHER_NUMBER, variables=["another text"]) is None
    assert await send(hass, OTHER_NUMBER) == "limit_loop"
    assert platform.platform.state.records.request_count == 6


async def test_other_languages(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """The issue explains the limit in the language of Home Assistant."""
    hass.config.language = "zh-Hans"
    await send_sms(hass, *numbers(3))
    placeholders = issues(hass)["limit_reached"].translation_placeholders
    assert placeholders is not None
    assert "一小时" in placeholders["meaning"]
