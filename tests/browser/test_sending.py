"""Sending from the developer tools."""

import re

from playwright.async_api import expect

from scripts.json_values import text
from scripts.sms_application import Application, Person as Recipient
from scripts.stage import Stage

from . import tools
from .marks import MARKS
from .person import Person

pytestmark = MARKS

_ACTION = ("services", "send_sms")


async def test_preview(
    stage: Stage, application: Application, person: Person, recipient: Recipient
) -> None:
    """What would be sent is shown, and nothing is sent."""
    await tools.choose(person, "preview")
    await person.look_around()
    numbers = tools.row(person, "preview", "numbers")
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
    await tools.choose(person, "send_sms")
    await _press_sections(person)
    for field in texts.keys(*_ACTION, "fields"):
        row = tools.row(person, "send_sms", field)
        for part in ("name", "description"):
            words = texts.of(*_ACTION, "fields", field, part)
            await expect(row.get_by_text(words, exact=True)).to_be_visible()
    await person.look_around()
    await _press_sections(person)

    numbers = tools.row(person, "send_sms", "numbers")
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


async def _fill_in_message(person: Person, action: str = "send_sms") -> str:
    """Fill in the variables, and return the only one."""
    message = person.texts.story["message"]
    await tools.fill_in_variables(person, action, f"message: {message}")
    return message


async def _press_sections(person: Person) -> None:
    """Open the sections of the action, or close them."""
    for section in person.texts.keys(*_ACTION, "sections"):
        name = person.texts.of(*_ACTION, "sections", section, "name")
        await person.page.get_by_role("button", name=name, exact=True).click()
