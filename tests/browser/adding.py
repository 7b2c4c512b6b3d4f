"""The steps of adding an application that are the same with and without an account."""

import re

from playwright.async_api import expect

from scripts.simulator_process import TEMPLATE_TEXT
from scripts.sms_application import Person as Recipient
from scripts.stage import Stage

from .person import Person

_NAME = "Huawei Cloud SMS"


async def open_menu(person: Person) -> None:
    """Look the integration up among all that there are."""
    page, texts = person.page, person.texts
    await person.visit("/config/integrations/dashboard")
    await page.get_by_role("button", name=texts.words["add_integration"]).click()
    brands = page.locator("dialog-add-integration")
    await brands.get_by_role("textbox").fill("huawei")
    await brands.get_by_role("button", name=_NAME).click()


async def look_at_preview(person: Person) -> None:
    """See an SMS with a sample, and with a value of one's own."""
    form = person.texts.form("config", "step", "preview")
    await person.read(form, "message")
    sample = person.texts.of("common", "sample_text")
    await expect(person.dialog.get_by_text(sms(sample))).to_be_visible()
    message = person.texts.story["message"]
    await person.field("message").fill(message)
    await person.press("next")
    await expect(person.dialog.get_by_text(sms(message))).to_be_visible()
    await person.look_around()
    await person.press("next")


async def name_recipient(
    person: Person, recipient: Recipient, picture: str = ""
) -> None:
    """Say who gets SMS."""
    form = person.texts.form("config", "step", "recipient")
    await person.read(form)
    await person.field(form.fields["name"].label).fill(recipient.name)
    await person.field(form.fields["number"].label).fill(recipient.number)
    if picture:
        await person.picture(picture, person.sheet)
    await person.press("next")


async def read_reply_address(
    stage: Stage, person: Person, step: str, home: str, picture: str = ""
) -> str:
    """See the whole address, enter the push keys, and return the address."""
    form = person.texts.form("config", "step", step)
    await person.read(form)
    whole = re.compile(rf"^{re.escape(home)}/api/webhook/\w{{64}}$")
    address = person.dialog.get_by_text(whole)
    await expect(address).to_be_visible()
    shown = await address.inner_text()
    await person.field(form.fields["push_ak"].label).fill(stage.settings.push_ak)
    await person.field(form.fields["push_sk"].label).fill(stage.settings.push_sk)
    if picture:
        await person.picture(picture, person.sheet)
    return shown


async def finish(person: Person) -> None:
    """Send the last form off, and leave what Home Assistant asks afterwards."""
    await person.press("submit")
    await person.press("finish")
    await expect(person.sheet).to_be_hidden()


def sms(message: str) -> str:
    """Return the text of an SMS."""
    return TEMPLATE_TEXT.replace("${1}", message)
