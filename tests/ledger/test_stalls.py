"""Behind a disk that hangs nobody waits for long, and nothing is lost."""

import asyncio
from contextlib import suppress
import functools
from pathlib import Path
import sqlite3
import threading
from typing import override

import pytest

from custom_components.huawei_cloud_sms.ledger import (
    keeping,
    ledger_file,
    opening,
    schema,
)
from custom_components.huawei_cloud_sms.ledger.ledger import Ledger
from custom_components.huawei_cloud_sms.ledger.models import State

from .failing import Stall, reopen, restore, write_protect
from .helpers import (
    ENTRY,
    NOW,
    Listener,
    accepted,
    apply_reports,
    begin,
    messages,
    report,
    request,
    send,
    state,
    unconfirmed,
)

pytestmark = pytest.mark.usefixtures("short_times")


async def test_disk_hangs(
    ledger: Ledger, listener: Listener, changes: list[bool], stall: Stall, path: Path
) -> None:
    """Behind a disk that hangs nobody waits for long, and nothing is lost."""
    await send(ledger, "a", "1")
    await begin(ledger, request("b"))
    results = await asyncio.gather(
        ledger.run(stall),
        ledger.settle(ENTRY, [accepted("b0", "2")], NOW),
        ledger.create_all([request("c")], None, NOW),
        apply_reports(ledger, ENTRY, [report("1")], NOW),
    )
    assert not ledger.durable
    assert [it.state for it in results[1].current] == [State.ACCEPTED]
    await ledger.mark_sending("extend-c", NOW)
    await apply_reports(ledger, ENTRY, [report("2", extend="extend-b")], NOW)
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
    await apply_reports(ledger, ENTRY, [report("1", sequence=1, total=2)], NOW)
    await begin(ledger, request("b"))
    await ledger.create_all([request("c")], None, NOW)
    monkeypatch.setattr(keeping, "read_newest", lambda _: stall.gate.wait(60))
    stalled = asyncio.ensure_future(ledger.run(stall))
    await asyncio.sleep(0)
    changes = await ledger.settle(ENTRY, [accepted("b0", "2")], NOW)
    await stalled
    assert changes.current == ()
    # sending goes on with what the stand-in does not know
    assert await ledger.mark_sending("extend-c", NOW)
    await apply_reports(ledger, ENTRY, [report("1", sequence=2, total=2)], NOW)
    await apply_reports(ledger, ENTRY, [report("2"), report("3")], NOW)
    # what the stand-in can know of the messages is little, but it is shown
    assert [it.message_id for it in listener.messages] == ["1", "2", "3"]
    await ledger.settle(ENTRY, [unconfirmed("c0")], NOW)
    stall.gate.set()
    await restore(ledger)
    # now that it is known whose they are, the rest is shown too
    assert [(it.reference, it.state) for it in listener.messages[3:]] == [
        ("a0", State.DELIVERED),
        ("c0", State.UNCONFIRMED),
    ]
    assert all(it.late for it in listener.shown[3:])
    assert [it.state for it in await messages(ledger)] == [
        State.DELIVERED,
        State.DELIVERED,
        State.UNCONFIRMED,
        State.DELIVERED,
    ]
    ledger, late = await reopen(ledger, path)
    assert late.shown == []
    await ledger.close()


async def test_work_that_comes_to_life_again(
    ledger: Ledger, stall: Stall, path: Path
) -> None:
    """A commit that was given up before its end is not made later."""
    await asyncio.gather(
        ledger.create_all([request("a")], None, NOW), ledger.run(stall)
    )
    assert not ledger.durable
    stall.gate.set()
    await asyncio.sleep(0.05)
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT count(*) FROM message").fetchone() == (0,)
    db.close()
    await restore(ledger)
    assert [it.reference for it in await messages(ledger)] == ["a0"]


async def test_end_of_what_was_given_up(
    ledger: Ledger, stall: Stall, caplog: pytest.LogCaptureFixture
) -> None:
    """That a commit ends for which nobody waits any more is no fault."""
    await ledger.run(stall)
    assert not ledger.durable
    stall.gate.set()
    await restore(ledger)
    assert "Exception in callback" not in caplog.text


async def test_disk_hangs_at_the_end(ledger: Ledger, stall: Stall) -> None:
    """The end waits for a disk that hangs, but not for ever."""
    waiting = asyncio.ensure_future(ledger.run(stall))
    await asyncio.sleep(0)
    async with asyncio.timeout(20):
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
            gate.wait(60)
            super().close()
            ended.set()

    monkeypatch.setattr(
        sqlite3, "connect", functools.partial(sqlite3.connect, factory=Slow)
    )
    other = Ledger(path.with_name("other.db"))
    await other.open(NOW)
    async with asyncio.timeout(20):
        await other.close()
    gate.set()
    await asyncio.to_thread(ended.wait, 60)


async def test_disk_hangs_at_the_last_attempt(
    ledger: Ledger, stall: Stall, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end does not wait for ever for a file to return to, nor leave it open."""
    await send(ledger, "a", "1")
    await ledger.run(write_protect)
    await send(ledger, "b", "2")
    connect = schema.connect

    def slow(path: Path | None, *, check: bool = False) -> sqlite3.Connection:
        stall(path)
        return connect(path, check=check)

    monkeypatch.setattr(opening, "connect", slow)
    attempt = asyncio.create_task(ledger.restore())
    async with asyncio.timeout(20):
        await ledger.close()
    stall.gate.set()
    await attempt
    assert not ledger.durable
    assert not path.with_name(f"{path.name}-wal").exists()


async def test_disk_hangs_at_the_start(
    path: Path, stall: Stall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that hangs at the start is tried again when that has come to its end."""
    monkeypatch.setattr(ledger_file, "OPEN_TIMEOUT", 0.05)
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
