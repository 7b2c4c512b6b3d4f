"""Somebody who reads and clicks, and would stumble over a key in place of a text."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
import io
from pathlib import Path
import re

from PIL import Image
from playwright.async_api import Locator, Page, expect

from .texts import Field, Form, Texts

_WIDTH = 1280
# All of a form fits; a page of the usual height makes the better picture.
_TALL = 1600
_USUAL = 960
_COLORS = 128
# The front end fetches its texts in parts.
_TEXTS_COME_WITHIN = 10.0
_A_MOMENT = 0.1
# The front end shows no help of a list.
_EXPLAINED_ABOVE = ("variables",)
# A list of texts has its label on the button that adds one, in small letters.
_NAMED_BY_BUTTON = ("numbers",)


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

    async def pick(self, label: str, option: str, value: str) -> None:
        """Search a list that drops down for the option of a value, and take it."""
        named = self.page.get_by_text(_label(label))
        field = self.dialog.locator("ha-generic-picker").filter(has=named)
        await field.get_by_text(_label(label)).click()
        choices = field.locator("ha-picker-combo-box")
        search = choices.get_by_role("textbox")
        # a list that is still opening could lose what is typed and clicked
        await expect(search).to_be_focused()
        await search.fill(value)
        await choices.locator("ha-combo-box-item").filter(has_text=option).click()
        await expect(choices).to_be_hidden()
        await expect(field.get_by_text(value, exact=True)).to_be_visible()

    async def pick_in(self, sheet: Locator, label: str, option: str) -> None:
        """Take an option of a list that drops down and cannot be searched."""
        await sheet.locator("ha-select").filter(has_text=label).click()
        await sheet.get_by_role("menuitem", name=option).click()

    def variable(self, name: str) -> Locator:
        """Return the line of a template's variable."""
        return self.dialog.locator("ha-selector-object .item").filter(has_text=name)

    async def edit(self, line: Locator) -> Locator:
        """Open the form of a template's variable and read it; returns the form."""
        await line.get_by_role("button", name=self.texts.words["edit"]).click()
        return await self.read_line("variable")

    async def read_line(self, kind: str) -> Locator:
        """Read the form of a line of a list, which is open; returns the form."""
        sheet = self.page.locator("dialog-form")
        texts = self.texts.fields("selector", kind, "fields")
        fields = sheet.locator("ha-selector")
        await expect(fields.first).to_be_visible()
        await self._read_fields(fields, texts)
        await self.look_around()
        return sheet

    async def save(self, sheet: Locator, word: str = "save") -> None:
        """Take over what was entered into the form of a line."""
        name = self.texts.words[word]
        await sheet.get_by_role("button", name=name, exact=True).click()
        await expect(sheet.get_by_role("dialog")).to_be_hidden()

    async def read(self, form: Form, *own: str) -> None:
        """Read a form: all texts are there, and each field is named and explained.

        What a field is called after something of one's own is explained above them.
        """
        await expect(self.dialog.get_by_text(form.title, exact=True)).to_be_visible()
        for section in form.sections:
            await self.dialog.get_by_role("button", name=section).click()
        fields = self.dialog.locator("ha-selector")
        if form.fields:
            await expect(fields.first).to_be_visible()
            await self._read_fields(fields, form.fields, *own)
        await self.look_around()

    async def _read_fields(
        self, fields: Locator, texts: Mapping[str, Field], *own: str
    ) -> None:
        """Find the label and the help of each field."""
        names: list[str] = await fields.evaluate_all(
            "fields => fields.map(field => field.name)"
        )
        for index, name in enumerate(names):
            label = name if name in own else texts[name].label
            expected = [_label(label)]
            if name in _NAMED_BY_BUTTON:
                expected = [re.compile(rf"{re.escape(label)}\s*$", re.IGNORECASE)]
            if name not in (*own, *_EXPLAINED_ABOVE):
                expected.append(re.compile(re.escape(texts[name].help)))
            for text in expected:
                await expect(fields.nth(index).get_by_text(text).first).to_be_visible()

    async def look_around(self) -> None:
        """Find no key where a text should be, once all texts have come."""
        found = await self._raw_keys()
        with suppress(TimeoutError):
            async with asyncio.timeout(_TEXTS_COME_WITHIN):
                while found:
                    await asyncio.sleep(_A_MOMENT)
                    found = await self._raw_keys()
        assert not found, found

    async def _raw_keys(self) -> list[str]:
        """Return the lines of the page that have a key in them."""
        seen = await self.page.locator("body").aria_snapshot()
        lines = [line for line in seen.splitlines() if "/url:" not in line]
        return [line for line in lines if self.texts.raw_keys().search(line)]

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
