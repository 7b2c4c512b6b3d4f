"""The page of the developer tools on which an action is performed."""

from playwright.async_api import Locator, expect

from .person import Person


async def choose(person: Person, action: str) -> None:
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


async def fill_in_variables(person: Person, action: str, variables: str) -> None:
    """Give the variables of an action, as YAML."""
    field = row(person, action, "variables")
    await field.locator("ha-checkbox").click()
    await field.get_by_role("textbox").fill(variables)


def row(person: Person, action: str, field: str) -> Locator:
    """Return the part of the page about a field of an action."""
    path = ("services", action, "fields", field, "description")
    description = person.texts.of(*path)
    return person.page.locator("ha-settings-row").filter(has_text=description)
