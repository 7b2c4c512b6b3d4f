"""What waits in the outbox leaves once, in order, in time, or not at all."""

import asyncio
from pathlib import Path
import sqlite3
import threading

import pytest

from custom_components.huawei_cloud_sms.ledger import deferring
from custom_components.huawei_cloud_sms.ledger.ledger import Ledger
from custom_components.huawei_cloud_sms.ledger.models import (
    LedgerBusyError,
    Letter,
    OutboxFullError,
    State,
)

from .failing import Stall, reopen, restore, write_protect
from .helpers import (
    ENTRY,
    NOW,
    NUMBER,
    OTHER,
    Listener,
    accepted,
    apply_reports,
    begin,
    content,
    letter as letter_of,
    message,
    messages,
    report,
    request,
    state,
)

SECRET = "水管漏水"


def letter(name: str = "a", expires_at: float = NOW + 600) -> Letter:
    """Return what a request needs to leave later."""
    return letter_of(request(name), expires_at, (SECRET, "7"), "晨光")


async def put(
    ledger: Ledger, name: str, *, now: float = NOW, expires_at: float = NOW + 600
) -> None:
    """Put a request into the outbox that could not leave."""
    await begin(ledger, request(name), now=now)
    await ledger.outbox.put_back(f"extend-{name}", letter(name, expires_at), now)


async def oldest(ledger: Ledger, *but: str) -> str | None:
    """Return which request waits longest."""
    waiting = await ledger.outbox.oldest(ENTRY, but)
    return waiting.extend if waiting else None


async def test_oldest_first(ledger: Ledger, listener: Listener) -> None:
    """Requests leave in the order in which they were written down."""
    assert await oldest(ledger) is None
    await begin(ledger, request("a", [NUMBER, "+8613700000002"]), request("b"))
    await begin(ledger, request("other", entry_id=OTHER))
    for name in ("b", "other", "a"):
        await ledger.outbox.put_back(f"extend-{name}", letter(name), NOW)
    waiting = await ledger.outbox.oldest(ENTRY)
    assert waiting is not None
    assert waiting.extend == "extend-a"
    assert waiting.letter == letter()
    assert [it.reference for it in waiting.messages] == ["a0", "a1"]
    assert waiting.letter.texts[0].template_id == "template"
    assert SECRET not in repr(waiting)
    assert NUMBER not in repr(waiting)
    assert await oldest(ledger, "extend-a") == "extend-b"
    assert (await message(ledger, "a0")).sent_at is None
    assert listener.shown == []

    assert await ledger.outbox.take("extend-a", letter(), NOW + 1)
    assert not await ledger.outbox.take("extend-a", letter(), NOW + 1)
    assert await oldest(ledger) == "extend-b"
    await ledger.settle(ENTRY, [accepted("a0", "1"), accepted("a1", "2")], NOW + 2)
    assert listener.states == [State.ACCEPTED] * 2
    assert (await message(ledger, "a0")).sent_at == NOW + 1


async def test_text_is_kept_no_longer_than_needed(ledger: Ledger, path: Path) -> None:
    """The text is in the file while it waits, and nowhere once it left."""

    def texts(db: sqlite3.Connection) -> list[tuple[object, ...]]:
        return db.execute(
            "SELECT texts, expires_at FROM request ORDER BY id"
        ).fetchall()

    await begin(ledger, request("a"))
    assert await ledger.run(texts) == [(None, None)]
    await ledger.outbox.put_back("extend-a", letter(), NOW)
    assert await ledger.run(texts) != [(None, None)]
    await ledger.outbox.take("extend-a", letter(), NOW)
    assert await ledger.run(texts) == [(None, None)]
    for name in ("b", "c", "d"):
        await put(ledger, name, expires_at=NOW + 5)
    await ledger.settle(ENTRY, [accepted("b0", "1")], NOW)
    await ledger.outbox.expire(ENTRY, NOW + 5)
    assert await ledger.run(texts) == [(None, None)] * 4
    await ledger.close()
    # as JSON writes it
    assert b"\\u6c34" not in content(path)


async def test_put_back_without_a_letter(ledger: Ledger) -> None:
    """What is tried again at once waits, but not in the outbox."""
    await begin(ledger, request("a"))
    await ledger.outbox.put_back("extend-a", None, NOW + 1)
    assert await state(ledger) is State.QUEUED
    assert await oldest(ledger) is None
    assert not await ledger.outbox.take("extend-a", letter(), NOW + 1)
    assert await ledger.mark_sending("extend-a", NOW + 1)


