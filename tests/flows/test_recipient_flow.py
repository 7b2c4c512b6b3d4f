"""Tests of adding and changing recipients."""

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
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from tests.common import make_entry, recipient_data, template_data
from tests.const import (
    OTHER_NUMBER,
    RECIPIENT_NUMBER,
    RECIPIENT_SUBENTRY,
    TEMPLATE_SUBENTRY,
    TWO_VARIABLES_ID,
)

from .flow_inputs import suggested

WEATHER_SUBENTRY = "01TEMPLATE0000000000000002"
BO = {"name": "Bo", "number": OTHER_NUMBER}


@pytest.fixture
async def entry(
    hass: HomeAssistant, door: TestClient
) -> AsyncGenerator[MockConfigEntry]:
    """Set up an application with two templates; in the end wait for its reload."""
    weather = template_data(
        "Weather", TWO_VARIABLES_ID, WEATHER_SUBENTRY, default=False
    )
    entry = make_entry(
        "http://127.0.0.1:9", subentries=[template_data(), weather, recipient_data()]
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    yield entry
    await hass.async_block_till_done()


async def begin(hass: HomeAssistant, entry: MockConfigEntry) -> SubentryFlowResult:
    """Begin to add a recipient."""
    return await hass.config_entries.subentries.async_init(
        (entry.entry_id, "recipient"), context={"source": SOURCE_USER}
    )


async def submit(
    hass: HomeAssistant, form: SubentryFlowResult, typed: dict[str, Any]
) -> SubentryFlowResult:
    """Submit a form."""
    return await hass.config_entries.subentries.async_configure(form["flow_id"], typed)


def recipients(entry: MockConfigEntry) -> dict[str, ConfigSubentry]:
    """Return the recipients by name."""
    return {it.title: it for it in entry.get_subentries_of_type("recipient")}


async def test_add(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """A recipient is added with one of the templates, and the application reloads."""
    before = entry.runtime_data
    form = await begin(hass, entry)
    assert form["step_id"] == "user"
    assert form["data_schema"].schema["template"].config["options"] == [
        {"value": TEMPLATE_SUBENTRY, "label": "Alarm"},
        {"value": WEATHER_SUBENTRY, "label": "Weather"},
    ]
    typed = {"name": " Bo ", "number": "137-0000-0002", "template": WEATHER_SUBENTRY}
    result = await submit(hass, form, typed)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    added = recipients(entry)["Bo"]
    assert added.data == {"number": OTHER_NUMBER, "template": WEATHER_SUBENTRY}
    assert added.unique_id == f"recipient_{OTHER_NUMBER}"
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert entry.runtime_data is not before


async def test_add_without_template(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Without a choice the default template applies."""
    await submit(hass, await begin(hass, entry), BO)
    assert recipients(entry)["Bo"].data == {"number": OTHER_NUMBER}


async def test_add_where_no_template_is(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Recipients can be added before there is a template to choose."""
    for subentry_id in (TEMPLATE_SUBENTRY, WEATHER_SUBENTRY):
        hass.config_entries.async_remove_subentry(entry, subentry_id)
    form = await begin(hass, entry)
    assert list(form["data_schema"].schema) == ["name", "number"]
    await submit(hass, form, BO)
    assert recipients(entry)["Bo"].data == {"number": OTHER_NUMBER}


async def test_default_country(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Numbers are read by the application's own default country."""
    hass.config_entries.async_update_entry(entry, options={"default_country": "DE"})
    await submit(
        hass, await begin(hass, entry), {"name": "Anna", "number": "0170 1234567"}
    )
    assert recipients(entry)["Anna"].data["number"] == "+491701234567"


async def test_reconfigure(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """All of a recipient can be changed."""
    before = entry.runtime_data
    form = await entry.start_subentry_reconfigure_flow(hass, RECIPIENT_SUBENTRY)
    assert form["step_id"] == "reconfigure"
    assert suggested(form) == {**recipient_data()["data"], "name": "Mei"}
    result = await submit(hass, form, {**BO, "template": WEATHER_SUBENTRY})
    assert (result["type"], result["reason"]) == (
        FlowResultType.ABORT,
        "reconfigure_successful",
    )
    assert result["translation_domain"] == "homeassistant"
    changed = entry.subentries[RECIPIENT_SUBENTRY]
    assert changed.data == {"number": OTHER_NUMBER, "template": WEATHER_SUBENTRY}
    assert (changed.title, changed.unique_id) == ("Bo", f"recipient_{OTHER_NUMBER}")
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert entry.runtime_data is not before


async def test_reconfigure_nothing(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """A recipient's own name and number are not taken."""
    await submit(hass, await begin(hass, entry), BO)
    await hass.async_block_till_done()
    before = entry.runtime_data
    subentry_id = recipients(entry)["Bo"].subentry_id
    form = await entry.start_subentry_reconfigure_flow(hass, subentry_id)
    assert suggested(form) == BO
    result = await submit(hass, form, suggested(form))
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert entry.runtime_data is before


async def test_renamed_by_its_menu(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """The title is the name: it is suggested and taken, and the old one is free."""
    # what Home Assistant itself does, without any form of ours
    hass.config_entries.async_update_subentry(
        entry, entry.subentries[RECIPIENT_SUBENTRY], title="Lan"
    )
    await hass.async_block_till_done()
    form = await submit(hass, await begin(hass, entry), {**BO, "name": "LAN"})
    assert form["errors"] == {"name": "name_taken"}
    result = await submit(hass, form, {**BO, "name": "Mei"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    form = await entry.start_subentry_reconfigure_flow(hass, RECIPIENT_SUBENTRY)
    assert suggested(form)["name"] == "Lan"
    result = await submit(hass, form, suggested(form))
    assert result["reason"] == "reconfigure_successful"
    assert set(recipients(entry)) == {"Lan", "Mei"}


async def test_deleted_template(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """A template that is gone is not shown; it cannot be chosen either."""
    hass.config_entries.async_remove_subentry(entry, TEMPLATE_SUBENTRY)
    form = await entry.start_subentry_reconfigure_flow(hass, RECIPIENT_SUBENTRY)
    assert suggested(form) == {"name": "Mei", "number": RECIPIENT_NUMBER}
    with pytest.raises(InvalidData):
        await submit(hass, form, {**suggested(form), "template": TEMPLATE_SUBENTRY})
    await submit(hass, form, suggested(form))
    assert entry.subentries[RECIPIENT_SUBENTRY].data == {"number": RECIPIENT_NUMBER}


@pytest.mark.parametrize(
    ("changes", "errors", "placeholders"),
    [
        ({"name": " "}, {"name": "name_empty"}, {}),
        ({"name": "MEI"}, {"name": "name_taken"}, {"other": "Mei"}),
        ({"number": "13700000001"}, {"number": "number_taken"}, {"other": "Mei"}),
        ({"number": " "}, {"number": "number_empty"}, None),
        ({"number": "Bo"}, {"number": "number_not_a_number"}, None),
        (
            {"number": "110"},
            {"number": "number_impossible"},
            {"country": "CN", "national": "", "international": ""},
        ),
        (
            {"number": "12025550123"},
            {"number": "number_ambiguous"},
            {
                "country": "CN",
                "national": "+8612025550123",
                "international": "+12025550123",
            },
        ),
    ],
)
async def test_typed_wrong(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    changes: dict[str, str],
    errors: dict[str, str],
    placeholders: dict[str, str] | None,
) -> None:
    """Both flows refuse what cannot work; then it goes on."""
    typed = {**BO, **changes}
    form = await submit(hass, await begin(hass, entry), typed)
    assert (form["step_id"], form["errors"]) == ("user", errors)
    if placeholders is not None:
        assert form["description_placeholders"] == placeholders
    assert suggested(form) == typed
    result = await submit(hass, form, BO)
    assert result["type"] is FlowResultType.CREATE_ENTRY

    bo = recipients(entry)["Bo"]
    form = await entry.start_subentry_reconfigure_flow(hass, bo.subentry_id)
    form = await submit(hass, form, typed)
    assert (form["step_id"], form["errors"]) == ("reconfigure", errors)
    assert suggested(form) == typed
    assert bo.data == {"number": OTHER_NUMBER}
    result = await submit(hass, form, {**BO, "number": "+8613700000003"})
    assert result["reason"] == "reconfigure_successful"
    assert bo.data["number"] == "+8613700000003"


async def test_two_tabs(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Two tabs that end with one number at the same moment give one recipient."""
    forms = [await begin(hass, entry), await begin(hass, entry)]
    results = [
        await step
        for step in [
            hass.async_create_task(submit(hass, form, {**BO, "name": name}))
            for form, name in zip(forms, ("Bo", "Robert"), strict=True)
        ]
    ]
    # which one comes first, and how late the other learns of it, is left open
    outcomes = {result.get("reason") or str(result.get("errors")) for result in results}
    assert str(None) in outcomes
    assert outcomes & {"already_configured", "{'number': 'number_taken'}"}
    assert len(recipients(entry)) == 2
