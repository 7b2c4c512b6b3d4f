"""Tests of the preview of messages that would leave in one call."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.huawei_cloud_sms.const import DOMAIN
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from simulator.server import Server
from tests.const import CHANNEL_NUMBER, OTHER_NUMBER, RECIPIENT_NUMBER, TEMPLATE_ID

from .batches import CODE_CHANNEL, batch_entry, got, send_batch, to


@pytest.fixture
def entry(platform: Server) -> MockConfigEntry:
    """Return an application with templates of several channel numbers."""
    return batch_entry(platform.url, options={"price_per_part": 0.05})


async def preview(
    hass: HomeAssistant, *messages: object, **data: Any
) -> dict[str, Any]:
    """Call the action and return its response."""
    response = await hass.services.async_call(
        DOMAIN,
        "preview",
        {"messages": list(messages), **data},
        blocking=True,
        return_response=True,
    )
    assert response is not None
    return dict(response)


async def test_messages(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """Each message is shown as it would go out, and nothing goes out."""
    messages = [
        {"recipient": "Mei", "variables": {"message": "门" * 70}},
        {"numbers": [OTHER_NUMBER, "13700000004"], "variables": ["窗开着"]},
        to("13700000005", "123456", template="Code"),
    ]
    shown = await preview(hass, *messages, wait_for="delivered", timeout=60)
    assert shown["currency"] == hass.config.currency
    # one for each channel number
    assert shown["request_count"] == 2
    first, second, third = shown["messages"]
    assert first == {
        "position": 1,
        "recipient": "Mei",
        "channel_number": CHANNEL_NUMBER,
        "template_id": TEMPLATE_ID,
        "variables": ["门" * 70],
        "signature": "晨光家园",
        "numbers": [RECIPIENT_NUMBER],
        "message_count": 1,
        "status_callback": True,
        "text": "【晨光家园】家中提醒：" + "门" * 70,
        "characters": 81,
        "encoding": "ucs2",
        "parts": 2,
        "cost": 0.1,
        "cost_of_all": 0.1,
        "broken_rules": [],
    }
    assert (second["position"], second["recipient"]) == (2, None)
    assert second["numbers"] == [OTHER_NUMBER, "+8613700000004"]
    assert (second["cost"], second["cost_of_all"]) == (0.05, 0.1)
    assert (third["channel_number"], third["text"]) == (CODE_CHANNEL, None)
    assert platform.platform.state.records.request_count == 0
    # what was shown is what is sent
    sent = await send_batch(hass, *messages)
    assert [it["text"] for it in sent] == [
        first["text"],
        second["text"],
        second["text"],
        None,
    ]
    assert platform.platform.state.records.request_count == 2
    assert got(platform)[RECIPIENT_NUMBER] == ["家中提醒：" + "门" * 70]


async def test_broken_rules(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """The rules that are broken are told of each message; no request would be made."""
    shown = await preview(
        hass,
        to(OTHER_NUMBER, "a", template="Parcel", variables=["1-2", "北.门"]),
        to(RECIPIENT_NUMBER),
    )
    assert shown["request_count"] is None
    bad, good = shown["messages"]
    rules = [(it["rule"], it["name"], it["sign"]) for it in bad["broken_rules"]]
    assert rules == [("chardigit_character", "count", "-"), ("sign", "place", ".")]
    assert (good["position"], good["broken_rules"]) == (2, [])
    assert good["text"] == "【晨光家园】家中提醒：门开着"


async def test_refused_as_when_sending(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """All other faults are errors, the same ones as when the batch is sent."""
    messages = [
        to("12"),
        {"recipient": "Nobody", "variables": ["a"]},
        to(OTHER_NUMBER, template="Alert"),
        {"number": OTHER_NUMBER, "recipient": "Mei"},
        "x",
        to(OTHER_NUMBER, channel_number="1" * 22),
    ]
    errors = []
    for name in ("send_batch", "preview"):
        with pytest.raises(ServiceValidationError) as err:
            await hass.services.async_call(
                DOMAIN,
                name,
                {"messages": messages},
                blocking=True,
                return_response=True,
            )
        errors.append((err.value.translation_key, err.value.translation_placeholders))
    assert errors[0] == errors[1]
    assert errors[0][0] == "batch_faults"
    with pytest.raises(ServiceValidationError) as err:
        await preview(hass)
    assert err.value.translation_key == "batch_size"


@pytest.mark.parametrize(
    "data",
    [
        {"numbers": [OTHER_NUMBER]},
        {"entity_id": "notify.mei"},
        {"template": "Alarm"},
        {"variables": ["a"]},
        {"signature": "a"},
    ],
)
async def test_one_thing_only(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    data: dict[str, Any],
) -> None:
    """Messages say themselves whom they are for and what is in them."""
    with pytest.raises(ServiceValidationError) as err:
        await preview(hass, to(), **data)
    assert err.value.translation_key == "preview_targets"


async def test_permission(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    hass_read_only_user: MockUser,
) -> None:
    """Who may not send may not try names out either."""
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            DOMAIN,
            "preview",
            {"messages": [to()]},
            blocking=True,
            return_response=True,
            context=Context(user_id=hass_read_only_user.id),
        )


async def test_many(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """What does not fit into one request makes several, as when sending."""
    messages = [to(f"+86137{number:08}", f"门{number}") for number in range(501)]
    shown = await preview(hass, *messages)
    assert (len(shown["messages"]), shown["request_count"]) == (501, 2)
