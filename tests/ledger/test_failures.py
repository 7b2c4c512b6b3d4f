"""When storage fails, sending goes on, and the file gets to know it later."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
import sqlite3

import pytest

from custom_components.huawei_cloud_sms.ledger import keeping, storage
from custom_components.huawei_cloud_sms.ledger.ledger import Ledger
from custom_components.huawei_cloud_sms.ledger.models import State

from .failing import fill_disk, reopen, restore, write_protect
from .helpers import (
    ENTRY,
    NOW,
    NUMBER,
    OTHER,
    Listener,
    accepted,
    apply_reply,
    apply_reports,
    begin,
    messages,
    reply,
    reply_ids,
    report,
    request,
    send,
    state,
    unconfirmed,
)

pytestmark = pytest.mark.usefixtures("short_times")

type Break = Callable[[sqlite3.Connection], object]


@pytest.mark.parametrize("spoil", [fill_disk, write_protect])
async def test_sending_goes_on(
    ledger: Ledger, listener: Listener, changes: list[bool], path: Path, spoil: Break
) -> None:
    """All that happens while storage fails is shown, and is in the file later."""
    await send(ledger, "before", "1")
    await begin(ledger, request("during"))
    await apply_reply(ledger, OTHER, reply("old"), NUMBER, NOW)
    await ledger.run(spoil)
    await ledger.settle(ENTRY, [accepted("during0", "2", parts=2)], NOW)
    if ledger.durable:  # there was some room left on the disk
        numbers = [f"+861{it}" for it in range(400)]
        await ledger.create_all([request("big", numbers)], None, NOW)
    assert not ledger.durable
    assert changes == [False]
    await apply_reports(ledger, ENTRY, [report("1"), report("x")], NOW)
    await apply_reports(ledger, ENTRY, [report("2", total=2)], NOW)
    await send(ledger, "after", "3")
    await apply_reply(ledger, ENTRY, reply("new"), NUMBER, NOW)
    await apply_reply(ledger, OTHER, reply("old"), NUMBER, NOW)
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
    await apply_reports(
        ledger, ENTRY, [report("2", sequence=2, total=2), report("3"), report("1")], NOW
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
    await ledger.create_all([request("waiting")], None, NOW)
    await apply_reply(ledger, ENTRY, reply(), NUMBER, NOW)
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
    await apply_reports(ledger, ENTRY, [report("1")], NOW)
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
    await apply_reports(ledger, ENTRY, [report()], NOW)
    assert listener.states == [State.ACCEPTED, State.DELIVERED]
    assert [it.recorded for it in listener.shown] == [False, True]
    ledger, late = await reopen(ledger, path)
    assert await state(ledger) is State.DELIVERED
    assert late.shown == []
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


async def test_fault_on_the_way_to_memory(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for ever because of a fault of ours."""

    def fail(_: Path) -> None:
        raise KeyError("on purpose")

    await ledger.run(write_protect)
    with monkeypatch.context() as patch:
        patch.setattr(keeping, "read_newest", fail)
        with pytest.raises(KeyError):
            async with asyncio.timeout(30):
                await ledger.create_all([request()], None, NOW)
    await send(ledger, "b")
    assert await state(ledger, "b0") is State.ACCEPTED
