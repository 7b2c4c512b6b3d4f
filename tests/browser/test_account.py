"""The credentials of an account: an application comes by them, or gets them."""

import asyncio
from urllib.parse import urlsplit

from playwright.async_api import expect

from scripts.json_values import at, items
from scripts.simulator_process import ACCESS_KEY, PROJECT_ID, SECRET_KEY, TEMPLATE_TEXT
from scripts.sms_application import Application, Person as Recipient
from scripts.stage import Stage

from . import adding, delivering
from .marks import MARKS
from .person import Person
from .reconfiguring import reconfigure

pytestmark = MARKS

_TEMPLATE = "Notice with one variable (long values allowed)"
_HOME = "https://home.example.com"
_OLD = "https://old.example.com/replies"
_WITHIN = 30.0
_POLL = 0.1


async def test_adding_with_account(
    stage: Stage, person: Person, recipient: Recipient
) -> None:
    """The account tells all but the secret; what is sent is delivered and answered."""
    await adding.open_menu(person)
    await _choose(person, "user", "account", picture="add-ways")
    await _choose(person, "account", "access_key", picture="account-ways")
    await _sign_in(stage, person)
    await _choose_application(stage, person)
    await _pick_template(person)
    await adding.look_at_preview(person)
    await adding.name_recipient(person, recipient)
    address = await adding.read_reply_address(stage, person, "replies", stage.home.url)
    # the platform has no address that somebody else could miss
    managed = person.dialog.locator("ha-switch")
    await expect(managed).to_have_js_property("checked", True)
    await adding.finish(person)
    await _wait_for_reply_address(stage, address)

    texts = person.texts
    message = texts.story["message"]
    sent = await delivering.send(stage, person, recipient.number, f"message: {message}")
    assert sent.endswith(adding.sms(message))
    async with stage.connect() as (_, control):
        await control.reply(recipient.number, texts.story["reply"])
    await delivering.open_device(person)
    await delivering.see_event(person, "delivery_report", "delivered")
    await delivering.see_event(person, "reply", "received")
    await person.look_around()


async def test_adding_an_account(
    stage: Stage, application: Application, person: Person
) -> None:
    """An application gets the credentials, and its replies set themselves up."""
    reply_address = _HOME + urlsplit(application.reply_address).path
    async with stage.connect() as (api, control), api.socket() as socket:
        await socket.command("config/core/update", external_url=_HOME)
        await control.push_replies_to(_OLD)
    await reconfigure(person, "account")
    await _choose(person, "account", "access_key")
    await _sign_in(stage, person, then="submit")
    form = person.texts.form("config", "step", "replies")
    await person.read(form)
    address = person.dialog.get_by_text(reply_address, exact=True)
    await expect(address).to_be_visible()
    await expect(person.dialog.get_by_text(_OLD, exact=True)).to_be_visible()
    await person.dialog.locator("ha-switch").click()
    await person.picture("account-replies", person.sheet)
    await person.press("submit")
    await expect(address).to_be_hidden()
    await _wait_for_reply_address(stage, reply_address)


async def _choose(person: Person, step: str, choice: str, picture: str = "") -> None:
    """Read a menu and choose from it."""
    path = ("config", "step", step)
    await person.read(person.texts.form(*path))
    words = person.texts.of(*path, "menu_options", choice)
    option = person.dialog.get_by_text(words, exact=True)
    await expect(option).to_be_visible()
    if picture:
        await person.picture(picture, person.sheet)
    await option.click()


async def _sign_in(stage: Stage, person: Person, then: str = "next") -> None:
    """Mistype the project and learn so; then be let through."""
    texts = person.texts
    form = texts.form("config", "step", "access_key")
    await person.read(form)
    typed = {
        "access_key": ACCESS_KEY,
        "secret_key": SECRET_KEY,
        "project_id": PROJECT_ID[::-1],
        "management_address": stage.simulator.url,
    }
    for key, value in typed.items():
        await person.field(form.fields[key].label).fill(value)
    region = texts.of("selector", "endpoint", "options", "cn-north-4")
    await person.pick_in(person.dialog, form.fields["region"].label, region)
    await person.picture("account-access-key", person.sheet)
    await person.press(then)
    refused, _, _ = texts.of("config", "error", "account_project").partition("{")
    await expect(person.dialog.get_by_text(refused)).to_be_visible()
    await person.look_around()
    await person.field(form.fields["project_id"].label).fill(PROJECT_ID)
    await person.press(then)


async def _choose_application(stage: Stage, person: Person) -> None:
    """Recognize the application, and give its secret."""
    texts = person.texts
    form = texts.form("config", "step", "application")
    await person.read(form)
    kind = texts.of("selector", "kind", "options", "mainland")
    state = texts.of("selector", "application_status", "options", "launched")
    label = f"{await _of_application(stage, 'name')} · {kind} · {state}"
    await person.picture("account-applications", person.sheet)
    await person.dialog.get_by_text(label, exact=True).click()
    await person.press("next")

    form = texts.form("config", "step", "app_secret")
    await person.read(form)
    await expect(person.dialog.get_by_text(stage.settings.endpoint)).to_be_visible()
    await person.field(form.fields["app_secret"].label).fill(stage.settings.app_secret)
    await person.picture("account-app-secret", person.sheet)
    await person.press("next")
    secret = person.dialog.get_by_text(form.title, exact=True)
    await expect(secret).to_be_hidden()


async def _pick_template(person: Person) -> None:
    """Take an approved template, whose variables are known already."""
    await person.read(person.texts.form("config", "step", "pick_template"))
    template = person.dialog.get_by_text(f"{_TEMPLATE}: {TEMPLATE_TEXT}", exact=True)
    await template.click()
    await person.press("next")
    await person.read(person.texts.form("config", "step", "variables"))
    await expect(person.variable("message")).to_be_visible()
    await person.press("next")


async def _wait_for_reply_address(stage: Stage, address: str) -> None:
    """Wait until replies are pushed to an address."""
    async with asyncio.timeout(_WITHIN):
        while await _of_application(stage, "uplink_url") != address:
            await asyncio.sleep(_POLL)


async def _of_application(stage: Stage, field: str) -> object:
    """Return what the platform's console says of the application."""
    async with stage.connect() as (_, control):
        state = await control.call("GET", "state")
    (application,) = items(state, "applications")
    return at(application, field)
