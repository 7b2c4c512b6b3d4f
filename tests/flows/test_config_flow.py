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
from homeassistant.data_entry_flow import FlowResultType, UnknownFlow
from homeassistant.setup import async_setup_component
from simulator.server import Server
from tests.canned_platform import CannedPlatform, serve_canned
from tests.common import make_entry
from tests.const import APP_KEY, APP_SECRET, RECIPIENT_NUMBER

from .flow_inputs import (
    RECIPIENT,
    TEMPLATE,
    VARIABLES,
    begin,
    credentials,
    stored_template,
    submit,
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
    assert (form["step_id"], form["last_step"]) == ("by_hand", False)
    form = await submit(hass, form, credentials(platform.url))
    assert (form["step_id"], form["last_step"]) == ("template", False)
    form = await submit(hass, form, TEMPLATE)
    assert (form["step_id"], form["last_step"]) == ("variables", False)
    form = await submit(hass, form, VARIABLES)
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
        "pasted_address": address,
    }
    assert entry.options == {"default_country": "CN"}
    template, recipient = entry.subentries.values()
    assert (template.subentry_type, template.title) == ("template", "Alarm")
    assert template.data == stored_template(default=True)
    assert (recipient.subentry_type, recipient.title) == ("recipient", "Mei")
    assert recipient.unique_id == f"recipient_{RECIPIENT_NUMBER}"
    assert recipient.data == {
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

    menu = await post("/flow", {"handler": DOMAIN})
    form = await post(f"/flow/{menu['flow_id']}", {"next_step_id": "by_hand"})
    for step, typed in {
        "by_hand": credentials("cn-north-4", app_secret=""),
        "template": {**TEMPLATE, "text": "门：${1}"},
        "variables": VARIABLES,
        "preview": {"message": "门开着"},
        "recipient": RECIPIENT,
        "reply_address": PUSH_KEYS,
    }.items():
        if step == "by_hand":
            # an error first: what was typed comes back, the secret does not
            form = await post(f"/flow/{form['flow_id']}", typed)
            assert form["errors"] == {"app_secret": "app_secret_characters"}
            assert "suggested_value" not in str(form["data_schema"][1])
            typed = credentials(canned.url)
        if step == "preview":
            # other values are shown first
            assert form["step_id"] == step
            form = await post(f"/flow/{form['flow_id']}", typed)
        assert form["step_id"] == step
        form = await post(f"/flow/{form['flow_id']}", typed)
    assert form["type"] == "create_entry"
    assert APP_SECRET not in str(form)
    entry_id = form["result"]["entry_id"]

    form = await post("/flow", {"handler": DOMAIN, "entry_id": entry_id})
    assert form["menu_options"] == ["connection", "account", "reply_address"]
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
