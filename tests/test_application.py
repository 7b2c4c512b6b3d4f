"""Tests of sends that fail or end without an answer: never a second SMS."""

from dataclasses import replace
import json

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.huawei_cloud_sms.msgsms.client import SmsClient
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from simulator.scenarios import PRESETS, Scenario
from simulator.server import Server

from .calls import CALLS, Call, call_send_sms
from .canned_platform import serve_canned
from .common import Events, make_entry, send_sms, wait_until
from .const import NOTIFY_ENTITY, OTHER_NUMBER, RECIPIENT_NUMBER

# Seconds: no plain answer takes as long, nor does what is done with it.
_LIMIT = 1.0


@pytest.fixture
def short_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let requests end after a fraction of a second instead of half a minute."""
    defaults = SmsClient.__init__.__kwdefaults__
    monkeypatch.setitem(defaults, "total_timeout", _LIMIT)


@pytest.fixture
def short_limit_application(
    short_limit: None, application: MockConfigEntry
) -> MockConfigEntry:
    """Set the application up with a short limit."""
    return application


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("scenario", "code"),
    [
        ("timeout_accepted", "unconfirmed_timeout"),
        ("broken_accepted", "unconfirmed_connection"),
        ("html_accepted", "unconfirmed_unreadable"),
        ("empty_accepted", "unconfirmed_unreadable"),
    ],
)
async def test_accepted_without_answer(
    hass: HomeAssistant,
    platform: Server,
    short_limit_application: MockConfigEntry,
    reports: Events,
    call: Call,
    scenario: str,
    code: str,
) -> None:
    """One SMS at the phone, unconfirmed for the caller, settled by its report."""
    platform.platform.scenarios.for_number(
        RECIPIENT_NUMBER,
        replace(
            PRESETS[scenario],
            report_delay=2 * _LIMIT if scenario == "timeout_accepted" else _LIMIT / 2,
        ),
    )
    with pytest.raises(HomeAssistantError) as err:
        await call(hass)
    assert err.value.translation_key == "not_accepted"
    assert "may have been sent" in str(err.value)
    assert code in str(err.value)
    assert "•••0001" in str(err.value)
    await reports.wait_for(2)
    assert reports.types == ["unconfirmed", "delivered"]
    unconfirmed, delivered = reports.states
    assert unconfirmed.attributes["code"] == code
    assert unconfirmed.attributes["reference"] == delivered.attributes["reference"]
    assert unconfirmed.attributes["message_id"] is None
    (message,) = platform.platform.state.records.messages()
    assert delivered.attributes["message_id"] == message.message_id
    assert platform.platform.state.records.request_count == 1


@pytest.mark.parametrize("call", CALLS)
async def test_not_reachable(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
    call: Call,
) -> None:
    """Without a connection the SMS is surely not sent, and the error says so."""
    await platform.stop()
    with pytest.raises(HomeAssistantError) as err:
        await call(hass)
    assert "nothing was sent" in str(err.value)
    assert "not_sent_connect" in str(err.value)
    await reports.wait_for(1)
    assert reports.types == ["expired_unsent"]
    assert reports.states[0].attributes["code"] == "not_sent_connect"
    assert hass.states.get(NOTIFY_ENTITY).state == "unknown"


@pytest.mark.parametrize(
    ("number", "state", "code"),
    [
        ("+8613700009010", "unconfirmed", "unconfirmed_connection"),
        ("+8613700009012", "unconfirmed", "unconfirmed_unreadable"),
        ("+8613700009013", "unconfirmed", "unconfirmed_unreadable"),
        ("+8613700009014", "unconfirmed", "unconfirmed_unreadable"),
        ("+8613700009018", "refused", "E000000"),
    ],
)
async def test_not_accepted_without_answer(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    number: str,
    state: str,
    code: str,
) -> None:
    """What cannot be told from an accepted SMS is unconfirmed and not repeated."""
    (message,) = await send_sms(hass, number)
    assert (message["state"], message["code"]) == (state, code)
    assert message["meaning"] and message["remedy"]
    await hass.async_block_till_done()
    assert platform.platform.state.records.request_count == 1
    assert platform.platform.state.records.messages() == []


async def test_late_answer(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
) -> None:
    """A report that comes before a slow answer is not shown twice."""
    platform.platform.scenarios.for_number(
        OTHER_NUMBER, Scenario(delay=0.3, report_delay=0.05)
    )
    (message,) = await send_sms(hass, OTHER_NUMBER)
    assert message["state"] == "delivered"
    await wait_until(lambda: reports.states)
    assert reports.types == ["delivered"]


@pytest.mark.parametrize(
    ("status", "body", "state", "code"),
    [
        (404, "<h1>Not found</h1>", "refused", "http_404"),
        (403, "", "refused", "http_403"),
        (504, "", "unconfirmed", "unconfirmed_unreadable"),
        (200, '{"code":"000000"}', "unconfirmed", "unconfirmed_unmentioned"),
        (
            # the platform writes the number in its own way
            200,
            '{"result":[{"originTo":"13700000002","smsMsgId":"1","status":"000000"}]}',
            "accepted",
            None,
        ),
    ],
)
async def test_unusual_answers(
    hass: HomeAssistant, status: int, body: str, state: str, code: str | None
) -> None:
    """Answers that the platform should not give are read with care."""
    async with serve_canned() as canned:
        canned.answer(status, body)
        entry = make_entry(canned.url)
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)
        (message,) = await send_sms(hass, OTHER_NUMBER)
        assert (message["state"], message["code"]) == (state, code)
        assert "catalogue" not in (message["meaning"] or "")
        assert canned.asked == ["/sms/batchSendSms/v1"]


async def test_unusable_public_address(hass: HomeAssistant, platform: Server) -> None:
    """An address that cannot be handed out keeps the SMS from leaving."""
    entry = make_entry(platform.url, options={"public_address": "https://大门.example"})
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    (message,) = await send_sms(hass, OTHER_NUMBER)
    assert message["state"] == "expired_unsent"
    assert platform.platform.state.records.request_count == 0
    assert message["code"] == "not_sent_invalid"
    with pytest.raises(HomeAssistantError, match="Correct the public address"):
        await call_send_sms(hass)


SHORT = OTHER_NUMBER.removeprefix("+86")
STRANGER = "+8613900000009"


@pytest.mark.parametrize(
    ("results", "states"),
    [
        # out of order, one of them without its country code
        (
            [(SHORT, "E200028"), (RECIPIENT_NUMBER, "000000")],
            ["accepted", "refused"],
        ),
        # about somebody else
        (
            [(STRANGER, "000000"), (RECIPIENT_NUMBER, "000000")],
            ["accepted", "unconfirmed"],
        ),
        # which of the two is meant cannot be told
        (
            [("0001", "000000"), ("0002", "E200028")],
            ["unconfirmed", "unconfirmed"],
        ),
        (
            [(SHORT, "000000"), (f"0{SHORT}", "E200028"), (RECIPIENT_NUMBER, "000000")],
            ["accepted", "unconfirmed"],
        ),
    ],
)
async def test_whose_result(
    hass: HomeAssistant,
    door: TestClient,
    results: list[tuple[str, str]],
    states: list[str],
) -> None:
    """A result counts for its own number and for no other."""
    answer = {
        "code": "E000510",
        "result": [
            {"originTo": number, "status": status, "smsMsgId": f"id-{place}"}
            for place, (number, status) in enumerate(results)
        ],
    }
    async with serve_canned() as canned:
        canned.answer(400, json.dumps(answer))
        entry = make_entry(canned.url)
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)
        sent = await send_sms(hass, RECIPIENT_NUMBER, OTHER_NUMBER)
    assert [message["state"] for message in sent] == states
