"""Changing what is set up: reconfiguration, options, templates and recipients."""

import re

from playwright.async_api import Locator, expect
import pytest

from scripts.sms_application import Application
from scripts.stage import Stage

from .marks import MARKS
from .person import Person
from .reconfiguring import PAGE, reconfigure

pytestmark = [*MARKS, pytest.mark.usefixtures("application")]


async def test_connection(stage: Stage, person: Person) -> None:
    """What is known of the connection is shown, but for the secret."""
    await reconfigure(person, "connection", picture="reconfigure")
    form = person.texts.form("config", "step", "connection")
    await person.read(form)
    key = person.field(form.fields["app_key"].label)
    await expect(key).to_have_value(stage.settings.app_key)
    secret = person.field(form.fields["app_secret"].label)
    await expect(secret).to_have_value("")
    await person.press("submit")
    await expect(key).to_be_hidden()


async def test_push_keys(
    stage: Stage, application: Application, person: Person
) -> None:
    """The reply address can be looked up, and a second pair of keys be entered."""
    await reconfigure(person, "reply_address")
    form = person.texts.form("config", "step", "reply_address")
    await person.read(form)
    address = person.dialog.get_by_text(application.reply_address, exact=True)
    await expect(address).to_be_visible()
    first = person.field(form.fields["push_ak"].label)
    await expect(first).to_have_value(stage.settings.push_ak)
    await person.field(form.fields["push_ak_2"].label).fill("second")
    await person.press("submit")
    missing = person.texts.of("config", "error", "push_sk_missing")
    await expect(person.dialog.get_by_text(missing)).to_be_visible()
    await person.field(form.fields["push_sk_2"].label).fill("secret")
    await person.press("submit")
    await expect(first).to_be_hidden()


async def test_options(person: Person) -> None:
    """Options are explained, and so is what cannot be taken."""
    await person.visit(PAGE)
    configure = person.texts.words["configure"]
    row = person.page.locator("ha-config-entry-row")
    await row.get_by_role("button", name=configure, exact=True).click()
    form = person.texts.form("options", "step", "init")
    await person.read(form)
    address = person.field(form.fields["public_address"].label)
    await address.fill("https://home.example.com")
    await person.picture("options", person.sheet)
    await address.fill("http://home.example.com")
    await person.press("submit")
    insecure = person.texts.of("options", "error", "address_insecure")
    await expect(person.dialog.get_by_text(insecure)).to_be_visible()
    await address.fill("https://home.example.com")
    changed = {"max_parts_per_hour": "12", "retention_days": "30"}
    for key, value in changed.items():
        await _number(person, form.fields[key].label).fill(value)
    await person.press("submit")
    await expect(address).to_be_hidden()

    await person.visit(PAGE)
    await row.get_by_role("button", name=configure, exact=True).click()
    for key, value in changed.items():
        await expect(_number(person, form.fields[key].label)).to_have_value(value)


def _number(person: Person, label: str) -> Locator:
    """Return the field for a number."""
    name = re.compile(rf"^{re.escape(label)}")
    return person.dialog.get_by_role("spinbutton", name=name)


@pytest.mark.parametrize("kind", ["template", "recipient"])
async def test_one_more(person: Person, kind: str) -> None:
    """The forms for more templates and recipients are explained."""
    await person.visit(PAGE)
    add = person.texts.of("config_subentries", kind, "initiate_flow", "user")
    await person.page.get_by_role("button", name=add).click()
    await person.read(person.texts.form("config_subentries", kind, "step", "user"))
