"""What the tests of the ledger share: a file, a ledger and a listener."""

from collections.abc import AsyncGenerator, Generator
from pathlib import Path
import threading

import pytest

from custom_components.huawei_cloud_sms.ledger import ledger_file, schema
from custom_components.huawei_cloud_sms.ledger.ledger import Ledger

from .failing import Stall
from .helpers import ENTRY, NOW, Listener


@pytest.fixture(autouse=True)
def every_test() -> None:
    """Do without Home Assistant: the ledger knows nothing of it."""


@pytest.fixture(autouse=True)
def threads() -> Generator[None]:
    """See that no thread outlives its ledger."""
    before = threading.enumerate()
    yield
    for thread in threading.enumerate():
        if thread not in before and thread.name == "sms-ledger":
            thread.join(2)
            assert not thread.is_alive()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where a ledger is kept."""
    return tmp_path / "storage" / "ledger.db"


@pytest.fixture
async def ledger(path: Path) -> AsyncGenerator[Ledger]:
    """Open a ledger."""
    ledger = Ledger(path)
    await ledger.open(NOW)
    yield ledger
    await ledger.close()


@pytest.fixture
async def listener(ledger: Ledger) -> Listener:
    """Listen to the first application."""
    listener = Listener()
    await ledger.go_live(ENTRY, listener, NOW)
    return listener


@pytest.fixture
def stall() -> Stall:
    """Return what makes a disk seem to hang."""
    return Stall()


@pytest.fixture
def short_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for no disk longer than a test can."""
    monkeypatch.setattr(ledger_file, "COMMIT_TIMEOUT", 0.4)
    monkeypatch.setattr(ledger_file, "SALVAGE_TIMEOUT", 0.3)
    monkeypatch.setattr(schema, "_LOCK_TIMEOUT", 0.02)


@pytest.fixture
async def changes(ledger: Ledger) -> list[bool]:
    """Keep whether storage was durable each time that it changed."""
    changes: list[bool] = []
    ledger.on_storage_change = lambda: changes.append(ledger.durable)
    return changes
