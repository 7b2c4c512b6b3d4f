"""The pages of an application and of a recipient."""

from collections.abc import Mapping
import re

from playwright.async_api import expect
import pytest
import pytest_asyncio

from scripts.json_values import at, items, text
from scripts.sms_application import Application, Person as Recipient, notify_entity
from scripts.stage import Stage

from . import delivering
from .marks import MARKS
from .person import Person

pytestmark = MARKS

# So many that the last page of what happened has nothing of the start.
_MESSAGES = 3
_WITHIN = 60.0


@pytest_asyncio.fixture(loop_scope="session")
async def conversation(
    stage: Stage, application: Application, person: Person, recipient: Recipient
) -> None:
    """Have an SMS delivered and answered, with all entities enabled."""
    entry_id = application.entry_id
    async with stage.connect() as (api, control), api.socket() as socket:
        for entity in items(await socket.command("config/entity_registry/list")):
            if at(entity, "config_entry_id") == entry_id and at(entity, "disabled_by"):
                await socket.command(
                    "config/entity_registry/update",
                    entity_id=text(entity, "entity_id"),
                    disabled_by=None,
                )
        await api.call("POST", f"/api/config/config_entries/entry/{entry_id}/reload")
        await socket.watch_states()
        notify = await notify_entity(api, entry_id, recipient)
        message = {"entity_id": notify, "message": person.texts.story["message"]}
        for _ in range(_MESSAGES):
            await api.act("notify", "send_message", message)
            await socket.next_state(
                lambda state: (
                    at(state, "entity_id") == application.reports
                    and at(state, "attributes", "event_type") == "delivered"
                ),
                _WITHIN,
            )
        await control.reply(recipient.number, person.texts.story["reply"])


@pytest.mark.usefixtures("conversation")
async def test_devices(person: Person, recipient: Recipient) -> None:
    """Both show what was delivered and answered."""
    page, texts = person.page, person.texts
    await delivering.open_device(person)
    await _read_events(person)
    counts = dict.fromkeys(("sent", "delivered", "parts_this_month"), f"{_MESSAGES}")
    nothing = dict.fromkeys(("failed", "waiting"), "0")
    await _read_sensors(person, {**counts, **nothing, "last_push": None})
    await person.picture("application-device")

    await page.get_by_role("link", name=re.compile(f"^{recipient.name} ")).click()
    await expect(page.get_by_text(texts.words["notifiers"])).to_be_visible()
    await _read_events(person)
    delivered = texts.of("entity", "sensor", "last_message", "state", "delivered")
    await _read_sensors(person, {"last_message": delivered, "last_delivery": None})
    await person.picture("recipient-device")


async def _read_events(person: Person) -> None:
    """See the last report and the last reply, by their names."""
    await delivering.see_event(person, "delivery_report", "delivered")
    await delivering.see_event(person, "reply", "received")
    await person.look_around()


async def _read_sensors(person: Person, values: Mapping[str, str | None]) -> None:
    """See each sensor by its name, and its value if there is one to be seen."""
    for sensor, value in values.items():
        name = person.texts.of("entity", "sensor", sensor, "name")
        row = person.page.locator("hui-sensor-entity-row").filter(
            has=person.page.get_by_text(name, exact=True)
        )
        await expect(row).to_be_visible()
        if value is not None:
            await expect(row).to_contain_text(value)
