"""Templates of the account: choosing one, and learning how it stands."""

from dataclasses import replace
import re

import aiohttp
from playwright.async_api import expect
import pytest_asyncio

from custom_components.huawei_cloud_sms.msgsms.management.account import (
    AccessKey,
    Account,
)
from custom_components.huawei_cloud_sms.msgsms.management.client import ManagementClient
from custom_components.huawei_cloud_sms.msgsms.management.orders import TemplateOrder
from custom_components.huawei_cloud_sms.msgsms.management.regions import REGIONS
from scripts.home_assistant_api import Api
from scripts.json_values import at, items, text
from scripts.simulator_process import ACCESS_KEY, PROJECT_ID, SECRET_KEY
from scripts.sms_application import Application
from scripts.stage import Stage

from .marks import MARKS
from .person import Person
from .reconfiguring import PAGE

pytestmark = MARKS

_DOMAIN = "huawei_cloud_sms"
_FLOWS = "/api/config/config_entries/flow"
_STEPS = ("config_subentries", "template", "step")
_GENERAL = "General notice (the request names the signature)"
_GENERAL_ID = "0a1f5c2e9b6d4e73a8c05d1f2b3e4a07"
_SIGNATURE = "晨光物业"
_SHOWN = 20
_REASON = "模板内容含有联系方式"


@pytest_asyncio.fixture(loop_scope="session")
async def account(stage: Stage, application: Application) -> Application:
    """Give the application an account, without the browser."""
    async with stage.connect() as (api, _):
        step = await api.call(
            "POST", _FLOWS, {"handler": _DOMAIN, "entry_id": application.entry_id}
        )
        for typed in (
            {"next_step_id": "account"},
            {"next_step_id": "access_key"},
            {
                "access_key": ACCESS_KEY,
                "secret_key": SECRET_KEY,
                "project_id": PROJECT_ID,
                "region": "cn-north-4",
                "advanced": {"management_address": stage.simulator.url},
            },
            {"manage_reply_address": False},
        ):
            flow = text(step, "flow_id")
            step = await api.call("POST", f"{_FLOWS}/{flow}", typed)
        assert text(step, "reason") == "reconfigure_successful"
    return application


async def test_picking(stage: Stage, person: Person, account: Application) -> None:
    """Name, text, variables and signature come from the account."""
    page, texts = person.page, person.texts
    await person.visit(PAGE)
    add = texts.of("config_subentries", "template", "initiate_flow", "user")
    await page.get_by_role("button", name=add).click()
    await person.read(texts.form(*_STEPS, "pick_template"))
    by_hand = texts.of("common", "template_by_hand")
    await expect(person.dialog.get_by_text(by_hand, exact=True)).to_be_visible()
    await person.picture("pick-template", person.sheet)
    await person.dialog.get_by_text(f"{_GENERAL}: 通知：${{1}}").click()
    await person.press("next")

    await person.read(texts.form(*_STEPS, "pick_signature"))
    await person.picture("pick-signature", person.sheet)
    await person.dialog.get_by_text(_SIGNATURE, exact=True).click()
    await person.press("next")

    await person.read(texts.form(*_STEPS, "variables"))
    await person.press("next")
    await person.read(texts.form(*_STEPS, "preview"), "message")
    sample = f"【{_SIGNATURE}】通知：{texts.of('common', 'sample_text')}"
    await expect(person.dialog.get_by_text(sample)).to_be_visible()
    await person.look_around()
    await person.press("submit")
    row = page.locator("ha-config-sub-entry-row").filter(has_text=_GENERAL)
    await expect(row).to_be_visible()

    approval = texts.of("entity", "sensor", "approval", "name")
    await _visit_device(person, stage, account)
    shown = page.get_by_text(approval.format(template=_GENERAL))
    await expect(shown.first).to_be_visible()
    await person.look_around()
    await person.picture("approvals")


async def test_searching(stage: Stage, person: Person, account: Application) -> None:
    """Among many templates one searches."""
    await _create_templates(stage)
    page, texts = person.page, person.texts
    await person.visit(PAGE)
    add = texts.of("config_subentries", "template", "initiate_flow", "user")
    await page.get_by_role("button", name=add).click()
    form = texts.form(*_STEPS, "pick_template")
    await person.read(form)
    await expect(person.dialog.get_by_role("radio")).to_have_count(_SHOWN + 1)
    await person.press("next")
    missing = texts.of("config_subentries", "template", "error", "picked_missing")
    await expect(person.dialog.get_by_text(missing)).to_be_visible()
    await person.field(form.fields["search"].label).fill("窗户18")
    await person.press("next")
    await expect(person.dialog.get_by_role("radio")).to_have_count(2)
    await person.look_around()
    await person.picture("pick-search", person.sheet)
    await person.dialog.get_by_role("radio").first.click()
    await person.press("next")
    await person.read(texts.form(*_STEPS, "preview"))
    await expect(person.dialog.get_by_text("窗户18没有关")).to_be_visible()


