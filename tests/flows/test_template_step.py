"""Tests of entering the first template of an application."""

from collections.abc import AsyncGenerator
from typing import Any

from aiohttp.test_utils import TestClient
import pytest

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import InvalidData
from tests.canned_platform import CannedPlatform, serve_canned
from tests.const import GENERAL_ID, SIGNATURE

from .flow_inputs import TEMPLATE, VARIABLES, stored_template, submit, suggested, walk

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
        (
            {"text": "${TEXT}，" * 21},
            "text",
            "text_variables",
            {"count": "21", "limit": "20"},
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
    assert form["step_id"] == "variables"


@pytest.mark.parametrize(
    ("changes", "variables"),
    [
        ({"text": "门" * 496 + "${1}"}, 1),
        ({"text": "${TEXT}，" * 20}, 20),
        ({"text": "窗：${20}"}, 1),
        ({"signature": "签" * 32}, 1),
        ({"template_id": "A1" * 16}, 1),
        ({"channel_number": "1" * 21}, 1),
    ],
)
async def test_longest(
    hass: HomeAssistant,
    canned: CannedPlatform,
    door: TestClient,
    changes: dict[str, Any],
    variables: int,
) -> None:
    """What is just within the limits of the platform is taken."""
    result = await walk(hass, canned.url, {**TEMPLATE, **changes}, {}, {})
    (template,) = result["result"].subentries.values()
    typed = {key: value.strip() for key, value in changes.items()}
    assert typed.items() <= template.data.items()
    assert len(template.data["variables"]) == variables


async def test_general_template(
    hass: HomeAssistant, canned: CannedPlatform, door: TestClient
) -> None:
    """With a signature the channel number may be left out."""
    typed = {
        "name": "General",
        "template_id": GENERAL_ID,
        "template_type": "promotion",
        "signature": f" 【{SIGNATURE}】",
    }
    result = await walk(hass, canned.url, typed, {}, {})
    (template,) = result["result"].subentries.values()
    assert template.data == stored_template(typed, signature=SIGNATURE, default=True)


async def test_all_is_stored(
    hass: HomeAssistant, canned: CannedPlatform, door: TestClient
) -> None:
    """The approved text is kept without blanks around it, the parts as a number."""
    typed = {**TEMPLATE, "text": "\n家中门铃响了，请留意。 ", "max_parts": 2.0}
    result = await walk(hass, canned.url, typed, {}, {})
    (template,) = result["result"].subentries.values()
    assert template.data == stored_template(
        text="家中门铃响了，请留意。", max_parts=2, variables=[], default=True
    )
    assert isinstance(template.data["max_parts"], int)


async def test_back(
    hass: HomeAssistant, canned: CannedPlatform, door: TestClient
) -> None:
    """Whoever does not like the preview can change what was typed."""
    typed = {**TEMPLATE, "text": "门：${1}"}
    form = await submit(hass, await walk(hass, canned.url), typed)
    form = await submit(hass, form, suggested(form))
    assert (form["step_id"], form["last_step"]) == ("preview", False)
    form = await submit(hass, form, {"what-next": "change"})
    assert (form["step_id"], suggested(form)) == ("template", typed)
    form = await submit(hass, form, TEMPLATE)
    assert (form["step_id"], form["last_step"]) == ("variables", False)


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
    for typed in (TEMPLATE, VARIABLES, {}, {}):
        form = await submit(hass, form, typed)
    assert form["result"].data["kind"] == "international"
