"""When storage fails, sending goes on, and the file gets to know what it missed."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
import functools
from pathlib import Path
import sqlite3
import threading
from typing import override

import pytest

from custom_components.huawei_cloud_sms.ledger import keeping, opening, schema, storage
from custom_components.huawei_cloud_sms.ledger.ledger import Ledger
from custom_components.huawei_cloud_sms.ledger.models import LedgerBusyError, State

from .helpers import (
    ENTRY,
    NOW,
    NUMBER,
    OTHER,
    Listener,
    accepted,
    begin,
    message,
    messages,
    reply,
    reply_ids,
    report,
    request,
    send,
    state,
    unconfirmed,
)

type Break = Callable[[sqlite3.Connection], object]


class Stall:
    """An operation that hangs in the file's thread, and returns in memory."""

    def __init__(self) -> None:
        """Begin closed."""
        self.gate = threading.Event()
        self.begun = threading.Event()

    def __call__(self, _: object) -> None:
        """Hang the first time."""
        if not self.begun.is_set():
            self.begun.set()
            assert self.gate.wait(10)


@pytest.fixture
def stall() -> Stall:
    """Return what makes a disk seem to hang."""
    return Stall()


@pytest.fixture(autouse=True)
def short_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for no disk longer than a test can."""
    monkeypatch.setattr(storage, "COMMIT_TIMEOUT", 0.4)
    monkeypatch.setattr(storage, "_SALVAGE_TIMEOUT", 0.3)
    monkeypatch.setattr(schema, "_LOCK_TIMEOUT", 0.02)


@pytest.fixture
async def changes(ledger: Ledger) -> list[bool]:
    """Keep whether storage was durable each time that it changed."""
    changes: list[bool] = []
    ledger.on_storage_change = lambda: changes.append(ledger.durable)
    return changes


def fill_disk(db: sqlite3.Connection) -> None:
    """Let the file grow no more, as a full disk does."""
    (pages,) = db.execute("PRAGMA page_count").fetchone()
    db.execute(f"PRAGMA max_page_count = {pages}")
    db.execute("PRAGMA cache_size = 1")


def write_protect(db: sqlite3.Connection) -> None:
    """Let the file be read only, as after a disk's error."""
    db.execute("PRAGMA query_only = ON")


async def restore(ledger: Ledger) -> None:
    """Return to the file; an abandoned thread may need a moment to end."""
    async with asyncio.timeout(3):
        while not ledger.durable:
            await ledger.restore()
            await asyncio.sleep(0.01)


async def reopen(ledger: Ledger, path: Path) -> tuple[Ledger, Listener]:
    """Close a ledger and open it again, with a new listener."""
    await ledger.close()
    ledger = Ledger(path)
    await ledger.open(NOW)
    listener = Listener()
    await ledger.go_live(ENTRY, listener, NOW)
    return ledger, listener


@pytest.mark.parametrize("spoil", [fill_disk, write_protect])
async def test_sending_goes_on(
    ledger: Ledger, listener: Listener, changes: list[bool], path: Path, spoil: Break
) -> None:
    """All that happens while storage fails is shown, and is in the file later."""
    await send(ledger, "before", "1")
    await begin(ledger, request("during"))
    await ledger.apply_reply(OTHER, reply("old"), NUMBER, NOW)
    await ledger.run(spoil)
    await ledger.settle(ENTRY, [accepted("during0", "2", parts=2)], NOW)
    if ledger.durable:  # there was some room left on the disk
        numbers = [f"+861{it}" for it in range(400)]
        await ledger.create(request("big", numbers), None, NOW)
    assert not ledger.durable
    assert changes == [False]
    await ledger.apply_reports(ENTRY, [report("1"), report("x")], NOW)
    await ledger.apply_reports(ENTRY, [report("2", total=2)], NOW)
    await send(ledger, "after", "3")
    await ledger.apply_reply(ENTRY, reply("new"), NUMBER, NOW)
    await ledger.apply_reply(OTHER, reply("old"), NUMBER, NOW)
    assert [(it.message_id, it.state) for it in listener.messages] == [
        ("1", State.ACCEPTED),
        ("2", State.ACCEPTED),
        ("1", State.DELIVERED),
        ("x", State.DELIVERED),
        ("3", State.ACCEPTED),
    ]
    assert listener.replies == ["new"]
    assert [it.recorded for it in listener.shown][2:] == [False] * 4
    listener.shown.clear()

    await restore(ledger)
    assert changes == [False, True]
    assert listener.shown == []
    await ledger.apply_reports(
        ENTRY, [report("2", sequence=2, total=2), report("3"), report("1")], NOW
    )
    assert [it.message_id for it in listener.messages] == ["2", "3"]
    assert all(it.recorded and not it.late for it in listener.shown)
    ledger, late = await reopen(ledger, path)
    assert late.states == [State.EXPIRED_UNSENT] * len(late.shown)
    final = {it.message_id: it.state for it in await messages(ledger)}
    final.pop(None, None)
    assert final == dict.fromkeys(("1", "2", "3", "x"), State.DELIVERED)
    assert await reply_ids(ledger) == ["old", "new"]
    await ledger.close()


