"""What arrives together is committed together, and nobody waits for ever."""

import asyncio
from pathlib import Path
import sqlite3
import threading
import time

import pytest

from custom_components.huawei_cloud_sms.ledger import (
    batches,
    ledger_file,
    pushes,
    store,
    tally,
)
from custom_components.huawei_cloud_sms.ledger.ledger import Ledger
from custom_components.huawei_cloud_sms.ledger.models import (
    Changes,
    LedgerBusyError,
    NewRequest,
    State,
)

from .failing import write_protect
from .helpers import (
    ENTRY,
    NOW,
    NUMBER,
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
)


async def test_committed_together(ledger: Ledger) -> None:
    """Many pushes at once need few commits."""
    statements: list[str] = []
    await ledger.run(lambda db: db.set_trace_callback(statements.append))
    await asyncio.gather(
        *(apply_reports(ledger, ENTRY, [report(f"{it}")], NOW) for it in range(200))
    )
    await ledger.run(lambda db: db.set_trace_callback(None))
    assert statements.count("COMMIT") < 5
    assert len(await messages(ledger)) == 200


async def test_who_was_answered_comes_again(ledger: Ledger) -> None:
    """Those who push one after the other share their commits, if not quite in step."""
    statements: list[str] = []

    async def push_again_and_again(turns: int) -> None:
        for number in range(10):
            for _ in range(turns):
                await asyncio.sleep(0)
            await apply_reports(ledger, ENTRY, [report(f"{turns}-{number}")], NOW)

    await ledger.run(lambda db: db.set_trace_callback(statements.append))
    await asyncio.gather(*(push_again_and_again(turns) for turns in range(0, 20, 5)))
    await ledger.run(lambda db: db.set_trace_callback(None))
    assert statements.count("COMMIT") < 20
    assert len(await messages(ledger)) == 40


