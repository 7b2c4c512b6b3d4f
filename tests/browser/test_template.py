"""From the approved text of a template to an SMS that was delivered."""

import re

from playwright.async_api import expect
import pytest

from scripts.sms_application import Person as Recipient
from scripts.stage import Stage

from . import delivering
from .marks import MARKS
from .person import Person
from .reconfiguring import PAGE

pytestmark = [*MARKS, pytest.mark.usefixtures("application")]

_TEMPLATE_ID = "0a1f5c2e9b6d4e73a8c05d1f2b3e4a02"
_TEXT = "您有${1}件包裹，请到${2}领取。"
_NUMBER = "+8613700000002"
_VARIABLE = ("selector", "variable", "fields")


async def test_template(stage: Stage, person: Person) -> None:
    """A template with two variables is described, used for somebody, and sent."""
    await person.visit(PAGE)
    await _add(person, "template")
    await _describe(stage, person)
    await _name_variables(person)
    await _mend_sample(person)
    recipient = Recipient(person.texts.story["other_person"], _NUMBER)
    await _add(person, "recipient")
    await _add_recipient(person, recipient)
    sent = await delivering.send(
        stage, person, recipient.number, "count: 3\nplace: 192.168.1.5"
    )
    assert sent.endswith(_TEXT.replace("${1}", "3").replace("${2}", "192 168 1 5"))
    await delivering.open_device(person)
    await delivering.see_event(person, "delivery_report", "delivered")


async def test_number_only(stage: Stage, person: Person) -> None:
    """Without its text, a template's variables are entered by hand, or none."""
    await person.visit(PAGE)
    await _add(person, "template")
    form = person.texts.form("config_subentries", "template", "step", "user")
    typed = {
        "name": person.texts.story["other_template"],
        "template_id": _TEMPLATE_ID,
        "channel_number": stage.settings.channel_number,
    }
    for key, value in typed.items():
        await person.field(form.fields[key].label).fill(value)
    await person.press("next")
    await person.read(
        person.texts.form("config_subentries", "template", "step", "variables")
    )
    unknown = person.texts.of("common", "text_unknown")
    await expect(person.dialog.get_by_text(unknown)).to_be_visible()
    await expect(person.variable("message")).to_be_visible()
    delete = person.texts.words["delete"]
    await person.variable("message").get_by_role("button", name=delete).click()
    await expect(person.variable("message")).to_be_hidden()
    await person.press("submit")
    await _see_row(person, "template", typed["name"])


async def _add(person: Person, kind: str) -> None:
    """Press the button that adds a template or a recipient."""
    add = person.texts.of("config_subentries", kind, "initiate_flow", "user")
    await person.page.get_by_role("button", name=add).click()


async def _describe(stage: Stage, person: Person) -> None:
    """Copy the text from the console; the template is to be the default."""
    form = person.texts.form("config_subentries", "template", "step", "user")
    await person.read(form)
    typed = {
        "name": person.texts.story["other_template"],
        "template_id": _TEMPLATE_ID,
        "text": _TEXT,
        "channel_number": stage.settings.channel_number,
    }
    for key, value in typed.items():
        await person.field(form.fields[key].label).fill(value)
    most = re.compile(rf"^{re.escape(form.fields['max_parts'].label)}")
    await person.dialog.get_by_role("spinbutton", name=most).fill("2")
    # the only switch there is: the default template
    await person.dialog.locator("ha-switch").click()
    await person.press("next")


async def _name_variables(person: Person) -> None:
    """Give both variables names of one's own; a mistake is explained."""
    texts = person.texts
    form = texts.form("config_subentries", "template", "step", "variables")
    await person.read(form)
    label = texts.of(*_VARIABLE, "name", "name")
    sheet = await person.edit(person.variable("variable_1"))
    await sheet.get_by_role("textbox", name=label).fill("how many")
    await person.pick_in(
        sheet,
        texts.of(*_VARIABLE, "attribute", "name"),
        texts.of("selector", "attribute", "options", "chardigit"),
    )
    await person.save(sheet)
    sheet = await person.edit(person.variable("variable_2"))
    await sheet.get_by_role("textbox", name=label).fill("place")
    replace = texts.of("selector", "policy", "options", "replace")
    await sheet.get_by_text(replace).click()
    await person.save(sheet)
    await person.press("next")

    wrong = texts.of("config_subentries", "template", "error", "variable_name")
    wrong = wrong.format(position=1, name="how many")
    await expect(person.dialog.get_by_text(wrong)).to_be_visible()
    sheet = await person.edit(person.variable("how many"))
    await sheet.get_by_role("textbox", name=label).fill("count")
    await person.save(sheet)
    await person.press("next")


async def _mend_sample(person: Person) -> None:
    """Learn which value breaks which rule, and what one looks like when mended."""
    texts = person.texts
    form = texts.form("config_subentries", "template", "step", "preview")
    await person.read(form, "count", "place")
    await person.field("count").fill("3.5")
    await person.field("place").fill("192.168.1.5")
    await person.press("submit")
    broken = texts.of("exceptions", "rule_chardigit_character", "message")
    broken = broken.format(variable=1, name="count", sign=".", position=2)
    await expect(person.dialog.get_by_text(broken)).to_be_visible()
    mended = _TEXT.replace("${1}", "3.5").replace("${2}", "192 168 1 5")
    await expect(person.dialog.get_by_text(mended)).to_be_visible()
    await person.look_around()
    await person.picture("preview", person.sheet)
    await person.press("submit")
    await _see_row(person, "template", texts.story["other_template"])


async def _add_recipient(person: Person, recipient: Recipient) -> None:
    """Say who gets this template's SMS."""
    texts = person.texts
    form = texts.form("config_subentries", "recipient", "step", "user")
    await person.read(form)
    await person.field(form.fields["name"].label).fill(recipient.name)
    await person.field(form.fields["number"].label).fill(recipient.number)
    await person.pick_in(
        person.dialog, form.fields["template"].label, texts.story["other_template"]
    )
    await person.press("submit")
    await _see_row(person, "recipient", recipient.name)


async def _see_row(person: Person, kind: str, name: str) -> None:
    """Find a template or a recipient that was added in the list of all."""
    await expect(
        person.dialog.get_by_text(person.texts.words["created"])
    ).to_be_visible()
    await person.visit(PAGE)
    row = person.page.locator("ha-config-sub-entry-row").filter(has_text=name)
    entry_type = person.texts.of("config_subentries", kind, "entry_type")
    await expect(row).to_contain_text(entry_type)
