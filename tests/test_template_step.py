"""Tests of entering the first template of an application."""

from collections.abc import AsyncGenerator
from typing import Any

from aiohttp.test_utils import TestClient
import pytest

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import InvalidData

from .canned_platform import CannedPlatform, serve_canned
from .const import GENERAL_ID, SIGNATURE
from .flow_inputs import TEMPLATE, stored_template, submit, suggested, walk

PLACES = {"number": "${1}", "word": "${TEXT}"}


@pytest.fixture
async def canned(
    hass: HomeAssistant, socket_enabled: None
) -> AsyncGenerator[CannedPlatform]:
    """Start a platform that answers as it is told."""
    async with serve_canned() as platform:
        yield platform


@pytest.mark.parametrize(
    ("changes", "field", "error", "placeholders"),
    [
        ({"name": " "}, "name", "name_empty", {}),
        ({"template_id": "1 2"}, "template_id", "template_id_characters", {}),
        ({"template_id": "1" * 33}, "template_id", "template_id_characters", {}),
        ({"channel_number": " "}, "channel_number", "channel_number_missing", {}),
        (
            {"channel_number": "1" * 22},
            "channel_number",
            "channel_number_characters",
            {},
        ),
        ({"signature": "签" * 33}, "signature", "signature_length", {}),
        (
            {"variables": ["x"] * 21},
            "variables",
            "variables_too_many",
            {"count": "21", "limit": "20"},
        ),
        (
            {"variables": ["x", " "]},
            "variables",
            "variable_empty",
            {"position": "2"},
        ),
        ({"text": "【晨光家园】门：${1}"}, "text", "text_brackets", {}),
        (
            {"text": "门" * 497 + "${1}"},
            "text",
            "text_length",
            {"count": "501", "limit": "500"},
        ),
        ({"text": "门：${1"}, "text", "text_places", PLACES),
        ({"text": "门：${21}"}, "text", "text_places", PLACES),
        ({"text": "门：${1}，窗：${TEXT}"}, "text", "text_places", PLACES),
        ({"text": "门。"}, "text", "text_count", {"places": "0", "lines": "1"}),
        (
            {"text": "门：${2}，窗：${1}，门：${2}"},
            "text",
            "text_count",
            {"places": "2", "lines": "1"},
        ),
        (
            {"variables": [], "text": "门：${TEXT}，窗：${TEXT}"},
            "text",
            "text_count",
            {"places": "2", "lines": "0"},
        ),
    ],
)
async def test_template_typed_wrong(
    hass: HomeAssistant,
    canned: CannedPlatform,
    changes: dict[str, Any],
    field: str,
    error: str,
    placeholders: dict[str, str],
) -> None:
    """A template that cannot work is refused; then it goes on."""
    form = await walk(hass, canned.url)
    typed = {**TEMPLATE, **changes}
    form = await submit(hass, form, typed)
    assert (form["step_id"], form["errors"]) == ("template", {field: error})
    assert form["description_placeholders"] == placeholders
    assert suggested(form) == typed
    form = await submit(hass, form, TEMPLATE)
    assert form["step_id"] == "recipient"


async def test_variable_that_does_not_parse(
    hass: HomeAssistant, canned: CannedPlatform
) -> None:
    """The form says which variable is wrong, and what is wrong with it."""
    form = await walk(hass, canned.url)
    typed = {**TEMPLATE, "variables": ["{{ message }}", "{{ message"]}
    form = await submit(hass, form, typed)
    assert form["errors"] == {"variables": "variable_invalid"}
    placeholders = form["description_placeholders"]
    assert placeholders["position"] == "2"
    assert "TemplateSyntaxError" in placeholders["error"]
    form = await submit(hass, form, TEMPLATE)
    assert form["step_id"] == "recipient"


async def test_general_template(
    hass: HomeAssistant, canned: CannedPlatform, door: TestClient
) -> None:
    """With a signature the channel number may be left out, variables with neither."""
    typed = {
        "name": "General",
        "template_id": GENERAL_ID,
        "template_type": "promotion",
        "signature": f" 【{SIGNATURE}】",
    }
    result = await walk(hass, canned.url, typed, {}, {})
    (template,) = result["result"].subentries.values()
    assert template.data == stored_template(typed, signature=SIGNATURE, default=True)


async def test_no_variables(
    hass: HomeAssistant, canned: CannedPlatform, door: TestClient
) -> None:
    """One variable is suggested; the browser leaves a list without lines out."""
    form = await walk(hass, canned.url)
    assert suggested(form) == {"variables": ["{{ message }}"]}
    typed = {name: value for name, value in TEMPLATE.items() if name != "variables"}
    form = await submit(hass, form, {**typed, "template_id": "1 2"})
    assert form["errors"] == {"template_id": "template_id_characters"}
    # the line that was removed does not come back
    assert suggested(form) == {**typed, "template_id": "1 2"}
    for step in (typed, {}, {}):
        form = await submit(hass, form, step)
    (template,) = form["result"].subentries.values()
    assert template.data["variables"] == []


async def test_international(
    hass: HomeAssistant, canned: CannedPlatform, door: TestClient
) -> None:
    """An international application has no signatures."""
    form = await walk(hass, canned.url, kind="international")
    assert "signature" not in form["data_schema"].schema
    with pytest.raises(InvalidData):
        await submit(hass, form, {**TEMPLATE, "signature": SIGNATURE})
    form = await submit(hass, form, {**TEMPLATE, "channel_number": ""})
    assert form["errors"] == {"channel_number": "channel_number_missing"}
    for typed in (TEMPLATE, {}, {}):
        form = await submit(hass, form, typed)
    assert form["result"].data["kind"] == "international"
