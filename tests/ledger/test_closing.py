"""Tests of the end of a ledger whose file failed and works again."""

from pathlib import Path
import sqlite3

from custom_components.huawei_cloud_sms.ledger.ledger import Ledger
from custom_components.huawei_cloud_sms.ledger.models import State

from .helpers import ENTRY, NOW, accepted, request, state


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
