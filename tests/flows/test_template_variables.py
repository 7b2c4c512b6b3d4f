"""Tests of entering the variables of a template."""

from typing import Any

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.config_entries import SOURCE_USER, SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from tests.common import make_entry, template_data, variable
from tests.const import TEMPLATE_SUBENTRY

from .flow_inputs import TEMPLATE, VARIABLES, suggested

TEXT = "Text (TEXT)"
PHONE = "Phone number (PHONE)"
PARCELS = "您有${1}件包裹，请到${2}领取。"


def line(name: str, attribute: str = TEXT, **more: Any) -> dict[str, Any]:
    """Return a variable as a form holds it."""
    return {"name": name, "attribute": attribute, "policy": "refuse", **more}


def application(**more: Any) -> MockConfigEntry:
    """Return an application that is not set up."""
    return make_entry("http://127.0.0.1:9", **more)


async def submit(
    hass: HomeAssistant, form: SubentryFlowResult, typed: dict[str, Any]
) -> SubentryFlowResult:
    """Submit a form."""
    return await hass.config_entries.subentries.async_configure(form["flow_id"], typed)


async def ask_variables(
    hass: HomeAssistant, entry: MockConfigEntry, text: str | None = None
) -> SubentryFlowResult:
    """Begin to add a template, up to its variables."""
    if entry.entry_id not in {
        it.entry_id for it in hass.config_entries.async_entries()
    }:
        entry.add_to_hass(hass)
    form = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "template"), context={"source": SOURCE_USER}
    )
    typed = {**TEMPLATE, "name": "Another", "default": False}
    return await submit(hass, form, typed if text is None else {**typed, "text": text})


def added(entry: MockConfigEntry) -> list[Any]:
    """Return the variables of the template that was added last."""
    variables: list[Any] = [*entry.subentries.values()][-1].data["variables"]
    return variables


@pytest.mark.parametrize(
    ("kind", "text", "lines"),
    [
        ("mainland", "门：${1}", [line("message")]),
        ("mainland", PARCELS, [line("variable_1"), line("variable_2")]),
        ("mainland", "${20}度，${3}，${20}", [line("variable_1"), line("variable_2")]),
        (
            "mainland",
            "${PHONE}，${TEXT}，${PHONE}",
            [line("phone_1", PHONE), line("text_1"), line("phone_2", PHONE)],
        ),
        (
            "international",
            "${TXT_6} ${NUM_4}\n${DATE}",
            [
                line("txt_1", "Text (TXT)", length=6),
                line("num_1", "Digits (NUM)", length=4),
                line("date_1", "Date (DATE)"),
            ],
        ),
    ],
)
async def test_known_from_the_text(
    hass: HomeAssistant,
    door: TestClient,
    kind: str,
    text: str,
    lines: list[dict[str, Any]],
) -> None:
    """The variables of the text are there, and can be taken as they are."""
    entry = application(data={"kind": kind})
    form = await ask_variables(hass, entry, text)
    assert (form["step_id"], form["last_step"], form["errors"]) == (
        "variables",
        False,
        {},
    )
    assert suggested(form) == {"variables": lines}
    form = await submit(hass, form, suggested(form))
    assert form["step_id"] == "preview"
    await submit(hass, form, suggested(form))
    assert [it["name"] for it in added(entry)] == [it["name"] for it in lines]
    assert [it.get("length") for it in added(entry)] == [
        it.get("length") for it in lines
    ]


async def test_text_is_shown_as_it_is(hass: HomeAssistant, door: TestClient) -> None:
    """Nothing in the text is taken for markup; its lines stay lines."""
    form = await ask_variables(hass, application(), "*门*：${1}\n# 锁 <b>")
    assert form["description_placeholders"] is not None
    assert form["description_placeholders"]["text"] == (
        "> \\*门\\*：$\\{1\\}\n> \\# 锁 \\<b\\>".replace("$", "\\$")
    )


