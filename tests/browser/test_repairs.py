"""What the repairs page says when the person has to do something."""

from playwright.async_api import expect

from scripts.json_values import text
from scripts.sms_application import Application, Person as Recipient
from scripts.stage import Stage

from .marks import MARKS
from .person import Person

pytestmark = MARKS

_ENOUGH = 6


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


async def _read_issue(stage: Stage, person: Person, key: str) -> None:
    """Open an issue and read it."""
    page, texts = person.page, person.texts
    async with stage.connect() as (api, _), api.socket() as socket:
        entries = await socket.command("config_entries/get", domain="huawei_cloud_sms")
    application = text(entries, 0, "title")
    title = texts.of("issues", key, "title").format(application=application)
    await person.visit("/config/repairs")
    await page.get_by_role("button", name=title).click()
    heading = page.get_by_role("heading", name=title)
    await expect(heading).to_be_visible()
    description = page.get_by_text(texts.of("issues", key, "description"))
    await expect(description).to_be_visible()
    await person.look_around()
