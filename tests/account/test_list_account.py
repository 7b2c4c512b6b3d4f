"""Tests of the actions that list templates and signatures of the account."""

from dataclasses import replace
from typing import Any

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.huawei_cloud_sms.const import DOMAIN
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
)
from simulator.config import Application, Config, Kind, Template, default_config
from simulator.server import Server
from tests.common import make_entry, template_data
from tests.const import (
    APP_KEY,
    APP_SECRET,
    CHANNEL_NUMBER,
    GENERAL_ID,
    SIGNATURE,
    TEMPLATE_ID,
    TWO_VARIABLES_ID,
)

from .console import Console, account_data, becomes
from .test_approvals import console, entry

__all__ = ["console", "entry"]

CODE = {"index": 1, "type": "CHARDIGIT", "length": 20, "description": None}


async def call(
    hass: HomeAssistant, action: str, user: MockUser | None = None, **data: Any
) -> dict[str, Any]:
    """Return the response of an action, called by an automation or by a user."""
    response = await hass.services.async_call(
        DOMAIN,
        action,
        data,
        blocking=True,
        return_response=True,
        context=None if user is None else Context(user_id=user.id),
    )
    assert response is not None
    return dict(response)


async def test_templates(
    hass: HomeAssistant, application: MockConfigEntry, console: Console
) -> None:
    """Templates are listed as the platform has them, approved or not."""
    await becomes(hass, "approved")
    await console.change(
        "template",
        template_id=TEMPLATE_ID,
        flow_status="Reject",
        review_desc="含有联系方式",
    )
    response = await call(hass, "list_templates")
    assert response["more"] is False
    found = {it["template_id"]: it for it in response["templates"]}
    assert found[TEMPLATE_ID] == {
        "name": "Notice with one variable (long values allowed)",
        "template_id": TEMPLATE_ID,
        "type": "NOTIFY_TYPE",
        "text": "家中提醒：${1}",
        "status": "Reject",
        "general": False,
        "signature": SIGNATURE,
        "channel_number": CHANNEL_NUMBER,
        "review_desc": "含有联系方式",
    }
    assert found[TWO_VARIABLES_ID]["status"] == "Adopted"
    general = found[GENERAL_ID]
    assert general["general"] is True
    assert general["signature"] is general["channel_number"] is None


async def test_variables(hass: HomeAssistant, application: MockConfigEntry) -> None:
    """Variables are looked up where they are wanted."""
    response = await call(
        hass, "list_templates", search="TWO variables", variables=True
    )
    (template,) = response["templates"]
    assert template["template_id"] == TWO_VARIABLES_ID
    first, second = template["variables"]
    assert first == {**CODE, "description": first["description"]}
    assert (second["index"], second["type"]) == (2, "TEXT")


async def test_international(
    hass: HomeAssistant, door: TestClient, platform: Server
) -> None:
    """Abroad the channel number is the application's, and there are no signatures."""
    console = platform.platform.state.console
    console.applications[APP_KEY] = replace(
        console.applications[APP_KEY], kind=Kind.INTERNATIONAL
    )
    entry = make_entry(
        platform.url,
        data={"account": account_data(platform), "kind": "international"},
        subentries=[template_data(template_id="0b2e6d3fac7e4f84b9d16e2a3c4f5b01")],
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await becomes(hass, "approved")
    templates = (await call(hass, "list_templates"))["templates"]
    assert len(templates) == 3
    assert {it["channel_number"] for it in templates} == {"isms000000001"}
    assert {it["signature"] for it in templates} == {None}
    assert (await call(hass, "list_signatures"))["signatures"] == []


async def test_limit(hass: HomeAssistant, application: MockConfigEntry) -> None:
    """A response has an end, and says whether there is more."""
    for action, key in (
        ("list_templates", "templates"),
        ("list_signatures", "signatures"),
    ):
        every = await call(hass, action, search=None)
        first = await call(hass, action, limit=2)
        assert first == {key: every[key][:2], "more": True}
        exactly = await call(hass, action, limit=len(every[key]))
        assert exactly["more"] is False


async def test_signatures(hass: HomeAssistant, application: MockConfigEntry) -> None:
    """Signatures are listed as the platform has them."""
    response = await call(hass, "list_signatures", search=SIGNATURE)
    (signature,) = response["signatures"]
    assert signature == {
        "name": SIGNATURE,
        "signature_id": signature["signature_id"],
        "type": "NOTIFY_TYPE",
        "status": "REVIEW_PASSED",
        "channel_number": CHANNEL_NUMBER,
        "review_desc": None,
    }


@pytest.mark.parametrize("action", ["list_templates", "list_signatures"])
async def test_administrators_only(
    hass: HomeAssistant,
    application: MockConfigEntry,
    hass_admin_user: MockUser,
    hass_read_only_user: MockUser,
    action: str,
) -> None:
    """What the account holds is for administrators, and for automations."""
    assert await call(hass, action, hass_admin_user)
    with pytest.raises(Unauthorized):
        await call(hass, action, hass_read_only_user)


@pytest.mark.parametrize("action", ["list_templates", "list_signatures"])
async def test_without_account(
    hass: HomeAssistant, door: TestClient, platform: Server, action: str
) -> None:
    """Without an account it is said what is missing."""
    entry = make_entry(platform.url)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    with pytest.raises(ServiceValidationError) as err:
        await call(hass, action, config_entry_id=entry.entry_id)
    assert err.value.translation_key == "no_account"


@pytest.mark.parametrize("action", ["list_templates", "list_signatures"])
async def test_failure(
    hass: HomeAssistant,
    application: MockConfigEntry,
    console: Console,
    action: str,
) -> None:
    """What went wrong with the account is said in plain words."""
    await becomes(hass, "approved")
    await console.fail(http_status=429)
    with pytest.raises(HomeAssistantError) as err:
        await call(hass, action)
    assert err.value.translation_key == "account_rate"


class TestMany:
    """An application with as many templates as the platform allows."""

    @pytest.fixture
    def platform_config(self) -> Config:
        """Return a platform with 2,003 templates, and one of another application."""
        many = tuple(
            Template(
                id=f"{number:032d}",
                name=f"Notice {number}",
                text="您好，欢迎。",
                general=True,
            )
            for number in range(2003)
        )
        other = Template(
            id="f" * 32,
            name="Notice of others",
            text="您好。",
            general=True,
            app_keys=("other",),
        )
        account = Application(app_key=APP_KEY, app_secret=APP_SECRET)
        others = Application(app_key="other", app_secret=APP_SECRET)
        return replace(
            default_config(), applications=(account, others), templates=(*many, other)
        )

    async def test_found_by_name(
        self, hass: HomeAssistant, application: MockConfigEntry
    ) -> None:
        """All are searched; others' are not among them."""
        response = await call(hass, "list_templates", search="notice 2002")
        (template,) = response["templates"]
        assert template["name"] == "Notice 2002"
        assert not (await call(hass, "list_templates", search="others"))["templates"]