async def test_a_lot_of_work_is_cut(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit takes no more operations when it has lasted long enough."""
    monkeypatch.setattr(store, "_COMMIT_AFTER", 0.02)
    monkeypatch.setattr(ledger_file, "COMMIT_TIMEOUT", 0.3)
    await asyncio.gather(
        *(ledger.run(lambda db: time.sleep(0.01)) for _ in range(50)),
        *(apply_reports(ledger, ENTRY, [report(f"{it}")], NOW) for it in range(50)),
    )
    assert ledger.durable
    assert len(await messages(ledger)) == 50


async def test_one_fails_the_others_do_not(ledger: Ledger) -> None:
    """A failing operation leaves no trace; what is committed with it is kept."""

    def fail(db: sqlite3.Connection) -> None:
        db.execute("DELETE FROM message")
        raise KeyError("on purpose")

    await ledger.create_all([request("b")], None, NOW)
    results = await asyncio.gather(
        ledger.create_all([request("a")], None, NOW),
        ledger.run(fail),
        ledger.create_all([request("a")], None, NOW),
        ledger.create_all([request("c")], None, NOW),
        return_exceptions=True,
    )
    assert [type(it) for it in results] == [
        Changes,
        KeyError,
        sqlite3.IntegrityError,
        Changes,
    ]
    assert [it.reference for it in await messages(ledger)] == ["b0", "a0", "c0"]
    assert ledger.durable


async def test_done_again_without_the_one_that_fails(
    ledger: Ledger, listener: Listener
) -> None:
    """What is committed with a failing operation is shown and counted once."""

    def fail(db: sqlite3.Connection) -> None:
        raise KeyError("on purpose")

    await send(ledger)
    results = await asyncio.gather(
        apply_reports(ledger, ENTRY, [report()], NOW),
        apply_reply(ledger, ENTRY, reply(), NUMBER, NOW),
        ledger.run(fail),
        return_exceptions=True,
    )
    assert [type(it) for it in results] == [type(None), type(None), KeyError]
    assert listener.states == [State.ACCEPTED, State.DELIVERED]
    assert listener.replies == await reply_ids(ledger) == ["reply"]
    totals = await ledger.run(lambda db: tally.read_totals(db, ENTRY))
    assert totals == {"sent": 1, "delivered": 1, "failed": 0, "pushed": 1}


async def test_several_requests_all_or_none(ledger: Ledger) -> None:
    """Requests that belong together are written down together."""
    with pytest.raises(sqlite3.IntegrityError):
        await ledger.create_all([request("a"), request("b"), request("a")], "u", NOW)
    assert await messages(ledger) == []
    assert ledger.addresses(ENTRY, NOW) == []
    await ledger.create_all([request("a"), request("b")], "u", NOW)
    assert [it.state for it in await messages(ledger)] == [State.QUEUED] * 2
    assert ledger.addresses(ENTRY, NOW) == ["u"]


async def test_sending_is_marked_once(ledger: Ledger) -> None:
    """What has ended does not begin again."""
    await send(ledger)
    assert not await ledger.mark_sending("extend-a", NOW)
    assert await state(ledger) is State.ACCEPTED


async def test_caller_that_is_cancelled(ledger: Ledger, listener: Listener) -> None:
    """A caller who waits no more stops nothing, and harms nobody."""
    callers = [
        asyncio.create_task(ledger.create_all([request(name)], None, NOW))
        for name in ("a", "b")
    ]
    failing = asyncio.create_task(ledger.run(lambda db: db.execute("nonsense", (1,))))
    await asyncio.sleep(0)
    callers[0].cancel()
    failing.cancel()
    await asyncio.wait([*callers, failing])
    assert callers[0].cancelled()
    assert [it.reference for it in await messages(ledger)] == ["a0", "b0"]


async def test_stand_in_that_is_cancelled(ledger: Ledger) -> None:
    """Even if the task that commits is ended, what waits is done by the next one."""
    await ledger.run(write_protect)
    await ledger.create_all([request()], None, NOW)
    assert not ledger.durable
    gate, held = stop_thread(ledger)
    await asyncio.sleep(0.01)
    waiting = asyncio.create_task(ledger.create_all([request("b")], None, NOW))
    [stand_in] = stand_ins()
    stand_in.cancel()
    await asyncio.sleep(0.01)
    assert not waiting.done()
    gate.set()
    await asyncio.gather(waiting, held)
    assert [it.reference for it in await messages(ledger)] == ["a0", "b0"]


async def test_stand_in_that_is_cancelled_at_once(ledger: Ledger) -> None:
    """The same for a task that has hardly begun."""
    await ledger.run(write_protect)
    waiting = asyncio.create_task(ledger.create_all([request()], None, NOW))
    async with asyncio.timeout(30):
        while not (found := stand_ins()):
            await asyncio.sleep(0)
        found[0].cancel()
        await waiting
    assert [it.reference for it in await messages(ledger)] == ["a0"]


def stand_ins() -> list[asyncio.Task[object]]:
    """Return the tasks that commit where the file fails."""
    return [it for it in asyncio.all_tasks() if it.get_name() == "ledger stand-in"]


async def test_who_pushes_is_answered_first(ledger: Ledger) -> None:
    """The platform does not wait for those who are told."""
    running: list[asyncio.Future[Changes]] = []
    answered: list[bool] = []
    await ledger.go_live(
        ENTRY, lambda _: answered.extend(it.done() for it in running), NOW
    )
    await send(ledger)
    running.append(ledger.pushes.apply(ENTRY, lambda: (report(),), "CN", NOW, 1))
    await running[0]
    await ledger.run(lambda _: None)
    assert answered == [True]


async def test_who_sends_goes_on_when_it_was_shown(
    ledger: Ledger, listener: Listener
) -> None:
    """Only who pushes is answered first; that a push is committed too changes nothing."""
    await begin(ledger, request())

    async def settle() -> list[State]:
        await ledger.settle(ENTRY, [accepted()], NOW)
        return listener.states

    statements: list[str] = []
    await ledger.run(lambda db: db.set_trace_callback(statements.append))
    statements.clear()
    shown, _ = await asyncio.gather(
        settle(), apply_reports(ledger, ENTRY, [report("x")], NOW)
    )
    assert statements.count("COMMIT") == 1
    await ledger.run(lambda db: db.set_trace_callback(None))
    assert shown[:1] == [State.ACCEPTED]


async def test_listener_that_fails(
    ledger: Ledger, listener: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    """What is wrong with one who is told of commits keeps nobody else waiting."""

    def fail() -> None:
        raise KeyError("on purpose")

    stop = ledger.listen_commits(fail)
    await send(ledger)
    await apply_reports(ledger, ENTRY, [report()], NOW)
    assert listener.states == [State.ACCEPTED, State.DELIVERED]
    assert "Telling of a commit failed" in caplog.text
    stop()


async def test_fault_in_the_middle_of_a_commit(
    ledger: Ledger, listener: Listener
) -> None:
    """An operation that breaks the commit itself is an error for those who wait."""

    def spoil(db: sqlite3.Connection) -> None:
        db.execute("COMMIT")

    results = await asyncio.gather(
        ledger.run(spoil),
        ledger.run(lambda _: None),
        return_exceptions=True,
    )
    assert [type(it) for it in results] == [sqlite3.OperationalError] * 2
    await send(ledger)
    assert listener.states == [State.ACCEPTED]


def stop_thread(ledger: Ledger) -> tuple[threading.Event, asyncio.Task[object]]:
    """Keep the ledger's thread busy until the event is set."""
    gate = threading.Event()
    return gate, asyncio.ensure_future(ledger.run(lambda _: gate.wait(5)))


async def test_bounded(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too much waiting is refused, except for sends that are under way."""
    await begin(ledger, request("a"))
    await ledger.create_all([request("b")], None, NOW)
    monkeypatch.setattr(batches, "_QUEUE_LIMIT", 10)
    gate, held = stop_thread(ledger)
    await asyncio.sleep(0.01)
    pushes = [
        asyncio.ensure_future(apply_reports(ledger, ENTRY, [report(name)] * 4, NOW))
        for name in ("x", "y")
    ]
    await asyncio.sleep(0)
    with pytest.raises(LedgerBusyError):
        await apply_reports(ledger, ENTRY, [report("z")] * 4, NOW)
    with pytest.raises(LedgerBusyError):
        await ledger.create_all([request("c", ["+861", "+862"])], None, NOW)
    underway = [
        asyncio.ensure_future(it)
        for it in (
            apply_reply(ledger, ENTRY, reply(), NUMBER, NOW),
            ledger.mark_sending("extend-b", NOW),
            ledger.settle(ENTRY, [accepted()], NOW),
            ledger.keep_address(ENTRY, "u", NOW),
        )
    ]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(*underway, *pushes, held)
    names = sorted(it.message_id or it.reference for it in await messages(ledger))
    assert names == ["b0", "id", "x", "y"]
    assert await state(ledger, "b0") is State.SENDING
    # room again
    await apply_reports(ledger, ENTRY, [report("z")] * 4, NOW)


async def test_who_pushes_does_not_wait_for_ever(
    ledger: Ledger, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind slow work a push is given up, but not lost; who sends waits for its end."""
    await send(ledger, "a", "1")
    monkeypatch.setattr(pushes, "_PATIENCE", 0.01)
    monkeypatch.setattr(batches, "_LOOK_EVERY", 0.01)
    gate, held = stop_thread(ledger)
    await asyncio.sleep(0.01)
    settled = asyncio.ensure_future(ledger.keep_address(ENTRY, "u", NOW))
    with pytest.raises(TimeoutError):
        await apply_reports(ledger, ENTRY, [report("1")], NOW)
    with pytest.raises(TimeoutError):
        await apply_reply(ledger, ENTRY, reply(), NUMBER, NOW)
    assert listener.states == [State.ACCEPTED]
    gate.set()
    await asyncio.gather(held, settled)
    await ledger.run(lambda _: None)
    assert listener.states == [State.ACCEPTED, State.DELIVERED]
    assert listener.replies == [reply().message_id]
    assert ledger.durable


async def test_close_under_load(path: Path) -> None:
    """What was taken before the end is in the file, what comes later is refused."""
    ledger = Ledger(path)
    await ledger.open(NOW)
    await begin(ledger, request())
    pushes = [
        asyncio.ensure_future(apply_reports(ledger, ENTRY, [report(f"{it}")], NOW))
        for it in range(600)
    ]
    await asyncio.sleep(0)
    closing = asyncio.ensure_future(ledger.close())
    await asyncio.sleep(0)
    with pytest.raises(LedgerBusyError):
        await apply_reply(ledger, ENTRY, reply(), NUMBER, NOW)
    with pytest.raises(LedgerBusyError):
        await ledger.create_all([request("b")], None, NOW)
    # at the end nothing may leave any more
    assert not await ledger.mark_sending("extend-a", NOW)
    # the answer to a send is of use to its caller even if it cannot be kept
    changes = await ledger.settle(ENTRY, [accepted()], NOW)
    assert changes.current == ()
    await ledger.retire(ENTRY)
    await closing
    await ledger.close()
    await asyncio.gather(*pushes)
    assert not path.with_name(f"{path.name}-wal").exists()
    ledger = Ledger(path)
    await ledger.open(NOW)
    assert len(await messages(ledger)) == 601
    assert await state(ledger) is State.UNCONFIRMED
    assert await reply_ids(ledger) == []
    await ledger.close()


async def test_thousands_a_second(ledger: Ledger) -> None:
    """The ledger alone takes pushes much faster than they can come by HTTP."""
    numbers = [f"+86137{it:08}" for it in range(500)]
    new: NewRequest = request(numbers=numbers)
    await begin(ledger, new)
    outcomes = [accepted(f"a{it}", f"id{it}") for it in range(500)]
    await ledger.settle(ENTRY, outcomes, NOW)
    began = time.perf_counter()
    await asyncio.gather(
        *(apply_reports(ledger, ENTRY, [report(f"id{it}")], NOW) for it in range(500))
    )
    # a tenth of what a slow machine does, so that only a real fault shows
    assert time.perf_counter() - began < 1
    assert (await ledger.count_states(ENTRY)) == {"delivered": 500}
