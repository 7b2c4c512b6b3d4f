"""Tests of setting up and changing an application with the credentials of its account."""

from dataclasses import replace
from typing import Any

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.huawei_cloud_sms.msgsms.management.regions import REGIONS
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from simulator import management_apps
from simulator.config import Application, Config, Kind
from simulator.server import Server
from tests.account.console import Console, account_data
from tests.common import issues, make_entry, wait_until
from tests.const import APP_KEY, APP_SECRET, WEBHOOK_ID

from .flow_inputs import (
    RECIPIENT,
    TEMPLATE,
    VARIABLES,
    begin,
    choose,
    submit,
    suggested,
)

OLD_ADDRESS = "https://old.example.org/replies"
BY_HAND = {"picked": "by_hand"}
PUSH_KEYS = {"push_ak": "push-ak-1", "push_sk": "push-sk-1"}
_FIELDS = {
    "access_key": ("access_key", "secret_key"),
    "iam_user": ("iam_domain", "iam_user", "iam_password"),
}


@pytest.fixture
def platform_config(platform_config: Config) -> Config:
    """Return an account with several applications."""
    return replace(
        platform_config,
        applications=(
            *platform_config.applications,
            Application(
                app_key="SecondKey", app_secret="s2", name="Shop", status="SUSPENDED"
            ),
            Application(
                app_key="ThirdKey",
                app_secret="s3",
                name="World",
                kind=Kind.INTERNATIONAL,
                channel_number="isms000000003",
            ),
        ),
    )


def typed(platform: Server, way: str = "access_key", **more: Any) -> dict[str, Any]:
    """Return what is typed into one of the two forms."""
    account = platform.platform.state.console.account
    assert account is not None
    known = {
        **account_data(platform),
        "iam_domain": account.domain,
        "iam_user": account.user,
        "iam_password": account.password,
    }
    addresses = {"management_address": platform.url}
    if way == "iam_user":
        addresses["iam_address"] = platform.url
    fields = (*_FIELDS[way], "project_id", "region")
    return {**{it: known[it] for it in fields}, "advanced": addresses, **more}


async def fill_in(
    hass: HomeAssistant, form: ConfigFlowResult, platform: Server, way: str, **more: Any
) -> ConfigFlowResult:
    """Choose a way from the menu and submit its form."""
    assert form["step_id"] == "account"
    form = await submit(hass, form, {"next_step_id": way})
    assert (form["step_id"], form["errors"]) == (way, {})
    return await submit(hass, form, typed(platform, way, **more))


async def take(
    hass: HomeAssistant, form: ConfigFlowResult, label: str
) -> ConfigFlowResult:
    """Choose the application with a label."""
    assert form["step_id"] == "application"
    return await submit(hass, form, {"application": offered(form)[label]})


def offered(form: ConfigFlowResult) -> dict[str, str]:
    """Return the applications that a form offers."""
    (field,) = form["data_schema"].schema.values()
    return {it["label"]: it["value"] for it in field.config["options"]}


def application_name(platform: Server, app_key: str = APP_KEY) -> str:
    """Return the name of an application."""
    return platform.platform.state.applications[app_key].name


def uplink_address(platform: Server) -> str | None:
    """Return where replies go."""
    return platform.platform.state.applications[APP_KEY].uplink_url


@pytest.fixture
async def entry(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> MockConfigEntry:
    """Set an application up that has no account yet."""
    entry = make_entry(platform.url)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    return entry


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
        {"app_key": APP_KEY, "uplink_url": OLD_ADDRESS}
    )
    form = await fill_in(hass, await begin(hass, "account"), platform, "access_key")
    label = f"{application_name(platform)} · Chinese mainland · in service"
    form = await take(hass, form, label)
    secret = {"endpoint": platform.url, "advanced": {"auth": "ak_sk"}}
    form = await submit(hass, form, {**secret, "app_secret": APP_SECRET})
    for step in (BY_HAND, TEMPLATE, VARIABLES, {}):
        form = await submit(hass, form, step)
    assert form["description_placeholders"]["current"] == OLD_ADDRESS
    assert suggested(form) == {"manage_reply_address": False}
    address = form["description_placeholders"]["address"]
    result = await submit(hass, form, {"manage_reply_address": False})
    assert result["result"].data["pasted_address"] == address
    await hass.async_block_till_done(wait_background_tasks=True)
    assert uplink_address(platform) == OLD_ADDRESS