async def test_failure(stage: Stage, person: Person, account: Application) -> None:
    """An account that cannot be asked says why; one can go on by hand."""
    page, texts = person.page, person.texts
    async with stage.connect() as (_, control):
        await control.call("PATCH", "account", {"allowed": False})
    await person.visit(PAGE)
    add = texts.of("config_subentries", "template", "initiate_flow", "user")
    await page.get_by_role("button", name=add).click()
    step = (*_STEPS, "account_failed")
    await person.read(texts.form(*step))
    for part in ("menu_options", "menu_option_descriptions"):
        for option in texts.keys(*step, part):
            words = texts.of(*step, part, option)
            await expect(person.dialog.get_by_text(words, exact=True)).to_be_visible()
    await person.picture("pick-failed", person.sheet)
    words = texts.of(*step, "menu_options", "template_by_hand")
    await person.dialog.get_by_text(words, exact=True).click()
    await person.read(texts.form(*_STEPS, "user"))


async def test_rejected(stage: Stage, person: Person, account: Application) -> None:
    """A template that was rejected gives a notice with the platform's reason."""
    async with stage.connect() as (api, control):
        await control.call(
            "PATCH",
            "template",
            {
                "template_id": stage.settings.template_id,
                "flow_status": "Reject",
                "review_desc": _REASON,
            },
        )
        await _reload(api, account)
    await _open_issue(person, "template_rejected", person.texts.story["template"])
    await expect(person.page.get_by_text(_REASON)).to_be_visible()
    await person.look_around()
    await person.picture("template-rejected", person.page.get_by_role("dialog").first)


async def test_activation(stage: Stage, person: Person, account: Application) -> None:
    """A signature that waits for it is activated from its notice."""
    async with stage.connect() as (api, control):
        await control.call(
            "PATCH", "signature", {"name": "晨光家园", "status": "TO_BE_ACTIVATED"}
        )
        await _reload(api, account)
    flow = ("issues", "signature_to_activate", "fix_flow", "step", "confirm")
    await _open_issue(person, "signature_to_activate", "晨光家园")
    title = person.texts.of(*flow, "title").format(signature="晨光家园")
    await expect(person.dialog.get_by_text(title, exact=True)).to_be_visible()
    await person.look_around()
    await person.picture("signature-activation", person.sheet)
    await person.press("submit")
    await expect(person.dialog.get_by_text(title, exact=True)).to_be_hidden()
    async with stage.connect() as (api, _), api.socket() as socket:
        issues = items(await socket.command("repairs/list_issues"), "issues")
    assert not [it for it in issues if at(it, "domain") == _DOMAIN]


async def _create_templates(stage: Stage) -> None:
    """Create more templates than are shown at once, and let them be approved."""
    region = replace(REGIONS["cn-north-4"], management=stage.simulator.url)
    account = Account(AccessKey(ACCESS_KEY, SECRET_KEY), PROJECT_ID, region)
    async with aiohttp.ClientSession() as session:
        client = ManagementClient(session, account)
        (application,) = [it async for it in client.applications()]
        signature = await anext(client.signatures(signature_name="晨光家园"))
        for place in range(_SHOWN):
            order = TemplateOrder(
                app_id=application.id,
                region="cn",
                template_name=f"窗户{place:02}",
                template_content=f"窗户{place:02}没有关，请留意。",
                template_type="NOTIFY_TYPE",
                sign_id=signature.id,
            )
            await client.create_template(order)
        created = [it async for it in client.templates() if it.flow_status != "Adopted"]
    async with stage.connect() as (_, control):
        for template in created:
            change = {"template_id": template.template_id, "flow_status": "Adopted"}
            await control.call("PATCH", "template", change)


async def _reload(api: Api, application: Application) -> None:
    """Load an application anew: it looks at once how all stands."""
    path = f"/api/config/config_entries/entry/{application.entry_id}/reload"
    await api.call("POST", path)


async def _open_issue(person: Person, key: str, name: str) -> None:
    """Open the notice with a name in its title once it is there."""
    title = person.texts.of("issues", key, "title")
    title = re.sub(r"{(?:template|signature)}", name, title).partition("}")[2]
    await person.visit("/config/repairs")
    await person.page.get_by_text(title).click()


async def _visit_device(person: Person, stage: Stage, application: Application) -> None:
    """Open the page of the application's device."""
    async with stage.connect() as (api, _), api.socket() as socket:
        devices = items(await socket.command("config/device_registry/list"))
    (device,) = (
        text(it, "id")
        for it in devices
        if [[_DOMAIN, application.entry_id]] == at(it, "identifiers")
    )
    await person.visit(f"/config/devices/device/{device}")
