"""A copy that is made of the file while it is in use is sound, and known as a copy."""

import asyncio
from contextlib import closing
from pathlib import Path
import sqlite3

import pytest

from custom_components.huawei_cloud_sms.ledger import copying, ledger_file
from custom_components.huawei_cloud_sms.ledger.ledger import Ledger
from custom_components.huawei_cloud_sms.ledger.models import State

from .failing import Stall, restore, write_protect
from .helpers import (
    ENTRY,
    NOW,
    accepted,
    apply_reports,
    begin,
    content,
    messages,
    report,
    request,
    send,
    size,
    state,
)

_BEFORE = 400
_MEANWHILE = 1500


class Copy:
    """Copies a file, its log and what belongs to it, as slowly as is wanted."""

    def __init__(self, path: Path, folder: Path) -> None:
        """Begin with nothing."""
        folder.mkdir(parents=True)
        self.path = folder / path.name
        self._source = path
        self._parts: dict[str, bytes] = {}

    def read_half(self, ending: str) -> None:
        """Read the first half of a file, or what has come since in the place of it."""
        there = content(self._source.with_name(self._source.name + ending))
        begun = self._parts.get(ending)
        if begun is None:
            self._parts[ending] = there[: len(there) // 8192 * 4096]
        else:
            self._parts[ending] = begun + there[len(begun) :]

    def write(self) -> None:
        """Write the copy."""
        for ending, part in self._parts.items():
            self.path.with_name(self.path.name + ending).write_bytes(part)


async def push(ledger: Ledger, first: int, count: int) -> None:
    """Take reports, in many commits."""
    for place in range(first, first + count, 5):
        await asyncio.gather(
            *(
                apply_reports(ledger, ENTRY, [report(f"id{it}")], NOW)
                for it in range(place, place + 5)
            )
        )


async def fill(ledger: Ledger) -> None:
    """Send many messages, some of which are delivered."""
    total = _BEFORE + _MEANWHILE
    numbers = [f"+86137{it:08}" for it in range(total)]
    for first in range(0, total, 100):
        new = request(f"a{first}x", numbers[first : first + 100])
        await begin(ledger, new)
        outcomes = [
            accepted(f"a{first}x{it}", f"id{first + it}")
            for it in range(len(new.messages))
        ]
        await ledger.settle(ENTRY, outcomes, NOW)
    await push(ledger, 0, _BEFORE)


def faults(path: Path) -> list[str]:
    """Return what SQLite finds wrong with a file."""
    with closing(sqlite3.connect(path)) as db:
        checks = ("integrity_check", "foreign_key_check")
        try:
            found = [row[0] for it in checks for row in db.execute(f"PRAGMA {it}")]
        except sqlite3.DatabaseError as err:
            found = [str(err)]
    return [it for it in found if it != "ok"]


@pytest.mark.parametrize("order", [("", "-wal", "-shm"), ("-shm", "-wal", "")])
async def test_copied_while_pushes_arrive(
    ledger: Ledger, path: Path, tmp_path: Path, order: tuple[str, ...]
) -> None:
    """Half of each file is read, much is written, then the rest is read: all fits."""
    await fill(ledger)
    await ledger.set_copied(True)
    copy = Copy(path, tmp_path / "copy")
    before = content(path)
    for place, ending in enumerate(order * 2):
        copy.read_half(ending)
        await push(ledger, _BEFORE + place * 200, 200)
    # so much was written that it would have been moved into the file long ago
    assert size(path.with_name(f"{path.name}-wal")) > 1000 * 4096
    assert content(path) == before
    await push(ledger, _BEFORE + 1200, 300)
    copy.write()
    await ledger.set_copied(False)

    assert faults(copy.path) == []
    copied = Ledger(copy.path)
    await copied.open(NOW)
    assert copied.damaged_file is None
    delivered = [
        int((it.message_id or "id0")[2:])
        for it in await messages(copied)
        if it.state is State.DELIVERED
    ]
    # all up to a moment that is not before the copy was begun
    assert delivered == list(range(len(delivered)))
    assert _BEFORE <= len(delivered) <= _BEFORE + _MEANWHILE
    await push(copied, 0, _BEFORE + _MEANWHILE)
    assert await copied.count_states(ENTRY) == {"delivered": _BEFORE + _MEANWHILE}
    await copied.close()
    assert await ledger.count_states(ENTRY) == {"delivered": _BEFORE + _MEANWHILE}


async def test_the_file_alone(ledger: Ledger, path: Path, tmp_path: Path) -> None:
    """Even without its log a copy has all from before it was begun."""
    await send(ledger)
    await ledger.set_copied(True)
    await send(ledger, "b", "later")
    copy = Copy(path, tmp_path / "copy")
    copy.read_half("")
    copy.read_half("")
    copy.write()
    copied = Ledger(copy.path)
    await copied.open(NOW)
    assert [it.reference for it in await messages(copied)] == ["a0"]
    await copied.close()


async def test_usual_again(ledger: Ledger, path: Path) -> None:
    """After the copy the log is folded into the file again, and leaves no mark."""
    await ledger.set_copied(True)
    await ledger.set_copied(True)
    await ledger.set_copied(False)
    await fill(ledger)
    log = path.with_name(f"{path.name}-wal")
    assert size(log) < 5_000_000
    await ledger.close()
    assert not log.exists()
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT * FROM mark").fetchall() == []


async def test_copy_that_nobody_ends(
    ledger: Ledger, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If nobody says that a copy is done, the log does not grow for ever."""
    monkeypatch.setattr(copying, "_LONGEST_LOG", 1100)
    await ledger.set_copied(True)
    await fill(ledger)
    # it is begun anew after so many pages and those of the commit that reached them
    assert size(path.with_name(f"{path.name}-wal")) < 1400 * 4096
    await ledger.close()
    ledger = Ledger(path)
    await ledger.open(NOW)
    assert ledger.damaged_file is None
    assert (await ledger.count_states(ENTRY))["delivered"] == _BEFORE
    await ledger.close()
    assert not path.with_name(f"{path.name}-wal").exists()


@pytest.mark.usefixtures("short_times")
async def test_storage_fails_while_it_is_copied(ledger: Ledger, path: Path) -> None:
    """A file that is given up and opened again meanwhile stays as it is too."""
    await send(ledger, "a", "1")
    await ledger.set_copied(True)
    await send(ledger, "b", "2")
    before = content(path)
    await ledger.run(write_protect)
    await send(ledger, "c", "3")
    assert not ledger.durable
    # nothing can be held or let go, and nobody is told
    await ledger.set_copied(True)
    await restore(ledger)
    await fill(ledger)
    assert content(path) == before
    await ledger.set_copied(False)
    assert await state(ledger, "c0") is State.ACCEPTED


async def test_storage_works_again_while_it_is_copied(
    ledger: Ledger, path: Path
) -> None:
    """A copy is known as one although it was begun while the file failed."""
    await send(ledger, "a", "1")
    await ledger.run(write_protect)
    await send(ledger, "b", "2")
    await ledger.set_copied(True)
    await restore(ledger)
    for copied in (True, False):
        with closing(sqlite3.connect(path)) as db:
            assert bool(db.execute("SELECT * FROM mark").fetchall()) is copied
        await ledger.set_copied(False)


async def test_after_the_end(path: Path) -> None:
    """A ledger that is closed can be copied as it is."""
    ledger = Ledger(path)
    await ledger.open(NOW)
    await ledger.close()
    await ledger.set_copied(True)
    assert not path.with_name(f"{path.name}-wal").exists()


async def test_who_copies_is_cancelled(
    ledger: Ledger,
    stall: Stall,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """That nobody waits any more for the file to be ready is no fault."""
    monkeypatch.setattr(copying, "hold", stall)
    copied = asyncio.create_task(ledger.set_copied(True))
    await asyncio.to_thread(stall.begun.wait, 60)
    copied.cancel()
    await asyncio.wait([copied])
    stall.gate.set()
    await send(ledger)
    assert ledger.durable
    assert await state(ledger) is State.ACCEPTED
    assert "Exception in callback" not in caplog.text


async def test_slow_preparation(
    ledger: Ledger, stall: Stall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the preparation of a copy takes is not taken for a disk that hangs."""
    monkeypatch.setattr(copying, "hold", stall)
    copied = asyncio.create_task(ledger.set_copied(True))
    await asyncio.to_thread(stall.begun.wait, 60)
    with monkeypatch.context() as patch:
        patch.setattr(ledger_file, "COMMIT_TIMEOUT", 0.01)
        sent = asyncio.create_task(send(ledger))
        await asyncio.sleep(0.1)
    stall.gate.set()
    await asyncio.gather(copied, sent)
    assert ledger.durable
    assert await state(ledger) is State.ACCEPTED


@pytest.mark.usefixtures("short_times")
async def test_disk_hangs_when_a_copy_begins(
    ledger: Ledger, stall: Stall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for the preparation of a copy of a disk that hangs."""
    held: list[object] = []
    monkeypatch.setattr(copying, "hold", held.append)
    stalled = asyncio.ensure_future(ledger.run(stall))
    await asyncio.to_thread(stall.begun.wait, 60)
    await ledger.set_copied(True)
    assert not ledger.durable
    await stalled
    stall.gate.set()
    await ledger.set_copied(False)
    await restore(ledger)
    assert held == []
