"""The way back to the file: it gets to know what it missed, once."""

import asyncio
from pathlib import Path
import sqlite3

import pytest

from custom_components.huawei_cloud_sms.ledger import (
    keeping,
    ledger_file,
    storage,
    store,
    tally,
)
from custom_components.huawei_cloud_sms.ledger.ledger import Ledger
from custom_components.huawei_cloud_sms.ledger.models import LedgerBusyError, State

from .failing import Stall, restore, write_protect
from .helpers import (
    ENTRY,
    NOW,
    NUMBER,
    Listener,
    accepted,
    apply_reply,
    apply_reports,
    begin,
    message,
    messages,
    reply,
    reply_ids,
    report,
    request,
    send,
    state,
)

pytestmark = pytest.mark.usefixtures("short_times")


async def test_restart_of_an_application_meanwhile(
    ledger: Ledger, listener: Listener
) -> None:
    """What a stand-in showed late is not shown again by the file."""
    await ledger.retire(ENTRY)
    await send(ledger, "a", "1")
    await ledger.run(write_protect)
    await apply_reports(ledger, ENTRY, [report("x")], NOW)
    assert not ledger.durable
    await ledger.go_live(ENTRY, listener, NOW)
    assert [it.message_id for it in listener.messages] == ["1", "x"]
    await restore(ledger)
    assert len(listener.shown) == 2


def put_away(path: Path) -> None:
    """Put something into the file's place that cannot be opened."""
    path.rename(path.with_suffix(".away"))
    path.mkdir()


def put_back(path: Path) -> None:
    """Put the file into its place again."""
    path.rmdir()
    path.with_suffix(".away").rename(path)


async def test_start_without_the_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a crash left in the file is settled however much the file missed since."""
    monkeypatch.setattr("custom_components.huawei_cloud_sms.ledger.missed._LIMIT", 5)
    ledger = Ledger(path)
    await ledger.open(NOW)
    await begin(ledger, request())
    await ledger.close()
    put_away(path)
    ledger = Ledger(path)
    await ledger.open(NOW)
    assert not ledger.durable
    for number in range(10):
        await send(ledger, f"b{number}x", f"{number}")
    put_back(path)
    await restore(ledger)
    assert await state(ledger) is State.UNCONFIRMED
    await ledger.close()


async def test_what_changes_nothing_is_not_missed(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a stand-in only read, or refused, takes no room from what the file missed."""
    monkeypatch.setattr("custom_components.huawei_cloud_sms.ledger.missed._LIMIT", 5)
    await send(ledger, "before", "0")
    await ledger.run(write_protect)
    await send(ledger, "a", "1")
    assert not ledger.durable
    for _ in range(10):
        await ledger.count_states(ENTRY)
        with pytest.raises(sqlite3.IntegrityError):
            await ledger.create_all([request()], None, NOW)
    await restore(ledger)
    assert await state(ledger) is State.ACCEPTED