async def test_without_text(hass: HomeAssistant, door: TestClient) -> None:
    """One variable is offered; the template is complete without a preview."""
    entry = application()
    form = await ask_variables(hass, entry)
    assert suggested(form) == VARIABLES
    assert form["last_step"] is True
    assert form["description_placeholders"] is not None
    assert "not known" in form["description_placeholders"]["text"]
    result = await submit(hass, form, VARIABLES)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert added(entry) == [variable()]


@pytest.mark.parametrize("nothing", [{}, {"variables": []}])
async def test_no_variables(
    hass: HomeAssistant, door: TestClient, nothing: dict[str, Any]
) -> None:
    """All variables can be removed; none comes back."""
    entry = application()
    await submit(hass, await ask_variables(hass, entry), nothing)
    assert added(entry) == []
    subentry_id = [*entry.subentries][-1]
    form = await entry.start_subentry_reconfigure_flow(hass, subentry_id)
    form = await submit(hass, form, suggested(form))
    assert suggested(form) == {"variables": []}


async def test_text_without_variables(hass: HomeAssistant, door: TestClient) -> None:
    """Where the text has no variables, none are asked for."""
    entry = application()
    form = await ask_variables(hass, entry, "家中门铃响了，请留意。")
    assert form["step_id"] == "preview"
    await submit(hass, form, {})
    assert added(entry) == []


async def test_all_of_a_variable(hass: HomeAssistant, door: TestClient) -> None:
    """All that can be said of a variable is stored; blanks are taken away."""
    entry = application()
    form = await ask_variables(hass, entry, PARCELS)
    lines = [
        line(" count ", "Letters and digits (CHARDIGIT)", default=" {{ 1 + 1 }} "),
        line("地点", length=30.0, policy="shorten", default=" "),
    ]
    form = await submit(hass, form, {"variables": lines})
    await submit(hass, form, suggested(form))
    assert added(entry) == [
        variable("count", attribute="chardigit", default="{{ 1 + 1 }}"),
        variable("地点", attribute="text", length=30, policy="shorten"),
    ]
    assert isinstance(added(entry)[1]["length"], int)


async def test_in_chinese(hass: HomeAssistant, door: TestClient) -> None:
    """Attributes are chosen by their names in Home Assistant's language."""
    await hass.config.async_update(language="zh-Hans")
    entry = application()
    form = await ask_variables(hass, entry, "门：${1}")
    assert suggested(form) == {"variables": [line("message", "文本（TEXT）")]}
    form = await submit(hass, form, suggested(form))
    assert suggested(form) == {"message": "示例内容"}
    await submit(hass, form, suggested(form))
    assert added(entry) == [variable(attribute="text")]


@pytest.mark.parametrize(
    ("lines", "error", "placeholders"),
    [
        ([line("a")], "variables_count", {"places": "2", "lines": "1"}),
        ([], "variables_count", {"places": "2", "lines": "0"}),
        (
            [line("a"), line("a b")],
            "variable_name",
            {"position": "2", "name": "a b"},
        ),
        ([line("if"), line("b")], "variable_name", {"position": "1", "name": "if"}),
        ([line("None"), line("b")], "variable_name", {"position": "1", "name": "None"}),
        ([line("1"), line("b")], "variable_name", {"position": "1", "name": "1"}),
        (
            [line("a"), line(" a")],
            "variable_name_taken",
            {"position": "2", "name": "a"},
        ),
        (
            [line("a"), line("b", PHONE, policy="shorten")],
            "variable_shorten",
            {"position": "2", "name": "b", "attribute": PHONE},
        ),
        (
            [line("a", "Date or time (DATETIME)", policy="replace"), line("b")],
            "variable_replace",
            {"position": "1", "name": "a", "attribute": "Date or time (DATETIME)"},
        ),
        (
            [line("a", PHONE, length=3.0), line("b")],
            "variable_length",
            {"position": "1", "name": "a", "attribute": PHONE, "shortest": "4"},
        ),
        (
            [line("a"), line("b", "Date or time (DATETIME)", length=2.0)],
            "variable_length",
            {"position": "2", "shortest": "3"},
        ),
    ],
)
async def test_typed_wrong(
    hass: HomeAssistant,
    door: TestClient,
    lines: list[dict[str, Any]],
    error: str,
    placeholders: dict[str, str],
) -> None:
    """What cannot work is refused, and stays in the form to be corrected."""
    entry = application()
    form = await ask_variables(hass, entry, PARCELS)
    form = await submit(hass, form, {"variables": lines})
    assert form["errors"] == {"variables": error}
    shown = form["description_placeholders"]
    assert shown is not None
    assert {name: shown[name] for name in placeholders} == placeholders
    assert suggested(form) == {"variables": lines}
    form = await submit(hass, form, {"variables": [line("a"), line("b")]})
    assert form["step_id"] == "preview"


