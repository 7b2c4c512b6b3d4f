"""Tests of setting up an application with the credentials of its account."""

from dataclasses import replace
from typing import Any

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.huawei_cloud_sms.msgsms.management.regions import REGIONS
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from simulator import management_apps
from simulator.config import Config
from simulator.server import Server
from tests.account.console import Console
from tests.common import make_entry, wait_until
from tests.const import APP_KEY, APP_SECRET

from .account_inputs import (
    BY_HAND,
    OLD_ADDRESS,
    PUSH_KEYS,
    SHOP,
    WORLD,
    application_name,
    fill_in,
    offered,
    take,
    typed,
    uplink_address,
)
from .flow_inputs import RECIPIENT, TEMPLATE, VARIABLES, begin, submit, suggested


@pytest.fixture
def platform_config(platform_config: Config) -> Config:
    """Return an account with several applications."""
    applications = (*platform_config.applications, SHOP, WORLD)
    return replace(platform_config, applications=applications)


async def test_no_markup(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """What the account calls an application is shown as it is."""
    await Console(platform).change(
        "application", app_key="SecondKey", name="[Shop](http://example.org)"
    )
    form = await fill_in(hass, await begin(hass, "account"), platform, "access_key")
    (label,) = (it for it in offered(form) if it.startswith("[Shop]"))
    form = await take(hass, form, label)
    assert form["description_placeholders"]["application"] == (
        r"\[Shop\]\(http\://example\.org\)"
    )


@pytest.mark.parametrize("way", ["access_key", "iam_user"])
async def test_new_application(
    hass: HomeAssistant, platform: Server, door: TestClient, way: str
) -> None:
    """The account knows all but the secret; in the end replies come in by themselves."""
    form = await fill_in(hass, await begin(hass, "account"), platform, way)
    name = application_name(platform)
    kinds = "Chinese mainland"
    assert list(offered(form)) == [
        f"{name} · {kinds} · in service",
        f"Shop · {kinds} · suspended",
        "World · International · in service",
    ]
    form = await take(hass, form, f"{name} · {kinds} · in service")
    assert (form["step_id"], form["last_step"]) == ("app_secret", False)
    assert form["description_placeholders"]["application"] == name
    assert suggested(form)["endpoint"] == platform.url
    secret = {"endpoint": platform.url, "advanced": {"auth": "ak_sk"}}
    form = await submit(hass, form, {**secret, "app_secret": "wrong"})
    assert form["errors"] == {"app_secret": "wrong_secret"}
    assert form["description_placeholders"]["application"] == name
    form = await submit(hass, form, {**secret, "app_secret": APP_SECRET})
    assert form["step_id"] == "pick_template"
    form = await submit(hass, form, BY_HAND)
    assert form["step_id"] == "template"
    assert "channel_number" not in suggested(form)
    for step in (TEMPLATE, VARIABLES, RECIPIENT):
        form = await submit(hass, form, step)
    assert (form["step_id"], form["last_step"]) == ("replies", True)
    address = form["description_placeholders"]["address"]
    assert form["description_placeholders"] == {
        "address": address,
        "current": "–",
        "replaced": "–",
    }
    assert suggested(form) == {"manage_reply_address": True}
    result = await submit(hass, form, {"manage_reply_address": True, **PUSH_KEYS})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    entry = result["result"]
    kept = typed(platform, way)
    kept |= {"auth": "password" if way == "iam_user" else "access_key"}
    kept |= kept.pop("advanced")
    await wait_until(lambda: uplink_address(platform) == address)
    assert {**entry.data, "written_address": None, "replaced_address": None} == {
        "app_key": APP_KEY,
        "app_secret": APP_SECRET,
        "endpoint": platform.url,
        "kind": "mainland",
        "auth": "ak_sk",
        "account": kept,
        "webhook_id": entry.data["webhook_id"],
        "push_keys": [PUSH_KEYS],
        "written_address": None,
        "replaced_address": None,
    }
    assert entry.options == {"default_country": "CN", "manage_reply_address": True}


async def test_international(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """Its channel number is known, and there are no replies to set up."""
    form = await fill_in(hass, await begin(hass, "account"), platform, "access_key")
    form = await take(hass, form, "World · International · in service")
    secret = {"endpoint": platform.url, "advanced": {"auth": "ak_sk"}}
    form = await submit(hass, form, {**secret, "app_secret": "s3"})
    form = await submit(hass, form, BY_HAND)
    assert suggested(form)["channel_number"] == "isms000000003"
    typed_template = {
        "name": "Alarm",
        "template_id": "0b2e6d3fac7e4f84b9d16e2a3c4f5b01",
        "channel_number": "isms000000003",
    }
    form = await submit(hass, form, typed_template)
    form = await submit(hass, form, suggested(form))
    form = await submit(hass, form, {})
    assert form["step_id"] == "reply_address"
    result = await submit(hass, form, {})
    assert result["result"].data["kind"] == "international"
    assert "pasted_address" not in result["result"].data
    await hass.async_block_till_done()


async def test_addresses(
    hass: HomeAssistant,
    platform: Server,
    door: TestClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The region has an address; what sending goes to may have to be typed."""
    region = replace(REGIONS["cn-north-4"], management=platform.url)
    monkeypatch.setitem(REGIONS, "cn-north-4", region)
    shown = management_apps.application_view

    def without_address(*args: Any) -> dict[str, Any]:
        """Return an application whose own address is not told."""
        return {**shown(*args), "app_access_addr": None}

    monkeypatch.setattr(management_apps, "application_view", without_address)
    form = await fill_in(
        hass, await begin(hass, "account"), platform, "access_key", advanced={}
    )
    label = f"{application_name(platform)} · Chinese mainland · in service"
    form = await take(hass, form, label)
    assert "endpoint" not in suggested(form)
    secret = {"endpoint": platform.url, "advanced": {"auth": "ak_sk"}}
    form = await submit(hass, form, {**secret, "app_secret": APP_SECRET})
    assert form["step_id"] == "pick_template"


async def test_address_of_somebody_else(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """What somebody put there is shown, and stays unless it is to be replaced."""
    platform.platform.state.set_application(
        {"app_key": APP_KEY, "uplink_url": f"{OLD_ADDRESS}`"}
    )
    form = await fill_in(hass, await begin(hass, "account"), platform, "access_key")
    label = f"{application_name(platform)} · Chinese mainland · in service"
    form = await take(hass, form, label)
    secret = {"endpoint": platform.url, "advanced": {"auth": "ak_sk"}}
    form = await submit(hass, form, {**secret, "app_secret": APP_SECRET})
    for step in (BY_HAND, TEMPLATE, VARIABLES, {}):
        form = await submit(hass, form, step)
    assert form["description_placeholders"]["current"] == f"{OLD_ADDRESS}%60"
    assert suggested(form) == {"manage_reply_address": False}
    address = form["description_placeholders"]["address"]
    result = await submit(hass, form, {"manage_reply_address": False})
    assert result["result"].data["pasted_address"] == address
    await hass.async_block_till_done(wait_background_tasks=True)
    assert uplink_address(platform) == f"{OLD_ADDRESS}`"


async def test_only_what_is_left(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """What is set up already is not offered; an account without anything else is."""
    entry = make_entry(platform.url)
    entry.add_to_hass(hass)
    form = await fill_in(hass, await begin(hass, "account"), platform, "access_key")
    assert application_name(platform) not in str(offered(form))
    for app_key in ("SecondKey", "ThirdKey"):
        MockConfigEntry(
            domain=entry.domain, unique_id=app_key, data=dict(entry.data)
        ).add_to_hass(hass)
    form = await fill_in(hass, await begin(hass, "account"), platform, "access_key")
    assert form["errors"] == {"base": "account_no_applications"}
