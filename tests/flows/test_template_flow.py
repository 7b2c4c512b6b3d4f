"""Tests of adding and changing templates."""

from collections.abc import AsyncGenerator
from typing import Any

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntryState,
    ConfigSubentry,
    SubentryFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from tests.common import make_entry, recipient_data, template_data
from tests.const import CHANNEL_NUMBER, SIGNATURE, TEMPLATE_SUBENTRY, TWO_VARIABLES_ID

from .flow_inputs import stored_template, suggested

WEATHER = {
    "name": "Weather",
    "template_id": TWO_VARIABLES_ID,
    "template_type": "promotion",
    "channel_number": CHANNEL_NUMBER,
    "default": False,
}


# The application's own template as one would type it
TYPED = {
    name: it for name, it in template_data()["data"].items() if name != "variables"
}


@pytest.fixture
async def entry(
    hass: HomeAssistant, door: TestClient
) -> AsyncGenerator[MockConfigEntry]:
    """Set an application up; in the end wait until it has reloaded."""
    entry = make_entry("http://127.0.0.1:9")
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    yield entry
    await hass.async_block_till_done()


async def begin(hass: HomeAssistant, entry: MockConfigEntry) -> SubentryFlowResult:
    """Begin to add a template."""
    return await hass.config_entries.subentries.async_init(
        (entry.entry_id, "template"), context={"source": SOURCE_USER}
    )


async def submit(
    hass: HomeAssistant, form: SubentryFlowResult, typed: dict[str, Any]
) -> SubentryFlowResult:
    """Submit a form."""
    return await hass.config_entries.subentries.async_configure(form["flow_id"], typed)


async def add(
    hass: HomeAssistant, entry: MockConfigEntry, typed: dict[str, Any]
) -> SubentryFlowResult:
    """Add a template with the variables that are offered."""
    return await describe(hass, await begin(hass, entry), typed)


async def describe(
    hass: HomeAssistant, form: SubentryFlowResult, typed: dict[str, Any]
) -> SubentryFlowResult:
    """Submit a template, then its variables and its preview as they are shown."""
    form = await submit(hass, form, typed)
    while form.get("step_id") in ("variables", "preview"):
        form = await submit(hass, form, suggested(form))
    return form


def templates(entry: MockConfigEntry) -> dict[str, ConfigSubentry]:
    """Return the templates by name."""
    return {it.title: it for it in entry.get_subentries_of_type("template")}