async def test_only_what_is_left(
    hass: HomeAssistant, platform: Server, entry: MockConfigEntry
) -> None:
    """What is set up already is not offered; an account without anything else is."""
    form = await fill_in(hass, await begin(hass, "account"), platform, "access_key")
    assert application_name(platform) not in str(offered(form))
    for app_key in ("SecondKey", "ThirdKey"):
        MockConfigEntry(
            domain=entry.domain, unique_id=app_key, data=dict(entry.data)
        ).add_to_hass(hass)
    form = await fill_in(hass, await begin(hass, "account"), platform, "access_key")
    assert form["errors"] == {"base": "account_no_applications"}


@pytest.mark.parametrize(
    ("way", "changes", "errors"),
    [
        ("access_key", {"secret_key": "wrong"}, {"base": "account_credentials"}),
        ("access_key", {"access_key": "wrong"}, {"base": "account_credentials"}),
        ("access_key", {"access_key": "w, r"}, {"access_key": "account_characters"}),
        ("access_key", {"access_key": " "}, {"access_key": "account_empty"}),
        ("access_key", {"secret_key": " "}, {"secret_key": "account_empty"}),
        ("access_key", {"project_id": "other"}, {"project_id": "account_project"}),
        ("access_key", {"project_id": "a/b"}, {"project_id": "account_characters"}),
        ("iam_user", {"iam_password": "wrong"}, {"base": "account_credentials"}),
        ("iam_user", {"iam_domain": "wrong"}, {"base": "account_credentials"}),
        ("iam_user", {"iam_user": " "}, {"iam_user": "account_empty"}),
        ("iam_user", {"project_id": "other"}, {"project_id": "account_project"}),
        (
            "access_key",
            {"advanced": {"management_address": "http://example.org"}},
            {"base": "address_insecure"},
        ),
        (
            "access_key",
            {"advanced": {"management_address": "https://example.org/v2"}},
            {"base": "address_path"},
        ),
        (
            "access_key",
            {"advanced": {"management_address": "http://127.0.0.1:9"}},
            {"base": "account_unreachable"},
        ),
    ],
)
async def test_typed_wrong(
    hass: HomeAssistant,
    platform: Server,
    way: str,
    changes: dict[str, Any],
    errors: dict[str, str],
) -> None:
    """What is wrong is said where it is; all but the secret stays typed."""
    form = await fill_in(hass, await begin(hass, "account"), platform, way, **changes)
    assert (form["step_id"], form["errors"]) == (way, errors)
    shown = suggested(form)
    secret = _FIELDS[way][-1]
    assert secret not in shown
    right = typed(platform, way)
    # whoever typed it right before need not type it again
    if secret not in changes:
        del right[secret]
    form = await submit(hass, form, right)
    assert form["step_id"] == "application"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"code": "APIGW.0302"}, "account_forbidden"),
        ({"code": "APIGW.0308", "retry_after": "3"}, "account_rate"),
        ({"code": "MSGSMS.0001"}, "account_unreachable"),
        ({"http_status": 502, "body": "html"}, "account_unreachable"),
        ({"body": "broken"}, "account_unreachable"),
    ],
)
async def test_refused(
    hass: HomeAssistant, platform: Server, fault: dict[str, Any], error: str
) -> None:
    """What is not the fault of the credentials is said as well."""
    # a read is repeated when its connection breaks
    await Console(platform).fail(times=2 if "body" in fault else 1, **fault)
    form = await fill_in(hass, await begin(hass, "account"), platform, "access_key")
    assert form["errors"] == {"base": error}
    if error == "account_forbidden":
        right = form["description_placeholders"]["right"]
        assert right == "msgsms:applications:getApp"
    await platform.platform.reset()
    form = await submit(hass, form, typed(platform))
    assert form["step_id"] == "application"


async def test_clock(
    hass: HomeAssistant, platform: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clock that is wrong is not taken for wrong credentials."""
    platform.platform.state.set_options({"clock_offset": 3600})
    form = await fill_in(hass, await begin(hass, "account"), platform, "access_key")
    assert form["errors"] == {"base": "account_clock"}


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
    platform.platform.state.set_application(
        {"app_key": APP_KEY, "uplink_url": OLD_ADDRESS}
    )
    entry = make_entry(
        platform.url,
        data={"account": account_data(platform)},
        options={"manage_reply_address": True},
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await wait_until(lambda: uplink_address(platform) != OLD_ADDRESS)
    form = await submit(
        hass, await choose(hass, entry, "account"), {"next_step_id": "remove_account"}
    )
    assert form["description_placeholders"]["replaced"] == OLD_ADDRESS
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
    assert (uplink_address(platform) == OLD_ADDRESS) is reachable
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
