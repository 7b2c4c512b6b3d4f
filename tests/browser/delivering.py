"""Sending an SMS, and seeing what became of it."""

import re

from playwright.async_api import expect

from scripts.json_values import text
from scripts.stage import Stage

from . import tools
from .person import Person
from .reconfiguring import PAGE


async def send(stage: Stage, person: Person, number: str, variables: str) -> str:
    """Send with the developer tools; returns the text of the only SMS that came."""
    await tools.choose(person, "send_sms")
    numbers = tools.row(person, "send_sms", "numbers")
    add = person.texts.words["add"]
    await numbers.get_by_role("button", name=add).click()
    await numbers.get_by_role("textbox").fill(number)
    await tools.fill_in_variables(person, "send_sms", variables)
    perform = person.texts.words["perform"]
    await person.page.get_by_role("button", name=perform).click()
    response = person.page.locator("ha-card").filter(has_text="message_id")
    await expect(response).to_contain_text(re.compile("state: *accepted"))
    async with stage.connect() as (_, control):
        (sent,) = await control.messages(number)
    return text(sent, "text")


async def open_device(person: Person) -> None:
    """Open the page of the application."""
    await person.visit(PAGE)
    device = re.compile("^Huawei Cloud SMS ….* SMS")
    await person.page.get_by_role("button", name=device).click()


async def see_event(person: Person, entity: str, event: str) -> None:
    """Find what happened last on the page of a device."""
    path = ("entity", "event", entity)
    name = person.texts.of(*path, "name")
    row = person.page.locator("hui-event-entity-row").filter(has_text=name)
    states = (*path, "state_attributes", "event_type", "state")
    await expect(row).to_contain_text(person.texts.of(*states, event))
