"""Ways in which storage fails in tests, and the way back."""

import asyncio
from pathlib import Path
import sqlite3
import threading

from custom_components.huawei_cloud_sms.ledger.ledger import Ledger

from .helpers import ENTRY, NOW, Listener


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
            assert self.gate.wait(60)


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
    async with asyncio.timeout(30):
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
