"""What the repairs page says when the person has to do something."""

from contextlib import closing
import sqlite3

from playwright.async_api import expect

from scripts.json_values import text
from scripts.sms_application import Application, Person as Recipient
from scripts.stage import Stage

from .marks import MARKS
from .person import Person

pytestmark = MARKS

_ENOUGH = 6

# The simulator makes no reports about numbers that end so.
_SILENT = [f"+86137000{place}9003" for place in range(3)]
_HALF_AN_HOUR = 2000


async def test_no_address(
    stage: Stage, application: Application, person: Person
) -> None:
    """Without a public address the person learns what is missing."""
    entry = f"/api/config/config_entries/entry/{application.entry_id}"
    async with stage.connect() as (api, _), api.socket() as socket:
        await socket.command("config/core/update", external_url=None)
        await api.call("POST", f"{entry}/reload")
    await _read_issue(stage, person, "no_public_address")


async def test_wrong_push_keys(
    stage: Stage, application: Application, person: Person, recipient: Recipient
) -> None:
    """After pushes with another secret the person learns what to check."""
    async with stage.connect() as (api, control):
        await control.call("PATCH", "application", {"push_sk": "changed"})
        await api.act(
            "huawei_cloud_sms",
            "send_sms",
            {"numbers": [recipient.number], "variables": ["x"]},
        )
        for _ in range(_ENOUGH):
            await control.reply(recipient.number, person.texts.story["reply"])
    await _read_issue(stage, person, "pushes_refused_signature")
    await person.picture("repair", person.page.get_by_role("dialog").first)


async def test_no_pushes(
    stage: Stage, application: Application, person: Person
) -> None:
    """Where nothing ever came back the person reads why, and can check the address."""
    async with stage.connect() as (api, _):
        message = {"numbers": _SILENT, "variables": ["x"]}
        await api.act("huawei_cloud_sms", "send_sms", message)
        file = stage.home.folder / ".storage" / "huawei_cloud_sms.db"
        with closing(sqlite3.connect(file)) as db, db:
            db.execute("UPDATE message SET sent_at = sent_at - ?", (_HALF_AN_HOUR,))
            db.execute("UPDATE address SET since = since - ?", (_HALF_AN_HOUR,))
        entry = f"/api/config/config_entries/entry/{application.entry_id}"
        await api.call("POST", f"{entry}/reload")
    await _open_issue(stage, person, "no_pushes")
    flow, dialog = ("issues", "no_pushes", "fix_flow"), person.dialog
    causes = person.texts.of(*flow, "step", "causes", "title")
    await expect(dialog.get_by_text(causes, exact=True)).to_be_visible()
    likeliest = dialog.get_by_role("listitem")
    await expect(likeliest).to_have_count(4)
    await person.look_around()
    await person.picture("way-back", person.sheet)

    await person.press("submit")
    # on this machine the address is one of its own
    found = (*flow, "step", "reached_within")
    title = dialog.get_by_text(person.texts.of(*found, "title"), exact=True)
    await expect(title).to_be_visible()
    for option in person.texts.keys(*found, "menu_options"):
        words = person.texts.of(*found, "menu_options", option)
        await expect(dialog.get_by_text(words, exact=True)).to_be_visible()
    await person.look_around()
    finish = person.texts.of(*found, "menu_options", "finish")
    await dialog.get_by_text(finish, exact=True).click()
    await expect(title).to_be_hidden()


async def _open_issue(stage: Stage, person: Person, key: str) -> str:
    """Open an issue and return its title."""
    async with stage.connect() as (api, _), api.socket() as socket:
        entries = await socket.command("config_entries/get", domain="huawei_cloud_sms")
    application = text(entries, 0, "title")
    title = person.texts.of("issues", key, "title").format(application=application)
    await person.visit("/config/repairs")
    await person.page.get_by_role("button", name=title).click()
    return title


async def _read_issue(stage: Stage, person: Person, key: str) -> None:
    """Open an issue and read it."""
    page, texts = person.page, person.texts
    title = await _open_issue(stage, person, key)
    heading = page.get_by_role("heading", name=title)
    await expect(heading).to_be_visible()
    description = page.get_by_text(texts.of("issues", key, "description"))
    await expect(description).to_be_visible()
    await person.look_around()
