"""Tests of the action at component level, as `alert:` and old automations use it."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.huawei_cloud_sms.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.setup import async_setup_component
from simulator.server import Server
from tests.common import make_entry, template_data, variable, wait_until
from tests.const import OTHER_NUMBER, RECIPIENT_NUMBER, TEMPLATE_ID, TWO_VARIABLES_ID


async def notify(hass: HomeAssistant, **data: Any) -> None:
    """Send by the action."""
    await hass.services.async_call("notify", DOMAIN, data, blocking=True)


async def test_message(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """A message goes to all targets by the default template."""
    await notify(hass, message="a", title="b", target=[13700000001, OTHER_NUMBER])
    messages = platform.platform.state.records.messages()
    assert [it.number for it in messages] == [RECIPIENT_NUMBER, OTHER_NUMBER]
    assert all(it.text.endswith("：a") for it in messages)


@pytest.mark.parametrize("template", ["Parcel", TWO_VARIABLES_ID])
async def test_template_and_title(
    hass: HomeAssistant, platform: Server, template: str
) -> None:
    """Another template may be named, and may have a place for a title."""
    entry = make_entry(
        platform.url,
        subentries=[
            template_data(),
            template_data(
                "Parcel",
                TWO_VARIABLES_ID,
                "parcel",
                variables=[variable("title"), variable()],
            ),
        ],
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await notify(
        hass,
        message="东门",
        title="3",
        target=OTHER_NUMBER,
        data={"template": template, "config_entry_id": entry.entry_id},
    )
    (message,) = platform.platform.state.records.messages()
    assert message.text.endswith("您有3件包裹，请到东门领取。")


async def test_alert(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """An alert, which can pass nothing but data, reaches its numbers."""
    hass.states.async_set("binary_sensor.leak", "off")
    assert await async_setup_component(
        hass,
        "alert",
        {
            "alert": {
                "leak": {
                    "name": "Leak",
                    "message": "Water in the cellar",
                    "entity_id": "binary_sensor.leak",
                    "repeat": 30,
                    "notifiers": [DOMAIN],
                    "data": {"target": [RECIPIENT_NUMBER]},
                }
            }
        },
    )
    hass.states.async_set("binary_sensor.leak", "on")
    await wait_until(platform.platform.state.records.messages)
    (message,) = platform.platform.state.records.messages()
    assert message.number == RECIPIENT_NUMBER
    assert message.text.endswith("Water in the cellar")
    hass.states.async_set("binary_sensor.leak", "off")
    await hass.async_block_till_done()


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({}, "numbers_missing"),
        ({"target": []}, "numbers_missing"),
        ({"target": ["x"]}, "number_not_a_number"),
        ({"target": [OTHER_NUMBER], "data": {"template": "x"}}, "template_unknown"),
        (
            {"target": [OTHER_NUMBER], "data": {"template": TEMPLATE_ID + "0"}},
            "template_unknown",
        ),
        (
            {"target": [OTHER_NUMBER], "data": {"config_entry_id": "nobody"}},
            "service_config_entry_not_found",
        ),
    ],
)
async def test_refused_before_sending(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    data: dict[str, Any],
    key: str,
) -> None:
    """What cannot be sent is refused with the reason."""
    with pytest.raises(ServiceValidationError) as err:
        await notify(hass, message="a", **data)
    assert err.value.translation_key == key
    assert platform.platform.state.records.request_count == 0


async def test_refusal(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """A refusal raises after all were tried."""
    with pytest.raises(HomeAssistantError, match="•••9228"):
        await notify(hass, message="a", target=["+8613700009228", OTHER_NUMBER])
    assert len(platform.platform.state.records.messages()) == 1


async def test_survives_entries(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """The action stays when an application is unloaded, and says what is wrong."""
    assert await hass.config_entries.async_unload(application.entry_id)
    assert hass.services.has_service("notify", DOMAIN)
    with pytest.raises(ServiceValidationError):
        await notify(hass, message="a", target=OTHER_NUMBER)
    assert await hass.config_entries.async_setup(application.entry_id)
    await notify(hass, message="a", target=OTHER_NUMBER)


async def test_data_of_other_notifiers(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """An alert gives all its notifiers the same data."""
    await notify(
        hass,
        message="fire",
        data={"push": {"sound": "alarm"}, "target": [OTHER_NUMBER]},
    )
    await notify(hass, message="fire", target=[OTHER_NUMBER], data=None)
    assert len(platform.platform.state.records.messages(OTHER_NUMBER)) == 2
