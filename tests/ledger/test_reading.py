"""Pushes are read together, when their commit begins."""

import asyncio
import gc
import time
from weakref import ref

import pytest

from custom_components.huawei_cloud_sms.ledger import batches, store
from custom_components.huawei_cloud_sms.ledger.ledger import Ledger
from custom_components.huawei_cloud_sms.msgsms.errors import PushFormatError
from custom_components.huawei_cloud_sms.msgsms.push import Push

from .helpers import ENTRY, NOW, apply_reports, messages, report


async def push_what_cannot_be_read(ledger: Ledger) -> None:
    """Push something malformed."""

    def read() -> Push:
        raise PushFormatError("status", "missing")

    await ledger.pushes.apply(ENTRY, read, "CN", NOW, 1)


async def test_one_cannot_be_read(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who pushed it learns why; the others are stored, and there is room again."""
    monkeypatch.setattr(batches, "_QUEUE_LIMIT", 3)
    for _ in range(3):
        results = await asyncio.gather(
            apply_reports(ledger, ENTRY, [report("1")], NOW),
            push_what_cannot_be_read(ledger),
            apply_reports(ledger, ENTRY, [report("2")], NOW),
            return_exceptions=True,
        )
        assert [type(it) for it in results] == [type(None), PushFormatError, type(None)]
    assert [it.message_id for it in await messages(ledger)] == ["1", "2"]


async def test_nothing_can_be_read(ledger: Ledger) -> None:
    """Then nothing is committed, and who comes next is served as ever."""
    statements: list[str] = []
    await ledger.run(lambda db: db.set_trace_callback(statements.append))
    statements.clear()
    results = await asyncio.gather(
        *(push_what_cannot_be_read(ledger) for _ in range(3)), return_exceptions=True
    )
    assert [type(it) for it in results] == [PushFormatError] * 3
    assert statements == []
    await apply_reports(ledger, ENTRY, [report("1")], NOW)
    await ledger.run(lambda db: db.set_trace_callback(None))
    assert len(await messages(ledger)) == 1


async def test_not_too_much_is_read_at_once(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading holds the event loop up: what takes long goes into several commits."""
    monkeypatch.setattr(batches, "_PREPARE_FOR", 0)
    steps: list[str] = []

    def read() -> Push:
        steps.append("read")
        return (report(f"{len(steps)}"),)

    await ledger.run(lambda db: db.set_trace_callback(steps.append))
    steps.clear()
    await asyncio.gather(
        *(ledger.pushes.apply(ENTRY, read, "CN", NOW, 1) for _ in range(3))
    )
    await ledger.run(lambda db: db.set_trace_callback(None))
    assert [it for it in steps if it in ("read", "COMMIT")][:6] == [
        "read",
        "COMMIT",
    ] * 3
    assert len(await messages(ledger)) == 3


async def test_not_too_much_rubbish_is_read_at_once(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be read holds it up as well."""
    monkeypatch.setattr(batches, "_PREPARE_FOR", 0)
    steps: list[str] = []

    def read() -> Push:
        steps.append("read")
        raise PushFormatError("status", "missing")

    async def go_on() -> None:
        while steps.count("read") < 3:
            steps.append("else")
            await asyncio.sleep(0)

    await asyncio.gather(
        *(ledger.pushes.apply(ENTRY, read, "CN", NOW, 1) for _ in range(3)),
        go_on(),
        return_exceptions=True,
    )
    first, second, third = (it for it, step in enumerate(steps) if step == "read")
    assert "else" in steps[first:second]
    assert "else" in steps[second:third]


async def test_read_once(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a commit leaves for the next one is not read again, and when it came kept."""
    monkeypatch.setattr(store, "_COMMIT_AFTER", 0.01)
    reads: list[int] = []

    def read() -> Push:
        reads.append(1)
        return (report("1"),)

    async def push_behind_slow_work() -> None:
        await ledger.pushes.apply(ENTRY, read, "CN", NOW, 1)

    await asyncio.gather(
        ledger.run(lambda _: time.sleep(0.05)), push_behind_slow_work()
    )
    assert reads == [1]
    pushed = "SELECT last_push FROM tally"
    assert await ledger.run(lambda db: db.execute(pushed).fetchall()) == [(NOW,)]


async def test_what_was_read_of_rubbish_is_let_go(ledger: Ledger) -> None:
    """It is not kept until somebody looks for cycles."""

    class Tree:
        """What was read so far."""

    trees: list[ref[Tree]] = []

    def read() -> Push:
        tree = Tree()
        trees.append(ref(tree))
        raise PushFormatError("status", "missing")

    gc.disable()
    try:
        with pytest.raises(PushFormatError):
            await ledger.pushes.apply(ENTRY, read, "CN", NOW, 1)
        assert [tree() for tree in trees] == [None]
    finally:
        gc.enable()
