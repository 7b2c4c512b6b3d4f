"""Tests of setting up an application."""

from collections.abc import AsyncGenerator
from http import HTTPStatus
from typing import Any

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.huawei_cloud_sms.const import DOMAIN
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData, UnknownFlow
from homeassistant.setup import async_setup_component
from simulator.server import Server

from .canned_platform import CannedPlatform, serve_canned
from .common import make_entry
from .const import APP_KEY, APP_SECRET, GENERAL_ID, RECIPIENT_NUMBER, SIGNATURE
from .flow_inputs import (
    RECIPIENT,
    TEMPLATE,
    begin,
    credentials,
    submit,
    suggested,
    walk,
)

PUSH_KEYS = {"push_ak": "push-ak-1", "push_sk": "push-sk-1"}


@pytest.fixture
async def canned(
    hass: HomeAssistant, socket_enabled: None
) -> AsyncGenerator[CannedPlatform]:
    """Start a platform that answers as it is told."""
    async with serve_canned() as platform:
        yield platform


async def test_whole_flow(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """From the credentials to an application that runs, with all that was typed."""
    form = await begin(hass)
    assert (form["step_id"], form["last_step"]) == ("user", False)
    form = await submit(hass, form, credentials(platform.url))
    assert (form["step_id"], form["last_step"]) == ("template", False)
    form = await submit(hass, form, TEMPLATE)
    assert (form["step_id"], form["last_step"]) == ("recipient", False)
    form = await submit(hass, form, RECIPIENT)
    assert (form["step_id"], form["last_step"]) == ("reply_address", True)
    address = form["description_placeholders"]["address"]
    result = await submit(hass, form, PUSH_KEYS)
    await hass.async_block_till_done()

    assert result["type"] is FlowResultType.CREATE_ENTRY
    entry = result["result"]
    assert entry.state is ConfigEntryState.LOADED
    assert entry.unique_id == APP_KEY
    assert entry.title == "Huawei Cloud SMS …0001"
    webhook_id = entry.data["webhook_id"]
    assert len(webhook_id) == 64
    assert address == str(door.make_url(f"/api/webhook/{webhook_id}"))
    assert entry.data == {
        "app_key": APP_KEY,
        "app_secret": APP_SECRET,
        "endpoint": platform.url,
        "kind": "mainland",
        "auth": "ak_sk",
        "webhook_id": webhook_id,
        "push_keys": [PUSH_KEYS],
    }
    assert entry.options == {"default_country": "CN"}
    template, recipient = entry.subentries.values()
    assert (template.subentry_type, template.title) == ("template", "Alarm")
    assert template.unique_id == "template_alarm"
    assert template.data == {**TEMPLATE, "default": True}
    assert (recipient.subentry_type, recipient.title) == ("recipient", "Mei")
    assert recipient.unique_id == f"recipient_{RECIPIENT_NUMBER}"
    assert recipient.data == {
        "name": "Mei",
        "number": RECIPIENT_NUMBER,
        "template": template.subentry_id,
    }
    # the credentials were tried, and nobody got an SMS
    assert [record.accepted for record in platform.platform.state.records.requests] == [
        0
    ]


async def test_in_the_browser(
    hass: HomeAssistant, canned: CannedPlatform, hass_client: ClientSessionGenerator
) -> None:
    """All forms can be shown by a browser, and filled in there."""
    await hass.config.async_update(external_url="https://ha.example.org")
    for component in ("config", "webhook", "diagnostics", "repairs"):
        assert await async_setup_component(hass, component, {})
    browser = await hass_client()

    async def post(path: str, typed: dict[str, Any]) -> dict[str, Any]:
        """Post to one of the flows' addresses."""
        response = await browser.post(f"/api/config/config_entries{path}", json=typed)
        assert response.status == HTTPStatus.OK
        shown: dict[str, Any] = await response.json()
        return shown

    form = await post("/flow", {"handler": DOMAIN})
    for step, typed in {
        "user": credentials("cn-north-4", app_secret=""),
        "template": TEMPLATE,
        "recipient": RECIPIENT,
        "reply_address": PUSH_KEYS,
    }.items():
        if step == "user":
            # an error first: what was typed comes back, the secret does not
            form = await post(f"/flow/{form['flow_id']}", typed)
            assert form["errors"] == {"app_secret": "app_secret_characters"}
            assert "suggested_value" not in str(form["data_schema"][1])
            typed = credentials(canned.url)
        assert form["step_id"] == step
        form = await post(f"/flow/{form['flow_id']}", typed)
    assert form["type"] == "create_entry"
    assert APP_SECRET not in str(form)
    entry_id = form["result"]["entry_id"]

    form = await post("/flow", {"handler": DOMAIN, "entry_id": entry_id})
    assert form["menu_options"] == ["connection", "reply_address"]
    form = await post(f"/flow/{form['flow_id']}", {"next_step_id": "connection"})
    assert form["step_id"] == "connection"
    assert APP_SECRET not in str(form)
    form = await post("/options/flow", {"handler": entry_id})
    assert form["step_id"] == "init"
    for kind in ("template", "recipient"):
        form = await post("/subentries/flow", {"handler": [entry_id, kind]})
        assert (form["step_id"], form["errors"]) == ("user", {})
    await hass.async_block_till_done()


async def test_already_configured(hass: HomeAssistant, canned: CannedPlatform) -> None:
    """An application is set up once; the platform is not even asked."""
    make_entry(canned.url).add_to_hass(hass)
    result = await submit(hass, await begin(hass), credentials(canned.url))
    assert (result["type"], result["reason"]) == (
        FlowResultType.ABORT,
        "already_configured",
    )
    assert not canned.asked


async def test_two_tabs(
    hass: HomeAssistant, canned: CannedPlatform, door: TestClient
) -> None:
    """A flow left open does not block another one, and ends with it."""
    left_open = await walk(hass, canned.url)
    result = await walk(hass, canned.url, TEMPLATE, {}, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    with pytest.raises(UnknownFlow):
        await submit(hass, left_open, TEMPLATE)
    assert len(hass.config_entries.async_entries(DOMAIN)) == 1


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
        "variables": [],
    }
    result = await walk(hass, canned.url, typed, {}, {})
    (template,) = result["result"].subentries.values()
    assert template.data == {**typed, "signature": SIGNATURE, "default": True}


async def test_default_of_variables(
    hass: HomeAssistant, canned: CannedPlatform, door: TestClient
) -> None:
    """Who says nothing of variables gets the text of the notification."""
    typed = {name: value for name, value in TEMPLATE.items() if name != "variables"}
    result = await walk(hass, canned.url, typed, {}, {})
    (template,) = result["result"].subentries.values()
    assert template.data["variables"] == ["{{ message }}"]


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


@pytest.mark.parametrize(
    ("typed", "errors", "placeholders"),
    [
        ({"number": "13700000001"}, {"name": "name_empty"}, {}),
        ({"name": "Mei"}, {"number": "number_empty"}, None),
        ({"name": "Mei", "number": "Mei"}, {"number": "number_not_a_number"}, None),
        (
            {"name": "Mei", "number": "110"},
            {"number": "number_impossible"},
            {"country": "CN", "national": "", "international": ""},
        ),
        (
            {"name": "Mei", "number": "12025550123"},
            {"number": "number_ambiguous"},
            {
                "country": "CN",
                "national": "+8612025550123",
                "international": "+12025550123",
            },
        ),
    ],
)
async def test_recipient_typed_wrong(
    hass: HomeAssistant,
    canned: CannedPlatform,
    typed: dict[str, str],
    errors: dict[str, str],
    placeholders: dict[str, str] | None,
) -> None:
    """Half a recipient, or a number that is none, is refused; then it goes on."""
    form = await walk(hass, canned.url, TEMPLATE)
    form = await submit(hass, form, typed)
    assert (form["step_id"], form["errors"]) == ("recipient", errors)
    if placeholders is not None:
        assert form["description_placeholders"] == placeholders
    assert suggested(form) == typed
    form = await submit(hass, form, RECIPIENT)
    assert form["step_id"] == "no_reply_address"


@pytest.mark.parametrize(
    ("home", "country", "number"),
    [
        ("DE", "DE", "+491701234567"),
        (None, "CN", None),
        # nobody has a telephone number of Antarctica
        ("AQ", "CN", None),
    ],
)
async def test_default_country(
    hass: HomeAssistant,
    canned: CannedPlatform,
    home: str | None,
    country: str,
    number: str | None,
) -> None:
    """Home Assistant's own country is the first default country."""
    hass.config.country = home
    typed = {"name": "Anna", "number": "0170 1234567"} if number else {}
    result = await walk(hass, canned.url, TEMPLATE, typed, {})
    entry = result["result"]
    assert entry.options == {"default_country": country}
    assert [
        subentry.data["number"]
        for subentry in entry.get_subentries_of_type("recipient")
    ] == ([number] if number else [])
