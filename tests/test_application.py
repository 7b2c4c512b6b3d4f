"""Tests of sends that fail or end without an answer: never a second SMS."""

import asyncio
from contextlib import closing
from dataclasses import replace
import json
import sqlite3
from typing import Any

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.huawei_cloud_sms.const import DOMAIN
from custom_components.huawei_cloud_sms.msgsms.client import SmsClient
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.script import Script
from simulator.scenarios import PRESETS, Scenario
from simulator.server import Server

from .calls import CALLS, Call, call_notify, call_send_sms
from .canned_platform import serve_canned
from .common import Events, issues, ledger_path, make_entry, send_sms, wait_until
from .const import NOTIFY_ENTITY, OTHER_NUMBER, RECIPIENT_NUMBER, RECIPIENT_SUBENTRY
from .fake_cloud import install_cloud

_LIMIT = 0.3


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
            report_delay=_LIMIT + 0.2 if scenario == "timeout_accepted" else 0.1,
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


async def test_cancelled_caller(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
) -> None:
    """A script that is stopped while sending does not lose the SMS's outcome."""
    platform.platform.scenarios.for_number(
        OTHER_NUMBER, Scenario(delay=0.2, report_delay=0.4)
    )
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
    await wait_until(lambda: platform.platform.state.records.request_count)
    await script.async_stop()
    await asyncio.gather(running, return_exceptions=True)
    assert reports.states == []
    await reports.wait_for(2)
    assert reports.types == ["accepted", "delivered"]


async def test_cut_off(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
) -> None:
    """A send that Home Assistant cuts off at its end may have left."""
    platform.platform.scenarios.for_number(
        OTHER_NUMBER, Scenario(delay=0.5, report_delay=0.2)
    )
    call = hass.async_create_task(send_sms(hass, OTHER_NUMBER))
    await wait_until(platform.platform.state.records.messages)
    (task,) = (it for it in asyncio.all_tasks() if it.get_name() == f"{DOMAIN} send")
    task.cancel()
    await asyncio.gather(call, return_exceptions=True)
    await reports.wait_for(2)
    assert reports.types == ["unconfirmed", "delivered"]
    assert reports.states[0].attributes["code"] == "unconfirmed_interrupted"
    assert platform.platform.state.records.request_count == 1


async def begin_slow_send(
    hass: HomeAssistant, platform: Server, scenario: Scenario
) -> asyncio.Task[object]:
    """Begin to send to the recipient; the request is under way on return."""
    platform.platform.scenarios.for_number(RECIPIENT_NUMBER, scenario)
    task = hass.async_create_task(call_notify(hass))
    await wait_until(lambda: platform.platform.state.records.request_count)
    return task


async def test_reload_while_sending(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
) -> None:
    """A reload changes nothing for a send that is under way."""
    task = await begin_slow_send(hass, platform, Scenario(delay=0.2, report_delay=0.4))
    assert await hass.config_entries.async_reload(application.entry_id)
    await task
    await reports.wait_for(2)
    assert reports.types == ["accepted", "delivered"]
    assert reports.states[0].attributes["late"] is False
    assert platform.platform.state.records.request_count == 1


async def test_unload_while_sending(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
) -> None:
    """What becomes of an SMS while its application is unloaded is shown later."""
    task = await begin_slow_send(hass, platform, Scenario(delay=0.2, report_delay=0.3))
    assert await hass.config_entries.async_unload(application.entry_id)
    await task
    await wait_until(lambda: platform.platform.state.records.push_count)
    await platform.platform.background.idle()
    assert reports.states == []
    assert await hass.config_entries.async_setup(application.entry_id)
    await reports.wait_for(1)
    assert reports.types == ["delivered"]
    assert reports.states[0].attributes["late"] is True


async def test_recipient_changed_while_sending(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """An action whose entity is another one by the end has its response."""
    platform.platform.scenarios.for_number(
        RECIPIENT_NUMBER, Scenario(delay=0.2, report=None)
    )
    task = hass.async_create_task(
        hass.services.async_call(
            "huawei_cloud_sms",
            "send_template",
            {"entity_id": NOTIFY_ENTITY, "variables": ["门开着"]},
            blocking=True,
            return_response=True,
        )
    )
    await wait_until(lambda: platform.platform.state.records.request_count)
    hass.config_entries.async_update_subentry(
        application, application.subentries[RECIPIENT_SUBENTRY], title="Mei Lin"
    )
    response = await task
    assert response is not None
    assert response[NOTIFY_ENTITY]["state"] == "accepted"
    await hass.async_block_till_done()
    assert hass.states.get(NOTIFY_ENTITY).attributes["friendly_name"] == "Mei Lin"


@pytest.mark.parametrize("code", ["E000112", "E000102", None])
async def test_removal_while_sending(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    code: str | None,
) -> None:
    """An application that is removed while it sends leaves nothing to mend behind."""
    task = await begin_slow_send(hass, platform, Scenario(delay=0.2, status=code))
    # nor is the clock anybody's any more
    platform.platform.state.set_options({"clock_offset": 700.0})
    await hass.config_entries.async_remove(application.entry_id)
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
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """What has not left when an application is removed does not leave any more."""
    platform.platform.scenarios.for_number(
        OTHER_NUMBER, Scenario(delay=0.3, report=None)
    )
    sends = begin_many(hass, 12)
    await wait_until(lambda: len(platform.platform.state.records.messages()) == 8)
    await hass.config_entries.async_remove(application.entry_id)
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


async def test_disabled_while_sending(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """An application that is disabled while it sends is not asked to be mended."""
    task = await begin_slow_send(hass, platform, Scenario(delay=0.2, status="E000102"))
    await hass.config_entries.async_set_disabled_by(
        application.entry_id, ConfigEntryDisabler.USER
    )
    with pytest.raises(HomeAssistantError):
        await task
    await hass.async_block_till_done()
    assert hass.config_entries.flow.async_progress() == []


async def test_settled_by_another_process(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """What another Home Assistant on the same folder gave up is not sent here."""
    platform.platform.scenarios.for_number(
        OTHER_NUMBER, Scenario(delay=0.3, report=None)
    )
    sends = begin_many(hass, 9)
    await wait_until(lambda: len(platform.platform.state.records.messages()) == 8)
    with closing(sqlite3.connect(ledger_path(hass), autocommit=True)) as other:
        other.execute(
            "UPDATE message SET state = 'expired_unsent' WHERE state = 'queued'"
        )
    messages = [message for (message,) in await asyncio.gather(*sends)]
    assert [it["state"] for it in messages].count("accepted") == 8
    assert [it["state"] for it in messages].count("expired_unsent") == 1
    assert platform.platform.state.records.request_count == 8


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
