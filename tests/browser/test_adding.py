"""Adding an application, from the button to the reply address."""

from playwright.async_api import expect

from scripts.simulator_process import TEMPLATE_TEXT
from scripts.sms_application import Person as Recipient
from scripts.stage import Stage

from . import adding
from .marks import MARKS
from .person import Person
from .reconfiguring import PAGE

pytestmark = MARKS

_HOME = "https://home.example.com"
_REGION = "cn-south-1"


async def test_adding(stage: Stage, person: Person, recipient: Recipient) -> None:
    """Each step is explained, and the last one tells where replies come in."""
    async with stage.connect() as (api, _), api.socket() as socket:
        await socket.command("config/core/update", external_url=_HOME)
    page, texts = person.page, person.texts

    await adding.open_menu(person)
    await _connect(stage, person)
    await _describe_template(stage, person)
    await _describe_variables(person)
    await adding.look_at_preview(person)
    await adding.name_recipient(person, recipient, picture="add-recipient")
    await adding.read_reply_address(
        stage, person, "reply_address", _HOME, picture="reply-address"
    )
    await adding.finish(person)
    await person.visit(PAGE)
    heading = page.get_by_role("heading", name=texts.of("title"))
    await expect(heading).to_be_visible()
    for kind, name in (("recipient", recipient.name), ("template", _template(person))):
        row = page.locator("ha-config-sub-entry-row").filter(has_text=name)
        await expect(row).to_contain_text(
            texts.of("config_subentries", kind, "entry_type")
        )
        add = texts.of("config_subentries", kind, "initiate_flow", "user")
        await expect(page.get_by_role("button", name=add)).to_be_visible()
    await person.look_around()
    await person.picture("integration")


async def _connect(stage: Stage, person: Person) -> None:
    """Mistype the secret and learn so; then be let through."""
    texts, settings = person.texts, stage.settings
    menu = ("config", "step", "user")
    await person.read(texts.form(*menu))
    by_hand = texts.of(*menu, "menu_options", "by_hand")
    await person.dialog.get_by_text(by_hand, exact=True).click()
    form = texts.form("config", "step", "by_hand")
    await person.read(form)
    secret = person.field(form.fields["app_secret"].label)
    await person.field(form.fields["app_key"].label).fill(settings.app_key)
    await secret.fill(settings.app_secret[::-1])
    endpoint = form.fields["endpoint"].label
    region = texts.of("selector", "endpoint", "options", _REGION)
    await person.pick(endpoint, region, _REGION)
    await person.picture("add-connection", person.sheet)
    await person.pick(endpoint, settings.endpoint, settings.endpoint)
    await person.press("next")

    refused, _, _ = texts.of("config", "error", "wrong_secret").partition("{code}")
    await expect(person.dialog.get_by_text(refused)).to_be_visible()
    await person.look_around()
    await secret.fill(settings.app_secret)
    await person.press("next")


async def _describe_template(stage: Stage, person: Person) -> None:
    """Fill in what the console shows."""
    form = person.texts.form("config", "step", "template")
    await person.read(form)
    typed = {
        "name": _template(person),
        "template_id": stage.settings.template_id,
        "channel_number": stage.settings.channel_number,
        "text": TEMPLATE_TEXT,
    }
    for key, value in typed.items():
        await person.field(form.fields[key].label).fill(value)
    await person.picture("add-template", person.sheet)
    await person.press("next")


async def _describe_variables(person: Person) -> None:
    """Find the only variable in the list, and correct its length."""
    form = person.texts.form("config", "step", "variables")
    await person.read(form)
    await expect(person.dialog.get_by_text(TEMPLATE_TEXT)).to_be_visible()
    row = person.variable("message")
    attribute = person.texts.of("selector", "attribute", "options", "text")
    await expect(row).to_contain_text(attribute)
    sheet = await person.edit(row)
    length = person.texts.of("selector", "variable", "fields", "length", "name")
    await sheet.get_by_role("spinbutton", name=length).fill("400")
    await person.picture("edit-variable", sheet.get_by_role("dialog").first)
    await person.save(sheet)
    await person.picture("add-variables", person.sheet)
    await person.press("next")


def _template(person: Person) -> str:
    """Return the name that the template gets."""
    return person.texts.story["template"]
