"""Tests of choosing a new template from those that the account has."""

from dataclasses import replace
from typing import Any

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.config_entries import ConfigFlowResult, SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from simulator.config import Application, Config, Kind, Template, default_config
from simulator.server import Server
from tests.account.console import Console, account_data
from tests.account.test_approvals import console
from tests.common import make_entry
from tests.const import (
    APP_KEY,
    APP_SECRET,
    CHANNEL_NUMBER,
    GENERAL_ID,
    SIGNATURE,
    TWO_VARIABLES_ID,
)

from .account_inputs import application_name, fill_in, offered as applications, take
from .flow_inputs import RECIPIENT, begin, submit, suggested

__all__ = ["console"]

BY_HAND = "by_hand"
PICKED = "您有${1}件包裹，请到${2}领取。"

type Form = SubentryFlowResult | ConfigFlowResult


@pytest.fixture
async def entry(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> MockConfigEntry:
    """Set an application up that has an account, and no template yet."""
    kind = platform.platform.state.applications[APP_KEY].kind.value
    entry = make_entry(
        platform.url,
        data={"account": account_data(platform), "kind": kind},
        subentries=[],
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    return entry


async def add(hass: HomeAssistant, entry: MockConfigEntry) -> SubentryFlowResult:
    """Begin to add a template."""
    return await hass.config_entries.subentries.async_init(
        (entry.entry_id, "template"), context={"source": "user"}
    )


async def go_on(hass: HomeAssistant, form: Form, **typed: Any) -> SubentryFlowResult:
    """Submit a form, or choose from a menu."""
    return await hass.config_entries.subentries.async_configure(form["flow_id"], typed)


def offered(form: Form) -> dict[str, str]:
    """Return what a form offers: the labels, and what they stand for."""
    assert form["data_schema"] is not None
    (field,) = (
        it for marker, it in form["data_schema"].schema.items() if marker == "picked"
    )
    return {it["label"]: it["value"] for it in field.config["options"]}


def find(form: Form, name: str) -> str:
    """Return what the only offer stands for whose label begins with a name."""
    (value,) = (it for label, it in offered(form).items() if label.startswith(name))
    return value


async def finish(hass: HomeAssistant, form: Form) -> dict[str, Any]:
    """Take what is shown, up to the end; return what is stored."""
    while form["type"] is FlowResultType.FORM:
        assert form["step_id"] in ("variables", "preview")
        assert not form["errors"]
        form = await go_on(hass, form, **suggested(form))
    assert form["type"] is FlowResultType.CREATE_ENTRY
    return {"title": form["title"], **form["data"]}


async def test_pick(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """All that the account knows is filled in."""
    form = await add(hass, entry)
    assert form["step_id"] == "pick_template"
    labels = list(offered(form))
    # by name, and the other way last
    assert labels[:-1] == sorted(labels[:-1], key=str.casefold)
    assert labels[-1] == "Enter a template by hand"
    assert f"Notice with two variables: {PICKED}" in labels
    # what is not approved is not offered
    assert not any("not approved" in label for label in labels)
    form = await go_on(hass, form, picked=find(form, "Notice with two"))
    assert form["step_id"] == "variables"
    stored = await finish(hass, form)
    assert stored == {
        "title": "Notice with two variables",
        "template_id": TWO_VARIABLES_ID,
        "template_type": "notification",
        "text": PICKED,
        "signature": SIGNATURE,
        "channel_number": CHANNEL_NUMBER,
        "default": True,
        "variables": [
            {"name": "variable_1", "attribute": "chardigit", "policy": "refuse"},
            {"name": "variable_2", "attribute": "text", "policy": "refuse"},
        ],
    }


async def test_extended_length(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """A length that was extended is filled in; the second template is no default."""
    form = await add(hass, entry)
    await finish(
        hass, await go_on(hass, form, picked=find(form, "Notice without variables"))
    )
    await hass.async_block_till_done()
    form = await add(hass, entry)
    form = await go_on(hass, form, picked=find(form, "Notice with one variable"))
    stored = await finish(hass, form)
    assert stored["default"] is False
    assert stored["variables"] == [
        {"name": "message", "attribute": "text", "length": 400, "policy": "refuse"}
    ]


async def test_by_hand(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """A template can be described by hand as without an account."""
    form = await go_on(hass, await add(hass, entry), picked=BY_HAND)
    assert form["step_id"] == "user"
    assert suggested(form) == {"default": True}
    form = await go_on(
        hass,
        form,
        name="Bell",
        template_id=TWO_VARIABLES_ID,
        template_type="notification",
        channel_number=CHANNEL_NUMBER,
    )
    assert form["step_id"] == "variables"


async def test_change_what_was_filled_in(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """From the preview there is a way back to the form, filled in."""
    form = await add(hass, entry)
    form = await go_on(hass, form, picked=find(form, "Notice without variables"))
    assert form["step_id"] == "preview"
    form = await go_on(hass, form, **{"what-next": "change"})
    assert form["step_id"] == "user"
    shown = suggested(form)
    assert shown["name"] == "Notice without variables"
    form = await go_on(hass, form, **{**shown, "name": "Bell", "max_parts": 1})
    stored = await finish(hass, form)
    assert (stored["title"], stored["max_parts"]) == ("Bell", 1)


async def test_name_taken(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """What cannot be taken as it is comes up in the form."""
    form = await add(hass, entry)
    await finish(
        hass, await go_on(hass, form, picked=find(form, "Notice without variables"))
    )
    await hass.async_block_till_done()
    form = await add(hass, entry)
    form = await go_on(hass, form, picked=find(form, "Notice without variables"))
    assert (form["step_id"], form["errors"]) == ("user", {"name": "name_taken"})
    form = await go_on(hass, form, **{**suggested(form), "name": "Bell"})
    assert (await finish(hass, form))["title"] == "Bell"


async def test_general_template(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Of a general template the signature is chosen, among those of its type."""
    form = await add(hass, entry)
    form = await go_on(hass, form, picked=find(form, "General notice"))
    assert form["step_id"] == "pick_signature"
    assert list(offered(form)) == [SIGNATURE, "晨光物业"]
    form = await go_on(hass, form, picked=offered(form)["晨光物业"])
    stored = await finish(hass, form)
    assert stored["template_id"] == GENERAL_ID
    assert stored["signature"] == "晨光物业"
    assert stored["channel_number"] == "8824110600004"


async def test_no_markup(
    hass: HomeAssistant, platform: Server, entry: MockConfigEntry
) -> None:
    """What the account calls a template is shown as it is."""
    templates = platform.platform.state.console.templates
    templates[GENERAL_ID] = replace(templates[GENERAL_ID], name="<b>*All*</b>")
    form = await add(hass, entry)
    form = await go_on(hass, form, picked=find(form, "<b>*All*"))
    assert form["step_id"] == "pick_signature"
    assert form["description_placeholders"] == {"template": r"\<b\>\*All\*\</b\>"}


async def test_only_signature(
    hass: HomeAssistant, entry: MockConfigEntry, console: Console
) -> None:
    """The only signature that is approved is taken; without any the form asks."""
    await console.change("signature", name="晨光物业", status="PENDING_REVIEW")
    form = await add(hass, entry)
    form = await go_on(hass, form, picked=find(form, "General notice"))
    assert form["step_id"] == "variables"
    assert (await finish(hass, form))["signature"] == SIGNATURE
    await hass.async_block_till_done()
    await console.change("signature", name=SIGNATURE, status="PENDING_REVIEW")
    form = await add(hass, entry)
    form = await go_on(hass, form, picked=find(form, "General notice"))
    assert form["step_id"] == "user"
    assert form["errors"] == {"name": "name_taken"}
    form = await go_on(hass, form, **{**suggested(form), "name": "Bell"})
    assert form["errors"] == {"channel_number": "channel_number_missing"}


@pytest.mark.parametrize("way", ["pick_template", "template_by_hand"])
async def test_failure(
    hass: HomeAssistant, entry: MockConfigEntry, console: Console, way: str
) -> None:
    """Where the account cannot be asked it is said why, and one can go on."""
    await console.asked(1)
    await hass.async_block_till_done(wait_background_tasks=True)
    await console.fail(http_status=429)
    menu = await add(hass, entry)
    assert (menu["type"], menu["step_id"]) == (FlowResultType.MENU, "account_failed")
    assert menu["description_placeholders"]["problem"].startswith("The account was")
    form = await go_on(hass, menu, next_step_id=way)
    assert form["step_id"] == {"template_by_hand": "user"}.get(way, way)


async def test_failure_later(
    hass: HomeAssistant, entry: MockConfigEntry, console: Console
) -> None:
    """The variables may fail to come after the template was chosen."""
    form = await add(hass, entry)
    await hass.async_block_till_done(wait_background_tasks=True)
    await console.change("account", allowed=False)
    menu = await go_on(hass, form, picked=find(form, "Notice with two"))
    assert menu["step_id"] == "account_failed"
    await console.change("account", allowed=True)
    form = await go_on(hass, menu, next_step_id="pick_template")
    form = await go_on(hass, form, picked=find(form, "Notice with two"))
    assert (await finish(hass, form))["template_id"] == TWO_VARIABLES_ID


async def test_not_loaded(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Of an application that does not run the account is not asked."""
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert (await add(hass, entry))["step_id"] == "user"


class TestNone:
    """An account without templates."""

    @pytest.fixture
    def platform_config(self, platform_config: Config) -> Config:
        """Return a platform without templates."""
        return replace(platform_config, templates=())

    async def test_nothing_to_choose(
        self, hass: HomeAssistant, entry: MockConfigEntry
    ) -> None:
        """It is said that there is none; one can look again, or do it by hand."""
        menu = await add(hass, entry)
        assert menu["step_id"] == "no_templates"
        menu = await go_on(hass, menu, next_step_id="pick_template")
        assert menu["step_id"] == "no_templates"
        form = await go_on(hass, menu, next_step_id="template_by_hand")
        assert form["step_id"] == "user"


class TestAbroad:
    """An international application."""

    @pytest.fixture
    def platform_config(self) -> Config:
        """Return a platform with an international application."""
        application = Application(
            app_key=APP_KEY, app_secret=APP_SECRET, kind=Kind.INTERNATIONAL
        )
        return replace(default_config(), applications=(application,))

    async def test_pick(self, hass: HomeAssistant, entry: MockConfigEntry) -> None:
        """The channel number is the application's; the text says all of variables."""
        form = await add(hass, entry)
        form = await go_on(hass, form, picked=find(form, "International notice with n"))
        stored = await finish(hass, form)
        assert stored["channel_number"] == "isms000000001"
        assert "signature" not in stored
        assert [(it["attribute"], it.get("length")) for it in stored["variables"]] == [
            ("num", 8),
            ("date", None),
            ("time", None),
            ("txt", 20),
        ]


class TestMany:
    """An application with as many templates as the platform allows, and more."""

    @pytest.fixture
    def platform_config(self, platform_config: Config) -> Config:
        """Return a platform with more than 2,000 templates."""
        many = tuple(
            Template(
                id=f"{number:032d}",
                name=f"Notice {number:04d}",
                text=f"您好，这是第{number}条通知。" + "请查收，谢谢。" * 20,
                signature=SIGNATURE,
            )
            for number in range(2003)
        )
        return replace(platform_config, templates=many)

    async def test_search(self, hass: HomeAssistant, entry: MockConfigEntry) -> None:
        """Some are shown; the others are found by name, ID or text."""
        form = await add(hass, entry)
        placeholders = form["description_placeholders"]
        assert placeholders == {"shown": "20", "found": "2003"}
        assert len(offered(form)) == 21
        assert all(len(label) < 130 for label in offered(form))
        # neither chosen nor searched
        form = await go_on(hass, form)
        assert form["errors"] == {"picked": "picked_missing"}
        form = await go_on(hass, form, search="notice 199")
        assert form["errors"] == {}
        assert suggested(form)["search"] == "notice 199"
        assert form["description_placeholders"] == {"shown": "10", "found": "10"}
        form = await go_on(hass, form, search="第1987条")
        assert len(offered(form)) == 2
        form = await go_on(hass, form, search="no such template")
        assert list(offered(form).values()) == [BY_HAND]
        form = await go_on(hass, form, search=f"{1987:032d}")
        form = await go_on(hass, form, search="1987", picked=find(form, "Notice 1987"))
        assert (await finish(hass, form))["title"] == "Notice 1987"


async def test_new_application(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """The first template of a new application is chosen in the same way."""
    form = await fill_in(hass, await begin(hass, "account"), platform, "access_key")
    label = next(it for it in applications(form) if application_name(platform) in it)
    form = await take(hass, form, label)
    form = await submit(hass, form, {**suggested(form), "app_secret": APP_SECRET})
    assert form["step_id"] == "pick_template"
    picked = find(form, "Notice with two")
    form = await submit(hass, form, {"picked": picked})
    for step in ("variables", "preview"):
        assert form["step_id"] == step
        form = await submit(hass, form, suggested(form))
    assert form["step_id"] == "recipient"
    form = await submit(hass, form, RECIPIENT)
    form = await submit(hass, form, suggested(form))
    assert form["type"] is FlowResultType.CREATE_ENTRY
    template = form["result"].get_subentries_of_type("template")
    assert [it.data["template_id"] for it in template] == [TWO_VARIABLES_ID]


async def test_new_application_failure(
    hass: HomeAssistant, platform: Server, door: TestClient, console: Console
) -> None:
    """Where the account ends meanwhile one can go on by hand."""
    form = await fill_in(hass, await begin(hass, "account"), platform, "access_key")
    label = next(it for it in applications(form) if application_name(platform) in it)
    form = await take(hass, form, label)
    await console.change("account", allowed=False)
    menu = await submit(hass, form, {**suggested(form), "app_secret": APP_SECRET})
    assert menu["step_id"] == "account_failed"
    form = await submit(hass, menu, {"next_step_id": "template_by_hand"})
    assert form["step_id"] == "template"
