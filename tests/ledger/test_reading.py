"""Pushes are read together, when their commit begins."""

import asyncio

import pytest

from custom_components.huawei_cloud_sms.ledger import batches
from custom_components.huawei_cloud_sms.ledger.ledger import Ledger
from custom_components.huawei_cloud_sms.msgsms.errors import PushFormatError
from custom_components.huawei_cloud_sms.msgsms.push import Push

from .helpers import ENTRY, NOW, apply_reports, messages, report


async def push_what_cannot_be_read(ledger: Ledger) -> None:
    """Push something malformed."""

    def read() -> Push:
        raise PushFormatError("status", "missing")

    await ledger.pushes.apply(ENTRY, read, "CN", NOW)


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
    """Reading holds the event loop up: what is a lot goes into several commits."""
    monkeypatch.setattr(batches, "_COMMIT_WEIGHT", 4)
    steps: list[str] = []

    def read(name: str) -> Push:
        steps.append("read")
        return tuple(report(f"{name}-{number}") for number in range(2))

    await ledger.run(lambda db: db.set_trace_callback(steps.append))
    steps.clear()
    await asyncio.gather(
        *(
            ledger.pushes.apply(ENTRY, lambda name=name: read(name), "CN", NOW, 2)
            for name in "abcd"
        )
    )
    await ledger.run(lambda db: db.set_trace_callback(None))
    assert [it for it in steps if it in ("read", "COMMIT")][:6] == [
        *("read", "read", "COMMIT"),
        *("read", "read", "COMMIT"),
    ]
    assert len(await messages(ledger)) == 8
