"""Tests of the end of a ledger whose file failed and works again."""

import asyncio
from pathlib import Path
import sqlite3
import threading

import pytest

from custom_components.huawei_cloud_sms.ledger import ledger_file
from custom_components.huawei_cloud_sms.ledger.ledger import Ledger
from custom_components.huawei_cloud_sms.ledger.models import State

from .failing import Stall
from .helpers import ENTRY, NOW, accepted, names, request, state


async def test_what_memory_has_is_kept(ledger: Ledger, path: Path) -> None:
    """What was sent while the file failed is in it after an orderly end."""
    await ledger.create_all([request()], None, NOW)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert await ledger.mark_sending("extend-a", NOW)
    await ledger.settle(ENTRY, [accepted()], NOW)
    assert not ledger.durable
    other.execute("ROLLBACK")
    other.close()
    await ledger.close()
    ledger = Ledger(path)
    await ledger.open(NOW)
    assert await state(ledger, "a0") is State.ACCEPTED
    await ledger.close()


def test_disk_that_outlives_the_event_loop(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is there any more to know what became of it, but the file is closed."""
    stall = Stall()
    before = set(threading.enumerate())

    async def end_while_it_hangs() -> None:
        """Give the disk up, as at the end of the process."""
        ledger = Ledger(path)
        await ledger.open(NOW)
        monkeypatch.setattr(ledger_file, "COMMIT_TIMEOUT", 0.1)
        await ledger.run(stall)
        await ledger.close()

    asyncio.run(end_while_it_hangs())
    stall.gate.set()
    for thread in set(threading.enumerate()) - before:
        thread.join()
    assert names(path.parent) == {path.name}
