"""What comes again, or comes to the wrong application, changes nothing."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
import json
import random
import sqlite3

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from simulator.scenarios import Scenario
from simulator.server import Server

from .common import (
    WEBHOOK_PATH,
    Events,
    issues,
    ledger_path,
    make_entry,
    reply,
    report,
    send_sms,
    wait_until,
)
from .const import REPLY_EVENT, REPORT_EVENT
from .pushing import push
from .test_push_trust import KEYS, address, sign

REPLAYS = 1000
TABLES = ("request", "message", "part", "held", "reply")
OTHERS_WEBHOOK = "f" * 64

type Content = dict[str, list[tuple[object, ...]]]


def content(hass: HomeAssistant) -> Content:
    """Return all that the ledger knows of messages and replies."""
    with closing(sqlite3.connect(ledger_path(hass))) as db:
        return {
            table: db.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()  # noqa: S608
            for table in TABLES
        }


async def send(
    hass: HomeAssistant, platform: Server, count: int, **data: str
) -> list[str]:
    """Send messages of which no report comes by itself; return the platform's ids."""
    numbers = [f"+86137000010{place:02}" for place in range(count)]
    for number in numbers:
        platform.platform.scenarios.for_number(number, Scenario(report=None))
    sent = [(await send_sms(hass, number, **data))[0] for number in numbers]
    return [message["message_id"] for message in sent]


def pushes(ids: list[str]) -> list[dict[str, str]]:
    """Return a push of every kind about each message."""
    kinds: list[Mapping[str, object]] = [
        {"status": "DELIVRD"},
        {"status": "UNDELIV"},
        {"status": "ACCEPTD"},
        {"status": "DELIVRD", "total": 2},
        {"status": "DELIVRD", "total": 2, "sequence": 2},
    ]
    return [
        *(report(it, **kind) for it in ids for kind in kinds),
        *(report(f"stranger-{it}") for it in ids),
        *(reply(f"reply-{it}") for it in ids),
    ]


@pytest.mark.parametrize("keys", [[], KEYS], ids=["unsigned", "signed"])
async def test_replays(
    hass: HomeAssistant,
    platform: Server,
    door: TestClient,
    entry: MockConfigEntry,
    application: MockConfigEntry,
    keys: list[dict[str, str]],
) -> None:
    """A thousand valid pushes that were there before change nothing, show nothing.

    With push keys the very same request is refused; signed anew it is taken.
    """
    hass.config_entries.async_update_entry(
        application, data={**application.data, "push_keys": keys}
    )
    await hass.async_block_till_done()
    valid = pushes(await send(hass, platform, 6))
    requests = [sign(address(hass), fields) for fields in valid]

    async def post(place: int) -> int:
        body, headers = requests[place]
        answer = await door.post(WEBHOOK_PATH, data=body, headers=headers)
        return answer.status

    assert {await post(place) for place in range(len(valid))} == {200}
    before = content(hass)
    assert all(before[table] for table in ("message", "part", "reply"))
    reports, replies = Events(hass, REPORT_EVENT), Events(hass, REPLY_EVENT)

    chance = random.Random(4)
    places = [chance.randrange(len(valid)) for _ in range(REPLAYS)]
    refused = 401 if keys else 200
    statuses: Counter[int] = Counter()
    for first in range(0, REPLAYS, 50):
        some = places[first : first + 50]
        statuses.update(await asyncio.gather(*(post(place) for place in some)))
    assert statuses == {refused: REPLAYS}
    assert content(hass) == before
    if keys:
        statuses.clear()
        for minutes, place in enumerate(places[:100]):
            # signed anew, at another time each
            minute = 1 + minutes / 10
            requests[place] = sign(address(hass), valid[place], minutes=minute)
            statuses[await post(place)] += 1
        assert statuses == {200: 100}
        assert content(hass) == before
    await hass.async_block_till_done()
    assert reports.states == replies.states == []
    assert issues(hass) == {}
    assert platform.platform.state.records.request_count == 6


async def test_batch_that_comes_again(
    hass: HomeAssistant,
    platform: Server,
    door: TestClient,
    application: MockConfigEntry,
    reports: Events,
) -> None:
    """Reports that come together, in another order and company too, are the same."""
    known = [it for it in pushes(await send(hass, platform, 6)) if "status" in it]
    chance = random.Random(4)

    async def post(some: list[dict[str, str]]) -> None:
        answer = await door.post(WEBHOOK_PATH, json={"statusReportList": some})
        assert answer.status == 200, json.dumps(await answer.json())

    await post(known)
    before, shown = content(hass), len(reports.states)
    for _ in range(50):
        await post(chance.choices(known, k=20))
    assert content(hass) == before
    assert len(reports.states) == shown


async def test_report_to_another_application(
    hass: HomeAssistant,
    platform: Server,
    door: TestClient,
    application: MockConfigEntry,
    reports: Events,
) -> None:
    """A report that comes to another application's address changes no message."""
    other = make_entry(
        platform.url, title="Other", data={"webhook_id": OTHERS_WEBHOOK}, subentries=[]
    )
    hass.config_entries.async_update_entry(application, unique_id="first")
    other.add_to_hass(hass)
    assert await hass.config_entries.async_setup(other.entry_id)
    await hass.async_block_till_done()
    # the first one was set up again
    reports = Events(hass, REPORT_EVENT)
    (message_id,) = await send(hass, platform, 1, config_entry_id=application.entry_id)
    await wait_until(lambda: len(reports.states) == 1)
    (message,) = platform.platform.state.records.messages()
    before = content(hass)
    strangers = Events(hass, "event.other_delivery_report")

    fields = report(message_id, "UNDELIV", extend=message.extend, to=message.number)
    answer = await door.post(f"/api/webhook/{OTHERS_WEBHOOK}", data=fields)
    assert answer.status == 200
    after = content(hass)
    assert after["request"] == before["request"]
    assert after["message"][: len(before["message"])] == before["message"]
    assert reports.types == ["accepted"]
    # the other one keeps and shows it as what it is there: a message of nobody's
    (stranger,) = await strangers.wait_for(1)
    assert stranger.attributes["event_type"] == "failed"
    assert stranger.context.parent_id is None
    # and the right one, at the right address, still counts
    await push(door, report(message_id))
    assert reports.types == ["accepted", "delivered"]
