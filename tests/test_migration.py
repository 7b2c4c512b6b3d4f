"""Tests of bringing applications of earlier versions up to date."""

from typing import Any

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.config_entries import SOURCE_USER, ConfigEntryState
from homeassistant.core import HomeAssistant
from simulator.server import Server

from .common import make_entry, recipient_data, send_sms, template_data, variable
from .const import RECIPIENT_NUMBER, TEMPLATE_SUBENTRY, TWO_VARIABLES_ID
from .flows.flow_inputs import TEMPLATE, VARIABLES, suggested

MESSAGE = variable()


def earlier_entry(endpoint: str = "http://127.0.0.1:9", **more: Any) -> MockConfigEntry:
    """Return an application as the first version stored it."""
    data: dict[str, Any] = {"variables": ["{{ message }}"], **more.pop("template", {})}
    return make_entry(
        endpoint,
        subentries=[template_data(**data), recipient_data()],
        **{"minor_version": 1, **more},
    )


@pytest.mark.parametrize(
    ("fillings", "text", "variables"),
    [
        ([], None, []),
        (["{{ message }}"], None, [MESSAGE]),
        (["{{-message -}}"], "门：${1}", [MESSAGE]),
        (
            ["{{ code }}", "{{ message }}"],
            "${CHARDIGIT}：${TEXT}",
            [
                variable("code", attribute="chardigit"),
                variable("message", attribute="text"),
            ],
        ),
        # what is more than a name goes on being filled in as it was
        (
            ["{{ message | upper }}", "{{ states('sensor.a') }}", "Home"],
            None,
            [
                variable("variable_1", default="{{ message | upper }}"),
                variable("variable_2", default="{{ states('sensor.a') }}"),
                variable("variable_3", default="Home"),
            ],
        ),
        (
            ["{{ message }}", "{{ message }}"],
            None,
            [MESSAGE, variable("variable_1", default="{{ message }}")],
        ),
        # a name that is used keeps its meaning
        (
            ["Home", "{{ variable_1 }}", "{{ variable_2 ~ '!' }}"],
            None,
            [
                variable("variable_3", default="Home"),
                variable("variable_1"),
                variable("variable_4", default="{{ variable_2 ~ '!' }}"),
            ],
        ),
    ],
)
async def test_variables(
    hass: HomeAssistant,
    door: TestClient,
    fillings: list[str],
    text: str | None,
    variables: list[dict[str, Any]],
) -> None:
    """Each filling becomes a variable that is filled as before."""
    more = {} if text is None else {"text": text}
    entry = earlier_entry(template={"variables": fillings, **more})
    before = dict(entry.subentries[TEMPLATE_SUBENTRY].data)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert (entry.version, entry.minor_version) == (1, 2)
    after = entry.subentries[TEMPLATE_SUBENTRY].data
    assert after == {**before, "variables": variables}


async def test_international(hass: HomeAssistant, door: TestClient) -> None:
    """The text of an international template says how long its variables may be."""
    entry = earlier_entry(
        data={"kind": "international"}, template={"text": "Note: ${TXT_6}"}
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert entry.subentries[TEMPLATE_SUBENTRY].data["variables"] == [
        variable("message", attribute="txt", length=6)
    ]


async def test_sends_as_before(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """An action that was written for the first version sends the same."""
    entry = earlier_entry(
        platform.url,
        template={
            "template_id": TWO_VARIABLES_ID,
            "variables": ["{{ code }}", "{{ message | upper }}"],
        },
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    variables = {"code": "A1", "message": "gate"}
    (sent,) = await send_sms(hass, RECIPIENT_NUMBER, variables=variables)
    assert sent["state"] == "accepted"
    (received,) = platform.platform.state.records.messages(RECIPIENT_NUMBER)
    assert received.text.endswith("您有A1件包裹，请到GATE领取。")


async def test_once(hass: HomeAssistant, door: TestClient) -> None:
    """What is up to date stays as it is."""
    entry = earlier_entry(minor_version=2, template={"variables": [MESSAGE]})
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert entry.subentries[TEMPLATE_SUBENTRY].data["variables"] == [MESSAGE]


async def test_later_version(hass: HomeAssistant, door: TestClient) -> None:
    """An application of a version that is to come is left alone."""
    entry = earlier_entry(version=2)
    entry.add_to_hass(hass)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.MIGRATION_ERROR
    assert entry.subentries[TEMPLATE_SUBENTRY].data["variables"] == ["{{ message }}"]


async def test_reconfigured_while_disabled(
    hass: HomeAssistant, door: TestClient
) -> None:
    """A template can be changed that nobody has brought up to date yet."""
    entry = earlier_entry()
    entry.add_to_hass(hass)
    form = await entry.start_subentry_reconfigure_flow(hass, TEMPLATE_SUBENTRY)
    form = await hass.config_entries.subentries.async_configure(
        form["flow_id"], suggested(form)
    )
    assert suggested(form)["variables"][0]["name"] == "message"
    assert entry.minor_version == 2


async def test_added_while_disabled(hass: HomeAssistant, door: TestClient) -> None:
    """A template can be added before the others are brought up to date."""
    entry = earlier_entry()
    entry.add_to_hass(hass)
    form = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "template"), context={"source": SOURCE_USER}
    )
    typed = {**TEMPLATE, "name": "Another"}
    for data in (typed, VARIABLES):
        form = await hass.config_entries.subentries.async_configure(
            form["flow_id"], data
        )
    assert await hass.config_entries.async_setup(entry.entry_id)
    first, _, added = entry.subentries.values()
    assert first.data["variables"] == added.data["variables"] == [MESSAGE]
