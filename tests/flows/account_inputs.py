"""What people type into the forms of an account, and what the platform has then."""

from typing import Any

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from simulator.config import Application, Kind
from simulator.server import Server
from tests.account.console import account_data
from tests.const import APP_KEY

from .flow_inputs import submit

OLD_ADDRESS = "https://old.example.org/replies"
BY_HAND = {"picked": "by_hand"}
PUSH_KEYS = {"push_ak": "push-ak-1", "push_sk": "push-sk-1"}
FIELDS = {
    "access_key": ("access_key", "secret_key"),
    "iam_user": ("iam_domain", "iam_user", "iam_password"),
}

# What an account has beside the application of all tests
SHOP = Application(
    app_key="SecondKey", app_secret="s2", name="Shop", status="SUSPENDED"
)
WORLD = Application(
    app_key="ThirdKey",
    app_secret="s3",
    name="World",
    kind=Kind.INTERNATIONAL,
    channel_number="isms000000003",
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
    fields = (*FIELDS[way], "project_id", "region")
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