async def test_put_back_lets_held_reports_go(
    ledger: Ledger, listener: Listener
) -> None:
    """Reports of others wait for no answer that cannot come."""
    await begin(ledger, request("a"))
    await apply_reports(ledger, ENTRY, [report("x")], NOW)
    assert listener.shown == []
    await ledger.outbox.put_back("extend-a", letter(), NOW)
    assert listener.states == [State.DELIVERED]


async def test_put_back_of_a_removed_application(ledger: Ledger) -> None:
    """An application that was removed while it tried has nothing that could wait."""
    await begin(ledger, request("a"))
    await ledger.forget(ENTRY)
    await ledger.outbox.put_back("extend-a", letter(), NOW)
    assert await oldest(ledger) is None


async def test_too_old(ledger: Ledger, listener: Listener) -> None:
    """What waited too long is closed and shown once, the rest goes on waiting."""
    await put(ledger, "a", expires_at=NOW + 10)
    await put(ledger, "b", expires_at=NOW + 20)
    await ledger.outbox.expire(ENTRY, NOW + 9.9)
    assert listener.shown == []
    assert not await ledger.outbox.take("extend-a", letter(), NOW + 10)
    await ledger.outbox.expire(ENTRY, NOW + 10)
    await ledger.outbox.expire(ENTRY, NOW + 10)
    assert [(it.reference, it.state, it.code) for it in listener.messages] == [
        ("a0", State.EXPIRED_UNSENT, "not_sent_expired")
    ]
    assert await oldest(ledger) == "extend-b"


@pytest.mark.parametrize(("back", "kept"), [(30, True), (7200, False)])
async def test_clock_put_back(ledger: Ledger, back: float, kept: bool) -> None:
    """If nobody can tell how old something is, it does not leave."""
    await put(ledger, "a", expires_at=NOW + 600)
    await ledger.outbox.expire(ENTRY, NOW - back)
    assert (await state(ledger) is State.QUEUED) is kept
    assert await ledger.outbox.take("extend-a", letter(), NOW - back) is kept


