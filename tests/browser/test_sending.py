"""Sending from the developer tools."""

import re

from playwright.async_api import expect
import pytest

from scripts.json_values import text
from scripts.sms_application import Application, Person as Recipient
from scripts.stage import Stage

from . import tools
from .marks import MARKS
from .person import Person

pytestmark = MARKS


@pytest.mark.usefixtures("application")
async def test_forms(person: Person) -> None:
    """Each action is explained, and each of its fields, those in sections too."""
    texts = person.texts
    for action in texts.keys("services"):
        await tools.choose(person, action)
        if "sections" in texts.keys("services", action):
            for section in texts.keys("services", action, "sections"):
                name = texts.of("services", action, "sections", section, "name")
                button = person.page.get_by_role("button", name=name, exact=True)
                await button.click()
        for field in texts.keys("services", action, "fields"):
            row = tools.row(person, action, field)
            for part in ("name", "description"):
                words = texts.of("services", action, "fields", field, part)
                await expect(row.get_by_text(words, exact=True)).to_be_visible()
        await person.look_around()


async def test_preview(
    stage: Stage, application: Application, person: Person, recipient: Recipient
) -> None:
    """What would be sent is shown, and nothing is sent."""
    await tools.choose(person, "preview")
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
    """A mistake is explained, and the answer is shown."""
    page, texts = person.page, person.texts
    await tools.choose(person, "send_sms")
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


async def test_batch(
    stage: Stage, application: Application, person: Person, recipient: Recipient
) -> None:
    """Each message has a form of its own, and an answer by its position."""
    page, texts = person.page, person.texts
    await tools.choose(person, "send_batch")
    messages = tools.row(person, "send_batch", "messages")
    await messages.get_by_role("button", name=texts.words["add"]).click()
    sheet = await person.read_line("batch_message")
    label = texts.of("selector", "batch_message", "fields", "recipient", "name")
    await sheet.get_by_role("textbox", name=label).fill(recipient.name)
    message = texts.story["message"]
    variables = sheet.locator("ha-yaml-editor").get_by_role("textbox")
    await variables.fill(f"message: {message}")
    await person.picture("batch-message", sheet.get_by_role("dialog").first)
    await person.save(sheet, "add")
    await expect(messages.get_by_text(recipient.name, exact=True)).to_be_visible()
    await person.look_around()
    await page.get_by_role("button", name=texts.words["perform"]).click()
    response = page.locator("ha-card").filter(has_text="message_id")
    await expect(response).to_contain_text(re.compile("position: *1"))
    await expect(response).to_contain_text(re.compile("state: *accepted"))
    async with stage.connect() as (_, control):
        (sent,) = await control.messages(recipient.number)
    assert message in text(sent, "text")


async def _fill_in_message(person: Person, action: str = "send_sms") -> str:
    """Fill in the variables, and return the only one."""
    message = person.texts.story["message"]
    await tools.fill_in_variables(person, action, f"message: {message}")
    return message