async def test_add(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """A second template is added, and the application reloads."""
    before = entry.runtime_data
    form = await begin(hass, entry)
    assert form["step_id"] == "user"
    assert suggested(form) == {"default": False}
    form = await submit(hass, form, WEATHER)
    assert (form["step_id"], form["last_step"]) == ("variables", True)
    result = await submit(hass, form, suggested(form))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    added = templates(entry)["Weather"]
    assert added.data == stored_template(WEATHER)
    assert templates(entry)["Alarm"].data["default"] is True
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert entry.runtime_data is not before


async def test_first(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Where there is no template, the first one is offered as the default."""
    hass.config_entries.async_remove_subentry(entry, TEMPLATE_SUBENTRY)
    form = await begin(hass, entry)
    assert suggested(form) == {"default": True}
    await describe(hass, form, {**WEATHER, "default": True})
    assert templates(entry)["Weather"].data["default"] is True


async def test_default_moves(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """The mark moves to the template that gets it; it can be taken away."""
    await add(hass, entry, {**WEATHER, "default": True})
    weather, alarm = templates(entry)["Weather"], templates(entry)["Alarm"]
    assert (weather.data["default"], alarm.data["default"]) == (True, False)
    assert alarm.data == {**template_data()["data"], "default": False}

    form = await entry.start_subentry_reconfigure_flow(hass, TEMPLATE_SUBENTRY)
    result = await describe(hass, form, {**suggested(form), "default": True})
    assert result["reason"] == "reconfigure_successful"
    assert (weather.data["default"], alarm.data["default"]) == (False, True)

    form = await entry.start_subentry_reconfigure_flow(hass, TEMPLATE_SUBENTRY)
    await describe(hass, form, {**suggested(form), "default": False})
    assert (weather.data["default"], alarm.data["default"]) == (False, False)


async def test_reconfigure(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """All of a template can be changed; its recipients stay with it."""
    before = entry.runtime_data
    form = await entry.start_subentry_reconfigure_flow(hass, TEMPLATE_SUBENTRY)
    assert form["step_id"] == "reconfigure"
    assert suggested(form) == TYPED
    typed = {**WEATHER, "signature": SIGNATURE}
    del typed["channel_number"]
    result = await describe(hass, form, typed)
    assert (result["type"], result["reason"]) == (
        FlowResultType.ABORT,
        "reconfigure_successful",
    )
    assert result["translation_domain"] == "homeassistant"
    changed = entry.subentries[TEMPLATE_SUBENTRY]
    assert changed.data == stored_template(typed)
    assert changed.title == "Weather"
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert entry.runtime_data is not before


async def test_renamed_by_its_menu(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """The title is the name: it is suggested and taken, and the old one is free."""
    # what Home Assistant itself does, without any form of ours
    hass.config_entries.async_update_subentry(
        entry, entry.subentries[TEMPLATE_SUBENTRY], title="Rain"
    )
    await hass.async_block_till_done()
    form = await submit(hass, await begin(hass, entry), {**WEATHER, "name": "rain"})
    assert form["errors"] == {"name": "name_taken"}
    result = await describe(hass, form, {**WEATHER, "name": "Alarm"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    form = await entry.start_subentry_reconfigure_flow(hass, TEMPLATE_SUBENTRY)
    assert suggested(form)["name"] == "Rain"
    result = await describe(hass, form, suggested(form))
    assert result["reason"] == "reconfigure_successful"
    assert set(templates(entry)) == {"Rain", "Alarm"}


async def test_same_name_stays(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """A template's own name is not taken; only its capitals change."""
    form = await entry.start_subentry_reconfigure_flow(hass, TEMPLATE_SUBENTRY)
    await describe(hass, form, {**TYPED, "name": "ALARM"})
    assert entry.subentries[TEMPLATE_SUBENTRY].title == "ALARM"


@pytest.mark.parametrize(
    ("changes", "errors", "placeholders"),
    [
        ({"name": ""}, {"name": "name_empty"}, {}),
        ({"name": " aLARM "}, {"name": "name_taken"}, {"other": "Alarm"}),
        ({"channel_number": ""}, {"channel_number": "channel_number_missing"}, {}),
    ],
)
async def test_typed_wrong(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    changes: dict[str, Any],
    errors: dict[str, str],
    placeholders: dict[str, str],
) -> None:
    """Both flows refuse what cannot work, and take the mark from nobody."""
    typed = {**WEATHER, **changes, "default": True}
    form = await submit(hass, await begin(hass, entry), typed)
    assert (form["step_id"], form["errors"]) == ("user", errors)
    assert form["description_placeholders"] == placeholders
    assert suggested(form) == typed
    assert templates(entry)["Alarm"].data["default"] is True
    result = await describe(hass, form, WEATHER)
    assert result["type"] is FlowResultType.CREATE_ENTRY

    weather = templates(entry)["Weather"]
    form = await entry.start_subentry_reconfigure_flow(hass, weather.subentry_id)
    form = await submit(hass, form, typed)
    assert (form["step_id"], form["errors"]) == ("reconfigure", errors)
    assert suggested(form) == typed
    assert weather.data == stored_template(WEATHER)
    result = await describe(hass, form, {**WEATHER, "name": "Rain"})
    assert result["reason"] == "reconfigure_successful"
    assert weather.title == "Rain"


async def test_name_of_a_recipient(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Names are unique among templates, not beyond."""
    name = recipient_data()["title"]
    result = await add(hass, entry, {**WEATHER, "name": name})
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_international(hass: HomeAssistant, door: TestClient) -> None:
    """An international application has no signatures."""
    entry = make_entry("http://127.0.0.1:9", data={"kind": "international"})
    entry.add_to_hass(hass)
    form = await begin(hass, entry)
    assert "signature" not in form["data_schema"].schema
    result = await describe(hass, form, WEATHER)
    assert result["type"] is FlowResultType.CREATE_ENTRY
