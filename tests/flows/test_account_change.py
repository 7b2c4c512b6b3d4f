"""Tests of giving an application the credentials of its account, and of others."""

from dataclasses import replace

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from simulator.config import Config
from simulator.server import Server
from tests.account.console import Console, account_data
from tests.common import issues, make_entry, wait_until
from tests.const import APP_KEY, WEBHOOK_ID

from .account_inputs import (
    OLD_ADDRESS,
    PUSH_KEYS,
    WORLD,
    fill_in,
    typed,
    uplink_address,
)
from .flow_inputs import choose, submit, suggested


@pytest.fixture
def platform_config(platform_config: Config) -> Config:
    """Return an account that has an international application as well."""
    applications = (*platform_config.applications, WORLD)
    return replace(platform_config, applications=applications)


@pytest.fixture
async def entry(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> MockConfigEntry:
    """Set an application up that has no account yet."""
    entry = make_entry(platform.url)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    return entry


@pytest.mark.parametrize("way", ["access_key", "iam_user"])
async def test_add_account(
    hass: HomeAssistant, platform: Server, entry: MockConfigEntry, way: str
) -> None:
    """An application that was set up by hand gets the credentials of its account."""
    before = entry.runtime_data
    menu = await choose(hass, entry, "account")
    assert menu["menu_options"] == ["access_key", "iam_user"]
    form = await fill_in(hass, menu, platform, way)
    assert form["step_id"] == "replies"
    result = await submit(hass, form, {"manage_reply_address": True})
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert entry.runtime_data is not before
    assert entry.data["account"]["region"] == "cn-north-4"
    assert entry.options["manage_reply_address"] is True
    await wait_until(lambda: uplink_address(platform) is not None)


async def test_change_account(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """What is stored is shown but for the secret, which need not be typed again."""
    entry = make_entry(platform.url, data={"account": account_data(platform)})
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    form = await choose(hass, entry, "account")
    assert form["menu_options"] == ["access_key", "iam_user", "remove_account"]
    form = await submit(hass, form, {"next_step_id": "access_key"})
    shown = suggested(form)
    assert shown == {
        **{k: v for k, v in typed(platform).items() if k != "secret_key"},
    }
    form = await submit(hass, form, shown)
    assert form["step_id"] == "replies"
    # the other way has nothing stored
    form = await choose(hass, entry, "account")
    form = await submit(hass, form, {"next_step_id": "iam_user"})
    assert "project_id" not in suggested(form)


@pytest.mark.parametrize(
    ("account", "options"),
    [
        ({}, {}),
        ({}, {"manage_reply_address": True}),
        ({"project_id": "f" * 32}, {}),
        ({"project_id": "f" * 32}, {"manage_reply_address": True}),
    ],
)
async def test_loaded_anew_once(
    hass: HomeAssistant,
    platform: Server,
    door: TestClient,
    account: dict[str, str],
    options: dict[str, bool],
) -> None:
    """Whatever is changed together with the account, or nothing at all: once is enough.

    With the same credentials, too, for what was wrong may be mended elsewhere.
    """
    right = account_data(platform)
    # of a signature it is no part
    del right["iam_address"]
    stored = {**right, **account}
    entry = make_entry(
        platform.url,
        data={"account": stored},
        options={"manage_reply_address": False},
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    loaded: list[ConfigEntryState] = []
    entry.async_on_state_change(lambda: loaded.append(entry.state))
    form = await fill_in(
        hass, await choose(hass, entry, "account"), platform, "access_key"
    )
    result = await submit(hass, form, {"manage_reply_address": False, **options})
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done(wait_background_tasks=False)
    assert loaded.count(ConfigEntryState.LOADED) == 1
    assert entry.data["account"] == right


async def test_not_in_account(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """Another account's credentials are of no use."""
    entry = make_entry(platform.url)
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, "app_key": "SomebodyElses"}
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    form = await fill_in(
        hass, await choose(hass, entry, "account"), platform, "access_key"
    )
    assert form["errors"] == {"base": "account_application_missing"}


async def test_international_account(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """Where there are no replies the credentials are all there is to ask for."""
    entry = make_entry(
        platform.url, data={"app_key": "ThirdKey", "kind": "international"}
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    result = await fill_in(
        hass, await choose(hass, entry, "account"), platform, "access_key"
    )
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert "account" in entry.data
    assert "manage_reply_address" not in entry.options


async def test_reply_address_step(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """The step of the push keys has the switch too, once there is an account."""
    entry = make_entry(platform.url, data={"account": account_data(platform)})
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await Console(platform).change("account", allowed=False)
    form = await choose(hass, entry, "reply_address")
    assert (form["step_id"], form["errors"]) == (
        "replies",
        {"base": "account_forbidden"},
    )
    form = await submit(hass, form, {"manage_reply_address": False, "push_ak": "a"})
    assert form["errors"] == {"push_sk": "push_sk_missing"}
    assert suggested(form)["manage_reply_address"] is False
    await Console(platform).change("account", allowed=True)
    result = await submit(hass, form, {"manage_reply_address": True, **PUSH_KEYS})
    assert result["reason"] == "reconfigure_successful"
    await wait_until(lambda: uplink_address(platform) is not None)
    assert uplink_address(platform) == str(door.make_url(f"/api/webhook/{WEBHOOK_ID}"))


async def test_not_loaded(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """An application that does not run cannot ask its account."""
    entry = make_entry(platform.url, data={"account": account_data(platform)})
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert await hass.config_entries.async_unload(entry.entry_id)
    form = await choose(hass, entry, "reply_address")
    assert (form["step_id"], form["errors"]) == ("replies", {})
    assert suggested(form) == {"manage_reply_address": False}


@pytest.mark.parametrize("reachable", [True, False])
async def test_remove_account(
    hass: HomeAssistant, platform: Server, door: TestClient, reachable: bool
) -> None:
    """Before the credentials go, the earlier address is given back, if that can be."""
    old_address = f"{OLD_ADDRESS}`*x*"
    platform.platform.state.set_application(
        {"app_key": APP_KEY, "uplink_url": old_address}
    )
    entry = make_entry(
        platform.url,
        data={"account": account_data(platform)},
        options={"manage_reply_address": True},
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_until(lambda: uplink_address(platform) != old_address)
    form = await submit(
        hass, await choose(hass, entry, "account"), {"next_step_id": "remove_account"}
    )
    # it cannot end the quotation that it stands in
    assert form["description_placeholders"]["replaced"] == f"{OLD_ADDRESS}%60*x*"
    if not reachable:
        await Console(platform).change("account", allowed=False)
        form = await submit(hass, form, {})
        assert form["errors"] == {"base": "account_forbidden"}
    result = await submit(hass, form, {})
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert entry.data == {
        key: value
        for key, value in make_entry(platform.url).data.items()
        if key != "account"
    }
    assert entry.options["manage_reply_address"] is False
    assert (uplink_address(platform) == old_address) is reachable
    assert not issues(hass)


async def test_options(
    hass: HomeAssistant, platform: Server, entry: MockConfigEntry
) -> None:
    """The switch is among the options once there is an account."""
    form = await hass.config_entries.options.async_init(entry.entry_id)
    assert "manage_reply_address" not in form["data_schema"].schema
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, "account": account_data(platform)}
    )
    await hass.async_block_till_done()
    form = await hass.config_entries.options.async_init(entry.entry_id)
    await hass.config_entries.options.async_configure(
        form["flow_id"],
        {"default_country": "CN", "manage_reply_address": True},
    )
    await wait_until(lambda: uplink_address(platform) is not None)
