"""Tests of the preview in which the description of a template ends."""

from typing import Any

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.huawei_cloud_sms.const import Kind
from custom_components.huawei_cloud_sms.templates.rules import broken_rules
from custom_components.huawei_cloud_sms.templates.variables import (
    ATTRIBUTES,
    Attribute,
    Variable,
)
from homeassistant.config_entries import SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from tests.common import make_entry, template_data, variable
from tests.const import SIGNATURE, TEMPLATE_SUBENTRY

from .flow_inputs import suggested

LEAST = {
    Attribute.PHONE: 4,
    Attribute.DATETIME: 3,
    Attribute.DATE: 8,
    Attribute.TIME: 3,
}


async def submit(
    hass: HomeAssistant, form: SubentryFlowResult, typed: dict[str, Any]
) -> SubentryFlowResult:
    """Submit a form."""
    return await hass.config_entries.subentries.async_configure(form["flow_id"], typed)


async def look(
    hass: HomeAssistant, text: str, *variables: dict[str, Any], **more: Any
) -> tuple[MockConfigEntry, SubentryFlowResult]:
    """Begin to change a template, up to its preview."""
    kind = more.pop("kind", "mainland")
    options = more.pop("options", None)
    template = template_data(text=text, variables=list(variables), **more)
    entry = make_entry(
        "http://127.0.0.1:9",
        subentries=[template],
        data={"kind": kind},
        options=options,
    )
    entry.add_to_hass(hass)
    form = await entry.start_subentry_reconfigure_flow(hass, TEMPLATE_SUBENTRY)
    while form.get("step_id") != "preview":
        form = await submit(hass, form, suggested(form))
    assert form["last_step"] is True
    return entry, form


def said(form: SubentryFlowResult) -> dict[str, str]:
    """Return what the preview says, without the marks that stop markup."""
    placeholders = form["description_placeholders"]
    assert placeholders is not None
    return {name: text.replace("\\", "") for name, text in placeholders.items()}


async def test_sample(hass: HomeAssistant, door: TestClient) -> None:
    """The text is shown as a phone would get it, with its parts."""
    entry, form = await look(
        hass,
        "温度${1}度。",
        variable("degrees", attribute="text"),
        signature=SIGNATURE,
    )
    assert suggested(form) == {"degrees": "Example"}
    assert said(form) == {
        "text": f"> 【{SIGNATURE}】温度Example度。",
        "characters": "17",
        "encoding": "UCS-2",
        "parts": "1",
        "remarks": "- These values break no rule.",
    }
    result = await submit(hass, form, suggested(form))
    assert result["reason"] == "reconfigure_successful"
    # the values are nowhere
    assert "Example" not in str(entry.subentries[TEMPLATE_SUBENTRY])


async def test_other_values(hass: HomeAssistant, door: TestClient) -> None:
    """Other values are shown first; each rule they break is named, none is told."""
    _, form = await look(
        hass,
        "${1}：${2}",
        variable("place", attribute="text"),
        variable("号码", attribute="phone"),
    )
    form = await submit(hass, form, {"place": " 23.5 ", "号码": "12"})
    assert (form["step_id"], suggested(form)) == (
        "preview",
        {"place": "23.5", "号码": "12"},
    )
    assert said(form)["text"] == "> 23.5：12"
    too_dotted, too_short, _ = said(form)["remarks"].splitlines()
    assert "place" in too_dotted
    assert "号码" in too_short
    # nobody sends these values: the template can be taken
    result = await submit(hass, form, suggested(form))
    assert result["reason"] == "reconfigure_successful"


async def test_emptied(hass: HomeAssistant, door: TestClient) -> None:
    """The browser leaves an emptied field out; no variable may be empty."""
    _, form = await look(hass, "门：${1}", variable())
    form = await submit(hass, form, {})
    assert said(form)["text"] == "> 门："
    assert said(form)["remarks"].startswith("- ")
    assert "break no rule" not in said(form)["remarks"]


