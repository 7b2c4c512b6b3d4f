"""Sending from the developer tools."""

import re

from playwright.async_api import Locator, expect

from scripts.json_values import text
from scripts.sms_application import Application, Person as Recipient
from scripts.stage import Stage

from .marks import MARKS
from .person import Person

pytestmark = MARKS

_ACTION = ("services", "send_sms")


async def test_preview(
    stage: Stage, application: Application, person: Person, recipient: Recipient
) -> None:
    """What would be sent is shown, and nothing is sent."""
    await _choose(person, "preview")
    await person.look_around()
    numbers = _row(person, "numbers", "preview")
    await numbers.locator("ha-checkbox").click()
    await numbers.get_by_role("button", name=person.texts.words["add"]).click()
    await numbers.get_by_role("textbox").fill(recipient.number)
    await _fill_in_message(person, "preview")
    await person.page.get_by_role("button", name=person.texts.words["perform"]).click()
    response = person.page.locator("ha-card").filter(has_text="message_count")
    await expect(response).to_contain_text(person.texts.story["message"])
    async with stage.connect() as (_, control):
        assert await control.messages(recipient.number) == []


async def test_sending(
    stage: Stage, application: Application, person: Person, recipient: Recipient
) -> None:
    """Each field is explained, a mistake as well, and the answer is shown."""
    page, texts = person.page, person.texts
    await _choose(person, "send_sms")
    await _press_sections(person)
    for field in texts.keys(*_ACTION, "fields"):
        row = _row(person, field)
        for part in ("name", "description"):
            words = texts.of(*_ACTION, "fields", field, part)
            await expect(row.get_by_text(words, exact=True)).to_be_visible()
    await person.look_around()
    await _press_sections(person)

    numbers = _row(person, "numbers")
    await numbers.get_by_role("button", name=texts.words["add"]).click()
    await numbers.get_by_role("textbox").fill("12")
    message = await _fill_in_message(person)
    perform = page.get_by_role("button", name=texts.words["perform"])
    await perform.click()
    _, _, why = texts.of("exceptions", "number_impossible", "message").partition("}")
    await expect(page.get_by_text(why)).to_be_visible()

    await numbers.get_by_role("textbox").fill(recipient.number)
    await perform.click()
    response = page.locator("ha-card").filter(has_text="message_id")
    await expect(response).to_contain_text(re.compile("state: *accepted"))
    async with stage.connect() as (_, control):
        (sent,) = await control.messages(recipient.number)
    assert message in text(sent, "text")
    await person.picture("action", page.locator("tools-action"))


async def _choose(person: Person, action: str) -> None:
    """Look an action up by its name."""
    page, texts = person.page, person.texts
    await person.visit("/config/developer-tools/action")
    await page.locator("ha-service-picker").click()
    choices = page.locator("ha-picker-combo-box")
    name = texts.of("services", action, "name")
    await choices.get_by_role("textbox").fill(name)
    await choices.locator("ha-combo-box-item").filter(has_text=name).first.click()
    description = texts.of("services", action, "description")
    await expect(page.get_by_text(description)).to_be_visible()


async def _fill_in_message(person: Person, action: str = "send_sms") -> str:
    """Fill in the variables, and return the only one."""
    variables = _row(person, "variables", action)
    await variables.locator("ha-checkbox").click()
    message = person.texts.story["message"]
    await variables.get_by_role("textbox").fill(f"message: {message}")
    return message


async def _press_sections(person: Person) -> None:
    """Open the sections of the action, or close them."""
    for section in person.texts.keys(*_ACTION, "sections"):
        name = person.texts.of(*_ACTION, "sections", section, "name")
        await person.page.get_by_role("button", name=name, exact=True).click()


def _row(person: Person, field: str, action: str = "send_sms") -> Locator:
    """Return the part of the page about a field of an action."""
    path = ("services", action, "fields", field, "description")
    description = person.texts.of(*path)
    return person.page.locator("ha-settings-row").filter(has_text=description)
