"""What is counted is right whatever order things come in, and never goes down."""

import asyncio
from pathlib import Path
import sqlite3

import pytest

from custom_components.huawei_cloud_sms.ledger import missed, tally
from custom_components.huawei_cloud_sms.ledger.ledger import Ledger
from custom_components.huawei_cloud_sms.ledger.models import Outcome, State
from custom_components.huawei_cloud_sms.ledger.tally import Latest, Tally

from .failing import restore, write_protect
from .helpers import (
    DELIVERED,
    ENTRY,
    FAILED,
    NOW,
    NUMBER,
    OTHER,
    accepted,
    apply_reply,
    apply_reports,
    begin,
    reply,
    report,
    request,
    rules,
    send,
    unconfirmed,
)
from .test_schema import VERSION_1

DAY = 86_400


async def count(
    ledger: Ledger,
    entry_id: str = ENTRY,
    start: float = NOW - DAY,
    end: float = NOW + DAY,
) -> Tally:
    """Return how an application stands."""
    return await ledger.run(lambda db: tally.read(db, entry_id, start, end))


async def counters(ledger: Ledger, entry_id: str = ENTRY) -> tuple[int, ...]:
    """Return how many messages were sent, delivered, failed and wait, and parts."""
    found = await count(ledger, entry_id)
    return (found.sent, found.delivered, found.failed, found.waiting, found.parts)


def move(path: Path, target: Path) -> None:
    """Give a file another name."""
    path.rename(target)


async def test_nothing_yet(ledger: Ledger) -> None:
    """An application that did nothing has nothing."""
    assert await count(ledger) == Tally(
        sent=0, delivered=0, failed=0, waiting=0, parts=0, last_push=None, latest={}
    )


async def test_what_counts_as_what(ledger: Ledger) -> None:
    """A message counts as sent once it was taken, and as one end only."""
    await ledger.create_all([request("a")], None, NOW)
    assert await counters(ledger) == (0, 0, 0, 0, 0)
    await ledger.mark_sending("extend-a", NOW)
    assert await counters(ledger) == (0, 0, 0, 0, 0)
    await ledger.settle(ENTRY, [accepted(parts=2)], NOW)
    assert await counters(ledger) == (1, 0, 0, 1, 2)
    await apply_reports(ledger, ENTRY, [report(sequence=1, total=2)], NOW)
    assert await counters(ledger) == (1, 0, 0, 1, 2)
    await apply_reports(ledger, ENTRY, [report(sequence=2, total=2)], NOW)
    assert await counters(ledger) == (1, 1, 0, 0, 2)
    await send(ledger, "b", "2")
    await apply_reports(ledger, ENTRY, [report("2", FAILED)], NOW)
    assert await counters(ledger) == (2, 1, 1, 0, 3)


@pytest.mark.parametrize("state", [State.REFUSED, State.EXPIRED_UNSENT])
async def test_what_was_never_taken(ledger: Ledger, state: State) -> None:
    """A message that the platform did not take is none of those that were sent."""
    await begin(ledger, request("a"))
    await ledger.settle(ENTRY, [Outcome(reference="a0", state=state)], NOW)
    assert await counters(ledger) == (0, 0, 0, 0, 0)


async def test_unconfirmed(ledger: Ledger) -> None:
    """What may have left counts once a report says so, not when nothing does."""
    for name in ("a", "b"):
        await begin(ledger, request(name))
        await ledger.settle(ENTRY, [unconfirmed(f"{name}0")], NOW)
    assert await counters(ledger) == (0, 0, 0, 2, 0)
    await apply_reports(ledger, ENTRY, [report(extend="extend-a", number=NUMBER)], NOW)
    assert await counters(ledger) == (1, 1, 0, 1, 1)
    await ledger.give_up_waiting(ENTRY, NOW + 1, NOW + 1)
    assert await counters(ledger) == (1, 1, 0, 0, 1)


async def test_without_a_report(ledger: Ledger) -> None:
    """What was taken stays sent even if nobody ever learns its end."""
    await send(ledger)
    await ledger.give_up_waiting(ENTRY, NOW + 1, NOW + 1)
    assert await counters(ledger) == (1, 0, 0, 0, 1)


