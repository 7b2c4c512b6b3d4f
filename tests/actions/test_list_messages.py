"""Tests of the action that lists what was sent."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
import voluptuous as vol

from homeassistant.const import EVENT_HOMEASSISTANT_CLOSE
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
)
from homeassistant.util import dt as dt_util
from simulator.scenarios import Scenario
from simulator.server import Server
from tests.common import make_entry, recipient_data, send_sms, template_data
from tests.const import (
    GENERAL_ID,
    NOTIFY_ENTITY,
    OTHER_NUMBER,
    RECIPIENT_NUMBER,
    TEMPLATE_ID,
)

SILENT_NUMBER = "+8613700009003"


@pytest.fixture
def entry(platform: Server) -> MockConfigEntry:
    """Return an application with two recipients, and two names for one template."""
    for number in (RECIPIENT_NUMBER, OTHER_NUMBER):
        platform.platform.scenarios.for_number(number, Scenario(report=None))
    return make_entry(
        platform.url,
        subentries=[
            template_data("Alarm"),
            template_data("General", GENERAL_ID, "general", default=False),
            template_data("Also general", GENERAL_ID, "also", default=False),
            recipient_data("Mei"),
            recipient_data("Wei", OTHER_NUMBER, "wei"),
        ],
    )


async def list_messages(hass: HomeAssistant, **data: Any) -> dict[str, Any]:
    """List messages and return the whole response."""
    response = await hass.services.async_call(
        "huawei_cloud_sms", "list_messages", data, blocking=True, return_response=True
    )
    assert response is not None
    return response


async def found(hass: HomeAssistant, **data: Any) -> list[str]:
    """List messages and return their numbers."""
    return [it["number"] for it in (await list_messages(hass, **data))["messages"]]


@pytest.fixture
async def sent(hass: HomeAssistant, application: MockConfigEntry) -> list[str]:
    """Send three messages and return their references, the oldest first."""
    references = []
    for number in (RECIPIENT_NUMBER, OTHER_NUMBER, SILENT_NUMBER):
        (message,) = await send_sms(hass, number)
        references.append(message["reference"])
    return references


async def test_what_is_said_of_a_message(
    hass: HomeAssistant, application: MockConfigEntry
) -> None:
    """Each message comes with all that is known of it."""
    await hass.config.async_set_time_zone("Asia/Shanghai")
    (sent,) = await send_sms(hass, RECIPIENT_NUMBER)
    response = await list_messages(hass)
    (message,) = response["messages"]
    times = [dt_util.parse_datetime(message.pop(it)) for it in ("created", "sent")]
    times.append(dt_util.parse_datetime(message.pop("changed")))
    assert all(it and it.utcoffset() == timedelta(hours=8) for it in times)
    assert times == sorted(times)
    assert response == {
        "messages": [
            {
                "reference": sent["reference"],
                "message_id": sent["message_id"],
                "number": RECIPIENT_NUMBER,
                "recipient": "Mei",
                "template": "Alarm",
                "state": "accepted",
                "code": None,
                "text": None,
                "planned_parts": None,
                "parts": 1,
                "parts_as_planned": None,
                "parts_done": 0,
            }
        ],
        "before": None,
    }


async def test_what_is_not_known(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """A number of nobody, a template of two names, and a code of the platform."""
    platform.platform.scenarios.for_number(SILENT_NUMBER, Scenario(status="E200028"))
    await send_sms(hass, SILENT_NUMBER, template="General", signature="晨光家园")
    (message,) = (await list_messages(hass))["messages"]
    assert message["recipient"] is None
    assert message["template"] == GENERAL_ID
    assert (message["state"], message["code"]) == ("refused", "E200028")
    await send_sms(hass, SILENT_NUMBER, template=TEMPLATE_ID, variables=["a"])
    message = (await list_messages(hass))["messages"][0]
    assert message["template"] == "Alarm"


async def test_never_sent(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """What never left has no time at which it did."""
    hass.config_entries.async_update_entry(
        application, data={**application.data, "endpoint": "http://127.0.0.1:9"}
    )
    await hass.async_block_till_done()
    await send_sms(hass, SILENT_NUMBER)
    (message,) = (await list_messages(hass))["messages"]
    assert message["state"] == "expired_unsent"


@pytest.mark.usefixtures("sent")
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({}, [SILENT_NUMBER, OTHER_NUMBER, RECIPIENT_NUMBER]),
        ({"recipient": "Mei"}, [RECIPIENT_NUMBER]),
        ({"recipient": " mei "}, [RECIPIENT_NUMBER]),
        ({"recipient": NOTIFY_ENTITY}, [RECIPIENT_NUMBER]),
        (
            {"recipient": ["sensor.mei_last_message", "Wei"]},
            [OTHER_NUMBER, RECIPIENT_NUMBER],
        ),
        ({"state": "delivered"}, []),
        ({"state": ["accepted", "failed"], "recipient": "Wei"}, [OTHER_NUMBER]),
        ({"since": "2026-01-01 00:00:00", "limit": 1}, [SILENT_NUMBER]),
        ({"since": "2999-01-01 00:00:00"}, []),
        ({"until": "2000-01-01T00:00:00+00:00"}, []),
        (
            {"reference": None, "recipient": None, "state": None, "since": None},
            [SILENT_NUMBER, OTHER_NUMBER, RECIPIENT_NUMBER],
        ),
        ({"reference": "nowhere"}, []),
    ],
)
async def test_filters(
    hass: HomeAssistant, data: dict[str, Any], expected: list[str]
) -> None:
    """Only what is asked for is listed."""
    assert await found(hass, **data) == expected


async def test_reference(hass: HomeAssistant, sent: list[str]) -> None:
    """One message is found by its reference."""
    assert await found(hass, reference=sent[1]) == [OTHER_NUMBER]


async def test_pages(hass: HomeAssistant, sent: list[str]) -> None:
    """Pages follow each other, also while new messages come."""
    first = await list_messages(hass, limit=2)
    assert [it["reference"] for it in first["messages"]] == [sent[2], sent[1]]
    await send_sms(hass, SILENT_NUMBER)
    second = await list_messages(hass, limit=2, before=first["before"])
    assert [it["reference"] for it in second["messages"]] == [sent[0]]
    assert second["before"] is None
    third = await list_messages(hass, limit=1, before=sent[1])
    assert third == second


@pytest.mark.usefixtures("application")
async def test_ledger_that_takes_no_more(hass: HomeAssistant) -> None:
    """A ledger that cannot be asked now is no error of ours."""
    hass.bus.async_fire(EVENT_HOMEASSISTANT_CLOSE)
    await hass.async_block_till_done()
    with pytest.raises(HomeAssistantError) as err:
        await list_messages(hass)
    assert err.value.translation_key == "list_busy"


@pytest.mark.usefixtures("sent")
@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({"before": "nowhere"}, "page_unknown"),
        ({"recipient": "Li"}, "recipient_unknown"),
        ({"recipient": "sensor.sms_sent"}, "recipient_unknown"),
        ({"recipient": "sun.sun"}, "recipient_unknown"),
    ],
)
async def test_refused(hass: HomeAssistant, data: dict[str, Any], key: str) -> None:
    """What is not there cannot be asked for."""
    with pytest.raises(ServiceValidationError) as err:
        await list_messages(hass, **data)
    assert err.value.translation_key == key
    if key == "recipient_unknown":
        assert err.value.translation_placeholders == {
            "recipient": data["recipient"],
            "names": "Mei, Wei",
        }


@pytest.mark.usefixtures("sent")
@pytest.mark.parametrize("data", [{"limit": 0}, {"limit": 501}, {"state": "unknown"}])
async def test_schema(hass: HomeAssistant, data: dict[str, Any]) -> None:
    """A call that is not well formed is refused."""
    with pytest.raises(vol.Invalid):
        await list_messages(hass, **data)


@pytest.mark.parametrize("domain", ["notify", "event"])
async def test_who_may(hass: HomeAssistant, sent: list[str], domain: str) -> None:
    """Numbers are for those who control the application's entities."""
    user = MockUser().add_to_hass(hass)
    user.mock_policy({"entities": {"domains": {domain: True}}})
    call = hass.services.async_call(
        "huawei_cloud_sms",
        "list_messages",
        {},
        blocking=True,
        context=Context(user_id=user.id),
        return_response=True,
    )
    if domain == "notify":
        with pytest.raises(Unauthorized):
            await call
    else:
        response = await call
        assert response is not None
        assert len(response["messages"]) == len(sent)