async def test_mended(hass: HomeAssistant, door: TestClient) -> None:
    """What would be mended is shown mended."""
    _, form = await look(
        hass, "温度${1}度。", variable("degrees", attribute="text", policy="replace")
    )
    form = await submit(hass, form, {"degrees": "23.5"})
    assert said(form)["text"] == "> 温度23点5度。"
    assert "break no rule" in said(form)["remarks"]


async def test_signature_is_not_known(hass: HomeAssistant, door: TestClient) -> None:
    """Where the platform adds the signature, the form says that it counts."""
    _, form = await look(hass, "门铃响了。")
    assert "signature" in said(form)["remarks"]
    _, form = await look(hass, "The bell rang.", kind="international")
    assert "signature" not in said(form)["remarks"]
    assert said(form)["encoding"] == "GSM-7"


async def test_cost(hass: HomeAssistant, door: TestClient) -> None:
    """With a price of a part, the preview says what an SMS costs."""
    await hass.config.async_update(currency="CNY")
    _, form = await look(hass, "门" * 71, options={"price_per_part": 0.045})
    assert said(form)["parts"] == "2"
    assert "0.09 CNY" in said(form)["remarks"]


async def test_too_many_parts(hass: HomeAssistant, door: TestClient) -> None:
    """An SMS of more parts than are allowed is named."""
    _, form = await look(hass, "门" * 71, max_parts=1)
    assert said(form)["parts"] == "2"
    assert "break no rule" not in said(form)["remarks"]


async def test_back(hass: HomeAssistant, door: TestClient) -> None:
    """All can be changed once more; what was entered is still there."""
    entry, form = await look(hass, "门：${1}", variable(attribute="text"))
    form = await submit(hass, form, {"what-next": "change"})
    assert (form["step_id"], form["errors"]) == ("reconfigure", {})
    assert suggested(form)["text"] == "门：${1}"
    form = await submit(hass, form, {**suggested(form), "text": "${1}：${2}"})
    (first, second) = suggested(form)["variables"]
    lines = [{**first, "name": "door"}, second]
    form = await submit(hass, form, {"variables": lines})
    form = await submit(hass, form, {"what-next": "change"})
    form = await submit(hass, form, suggested(form))
    assert suggested(form) == {"variables": lines}
    form = await submit(hass, form, suggested(form))
    await submit(hass, form, suggested(form))
    assert [
        it["name"] for it in entry.subentries[TEMPLATE_SUBENTRY].data["variables"]
    ] == ["door", "variable_2"]


async def test_back_when_adding(hass: HomeAssistant, door: TestClient) -> None:
    """A new template can be changed before it is stored."""
    entry = make_entry("http://127.0.0.1:9", subentries=[])
    entry.add_to_hass(hass)
    form = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "template"), context={"source": "user"}
    )
    typed = {**template_data()["data"], "text": "门铃响了。"}
    del typed["variables"]
    form = await submit(hass, form, typed)
    form = await submit(hass, form, {"what-next": "change"})
    assert (form["step_id"], suggested(form)) == ("user", typed)
    form = await submit(hass, form, suggested(form))
    result = await submit(hass, form, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
@pytest.mark.parametrize(
    ("kind", "attribute", "length"),
    [
        (kind, attribute, length)
        for kind, attributes in ATTRIBUTES.items()
        for attribute in attributes
        for length in (None, 1, 2, 3, 4, 5, 7, 8, 9, 10, 15)
        # a length that nothing fits in is refused
        if length is None or length >= LEAST.get(attribute, 1)
    ],
)
async def test_samples_keep_the_rules(
    hass: HomeAssistant,
    door: TestClient,
    language: str,
    kind: Kind,
    attribute: Attribute,
    length: int | None,
) -> None:
    """A sample that breaks a rule by itself would teach the wrong thing."""
    await hass.config.async_update(language=language)
    more = {} if length is None else {"length": length}
    entry, form = await look(
        hass, "${1}", variable(attribute=attribute, **more), kind=kind
    )
    stored = entry.subentries[TEMPLATE_SUBENTRY].data["variables"][0]
    sample = suggested(form)["message"]
    assert broken_rules(Variable.from_data(stored), sample, kind) == ()