async def test_wrong_default(hass: HomeAssistant, door: TestClient) -> None:
    """The form says what is wrong with a default."""
    form = await ask_variables(hass, application())
    typed = {"variables": [line("a"), line("b", default="{{ now(")]}
    form = await submit(hass, form, typed)
    assert form["errors"] == {"variables": "variable_default"}
    shown = form["description_placeholders"]
    assert shown is not None
    assert (shown["position"], shown["name"]) == ("2", "b")
    assert "TemplateSyntaxError" in shown["error"]
    result = await submit(hass, form, {"variables": [line("a"), line("b")]})
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_too_many(hass: HomeAssistant, door: TestClient) -> None:
    """The platform takes at most twenty."""
    entry = application()
    form = await ask_variables(hass, entry)
    lines = [line(f"v{number}") for number in range(21)]
    form = await submit(hass, form, {"variables": lines})
    assert form["errors"] == {"variables": "variables_too_many"}
    await submit(hass, form, {"variables": lines[1:]})
    assert len(added(entry)) == 20


@pytest.mark.parametrize(
    ("wrong", "right", "length"),
    [
        (line("a", "Digits (NUM)"), line("a", "Text (TXT)"), 6),
        (line("a", "Text (TXT)", length=7.0), line("a", "Text (TXT)", length=6.0), 6),
    ],
)
async def test_against_the_text(
    hass: HomeAssistant,
    door: TestClient,
    wrong: dict[str, Any],
    right: dict[str, Any],
    length: int,
) -> None:
    """What the text says of a variable holds."""
    entry = application(data={"kind": "international"})
    form = await ask_variables(hass, entry, "Note: ${TXT_6}")
    form = await submit(hass, form, {"variables": [wrong]})
    assert form["errors"] == {"variables": "variable_attribute"}
    shown = form["description_placeholders"]
    assert shown is not None
    assert (shown["attribute"], shown["length"]) == ("Text (TXT)", "6")
    form = await submit(hass, form, {"variables": [right]})
    await submit(hass, form, suggested(form))
    assert added(entry) == [variable("a", attribute="txt", length=length)]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (None, [line("place", length=30), line("code", "Not known")]),
        ("${2}：${1}", [line("place", length=30), line("code", "Not known")]),
        ("${PHONE}，${1", None),
        (
            "${PHONE}，${TEXT}，${TEXT}",
            [line("place", PHONE), line("code"), line("text_2")],
        ),
        ("门：${1}", [line("place", length=30)]),
    ],
)
async def test_reconfigure(
    hass: HomeAssistant,
    door: TestClient,
    text: str | None,
    lines: list[dict[str, Any]] | None,
) -> None:
    """What is known of the variables stays, as far as it fits the text."""
    known = [variable("place", attribute="text", length=30), variable("code")]
    entry = application(subentries=[template_data(variables=known)])
    entry.add_to_hass(hass)
    form = await entry.start_subentry_reconfigure_flow(hass, TEMPLATE_SUBENTRY)
    typed = suggested(form)
    form = await submit(hass, form, typed if text is None else {**typed, "text": text})
    if lines is None:
        assert form["errors"] == {"text": "text_places"}
        return
    assert suggested(form) == {"variables": lines}
    result = await submit(hass, form, suggested(form))
    if text is not None:
        result = await submit(hass, result, suggested(result))
    assert result["reason"] == "reconfigure_successful"
    names = [it["name"] for it in added(entry)]
    assert names == [it["name"] for it in lines]
