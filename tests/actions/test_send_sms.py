"""Tests of the action for numbers: whom it reaches, and what it tells its caller."""

import asyncio
from typing import Any

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.huawei_cloud_sms.const import DOMAIN
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.script import Script
from simulator.server import Server
from tests.common import Events, issues, make_entry, send_sms, template_data, wait_until
from tests.const import (
    OTHER_NUMBER,
    RECIPIENT_NUMBER,
    REPORT_EVENT,
    SIGNATURE,
    TEMPLATE_ID,
)


def numbers_reached(platform: Server) -> list[str]:
    """Return the numbers that got an SMS, in order."""
    return [message.number for message in platform.platform.state.records.messages()]


async def test_response(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """The response says of each number what became of it."""
    reports = Events(hass, REPORT_EVENT)
    (message,) = await send_sms(hass, RECIPIENT_NUMBER)
    (at_platform,) = platform.platform.state.records.messages()
    assert message == {
        "number": RECIPIENT_NUMBER,
        "reference": message["reference"],
        "message_id": at_platform.message_id,
        "state": "accepted",
        "code": None,
        "meaning": None,
        "remedy": None,
        "text": None,
        "planned_parts": None,
        "parts": 1,
    }
    accepted, delivered = await reports.wait_for(2)
    assert accepted.attributes["reference"] == message["reference"]
    assert delivered.attributes["message_id"] == message["message_id"]


async def test_without_response(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """Nothing is returned and nothing raised when all is accepted."""
    response = await hass.services.async_call(
        DOMAIN,
        "send_sms",
        {
            "config_entry_id": application.entry_id,
            "numbers": OTHER_NUMBER,
            "variables": ["一号门"],
        },
        blocking=True,
    )
    assert response is None
    (message,) = platform.platform.state.records.messages()
    assert message.text == f"【{SIGNATURE}】家中提醒：一号门"


@pytest.mark.parametrize(
    ("numbers", "reached"),
    [
        ([RECIPIENT_NUMBER, OTHER_NUMBER], [RECIPIENT_NUMBER, OTHER_NUMBER]),
        (RECIPIENT_NUMBER, [RECIPIENT_NUMBER]),
        ("137 0000 0001", [RECIPIENT_NUMBER]),
        (8613700000001, [RECIPIENT_NUMBER]),
        (13700000001, [RECIPIENT_NUMBER]),
        ("8613700000001", [RECIPIENT_NUMBER]),
        ((8613700000001, 8613700000002), [RECIPIENT_NUMBER, OTHER_NUMBER]),
        ([(8613700000001, 8613700000002)], [RECIPIENT_NUMBER, OTHER_NUMBER]),
        ("13700000001,13700000002", [RECIPIENT_NUMBER, OTHER_NUMBER]),
        ("13700000001，13700000002；", [RECIPIENT_NUMBER, OTHER_NUMBER]),
        ("13700000001;13700000002\n", [RECIPIENT_NUMBER, OTHER_NUMBER]),
        ([RECIPIENT_NUMBER, " ", "13700000001", 8613700000001], [RECIPIENT_NUMBER]),
        ("008613700000001", [RECIPIENT_NUMBER]),
        (13700000001.0, [RECIPIENT_NUMBER]),
        ([[13700000001, [OTHER_NUMBER]]], [RECIPIENT_NUMBER, OTHER_NUMBER]),
    ],
)
async def test_numbers(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    numbers: Any,
    reached: list[str],
) -> None:
    """Numbers are understood as people and templates write them, each once."""
    response = await hass.services.async_call(
        DOMAIN,
        "send_sms",
        {"numbers": numbers, "variables": ["门开着"]},
        blocking=True,
        return_response=True,
    )
    assert response is not None
    assert [message["number"] for message in response["messages"]] == reached
    assert numbers_reached(platform) == reached
    assert platform.platform.state.records.request_count == 1


async def test_numbers_from_templates(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """What templates make of numbers in a script still reaches the phones."""
    script = Script(
        hass,
        cv.SCRIPT_SCHEMA(
            [
                {
                    "action": "huawei_cloud_sms.send_sms",
                    "data": {
                        "numbers": "{{ first }},{{ second }}",
                        "variables": ["{{ code }}"],
                    },
                },
                {
                    "action": "huawei_cloud_sms.send_sms",
                    "data": {
                        "numbers": ["{{ first }}"],
                        "variables": {"message": "{{ code }}"},
                    },
                },
            ]
        ),
        "Test",
        "test",
    )
    await script.async_run(
        {"first": RECIPIENT_NUMBER, "second": OTHER_NUMBER, "code": "012345"},
        Context(),
    )
    assert numbers_reached(platform) == [
        RECIPIENT_NUMBER,
        OTHER_NUMBER,
        RECIPIENT_NUMBER,
    ]
    for message in platform.platform.state.records.messages():
        assert message.text.endswith("：012345")


@pytest.mark.parametrize(
    ("numbers", "key", "named"),
    [
        ([], "numbers_missing", "numbers"),
        (None, "numbers_missing", "numbers"),
        (" , ;", "numbers_missing", "numbers"),
        ([None], "numbers_missing", "numbers"),
        ({"a": 1}, "number_not_a_number", "•••"),
        (1.5, "number_not_a_number", "•••"),
        ("12", "number_impossible", "•••"),
        ("+86137000000011234", "number_impossible", "•••1234"),
        ("front door", "number_not_a_number", "•••door"),
        (True, "number_not_a_number", "•••"),
        (-8613700000001, "number_not_a_number", "•••0001"),
        ("+", "number_not_a_number", "•••"),
        ("()", "number_empty", "empty"),
    ],
)
async def test_bad_numbers(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    numbers: Any,
    key: str,
    named: str,
) -> None:
    """A number that is none is refused before anything leaves, and named masked."""
    with pytest.raises(ServiceValidationError) as err:
        await hass.services.async_call(
            DOMAIN,
            "send_sms",
            {"numbers": numbers},
            blocking=True,
        )
    assert err.value.translation_key == key
    assert named in str(err.value)
    assert platform.platform.state.records.request_count == 0


async def test_ambiguous_number(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """A number that is possible in two countries is refused, and both are named."""
    entry = make_entry(platform.url, options={"default_country": "DE"})
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    with pytest.raises(ServiceValidationError) as err:
        await send_sms(hass, "8613700000001")
    assert err.value.translation_key == "number_ambiguous"
    text = str(err.value)
    assert "+49 •••0001" in text
    assert "+86 •••0001" in text
    assert platform.platform.state.records.request_count == 0


async def test_recipient_is_recognised(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """A number that is a recipient's carries the recipient's name."""
    reports = Events(hass, REPORT_EVENT)
    await send_sms(hass, "137-0000-0001", "137-0000-0002")
    accepted = (await reports.wait_for(2))[:2]
    names = {it.attributes["number"]: it.attributes["recipient"] for it in accepted}
    assert names == {RECIPIENT_NUMBER: "Mei", OTHER_NUMBER: None}


async def test_mixed_result(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """Each number has its own result, whatever the request's code."""
    refused, too_often = "+8613700009228", "+8613700009248"
    messages = await send_sms(hass, RECIPIENT_NUMBER, refused, too_often)
    assert [(it["state"], it["code"]) for it in messages] == [
        ("accepted", None),
        ("refused", "E200028"),
        ("refused", "E200048"),
    ]
    assert "variables" in messages[1]["meaning"]
    assert messages[1]["remedy"]
    assert numbers_reached(platform) == [RECIPIENT_NUMBER]

    with pytest.raises(HomeAssistantError) as err:
        await hass.services.async_call(
            DOMAIN,
            "send_sms",
            {
                "numbers": [refused, RECIPIENT_NUMBER, too_often],
                "variables": ["门开着"],
            },
            blocking=True,
        )
    assert err.value.translation_key == "not_accepted"
    text = str(err.value)
    assert "2" in text and "3" in text
    assert "•••9228" in text and "E200028" in text
    assert "•••9248" in text and "E200048" in text
    assert messages[1]["meaning"] in text
    assert refused not in text and "•••0001" not in text
    # all were tried
    assert numbers_reached(platform) == [RECIPIENT_NUMBER] * 2


async def test_error_in_chinese(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """Meaning and remedy come in the language of Home Assistant."""
    hass.config.language = "zh-Hans"
    (message,) = await send_sms(hass, "+8613700009228")
    assert message["meaning"] == "变量与模板不符。"


async def test_many_refusals_are_cut(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """An error names a few of many refused numbers."""
    numbers = [f"+86137000{place}9228" for place in range(10, 18)]
    with pytest.raises(HomeAssistantError) as err:
        await hass.services.async_call(
            DOMAIN,
            "send_sms",
            {"numbers": numbers, "variables": ["门开着"]},
            blocking=True,
        )
    assert str(err.value).count("•••9228") == 5
    assert str(err.value).endswith("…")


async def test_more_than_500_numbers(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """Many numbers are split into several requests, and each gets one SMS."""
    platform.platform.state.set_options({"report_delay": 600})
    numbers = [f"+8613701{place:06}" for place in range(1, 1102)]
    messages = await send_sms(hass, *numbers, override_limit=True)
    assert [message["number"] for message in messages] == numbers
    assert {message["state"] for message in messages} == {"accepted"}
    requests = platform.platform.state.records.requests
    assert sorted(len(request.numbers) for request in requests) == [101, 500, 500]
    assert sorted(numbers_reached(platform)) == numbers
    assert len({request.extend for request in requests}) == 3


async def test_other_channel_number(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """The channel number of the call wins over the template's."""
    (message,) = await send_sms(hass, OTHER_NUMBER, channel_number="8824110600004")
    assert (message["state"], message["code"]) == ("refused", "E200033")


async def test_more_requests_than_slots(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """Of many calls at once all are sent, each once."""
    results = await asyncio.gather(
        *(send_sms(hass, f"+861370000{place:04}") for place in range(30))
    )
    assert [message["state"] for (message,) in results] == ["accepted"] * 30
    assert len(set(numbers_reached(platform))) == 30


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"config_entry_id": "nobody"}, "service_config_entry_not_found"),
        ({"channel_number": "1" * 22}, "invalid_channel_number"),
        ({"signature": "签" * 33}, "invalid_signature"),
    ],
)
async def test_refused_before_sending(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    data: dict[str, Any],
    error: str,
) -> None:
    """What cannot be sent is refused with the field and the rule."""
    with pytest.raises(ServiceValidationError) as err:
        await send_sms(hass, RECIPIENT_NUMBER, **data)
    assert err.value.translation_key == error
    if error.startswith("invalid_"):
        assert "at most 32" in str(err.value) or "1 to 21" in str(err.value)
    assert platform.platform.state.records.request_count == 0


async def test_which_application(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """With several applications one must be named, and one that is loaded."""
    other = make_entry(
        platform.url, data={"webhook_id": "f" * 64}, subentries=[template_data()]
    )
    other.add_to_hass(hass)
    assert await hass.config_entries.async_setup(other.entry_id)
    with pytest.raises(ServiceValidationError):
        await send_sms(hass, RECIPIENT_NUMBER)
    (message,) = await send_sms(
        hass, RECIPIENT_NUMBER, config_entry_id=application.entry_id
    )
    assert message["state"] == "accepted"
    assert await hass.config_entries.async_unload(other.entry_id)
    with pytest.raises(ServiceValidationError) as err:
        await send_sms(hass, RECIPIENT_NUMBER, config_entry_id=other.entry_id)
    assert err.value.translation_key == "service_config_entry_not_loaded"


async def test_international_application(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """The platform's own words explain what an application may not do."""
    entry = make_entry(platform.url, data={"kind": "international"})
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    # signs that only mainland templates forbid pass our own check
    (message,) = await send_sms(hass, "+4915112345678", variables=["it's {1}"])
    assert message["code"] is not None
    assert message["state"] == "refused"


async def test_without_public_address(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """Without an address SMS still go out; nobody is asked to report."""
    await hass.config.async_update(external_url=None)
    (message,) = await send_sms(hass, OTHER_NUMBER)
    assert message["state"] == "accepted"
    assert platform.platform.state.records.requests[-1].status_callback is None
    assert "no_public_address" in issues(hass)


async def test_report_before_response(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """A report that overtakes the response of its own send finds its message."""
    reports = Events(hass, REPORT_EVENT)
    (message,) = await send_sms(hass, "+8613700009004")
    assert message["state"] == "delivered"
    assert message["code"] == "DELIVRD"
    await wait_until(lambda: reports.states)
    assert reports.types == ["delivered"]
    assert reports.states[0].attributes["reference"] == message["reference"]


async def test_template_by_id_only(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """The name of a template and its ID lead to the same SMS."""
    for template in ("Alarm", "alarm", TEMPLATE_ID):
        (message,) = await send_sms(hass, OTHER_NUMBER, template=template)
        assert message["state"] == "accepted"
    texts = {it.text for it in platform.platform.state.records.messages()}
    assert texts == {f"【{SIGNATURE}】家中提醒：门开着"}
