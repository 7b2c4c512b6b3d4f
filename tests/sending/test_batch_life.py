"""The life of a batch: limits, attempts, the outbox, what nobody knows, restarts."""

from dataclasses import replace
from datetime import datetime
import random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from simulator.authentication import Call
from simulator.platform import Outcome, Platform
from simulator.records import RequestRecord
from simulator.scenarios import Answer, Scenario
from simulator.server import Server
from tests.actions.batches import batch_entry, got, paths, send_batch, to
from tests.common import Events, issues, wait_until
from tests.const import OTHER_NUMBER, RECIPIENT_NUMBER
from tests.test_init import restarted

from .outage import BUSY, SetClock, cut_off, restore, states

BEIJING = ZoneInfo("Asia/Shanghai")
OFFER = {"template": "Offer", "variables": ["周末"]}
SILENT = Scenario(answer=Answer.NEVER)
MESSAGES: list[Any] = [
    to(),
    to(OTHER_NUMBER, "窗开着"),
    {"recipient": "Wei"},
    {
        "number": RECIPIENT_NUMBER,
        "template": "General",
        "variables": ["灯亮"],
        "signature": "晨光物业",
    },
]
GOT = {
    RECIPIENT_NUMBER: ["家中提醒：门开着", "通知：灯亮"],
    OTHER_NUMBER: ["家中提醒：窗开着", "家中门铃响了，请留意。"],
}


@pytest.fixture
def entry(platform: Server) -> MockConfigEntry:
    """Return an application with templates of several channel numbers."""
    return batch_entry(platform.url)


