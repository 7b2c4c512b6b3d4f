"""What no field of an action can mean is refused in plain words, and nothing breaks."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.huawei_cloud_sms.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from simulator.server import Server
from tests.common import send_sms
from tests.const import OTHER_NUMBER

# Half of an emoji: no file, no wire and no parser takes it.
HALF = "\ud83d"
ENDLESS = float("inf")

DURATIONS: list[object] = [
    -1,
    "soon",
    HALF,
    ENDLESS,
    "inf",
    float("nan"),
    1e20,
    "99:99:99999999999999999999",
    {"hours": 73},
    {"days": -1},
    {"hours": 1e300},
    {"weeks": HALF},
    [],
]
TIMES: list[object] = [
    "soon",
    HALF,
    "",
    "2026-13-01 00:00:00",
    "9999-12-31T23:59:59",
    "0001-01-01T00:00:00+14:00",
    -1,
    ENDLESS,
    {},
]


async def list_messages(hass: HomeAssistant, **data: Any) -> Any:
    """Return what the list has."""
    return await hass.services.async_call(
        DOMAIN, "list_messages", data, blocking=True, return_response=True
    )


@pytest.mark.parametrize("field", ["timeout", "retry_for", "expires_after"])
@pytest.mark.parametrize("value", DURATIONS, ids=ascii)
async def test_durations(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    field: str,
    value: object,
) -> None:
    """A duration that is none, or too long, is refused before anything is sent."""
    with pytest.raises(ServiceValidationError) as err:
        await send_sms(hass, OTHER_NUMBER, **{field: value})
    assert err.value.translation_key == "duration_invalid"
    hours = "1" if field == "retry_for" else "72"
    assert err.value.translation_placeholders == {"field": field, "hours": hours}
    assert platform.platform.state.records.request_count == 0


@pytest.mark.parametrize(
    "value", [0, "90", 1.5, "00:01:30", {"minutes": 1, "seconds": 30}, {"hours": 1}]
)
async def test_usual_durations(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry, value: object
) -> None:
    """A duration is a number of seconds, a text or what the form gives."""
    (message,) = await send_sms(
        hass, OTHER_NUMBER, retry_for=value, timeout=value, expires_after=value
    )
    assert message["state"] == "accepted"


@pytest.mark.parametrize("field", ["since", "until"])
@pytest.mark.parametrize("value", TIMES, ids=ascii)
async def test_times(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    field: str,
    value: object,
) -> None:
    """A time that is none is refused, and never reaches a parser that breaks of it."""
    with pytest.raises(ServiceValidationError) as err:
        await list_messages(hass, **{field: value})
    assert err.value.translation_key == "time_invalid"
    assert err.value.translation_placeholders == {"field": field}


@pytest.mark.parametrize("field", ["reference", "before"])
async def test_texts(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry, field: str
) -> None:
    """A text that cannot be looked up is refused."""
    with pytest.raises(ServiceValidationError) as err:
        await list_messages(hass, **{field: HALF})
    assert err.value.translation_key == "text_invalid"


@pytest.mark.parametrize(
    ("field", "key"),
    [
        ("numbers", "number_not_a_number"),
        ("template", "text_invalid"),
        ("channel_number", "text_invalid"),
        ("signature", "text_invalid"),
        ("config_entry_id", "service_config_entry_not_found"),
    ],
)
async def test_texts_to_send(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    field: str,
    key: str,
) -> None:
    """What cannot be sent is refused, whichever field has it."""
    data = {"numbers": [OTHER_NUMBER], "variables": ["it's"], field: HALF}
    for action in ("send_sms", "preview"):
        with pytest.raises(ServiceValidationError) as err:
            await hass.services.async_call(
                DOMAIN,
                action,
                data,
                blocking=True,
                return_response=True,
            )
        assert err.value.translation_key == key
    assert platform.platform.state.records.request_count == 0


@pytest.mark.parametrize("field", ["recipient", "signature"])
async def test_texts_of_a_batch(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry, field: str
) -> None:
    """Within a batch the field is named with the position."""
    messages = [{"recipient": "Mei", "variables": ["x"], field: HALF}]
    with pytest.raises(ServiceValidationError, match=f"1: The field {field}"):
        await hass.services.async_call(
            DOMAIN, "send_batch", {"messages": messages}, blocking=True
        )
    assert platform.platform.state.records.request_count == 0
