"""Somebody who reads and clicks, and would stumble over a key in place of a text."""

import io
from pathlib import Path
import re

from PIL import Image
from playwright.async_api import Locator, Page, expect

from .texts import Form, Texts

_WIDTH = 1280
# All of a form fits; a page of the usual height makes the better picture.
_TALL = 1600
_USUAL = 960
_COLORS = 128


class Person:
    """A logged-in user with one page.

    Attributes:
        page: The page; its locators see into the front end's components.
        texts: What this person reads.
        dialog: The form that is open.
        sheet: What it looks like, for pictures.
    """

    def __init__(
        self, page: Page, url: str, texts: Texts, pictures: Path | None
    ) -> None:
        """Take the page, Home Assistant's address, and where pictures go, if any."""
        self.page = page
        self.texts = texts
        self.dialog = page.locator("dialog-data-entry-flow")
        self.sheet = self.dialog.get_by_role("dialog").first
        self._url = url
        self._pictures = pictures

    async def visit(self, path: str) -> None:
        """Open a page."""
        await self.page.set_viewport_size({"width": _WIDTH, "height": _TALL})
        await self.page.goto(f"{self._url}{path}")

    async def press(self, word: str) -> None:
        """Press a button of the form by one of Home Assistant's words."""
        name = self.texts.words[word]
        await self.dialog.get_by_role("button", name=name, exact=True).click()

    def field(self, label: str) -> Locator:
        """Return the text field of a label; required ones have an asterisk."""
        return self.dialog.get_by_role("textbox", name=_label(label))

    async def pick(self, label: str, option: str, search: str) -> None:
        """Search a list that drops down for an option, and take it."""
        await self.dialog.get_by_text(_label(label)).click()
        choices = self.dialog.locator("ha-picker-combo-box")
        await choices.get_by_role("textbox").fill(search)
        await choices.locator("ha-combo-box-item").filter(has_text=option).click()
        await expect(choices).to_be_hidden()

    async def read(self, form: Form) -> None:
        """Read a form: all texts are there, and each field is named and explained."""
        await expect(self.dialog.get_by_text(form.title, exact=True)).to_be_visible()
        for section in form.sections:
            await self.dialog.get_by_role("button", name=section).click()
        fields = self.dialog.locator("ha-selector")
        if form.fields:
            await expect(fields.first).to_be_visible()
        names: list[str] = await fields.evaluate_all(
            "fields => fields.map(field => field.name)"
        )
        for index, name in enumerate(names):
            texts = form.fields[name]
            for text in (_label(texts.label), re.compile(re.escape(texts.help))):
                await expect(fields.nth(index).get_by_text(text).first).to_be_visible()
        await self.look_around()

    async def look_around(self) -> None:
        """Find no key where a text should be."""
        seen = await self.page.locator("body").aria_snapshot()
        lines = [line for line in seen.splitlines() if "/url:" not in line]
        found = [line for line in lines if self.texts.raw_keys().search(line)]
        assert not found, found

    async def picture(self, name: str, part: Locator | None = None) -> None:
        """Take a picture of a part, or of what a usual window shows of the page."""
        if self._pictures is None:
            return
        # nothing is marked because the mouse happens to be over it
        await self.page.mouse.move(0, 0)
        if part is None:
            await self.page.set_viewport_size({"width": _WIDTH, "height": _USUAL})
            taken = await self.page.screenshot(animations="disabled", caret="hide")
        else:
            taken = await part.screenshot(animations="disabled", caret="hide")
        folder = self._pictures / self.texts.language
        folder.mkdir(parents=True, exist_ok=True)
        with Image.open(io.BytesIO(taken)) as image:
            image.convert("RGB").quantize(_COLORS, dither=Image.Dither.NONE).save(
                folder / f"{name}.png", optimize=True
            )


def _label(text: str) -> re.Pattern[str]:
    """Return what finds a label; that of a required field has an asterisk."""
    return re.compile(rf"^\s*{re.escape(text)}\s*\*?\s*$")