async def test_more_parts_than_the_answer_said(ledger: Ledger) -> None:
    """Parts that a report tells of are counted, each once."""
    await send(ledger)
    await apply_reports(ledger, ENTRY, [report(sequence=2, total=3)], NOW)
    assert await counters(ledger) == (1, 0, 0, 1, 3)
    await apply_reports(ledger, ENTRY, [report(sequence=1, total=2)], NOW)
    assert await counters(ledger) == (1, 0, 0, 1, 3)


async def test_overtaking_report_is_not_counted_twice(ledger: Ledger) -> None:
    """A stranger counts only when it turns out to be ours."""
    await begin(ledger, request("a"))
    await apply_reports(ledger, ENTRY, [report()], NOW)
    assert await counters(ledger) == (0, 0, 0, 0, 0)
    await ledger.settle(ENTRY, [accepted(parts=1)], NOW)
    assert await counters(ledger) == (1, 1, 0, 0, 1)


async def test_strangers(ledger: Ledger) -> None:
    """Reports about messages of others count nowhere."""
    await apply_reports(
        ledger, ENTRY, [report("x"), report("y", FAILED), report("z", total=2)], NOW
    )
    assert await counters(ledger) == (0, 0, 0, 0, 0)
    await send(ledger)
    await apply_reports(ledger, OTHER, [report()], NOW)
    assert await counters(ledger) == (1, 0, 0, 1, 1)
    assert await counters(ledger, OTHER) == (0, 0, 0, 0, 0)


async def test_replays(ledger: Ledger) -> None:
    """What comes again, or contradicts an end, changes nothing."""
    await send(ledger)
    await ledger.settle(ENTRY, [accepted()], NOW)
    for status in (DELIVERED, DELIVERED, FAILED):
        await apply_reports(ledger, ENTRY, [report(status=status)], NOW)
    assert await counters(ledger) == (1, 1, 0, 0, 1)


async def test_many_at_once(ledger: Ledger) -> None:
    """Each of many messages of one request is counted."""
    numbers = [f"+86137{it:08}" for it in range(200)]
    await begin(ledger, request("a", numbers))
    await ledger.settle(
        ENTRY, [accepted(f"a{it}", str(it), parts=2) for it in range(200)], NOW
    )
    await asyncio.gather(
        *(
            apply_reports(
                ledger,
                ENTRY,
                [report(str(it), sequence=part, total=2) for part in (1, 2)],
                NOW,
            )
            for it in range(150)
        )
    )
    assert await counters(ledger) == (200, 150, 0, 50, 400)


async def test_parts_of_a_time(ledger: Ledger) -> None:
    """Parts belong to the time when their message left, in any zone's month."""
    quarter = NOW // 900 * 900
    for name, left in (("a", quarter - 1), ("b", quarter), ("c", quarter + DAY)):
        await begin(ledger, request(name), now=left)
        await ledger.settle(ENTRY, [accepted(f"{name}0", name)], quarter + 2 * DAY)
    assert (await count(ledger, start=quarter, end=quarter + DAY)).parts == 1
    assert (await count(ledger, start=quarter - 900, end=quarter + DAY)).parts == 2
    assert (await count(ledger, start=quarter, end=quarter + DAY + 900)).parts == 2


async def test_counted_for_good(ledger: Ledger) -> None:
    """Deleting messages leaves what was counted; of parts only old ones go."""
    await ledger.create_all([request("a", recipient_ids=["mei"])], None, NOW)
    await ledger.mark_sending("extend-a", NOW)
    await ledger.settle(ENTRY, [accepted()], NOW)
    await apply_reports(ledger, ENTRY, [report()], NOW)
    kept = await count(ledger)
    assert (kept.sent, kept.delivered, kept.parts) == (1, 1, 1)
    await ledger.tidy(ENTRY, rules(NOW + 1, recipients={"mei": NUMBER}), NOW + 31 * DAY)
    assert await ledger.count_states(ENTRY) == {}
    assert await count(ledger) == kept
    await send(ledger, "b", "2")
    assert (await count(ledger)).sent == 2
    await ledger.tidy(ENTRY, rules(), NOW + 90 * DAY)
    assert (await count(ledger)).parts == 0


