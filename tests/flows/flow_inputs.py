"""What people type into the forms of the flows, and walks through them."""

from typing import Any

from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.huawei_cloud_sms.const import DOMAIN
from homeassistant.config_entries import SOURCE_USER, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from tests.common import variable
from tests.const import APP_KEY, APP_SECRET, CHANNEL_NUMBER, TEMPLATE_ID

TEMPLATE = {
    "name": "Alarm",
    "template_id": TEMPLATE_ID,
    "template_type": "notification",
    "channel_number": CHANNEL_NUMBER,
}
# The only variable that is offered where the text is not known
VARIABLES = {
    "variables": [{"name": "message", "attribute": "Not known", "policy": "refuse"}]
}
RECIPIENT = {"name": "Mei", "number": "137 0000 0001"}


def credentials(endpoint: str, /, **changes: Any) -> dict[str, Any]:
    """Return what is typed into the first form."""
    return {
        "app_key": APP_KEY,
        "app_secret": APP_SECRET,
        "endpoint": endpoint,
        "kind": "mainland",
        "advanced": {"auth": "ak_sk"},
        **changes,
    }


def stored_template(
    typed: dict[str, Any] = TEMPLATE, /, **changes: Any
) -> dict[str, Any]:
    """Return what is stored of a template: its name is the subentry's title."""
    data = {"variables": [variable()], **typed, **changes}
    del data["name"]
    return data


async def begin(hass: HomeAssistant, way: str = "by_hand") -> ConfigFlowResult:
    """Begin to add an application in one of the two ways."""
    menu = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    assert menu["menu_options"] == ["account", "by_hand"]
    return await submit(hass, menu, {"next_step_id": way})


async def choose(
    hass: HomeAssistant, entry: MockConfigEntry, choice: str
) -> ConfigFlowResult:
    """Begin to reconfigure, and choose from the menu."""
    menu = await entry.start_reconfigure_flow(hass)
    assert menu["type"] is FlowResultType.MENU
    assert menu["menu_options"] == ["connection", "account", "reply_address"]
    return await submit(hass, menu, {"next_step_id": choice})


async def submit(
    hass: HomeAssistant, form: ConfigFlowResult, typed: dict[str, Any]
) -> ConfigFlowResult:
    """Submit a form."""
    return await hass.config_entries.flow.async_configure(form["flow_id"], typed)


async def walk(
    hass: HomeAssistant, endpoint: str, *steps: dict[str, Any], **changes: Any
) -> ConfigFlowResult:
    """Submit the credentials, then further forms; all must be accepted.

    The template's variables and its preview are taken as they are shown.
    """
    form = await submit(hass, await begin(hass), credentials(endpoint, **changes))
    for typed in steps:
        assert form["type"] is FlowResultType.FORM
        assert not form["errors"]
        form = await submit(hass, form, typed)
        while form.get("step_id") in ("variables", "preview"):
            form = await submit(hass, form, suggested(form))
    return form


def suggested(form: Any) -> dict[str, Any]:
    """Return what a form shows as typed already, sections included."""
    shown: dict[str, Any] = {}
    for marker, field in form["data_schema"].schema.items():
        if hasattr(field, "options") and hasattr(field, "schema"):
            shown[str(marker)] = {
                str(inner): inner.description["suggested_value"]
                for inner in field.schema.schema
                if inner.description
            }
        elif marker.description:
            shown[str(marker)] = marker.description["suggested_value"]
    return shown