async def test_disk_hangs(
    ledger: Ledger, listener: Listener, changes: list[bool], stall: Stall, path: Path
) -> None:
    """Behind a disk that hangs nobody waits for long, and nothing is lost."""
    await send(ledger, "a", "1")
    await begin(ledger, request("b"))
    results = await asyncio.gather(
        ledger.run(stall),
        ledger.settle(ENTRY, [accepted("b0", "2")], NOW),
        ledger.create(request("c"), None, NOW),
        ledger.apply_reports(ENTRY, [report("1")], NOW),
    )
    assert not ledger.durable
    assert [it.state for it in results[1].current] == [State.ACCEPTED]
    await ledger.mark_sending("extend-c", NOW)
    await ledger.apply_reports(ENTRY, [report("2", extend="extend-b")], NOW)
    # no other attempt while the thread still hangs
    await ledger.restore()
    assert not ledger.durable
    stall.gate.set()
    await restore(ledger)
    await ledger.settle(ENTRY, [unconfirmed("c0")], NOW)
    assert [(it.reference, it.state) for it in listener.messages] == [
        ("a0", State.ACCEPTED),
        ("b0", State.ACCEPTED),
        ("a0", State.DELIVERED),
        ("b0", State.DELIVERED),
        ("c0", State.UNCONFIRMED),
    ]
    listener.assert_nothing_twice()
    assert [it.state for it in await messages(ledger)] == [
        State.DELIVERED,
        State.DELIVERED,
        State.UNCONFIRMED,
    ]
    ledger, late = await reopen(ledger, path)
    assert late.shown == []
    await ledger.close()