async def test_latest_of_a_recipient(ledger: Ledger) -> None:
    """A recipient's last message is followed; older ones only as a delivery."""

    async def latest() -> Latest:
        """Return how the recipient's last message stands."""
        return (await count(ledger)).latest["mei"]

    async def send_to_mei(name: str) -> None:
        """Send a message that the platform takes."""
        await begin(ledger, request(name, recipient_ids=["mei"]))
        await ledger.settle(ENTRY, [accepted(f"{name}0", name)], NOW)

    await ledger.create_all([request("a", recipient_ids=["mei"])], None, NOW)
    assert await latest() == Latest(state=State.QUEUED, delivered_at=None)
    await ledger.mark_sending("extend-a", NOW)
    assert (await latest()).state is State.SENDING
    await ledger.settle(ENTRY, [accepted(message_id="a")], NOW)
    await send_to_mei("b")
    await apply_reports(ledger, ENTRY, [report("a", FAILED)], NOW)
    assert await latest() == Latest(state=State.ACCEPTED, delivered_at=None)
    await send_to_mei("c")
    await apply_reports(ledger, ENTRY, [report("b")], NOW + 5)
    assert await latest() == Latest(state=State.ACCEPTED, delivered_at=NOW + 5)
    await apply_reports(ledger, ENTRY, [report("c")], NOW + 7)
    assert await latest() == Latest(state=State.DELIVERED, delivered_at=NOW + 7)
    # nothing of it is left, and yet it stays
    await ledger.tidy(ENTRY, rules(NOW + 9, recipients={"mei": NUMBER}), NOW + 9)
    assert await latest() == Latest(state=State.DELIVERED, delivered_at=NOW + 7)
    await send_to_mei("d")
    assert await latest() == Latest(state=State.ACCEPTED, delivered_at=NOW + 7)


async def test_recipient_is_forgotten(ledger: Ledger) -> None:
    """A recipient who was deleted is nobody's last message any more."""
    await begin(ledger, request("a", recipient_ids=["mei"]))
    await ledger.settle(ENTRY, [accepted()], NOW)
    await ledger.tidy(ENTRY, rules(recipients={"mei": NUMBER}), NOW)
    assert set((await count(ledger)).latest) == {"mei"}
    before = await counters(ledger)
    await ledger.tidy(ENTRY, rules(), NOW)
    assert (await count(ledger)).latest == {}
    assert await counters(ledger) == before


async def test_application_is_forgotten(ledger: Ledger) -> None:
    """Nothing is left of an application that was removed, all of another."""
    for entry_id, name in ((ENTRY, "a"), (OTHER, "b")):
        await begin(ledger, request(name, entry_id=entry_id, recipient_ids=[name]))
        await ledger.settle(entry_id, [accepted(f"{name}0")], NOW)
        await apply_reports(ledger, entry_id, [report()], NOW)
    await ledger.forget(ENTRY)
    assert await counters(ledger) == (0, 0, 0, 0, 0)
    assert (await count(ledger)).last_push is None
    assert (await count(ledger)).latest == {}
    assert await counters(ledger, OTHER) == (1, 1, 0, 0, 1)
    assert set((await count(ledger, OTHER)).latest) == {"b"}


async def test_last_push(ledger: Ledger) -> None:
    """Each report and reply is noted, to the second."""
    await apply_reports(ledger, ENTRY, [report("x")], NOW + 0.2)
    assert (await count(ledger)).last_push == NOW
    await apply_reports(ledger, ENTRY, [report("y")], NOW + 0.7)
    assert (await count(ledger)).last_push == NOW
    await apply_reply(ledger, ENTRY, reply(), NUMBER, NOW + 1.5)
    assert (await count(ledger)).last_push == NOW + 1
    assert (await count(ledger, OTHER)).last_push is None


async def test_last_push_costs_little(ledger: Ledger) -> None:
    """However many pushes come in a second, one statement notes them."""
    written: list[str] = []
    await ledger.run(
        lambda db: db.set_trace_callback(
            lambda it: written.append(it) if "last_push" in it else None
        )
    )
    await asyncio.gather(
        *(apply_reports(ledger, ENTRY, [report(str(it))], NOW) for it in range(300))
    )
    await ledger.run(lambda db: db.set_trace_callback(None))
    assert len(written) == 1