async def test_limit(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """The parts of each message count; beyond a limit nothing of a batch leaves."""
    options = {**application.options, "max_parts_per_hour": 4}
    hass.config_entries.async_update_entry(application, options=options)
    await hass.async_block_till_done()
    long = to(OTHER_NUMBER, "长" * 80)
    response = await send_batch(hass, to(), long, {"recipient": "Wei"}, to(text="b"))
    assert {(it["state"], it["code"]) for it in response} == {("refused", "limit_hour")}
    assert [it["planned_parts"] for it in response] == [1, 2, None, 1]
    placeholders = issues(hass)["limit_reached"].translation_placeholders
    assert placeholders is not None
    assert placeholders["count"] == "5"
    assert platform.platform.state.records.request_count == 0
    response = await send_batch(hass, to(), long, {"recipient": "Wei"})
    assert {it["state"] for it in response} == {"accepted"}


async def test_loop(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """The same text in batch after batch is a loop; another text is not."""
    for _ in range(5):
        await send_batch(hass, to(), to(OTHER_NUMBER, "b"), override_limit=True)
    response = await send_batch(hass, to(), override_limit=True)
    assert response[0]["code"] == "limit_loop"
    response = await send_batch(hass, to(text="other"), override_limit=True)
    assert response[0]["state"] == "accepted"


async def test_promotion_at_night(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    clock: SetClock,
) -> None:
    """A promotion outside its hours stops the call; what waited goes without it."""
    clock(datetime(2026, 11, 22, 23, 0, tzinfo=BEIJING))
    response = await send_batch(hass, to(), {"recipient": "Mei", **OFFER})
    assert {it["code"] for it in response} == {"limit_promotion_hours"}
    assert platform.platform.state.records.request_count == 0


@pytest.mark.usefixtures("short_pauses")
async def test_promotion_that_waited(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    clock: SetClock,
) -> None:
    """A promotion that waited until its hours were over holds nothing else up."""
    clock(datetime(2026, 11, 22, 21, 0, tzinfo=BEIJING))
    await cut_off(platform)
    await send_batch(
        hass,
        to(),
        {"recipient": "Mei", **OFFER},
        to(OTHER_NUMBER, "b"),
        retry_for=0,
        expires_after={"hours": 10},
    )
    clock(datetime(2026, 11, 22, 23, 0, tzinfo=BEIJING))
    await restore(platform)
    await wait_until(lambda: "queued" not in states(hass))
    await wait_until(lambda: len(got(platform)) == 2)
    assert got(platform)[RECIPIENT_NUMBER] == ["家中提醒：门开着"]
    await wait_until(lambda: states(hass).count("refused") == 1)


@pytest.mark.usefixtures("short_pauses")
async def test_tried_again(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """What was refused as a whole for the moment is tried again, and leaves once."""
    platform.platform.scenarios.for_next_requests(BUSY, 2)
    response = await send_batch(hass, *MESSAGES)
    assert {it["state"] for it in response} == {"accepted"}
    assert got(platform) == GOT
    extends = [request.extend for request in platform.platform.state.records.requests]
    assert len(set(extends)) < len(extends)


@pytest.mark.usefixtures("short_pauses")
async def test_waits_over_a_reload(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
) -> None:
    """Each message keeps its own text until it leaves, also over a reload."""
    await cut_off(platform)
    response = await send_batch(hass, *MESSAGES, retry_for=0, expires_after=3600)
    assert {(it["state"], it["code"]) for it in response} == {("queued", "queued")}
    assert await hass.config_entries.async_reload(application.entry_id)
    await restore(platform)
    await reports.wait_for(8)
    assert got(platform) == GOT
    assert sorted(reports.types) == ["accepted"] * 4 + ["delivered"] * 4
    at_platform = {
        it.message_id: it.number for it in platform.platform.state.records.messages()
    }
    numbers = {it["reference"]: it["number"] for it in response}
    for state in reports.states:
        attributes = state.attributes
        number = at_platform[attributes["message_id"]]
        assert numbers[attributes["reference"]] == number


@pytest.mark.usefixtures("short_pauses")
async def test_waits_over_a_restart(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """What waits leaves after a restart, each with its own text."""
    await cut_off(platform)
    await send_batch(hass, *MESSAGES, retry_for=0, expires_after=3600)
    await hass.async_stop(force=True)
    async with restarted(hass.config.config_dir) as again:
        entry = batch_entry(platform.url, entry_id=application.entry_id)
        entry.add_to_hass(again)
        await restore(platform)
        assert await again.config_entries.async_setup(entry.entry_id)
        await wait_until(lambda: set(states(again)) <= {"accepted", "delivered"})
    assert got(platform) == GOT


async def test_unconfirmed(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
) -> None:
    """Without an answer nobody knows; each report settles its own message."""
    lost = Scenario(answer=Answer.BROKEN, report_delay=0.1)
    platform.platform.scenarios.for_next_requests(lost, 1)
    response = await send_batch(
        hass, to(), to(OTHER_NUMBER, "b"), to("+8613700000003", "c"), expires_after=60
    )
    assert {it["state"] for it in response} == {"unconfirmed"}
    assert paths(platform) == ["batchSendDiffSms"]
    await reports.wait_for(6)
    delivered = {
        state.attributes["reference"]: state.attributes["number"]
        for state in reports.states
        if state.attributes["event_type"] == "delivered"
    }
    assert delivered == {it["reference"]: it["number"] for it in response}
    assert platform.platform.state.records.request_count == 1


class Scrambled:
    """Lets answers come in another order, and lack some of their results."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
        """Begin to scramble."""
        self.lacking: set[str] = set()
        chance = random.Random(seed)
        handle = Platform.handle

        def scramble(
            platform: Platform,
            call: Call,
            record: RequestRecord,
            ordered: Scenario | None,
        ) -> Outcome:
            """Answer, but not quite as expected."""
            outcome = handle(platform, call, record, ordered)
            results: Any = outcome.payload["result"]
            chance.shuffle(results)
            # one stays: without any the answer says nothing of single numbers
            lost = [it for it in results[1:] if chance.random() < 0.1]
            self.lacking.update(it["smsMsgId"] for it in lost)
            kept = [it for it in results if it not in lost]
            return replace(outcome, payload={**outcome.payload, "result": kept})

        monkeypatch.setattr(Platform, "handle", scramble)
        self.chance = chance


@pytest.mark.parametrize("seed", range(6))
async def test_any_batch(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
) -> None:
    """Each message leaves once within the limits; each answer finds its message."""
    scrambled = Scrambled(monkeypatch, seed)
    chance = scrambled.chance
    platform.platform.state.set_options({"report_delay": 600})
    options = {"max_parts_per_hour": 10_000, "max_parts_per_day": 10_000}
    hass.config_entries.async_update_entry(
        application, options={**application.options, **options}
    )
    await hass.async_block_till_done()
    numbers = [f"+86137{place:08}" for place in range(1, chance.choice([5, 700]))]
    messages = []
    for _ in range(chance.choice([1, 30, 400, 1_000])):
        text = chance.choice(["甲", "乙", "丙" * 300, str(chance.random())[2:]])
        message = chance.choice(
            [
                {"variables": [text]},
                {"template": "Code", "variables": [f"{chance.randrange(10**6):06}"]},
                {"template": "General", "variables": [text[:200]]},
                {"template": "Doorbell"},
            ]
        )
        some = chance.sample(numbers, min(len(numbers), chance.choice([1, 1, 1, 20])))
        messages.append({**message, "numbers": some})
    response = await send_batch(hass, *messages, override_limit=True)

    records = platform.platform.state.records
    at_platform = list(records.messages())
    assert len(at_platform) == sum(it.accepted for it in records.requests)
    sent = [(it.number, it.text, it.template_id) for it in at_platform]
    assert len(set(sent)) == len(sent)
    channels: dict[str | None, set[str]] = {}
    for it in at_platform:
        channels.setdefault(it.extend, set()).add(it.channel_number)
    assert {len(some) for some in channels.values()} == {1}
    assert len({request.extend for request in records.requests}) == len(
        records.requests
    )
    for request in records.requests:
        assert len(request.numbers) <= 500
        assert len(set(request.numbers)) == len(request.numbers)
        if "Diff" in request.path:
            assert request.body_size <= 64 * 1024

    known = {it.message_id: it for it in at_platform}
    asked = [
        (position, message, number)
        for position, message in enumerate(messages, start=1)
        for number in message["numbers"]
    ]
    assert [(it["position"], it["number"]) for it in response] == [
        (position, number) for position, _, number in asked
    ]
    reached = set()
    lacking = set()
    for (_, message, number), it in zip(asked, response, strict=True):
        if it["state"] == "unconfirmed":
            assert it["code"] == "unconfirmed_unmentioned"
            lacking.add(it["reference"])
            continue
        assert it["state"] == "accepted"
        arrived = known[it["message_id"]]
        reached.add(arrived.message_id)
        assert arrived.number == number
        variables: Any = message.get("variables", [""])
        assert variables[0] in arrived.text
    assert set(known) - reached == scrambled.lacking
    assert len(lacking) == len(scrambled.lacking)
