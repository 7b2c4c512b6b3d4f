"""Tests of the recipients' notify entities."""

from aiohttp.test_utils import TestClient
from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.huawei_cloud_sms.const import DOMAIN
from homeassistant.components.notify import NotifyEntityFeature
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from simulator.server import Server

from .common import make_entry, recipient_data, template_data, variable
from .const import NOTIFY_ENTITY, RECIPIENT_NUMBER, RECIPIENT_SUBENTRY, TWO_VARIABLES_ID

WITH_TITLE = template_data(
    "Parcel", TWO_VARIABLES_ID, variables=[variable("title"), variable()]
)


async def send_message(
    hass: HomeAssistant, context: Context | None = None, **data: str
) -> None:
    """Send by the notify entity."""
    await hass.services.async_call(
        "notify",
        "send_message",
        {"entity_id": NOTIFY_ENTITY, **data},
        blocking=True,
        context=context,
    )


async def test_entity(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """A recipient is a device with a notify entity, below the application's device."""
    entity = er.async_get(hass).async_get(NOTIFY_ENTITY)
    assert entity is not None
    assert entity.unique_id == f"{RECIPIENT_SUBENTRY}_recipient"
    assert entity.config_subentry_id == RECIPIENT_SUBENTRY
    assert entity.supported_features == 0
    devices = dr.async_get(hass)
    device = devices.async_get(entity.device_id)
    parent = devices.async_get_device_by_identifier(
        (DOMAIN, application.entry_id), application.entry_id
    )
    assert device is not None and parent is not None
    assert (device.name, parent.name) == ("Mei", "SMS")
    assert device.via_device_id == parent.id
    assert hass.states.get(NOTIFY_ENTITY).state == "unknown"


async def test_state(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The entity says when it last sent, in the context of the call."""
    context = Context()
    await send_message(hass, context, message="a")
    state = hass.states.get(NOTIFY_ENTITY)
    assert state.state == freezer().replace(tzinfo=None).isoformat() + "+00:00"
    assert state.context.id == context.id
    (message,) = platform.platform.state.records.messages()
    assert message.text.endswith("：a")


async def test_title_is_left_out(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """A template without a place for a title takes none."""
    await send_message(hass, message="a", title="b")
    (message,) = platform.platform.state.records.messages()
    assert message.text.endswith("：a")


async def test_title(hass: HomeAssistant, platform: Server, door: TestClient) -> None:
    """A template with a place for a title needs one, and the entity says so."""
    entry = make_entry(platform.url, subentries=[WITH_TITLE, recipient_data()])
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    state = hass.states.get(NOTIFY_ENTITY)
    assert state.attributes["supported_features"] == NotifyEntityFeature.TITLE
    await send_message(hass, message="东门", title="3")
    (message,) = platform.platform.state.records.messages()
    assert message.text.endswith("您有3件包裹，请到东门领取。")
    with pytest.raises(ServiceValidationError) as err:
        await send_message(hass, message="东门")
    assert err.value.translation_key == "variable_rules"


async def test_recipient_without_template(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """A recipient without a template of its own gets the default one."""
    entry = make_entry(
        platform.url, subentries=[template_data(), recipient_data(template=None)]
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await send_message(hass, message="a")
    (message,) = platform.platform.state.records.messages(RECIPIENT_NUMBER)
    assert message.text.endswith("：a")


async def test_refusal(hass: HomeAssistant, platform: Server, door: TestClient) -> None:
    """A refusal raises with the reason, and the entity's state stays."""
    entry = make_entry(
        platform.url,
        subentries=[template_data(), recipient_data(number="+8613700009228")],
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    with pytest.raises(HomeAssistantError) as err:
        await send_message(hass, message="a")
    assert err.value.translation_key == "not_accepted"
    assert "E200028" in str(err.value)
    assert hass.states.get(NOTIFY_ENTITY).state == "unknown"


async def test_new_number_keeps_the_entity(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """A recipient that is changed keeps its entity and sends to the new number."""
    subentry = application.subentries[RECIPIENT_SUBENTRY]
    hass.config_entries.async_update_subentry(
        application,
        subentry,
        data={**subentry.data, "number": "+8613700000005"},
        title="Mei Lin",
    )
    await hass.async_block_till_done()
    entity = er.async_get(hass).async_get(NOTIFY_ENTITY)
    assert entity is not None
    device = dr.async_get(hass).async_get(entity.device_id)
    assert device is not None and device.name == "Mei Lin"
    await send_message(hass, message="a")
    (message,) = platform.platform.state.records.messages()
    assert message.number == "+8613700000005"