async def test_across_a_restart(ledger: Ledger, path: Path) -> None:
    """What was counted is in the file."""
    await send(ledger)
    await apply_reports(ledger, ENTRY, [report()], NOW)
    before = await count(ledger)
    await ledger.close()
    again = Ledger(path)
    await again.open(NOW)
    assert await count(again) == before
    await again.close()


@pytest.mark.usefixtures("short_times")
async def test_stand_in(ledger: Ledger) -> None:
    """A ledger in memory counts on, and so does the file after it."""
    await begin(ledger, request("a", recipient_ids=["mei"]))
    await ledger.settle(ENTRY, [accepted("a0", "1")], NOW)
    await send(ledger, "b", "2")
    await ledger.run(write_protect)
    await apply_reports(ledger, ENTRY, [report("1")], NOW + 3)
    assert not ledger.durable
    await send(ledger, "c", "3")
    during = await count(ledger)
    assert await counters(ledger) == (3, 1, 0, 2, 3)
    assert during.latest["mei"].state is State.DELIVERED
    assert during.last_push == NOW + 3
    await restore(ledger)
    assert await count(ledger) == during


@pytest.mark.usefixtures("short_times")
async def test_stand_in_that_missed_much(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the file never gets to know of was counted all the same."""
    monkeypatch.setattr(missed, "_LIMIT", 0)
    await send(ledger, "a", "1")
    await ledger.run(write_protect)
    await send(ledger, "b", "2")
    await apply_reports(ledger, ENTRY, [report("2", FAILED)], NOW)
    await restore(ledger)
    assert (await counters(ledger))[:3] == (2, 0, 1)


@pytest.mark.usefixtures("short_times")
async def test_stand_in_that_knows_nothing(ledger: Ledger, path: Path) -> None:
    """Where the file could not be read, what it had counted comes back with it."""
    elsewhere = path.with_name("elsewhere")
    await send(ledger, "a", "1")
    move(path, elsewhere)
    await ledger.run(write_protect)
    await send(ledger, "b", "2")
    assert not ledger.durable
    assert (await counters(ledger))[0] == 1
    move(elsewhere, path)
    await restore(ledger)
    assert (await counters(ledger))[0] == 2


@pytest.mark.usefixtures("short_times")
async def test_emptied_file_is_not_overwritten(ledger: Ledger, path: Path) -> None:
    """A file without messages still knows what was counted."""
    elsewhere = path.with_name("elsewhere")
    await send(ledger, "a", "1")
    await ledger.tidy(ENTRY, rules(NOW + 1), NOW)
    move(path, elsewhere)
    await ledger.run(write_protect)
    await send(ledger, "b", "2")
    assert not ledger.durable
    move(elsewhere, path)
    await restore(ledger)
    assert (await counters(ledger))[0] == 2


async def test_new_file_takes_over_what_memory_counted(
    ledger: Ledger, path: Path
) -> None:
    """Rows that are copied are not counted again."""
    other = Ledger(path.with_name("folder"))
    path.with_name("folder").mkdir()
    await other.open(NOW)
    assert not other.durable
    await begin(other, request("a", recipient_ids=["mei"]))
    await other.settle(ENTRY, [accepted("a0", "1")], NOW)
    await apply_reports(other, ENTRY, [report("1")], NOW)
    before = await count(other)
    path.with_name("folder").rmdir()
    await restore(other)
    assert await count(other) == before
    assert (before.sent, before.delivered, before.parts) == (1, 1, 1)
    await other.close()


async def test_from_version_1(path: Path) -> None:
    """What an older file holds is counted when it is brought up to date."""
    path.parent.mkdir()
    with sqlite3.connect(path) as db:
        db.executescript(VERSION_1.read_text("utf-8"))
    db.close()
    ledger = Ledger(path)
    await ledger.open(NOW)
    found = await count(ledger)
    # delivered0 of two parts, failed0 and waiting0; sending0 is unconfirmed
    assert (found.sent, found.delivered, found.failed) == (3, 1, 1)
    assert found.waiting == 2
    assert found.parts == 4
    assert found.last_push is not None
    assert found.latest["mei"].delivered_at == NOW - 2990
    await ledger.close()
