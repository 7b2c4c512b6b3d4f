"""Tests of the button that sends a test message."""

import json
from pathlib import Path

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components import huawei_cloud_sms
from custom_components.huawei_cloud_sms.const import DOMAIN
from homeassistant.config_entries import ConfigSubentryDataWithId
from homeassistant.const import EntityCategory
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
)
from homeassistant.helpers import device_registry as dr, entity_registry as er
from simulator.server import Server

from .common import Events, make_entry, recipient_data, template_data, variable
from .const import (
    NO_VARIABLES_ID,
    NOTIFY_ENTITY,
    RECIPIENT_NUMBER,
    RECIPIENT_SUBENTRY,
    REPORT_EVENT,
    TWO_VARIABLES_ID,
)

BUTTON = "button.mei_test_sms_costs_one_sms"
UNIQUE_ID = f"{RECIPIENT_SUBENTRY}_test_message"

# What no variable may hold, whatever it was approved for, and what no text may
FORBIDDEN = set("'{}.。<>")


def text_of(language: str, *path: str) -> str:
    """Return a text of the integration in a language."""
    file = Path(huawei_cloud_sms.__file__).parent / "translations" / f"{language}.json"
    texts = json.loads(file.read_text("utf-8"))
    for key in path:
        texts = texts[key]
    return str(texts)


async def set_up(
    hass: HomeAssistant, platform: Server, template: ConfigSubentryDataWithId
) -> MockConfigEntry:
    """Set an application up whose recipient's button was enabled before."""
    entry = make_entry(platform.url, subentries=[template, recipient_data()])
    entry.add_to_hass(hass)
    er.async_get(hass).async_get_or_create(
        "button",
        DOMAIN,
        UNIQUE_ID,
        config_entry=entry,
        config_subentry_id=RECIPIENT_SUBENTRY,
        object_id_base=BUTTON.removeprefix("button."),
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


async def press(
    hass: HomeAssistant, context: Context | None = None, **target: str
) -> None:
    """Press the button."""
    await hass.services.async_call(
        "button",
        "press",
        target or {"entity_id": BUTTON},
        blocking=True,
        context=context,
    )


async def test_entity(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """Each recipient's device has the button; it is disabled, its name says its cost."""
    registry = er.async_get(hass)
    entity = registry.async_get(BUTTON)
    assert entity is not None
    assert entity.unique_id == UNIQUE_ID
    assert entity.config_subentry_id == RECIPIENT_SUBENTRY
    assert entity.disabled_by is er.RegistryEntryDisabler.INTEGRATION
    assert entity.entity_category is EntityCategory.DIAGNOSTIC
    notify = registry.async_get(NOTIFY_ENTITY)
    assert notify is not None
    assert entity.device_id == notify.device_id
    assert hass.states.get(BUTTON) is None
    assert "costs one SMS" in text_of("en", "entity", "button", "test_message", "name")
    assert "计费" in text_of("zh-Hans", "entity", "button", "test_message", "name")


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
async def test_press(
    hass: HomeAssistant, platform: Server, door: TestClient, language: str
) -> None:
    """It sends one SMS with a test text, in the language of Home Assistant."""
    hass.config.language = language
    await set_up(hass, platform, template_data())
    reports = Events(hass, REPORT_EVENT)
    context = Context()
    await press(hass, context)
    (message,) = platform.platform.state.records.messages()
    text = text_of(language, "common", "test_message")
    assert message.number == RECIPIENT_NUMBER
    assert message.text.endswith(f"：{text}")
    accepted, _ = await reports.wait_for(2)
    assert accepted.context.id == context.id
    state = hass.states.get(BUTTON)
    assert state is not None
    assert state.context.id == context.id


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_texts_keep_the_rules(language: str) -> None:
    """The strictest variable of a text takes what is sent as a test."""
    for key in ("test_message", "test_title"):
        text = text_of(language, "common", key)
        assert 0 < len(text) <= 20
        assert not FORBIDDEN & set(text)


async def test_title(hass: HomeAssistant, platform: Server, door: TestClient) -> None:
    """A title is filled too, where the template has one."""
    template = template_data(
        variables=[variable("line", default="{{ title }}: {{ message }}")]
    )
    await set_up(hass, platform, template)
    await press(hass)
    (message,) = platform.platform.state.records.messages()
    assert message.text.endswith("：Test: Test message")


async def test_nothing_to_fill(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """A template without a message is sent as it is."""
    await set_up(
        hass, platform, template_data(template_id=NO_VARIABLES_ID, variables=[])
    )
    await press(hass)
    (message,) = platform.platform.state.records.messages()
    assert message.template_id == NO_VARIABLES_ID


async def test_names_that_cannot_be_guessed(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """What nobody can guess is not guessed: the error names it and the way out."""
    template = template_data(
        "Parcel",
        TWO_VARIABLES_ID,
        variables=[
            variable("place"),
            variable("rest", default="{{ count }}{{ message }}{{ now().hour }}"),
        ],
    )
    await set_up(hass, platform, template)
    with pytest.raises(ServiceValidationError) as err:
        await press(hass)
    assert err.value.translation_key == "test_message_names"
    assert err.value.translation_placeholders == {
        "template": "Parcel",
        "names": "place, count",
    }
    assert "huawei_cloud_sms.preview" in str(err.value)
    assert platform.platform.state.records.request_count == 0


async def test_template_deleted(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """Without its template the recipient's button says so."""
    await set_up(hass, platform, template_data(subentry_id="other"))
    with pytest.raises(ServiceValidationError) as err:
        await press(hass)
    assert err.value.translation_key == "template_deleted"


async def test_refusal(hass: HomeAssistant, platform: Server, door: TestClient) -> None:
    """A refusal raises with the reason, as for the notify entity."""
    entry = await set_up(hass, platform, template_data())
    hass.config_entries.async_update_subentry(
        entry,
        entry.subentries[RECIPIENT_SUBENTRY],
        data={**recipient_data()["data"], "number": "+8613700009228"},
    )
    await hass.async_block_till_done()
    with pytest.raises(HomeAssistantError) as err:
        await press(hass)
    assert err.value.translation_key == "not_accepted"
    assert "E200028" in str(err.value)


async def test_not_by_way_of_its_device(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """Pressing all buttons of a device or an area costs nothing."""
    await set_up(hass, platform, template_data())
    entity = er.async_get(hass).async_get(BUTTON)
    assert entity is not None and entity.device_id is not None
    dr.async_get(hass).async_update_device(entity.device_id, area_id="hall")
    await press(hass, device_id=entity.device_id)
    await press(hass, area_id="hall")
    assert platform.platform.state.records.request_count == 0


async def test_permission(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """Who does not control the button cannot press it."""
    await set_up(hass, platform, template_data())
    user = MockUser().add_to_hass(hass)
    user.mock_policy({"entities": {"entity_ids": {NOTIFY_ENTITY: True}}})
    with pytest.raises(Unauthorized):
        await press(hass, Context(user_id=user.id))
    assert platform.platform.state.records.request_count == 0