async def test_all_in_one_commit(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long it takes to tell the file what it missed, nothing is left out."""
    monkeypatch.setattr(store, "_COMMIT_AFTER", -1)
    await send(ledger, "a", "1")
    await ledger.run(write_protect)
    await asyncio.gather(send(ledger, "b", "2"), send(ledger, "c", "3"))
    assert not ledger.durable
    await restore(ledger)
    found = [(it.reference, it.state) for it in await messages(ledger)]
    assert found == [(f"{name}0", State.ACCEPTED) for name in "abc"]


async def test_application_removed_meanwhile(ledger: Ledger) -> None:
    """What was deleted while storage failed is deleted in the file too."""
    await ledger.keep_address(ENTRY, "u", NOW)
    await send(ledger)
    await ledger.run(write_protect)
    await apply_reply(ledger, ENTRY, reply(), NUMBER, NOW)
    await ledger.forget(ENTRY)
    assert not ledger.durable
    await restore(ledger)
    assert await messages(ledger) == []
    assert await reply_ids(ledger) == []
    assert ledger.addresses(ENTRY, NOW) == []


async def test_held_reports_go_along(ledger: Ledger, listener: Listener) -> None:
    """What is held back for an answer is held back by a stand-in too."""
    await begin(ledger, request())
    await apply_reports(ledger, ENTRY, [report(sequence=1, total=2)], NOW)
    await ledger.run(write_protect)
    await apply_reports(ledger, ENTRY, [report(sequence=2, total=2)], NOW)
    assert not ledger.durable
    assert listener.shown == []
    await ledger.settle(ENTRY, [accepted()], NOW)
    assert [it.reference for it in listener.messages] == ["a0"]
    await restore(ledger)
    assert await state(ledger) is State.DELIVERED
    assert len(await messages(ledger)) == 1
    assert len(listener.shown) == 1


async def test_missed_once(ledger: Ledger) -> None:
    """What the file got to know is not done again the next time that it fails."""
    await send(ledger, "kept", "0")
    for _ in range(2):
        await ledger.run(write_protect)
        await send(ledger, "a", "1")
        assert not ledger.durable
        await restore(ledger)
        await ledger.run(lambda db: db.execute("DELETE FROM message WHERE id > 1"))
    await ledger.run(write_protect)
    await ledger.keep_address(ENTRY, "u", NOW)
    await restore(ledger)
    assert [it.reference for it in await messages(ledger)] == ["kept0"]


async def test_fails_again_on_the_way_back(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the file fails while it is told what it missed, nothing is lost."""
    await send(ledger, "before", "0")
    await ledger.run(write_protect)
    await send(ledger, "a", "1")
    assert not ledger.durable
    fail = True
    is_empty = keeping.is_empty

    def once(db: sqlite3.Connection) -> bool:
        if fail:
            db.execute("PRAGMA query_only = ON")
        return is_empty(db)

    monkeypatch.setattr(keeping, "is_empty", once)
    await ledger.restore()
    assert not ledger.durable
    assert await state(ledger, "a0") is State.ACCEPTED
    fail = False
    await restore(ledger)
    assert await state(ledger, "a0") is State.ACCEPTED
    assert await state(ledger, "before0") is State.ACCEPTED


async def test_jobs_while_returning(ledger: Ledger, listener: Listener) -> None:
    """What comes in during the way back is neither lost nor done twice."""
    numbers = [f"+86137{it:08}" for it in range(200)]
    await begin(ledger, request(numbers=numbers))
    outcomes = [accepted(f"a{it}", f"id{it}") for it in range(200)]
    await ledger.settle(ENTRY, outcomes, NOW)
    await ledger.run(write_protect)

    async def push(number: int) -> None:
        await asyncio.sleep(number / 4000)
        await apply_reports(ledger, ENTRY, [report(f"id{number}")], NOW)

    async def come_back() -> None:
        while ledger.durable:
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.01)
        await asyncio.gather(restore(ledger), restore(ledger))

    await asyncio.gather(come_back(), *(push(it) for it in range(200)))
    assert ledger.durable
    assert await ledger.count_states(ENTRY) == {"delivered": 200}
    assert listener.states.count(State.DELIVERED) == 200
    listener.assert_nothing_twice()


async def test_job_at_the_end_of_the_way_back(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, stall: Stall
) -> None:
    """What waits for the way back is the file's, which keeps more than a stand-in."""
    monkeypatch.setattr(storage, "_MEMORY_LIMIT", 1)
    monkeypatch.setattr(ledger_file, "COMMIT_TIMEOUT", 30)
    await send(ledger, "a", "1")
    await send(ledger, "b", "2")
    await ledger.run(write_protect)
    await send(ledger, "c", "3")
    assert not ledger.durable
    raise_counters = tally.raise_counters

    def slow(db: sqlite3.Connection, known: tally.Counters) -> None:
        stall(db)
        raise_counters(db, known)

    # by then it is settled what the file is told
    monkeypatch.setattr(tally, "raise_counters", slow)
    attempt = asyncio.create_task(restore(ledger))
    await asyncio.to_thread(stall.begun.wait, 60)
    sent = asyncio.create_task(send(ledger, "d", "4"))
    for _ in range(30):
        await asyncio.sleep(0)
    stall.gate.set()
    await asyncio.gather(attempt, sent)
    assert ledger.durable
    found = [it.reference for it in await messages(ledger)]
    assert found == ["a0", "b0", "c0", "d0"]


async def test_nothing_to_restore(ledger: Ledger, changes: list[bool]) -> None:
    """With a file that works there is nothing to do."""
    await ledger.restore()
    assert ledger.durable
    assert changes == []


@pytest.mark.parametrize("returning", [True, False])
async def test_closed_with_something_in_memory(
    ledger: Ledger, path: Path, returning: bool
) -> None:
    """At the end the file gets to know what only memory has, if it works again."""
    await send(ledger, "a", "1")
    await ledger.run(write_protect)
    await send(ledger, "b", "2")
    assert not ledger.durable
    if returning:
        attempt = asyncio.create_task(ledger.restore())
        await asyncio.sleep(0)
        # nobody waits for it any more
        attempt.cancel()
    await ledger.close()
    await ledger.restore()
    assert not path.with_name(f"{path.name}-wal").exists()
    ledger = Ledger(path)
    await ledger.open(NOW)
    assert await state(ledger, "b0") is State.ACCEPTED
    await ledger.close()


async def test_closed_right_after_the_return(
    ledger: Ledger, listener: Listener
) -> None:
    """The end just after the way back needs nothing more."""
    await send(ledger, "a", "1")
    await ledger.run(write_protect)
    await send(ledger, "b", "2")

    ledger.on_storage_change = lambda: ends.append(
        asyncio.ensure_future(ledger.close())
    )
    ends: list[asyncio.Future[None]] = []
    await ledger.restore()
    await asyncio.gather(*ends)
    with pytest.raises(LedgerBusyError):
        await message(ledger)