async def test_bounded(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only so much waits per application; what is tried again counts once."""
    monkeypatch.setattr(deferring, "_MOST_WAITING", 3)
    await put(ledger, "a")
    await begin(ledger, request("b", [NUMBER, "+8613700000002"]), request("c"))
    await ledger.outbox.put_back("extend-b", letter("b"), NOW, new=True)
    with pytest.raises(OutboxFullError):
        await ledger.outbox.put_back("extend-c", letter("c"), NOW, new=True)
    assert await state(ledger, "c0") is State.SENDING
    # what was tried has its place, whoever came meanwhile
    assert await ledger.outbox.take("extend-b", letter("b"), NOW)
    await ledger.outbox.put_back("extend-c", letter("c"), NOW, new=True)
    await ledger.outbox.put_back("extend-b", letter("b"), NOW)
    await begin(ledger, request("d", entry_id=OTHER))
    await ledger.outbox.put_back("extend-d", letter("d"), NOW, new=True)


async def test_restart(ledger: Ledger, path: Path) -> None:
    """What waits survives; what waited too long, or not in the outbox, is closed."""
    await put(ledger, "a")
    await put(ledger, "b", expires_at=NOW - 1)
    await begin(ledger, request("c", [NUMBER, "+8613700000002"]))
    await ledger.outbox.put_back("extend-c", letter("c", NOW - 1), NOW)
    await ledger.create_all([request("d")], None, NOW)
    await put(ledger, "e")
    assert await ledger.outbox.take("extend-e", letter("e"), NOW)
    ledger, listener = await reopen(ledger, path)
    assert {(it.reference, it.state, it.code) for it in listener.messages} == {
        ("b0", State.EXPIRED_UNSENT, "not_sent_expired"),
        ("c0", State.EXPIRED_UNSENT, "not_sent_expired"),
        ("c1", State.EXPIRED_UNSENT, "not_sent_expired"),
        ("d0", State.EXPIRED_UNSENT, "not_sent_interrupted"),
        ("e0", State.UNCONFIRMED, "unconfirmed_interrupted"),
    }
    assert await oldest(ledger) == "extend-a"
    assert await oldest(ledger, "extend-a") is None
    await ledger.close()


async def test_restored_backup(ledger: Ledger, path: Path, tmp_path: Path) -> None:
    """Nothing leaves that comes from a copy made for a backup; later things do."""
    await put(ledger, "a")
    await ledger.set_copied(True)
    copy = tmp_path / "copy" / path.name
    copy.parent.mkdir()
    for suffix in ("", "-wal"):
        copy.with_name(copy.name + suffix).write_bytes(
            path.with_name(path.name + suffix).read_bytes()
        )
    await ledger.set_copied(False)
    original, listener = await reopen(ledger, path)
    assert listener.shown == []
    assert await oldest(original) == "extend-a"
    await original.close()

    restored = Ledger(copy)
    await restored.open(NOW)
    assert [(it.state, it.code) for it in await messages(restored)] == [
        (State.EXPIRED_UNSENT, "not_sent_restored")
    ]
    await put(restored, "b")
    restored, _ = await reopen(restored, copy)
    assert await oldest(restored) == "extend-b"
    await restored.close()


async def test_application_not_used_any_more(
    ledger: Ledger, listener: Listener
) -> None:
    """What waits of an application that was disabled never leaves."""
    await put(ledger, "a")
    await ledger.outbox.drop(ENTRY, NOW)
    assert [(it.state, it.code) for it in listener.messages] == [
        (State.EXPIRED_UNSENT, "not_sent_removed")
    ]
    assert await oldest(ledger) is None


@pytest.mark.usefixtures("short_times")
class TestFailingStorage:
    """A file that cannot be written lets nothing leave twice."""

    async def test_waits_in_the_file(self, ledger: Ledger, path: Path) -> None:
        """What the file has waits until the file knows that it leaves."""
        await put(ledger, "a")
        await ledger.run(write_protect)
        assert not await ledger.outbox.take("extend-a", letter(), NOW)
        assert not ledger.durable
        assert await oldest(ledger) is None
        await restore(ledger)
        assert await state(ledger) is State.QUEUED
        assert await oldest(ledger) == "extend-a"
        assert await ledger.outbox.take("extend-a", letter(), NOW)
        await ledger.close()

    async def test_waits_in_memory(self, ledger: Ledger) -> None:
        """What only memory has leaves from there, and the file gets to know."""
        await ledger.run(write_protect)
        await put(ledger, "a")
        await put(ledger, "b")
        assert not ledger.durable
        assert await oldest(ledger) == "extend-a"
        assert await ledger.outbox.take("extend-a", letter(), NOW)
        await ledger.settle(ENTRY, [accepted("a0", "1")], NOW)
        await restore(ledger)
        assert await state(ledger, "a0") is State.ACCEPTED
        assert await oldest(ledger) == "extend-b"
        assert await ledger.outbox.take("extend-b", letter("b"), NOW)

    async def test_a_disk_that_hangs(self, ledger: Ledger, stall: Stall) -> None:
        """What a disk may have written after all waits until it works again."""
        await begin(ledger, request("a"))
        await asyncio.gather(
            ledger.run(stall), ledger.outbox.put_back("extend-a", letter(), NOW)
        )
        assert not ledger.durable
        assert not await ledger.outbox.take("extend-a", letter(), NOW)
        stall.gate.set()
        await restore(ledger)
        assert await ledger.outbox.take("extend-a", letter(), NOW)

    @pytest.mark.parametrize("statement", ["BEGIN IMMEDIATE", "COMMIT"])
    async def test_a_disk_that_hangs_while_it_leaves(
        self, ledger: Ledger, statement: str
    ) -> None:
        """What a disk noted as leaving when it was too late waits again."""
        await put(ledger, "a")
        gate = threading.Event()
        gate.set()

        def hang(executed: str) -> None:
            """Wait where a disk would."""
            if executed == statement:
                assert gate.wait(10)

        await ledger.run(lambda db: db.set_trace_callback(hang))
        gate.clear()
        assert not await ledger.outbox.take("extend-a", letter(), NOW)
        assert not ledger.durable
        assert await oldest(ledger) is None
        gate.set()
        await restore(ledger)
        assert await state(ledger) is State.QUEUED
        assert await ledger.outbox.take("extend-a", letter(), NOW)
        assert await oldest(ledger) is None

    async def test_expiring_in_memory_fills_nothing(self, ledger: Ledger) -> None:
        """Looking for what is too old leaves nothing to be done again in the file."""
        await ledger.run(write_protect)
        await put(ledger, "a", expires_at=NOW + 10)
        for _ in range(3):
            await ledger.outbox.expire(ENTRY, NOW + 1)
        await ledger.outbox.expire(ENTRY, NOW + 10)
        assert await state(ledger) is State.EXPIRED_UNSENT
        await restore(ledger)
        assert await state(ledger) is State.EXPIRED_UNSENT


async def test_after_the_end(ledger: Ledger) -> None:
    """A closed ledger lets nothing leave."""
    await put(ledger, "a")
    await ledger.close()
    assert not await ledger.outbox.take("extend-a", letter(), NOW)
    with pytest.raises(LedgerBusyError):
        await ledger.outbox.oldest(ENTRY)