async def test_commit_that_comes_late(
    ledger: Ledger,
    listener: Listener,
    stall: Stall,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A commit that ends just after it was given up counts, once."""
    read = keeping.read_newest

    def wake(path: Path) -> keeping.Rows:
        stall.gate.set()
        with suppress(TimeoutError):
            threading.Event().wait(0.05)
        return read(path)

    monkeypatch.setattr(keeping, "read_newest", wake)
    await begin(ledger, request())
    await asyncio.gather(ledger.run(stall), ledger.settle(ENTRY, [accepted()], NOW))
    assert ledger.durable
    assert listener.states == [State.ACCEPTED]
    assert [it.recorded for it in listener.shown] == [True]


async def test_disk_hangs_so_that_it_cannot_be_read(
    ledger: Ledger,
    listener: Listener,
    stall: Stall,
    monkeypatch: pytest.MonkeyPatch,
    path: Path,
) -> None:
    """Even a stand-in that knows nothing loses no outcome and no report."""
    await send(ledger, "a", "1")
    await ledger.apply_reports(ENTRY, [report("1", sequence=1, total=2)], NOW)
    await begin(ledger, request("b"))
    monkeypatch.setattr(keeping, "read_newest", lambda _: stall.gate.wait(5))
    stalled = asyncio.ensure_future(ledger.run(stall))
    changes = await ledger.settle(ENTRY, [accepted("b0", "2")], NOW)
    await stalled
    assert changes.current == ()
    await ledger.apply_reports(ENTRY, [report("1", sequence=2, total=2)], NOW)
    await ledger.apply_reports(ENTRY, [report("2"), report("3")], NOW)
    # what the stand-in can know of the messages is little, but it is shown
    assert [it.message_id for it in listener.messages] == ["1", "2", "3"]
    stall.gate.set()
    await restore(ledger)
    # now that it is known whose they are, the rest is shown too
    assert [(it.reference, it.state) for it in listener.messages[3:]] == [
        ("a0", State.DELIVERED)
    ]
    assert listener.shown[-1].late
    assert [it.state for it in await messages(ledger)] == [State.DELIVERED] * 3
    ledger, late = await reopen(ledger, path)
    assert late.shown == []
    await ledger.close()


async def test_work_that_comes_to_life_again(
    ledger: Ledger, stall: Stall, path: Path
) -> None:
    """A commit that was given up before its end is not made later."""
    await asyncio.gather(ledger.create(request("a"), None, NOW), ledger.run(stall))
    assert not ledger.durable
    stall.gate.set()
    await asyncio.sleep(0.05)
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT count(*) FROM message").fetchone() == (0,)
    db.close()
    await restore(ledger)
    assert [it.reference for it in await messages(ledger)] == ["a0"]


@pytest.fixture
async def locked(path: Path) -> AsyncGenerator[sqlite3.Connection]:
    """Hold a lock on the file, as another program may do."""
    path.parent.mkdir(exist_ok=True)
    lock = sqlite3.connect(path, isolation_level=None)
    yield lock
    lock.close()


async def test_locked_while_running(ledger: Ledger, locked: sqlite3.Connection) -> None:
    """Another program's lock is waited for a little, then memory takes over."""
    locked.execute("BEGIN IMMEDIATE")
    await send(ledger, "a", "1")
    assert not ledger.durable
    await ledger.restore()
    assert not ledger.durable
    assert await state(ledger, "a0") is State.ACCEPTED
    locked.execute("ROLLBACK")
    await restore(ledger)
    assert await state(ledger, "a0") is State.ACCEPTED


async def test_locked_at_the_start(
    ledger: Ledger, path: Path, locked: sqlite3.Connection
) -> None:
    """What a crash left is settled, and shown, when the file can be read at last."""
    await ledger.keep_address(ENTRY, "https://old", NOW)
    await send(ledger, "done", "1")
    await begin(ledger, request("leaving"))
    await ledger.create(request("waiting"), None, NOW)
    await ledger.apply_reply(ENTRY, reply(), NUMBER, NOW)
    await ledger.close()
    locked.execute("PRAGMA locking_mode = EXCLUSIVE")
    locked.execute("BEGIN EXCLUSIVE")

    ledger = Ledger(path)
    await ledger.open(NOW)
    assert not ledger.durable
    assert ledger.addresses(ENTRY, NOW) == []
    listener = Listener()
    await ledger.go_live(ENTRY, listener, NOW)
    await send(ledger, "new", "2")
    await begin(ledger, request("now"))
    await ledger.keep_address(ENTRY, "https://new", NOW + 1)
    await ledger.apply_reports(ENTRY, [report("1")], NOW)
    assert [it.message_id for it in listener.messages] == ["2"]
    await ledger.settle(ENTRY, [unconfirmed("now0")], NOW)
    assert [it.message_id for it in listener.messages] == ["2", None, "1"]
    await ledger.restore()
    assert not ledger.durable
    locked.close()

    await restore(ledger)
    assert ledger.addresses(ENTRY, NOW) == ["https://new", "https://old"]
    assert [(it.reference, it.state) for it in listener.messages[3:]] == [
        ("leaving0", State.UNCONFIRMED),
        ("waiting0", State.EXPIRED_UNSENT),
    ]
    # a reply of long ago is not
    assert listener.replies == []
    assert {it.reference: it.state for it in await messages(ledger)} == {
        "done0": State.DELIVERED,
        "leaving0": State.UNCONFIRMED,
        "waiting0": State.EXPIRED_UNSENT,
        "new0": State.ACCEPTED,
        "now0": State.UNCONFIRMED,
    }
    await ledger.close()


async def test_no_folder(path: Path) -> None:
    """Where the folder cannot be made, memory serves until it can."""
    path.parent.write_text("a file where the folder should be")
    ledger = Ledger(path)
    listener = Listener()
    await ledger.open(NOW)
    await ledger.go_live(ENTRY, listener, NOW)
    await send(ledger)
    assert not ledger.durable
    await ledger.restore()
    assert not ledger.durable
    path.parent.unlink()
    await restore(ledger)
    await ledger.apply_reports(ENTRY, [report()], NOW)
    assert listener.states == [State.ACCEPTED, State.DELIVERED]
    assert [it.recorded for it in listener.shown] == [False, True]
    ledger, late = await reopen(ledger, path)
    assert await state(ledger) is State.DELIVERED
    assert late.shown == []
    await ledger.close()


async def test_restart_of_an_application_meanwhile(
    ledger: Ledger, listener: Listener
) -> None:
    """What a stand-in showed late is not shown again by the file."""
    await ledger.retire(ENTRY)
    await send(ledger, "a", "1")
    await ledger.run(write_protect)
    await ledger.apply_reports(ENTRY, [report("x")], NOW)
    assert not ledger.durable
    await ledger.go_live(ENTRY, listener, NOW)
    assert [it.message_id for it in listener.messages] == ["1", "x"]
    await restore(ledger)
    assert len(listener.shown) == 2


async def test_application_removed_meanwhile(ledger: Ledger) -> None:
    """What was deleted while storage failed is deleted in the file too."""
    await ledger.keep_address(ENTRY, "u", NOW)
    await send(ledger)
    await ledger.run(write_protect)
    await ledger.apply_reply(ENTRY, reply(), NUMBER, NOW)
    await ledger.forget(ENTRY)
    assert not ledger.durable
    await restore(ledger)
    assert await messages(ledger) == []
    assert await reply_ids(ledger) == []
    assert ledger.addresses(ENTRY, NOW) == []


async def test_held_reports_go_along(ledger: Ledger, listener: Listener) -> None:
    """What is held back for an answer is held back by a stand-in too."""
    await begin(ledger, request())
    await ledger.apply_reports(ENTRY, [report(sequence=1, total=2)], NOW)
    await ledger.run(write_protect)
    await ledger.apply_reports(ENTRY, [report(sequence=2, total=2)], NOW)
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
        await ledger.apply_reports(ENTRY, [report(f"id{number}")], NOW)

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


async def test_nothing_to_restore(ledger: Ledger, changes: list[bool]) -> None:
    """With a file that works there is nothing to do."""
    await ledger.restore()
    assert ledger.durable
    assert changes == []


async def test_closed_while_returning(
    ledger: Ledger, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end in the middle of the way back leaves nothing open."""
    await send(ledger, "a", "1")
    await ledger.run(write_protect)
    await send(ledger, "b", "2")
    returning = asyncio.create_task(ledger.restore())
    await asyncio.sleep(0)
    await ledger.close()
    await returning
    await ledger.restore()
    assert not ledger.durable
    assert not path.with_name(f"{path.name}-wal").exists()


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


async def test_disk_hangs_at_the_end(ledger: Ledger, stall: Stall) -> None:
    """The end waits for a disk that hangs, but not for ever."""
    waiting = asyncio.ensure_future(ledger.run(stall))
    await asyncio.sleep(0)
    async with asyncio.timeout(1):
        await ledger.close()
    await waiting
    stall.gate.set()


async def test_disk_hangs_when_the_file_is_closed(
    ledger: Ledger, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also a file that cannot be closed holds up nothing."""
    gate = threading.Event()
    ended = threading.Event()

    class Slow(sqlite3.Connection):
        @override
        def close(self) -> None:
            gate.wait(5)
            super().close()
            ended.set()

    monkeypatch.setattr(
        sqlite3, "connect", functools.partial(sqlite3.connect, factory=Slow)
    )
    other = Ledger(path.with_name("other.db"))
    await other.open(NOW)
    async with asyncio.timeout(1):
        await other.close()
    gate.set()
    await asyncio.to_thread(ended.wait, 5)


async def test_disk_hangs_at_the_start(
    path: Path, stall: Stall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that hangs at the start is tried again when that has come to its end."""
    monkeypatch.setattr(storage, "OPEN_TIMEOUT", 0.05)
    connect = schema.connect

    def slow(path: Path | None, *, check: bool = False) -> sqlite3.Connection:
        stall(path)
        return connect(path, check=check)

    monkeypatch.setattr(opening, "connect", slow)
    ledger = Ledger(path)
    await ledger.open(NOW)
    await send(ledger)
    await ledger.restore()
    assert not ledger.durable
    stall.gate.set()
    await restore(ledger)
    assert await state(ledger) is State.ACCEPTED
    await ledger.close()


async def test_memory_is_bounded(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in keeps the newest messages, and does the newest operations again."""
    monkeypatch.setattr(storage, "_MEMORY_LIMIT", 20)
    monkeypatch.setattr("custom_components.huawei_cloud_sms.ledger.missed._LIMIT", 10)
    await send(ledger, "old", "0")
    await ledger.run(write_protect)
    for number in range(50):
        await send(ledger, f"a{number}x", f"{number}")
    assert not ledger.durable
    assert len(await messages(ledger)) == 20
    await restore(ledger)
    kept = [it.reference for it in await messages(ledger)]
    assert kept == ["old0", "a47x0", "a48x0", "a49x0"]
    assert await state(ledger, "a49x0") is State.ACCEPTED


async def test_listener_of_storage_that_fails(ledger: Ledger) -> None:
    """A fault of who listens to storage is nobody's else."""

    def fail() -> None:
        raise ValueError("on purpose")

    ledger.on_storage_change = fail
    assert ledger.on_storage_change is fail
    await ledger.run(write_protect)
    await send(ledger)
    assert await state(ledger) is State.ACCEPTED
    await restore(ledger)
    assert ledger.durable
