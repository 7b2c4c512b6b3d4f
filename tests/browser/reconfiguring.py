"""The menu of what can be changed about an application."""

from playwright.async_api import expect

from .person import Person

PAGE = "/config/integrations/integration/huawei_cloud_sms"


async def reconfigure(person: Person, choice: str, picture: str = "") -> None:
    """Open the menu of the application and choose what is to be changed."""
    page, texts = person.page, person.texts
    await person.visit(PAGE)
    row = page.locator("ha-config-entry-row")
    menu = row.get_by_role("button", name=texts.words["menu"], exact=True)
    await menu.first.click()
    await page.get_by_role("menuitem", name=texts.words["reconfigure"]).click()
    step = ("config", "step", "reconfigure")
    await person.read(texts.form(*step))
    for option in texts.keys(*step, "menu_options"):
        for part in ("menu_options", "menu_option_descriptions"):
            words = texts.of(*step, part, option)
            await expect(person.dialog.get_by_text(words, exact=True)).to_be_visible()
    if picture:
        await person.picture(picture, person.sheet)
    option = texts.of(*step, "menu_options", choice)
    await person.dialog.get_by_text(option, exact=True).click()
