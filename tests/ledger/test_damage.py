"""A damaged file is moved aside and a new one begun; others stay where they are."""

from collections.abc import Callable
from pathlib import Path
import shutil
import sqlite3

import pytest

from custom_components.huawei_cloud_sms.ledger import opening
from custom_components.huawei_cloud_sms.ledger.ledger import Ledger
from custom_components.huawei_cloud_sms.ledger.models import State

from .helpers import (
    ENTRY,
    NOW,
    NUMBER,
    Listener,
    accepted,
    apply_reports,
    begin,
    content,
    messages,
    names,
    report,
    request,
    send,
    state,
)

type Damage = Callable[[Path], object]

PAGE = 4096


def scribble(path: Path) -> None:
    """Write over the first page of every table and index, but not of their list."""
    # its log must stay where it is
    db = sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True)
    pages = db.execute("SELECT rootpage FROM sqlite_schema WHERE rootpage").fetchall()
    db.close()
    with path.open("r+b") as file:
        for (page,) in pages:
            file.seek((page - 1) * PAGE)
            file.write(b"\xa5" * PAGE)


def drop_table(path: Path) -> None:
    """Take a table away."""
    with sqlite3.connect(path) as db:
        db.execute("DROP TABLE held")
    db.close()


async def fill(path: Path) -> None:
    """Make a ledger of some size."""
    ledger = Ledger(path)
    await ledger.open(NOW)
    numbers = [f"+86137{it:08}" for it in range(200)]
    await begin(ledger, request(numbers=numbers))
    outcomes = [accepted(f"a{it}", f"id{it}") for it in range(200)]
    await ledger.settle(ENTRY, outcomes, NOW)
    await ledger.close()


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b"this was never a database" * 1000),
        lambda path: path.write_bytes(path.read_bytes()[: 3 * PAGE]),
        lambda path: path.write_bytes(b"\0" * PAGE + path.read_bytes()[PAGE:]),
        drop_table,
    ],
    ids=["other file", "cut off", "no header", "no table"],
)
async def test_damaged_at_the_start(path: Path, damage: Damage) -> None:
    """What is no ledger is kept under another name; the new one works at once."""
    await fill(path)
    damage(path)
    damaged = content(path)
    ledger = Ledger(path)
    changes: list[Path | None] = []
    ledger.on_storage_change = lambda: changes.append(ledger.damaged_file)
    await ledger.open(NOW)
    if ledger.damaged_file is None:  # found when it is first needed
        await send(ledger, "b")
        await ledger.restore()
    assert ledger.durable
    aside = ledger.damaged_file
    assert aside is not None
    assert aside.name.startswith(f"{path.name}.damaged-")
    assert content(aside) == damaged
    assert changes[-1] == aside
    listener = Listener()
    await ledger.go_live(ENTRY, listener, NOW)
    await send(ledger, "c", "c")
    assert listener.states[-1] is State.ACCEPTED
    assert listener.shown[-1].recorded
    await ledger.close()
    ledger = Ledger(path)
    await ledger.open(NOW)
    assert ledger.damaged_file is None
    assert await state(ledger, "c0") is State.ACCEPTED
    await ledger.close()


async def test_damage_that_shows_later(path: Path) -> None:
    """Damage that is met while running costs no message that could still be read."""
    await fill(path)
    scribble(path)
    ledger = Ledger(path)
    listener = Listener()
    await ledger.open(NOW)
    await ledger.go_live(ENTRY, listener, NOW)
    await begin(ledger, request("b"))
    assert not ledger.durable
    assert ledger.damaged_file is None
    await ledger.settle(ENTRY, [accepted("b0", "b")], NOW)
    await ledger.restore()
    assert ledger.durable
    assert ledger.damaged_file is not None
    await apply_reports(ledger, ENTRY, [report("b")], NOW)
    assert listener.states == [State.ACCEPTED, State.DELIVERED]
    assert [it.reference for it in await messages(ledger)] == ["b0"]
    await ledger.close()


async def test_damaged_pages_after_a_crash(path: Path, tmp_path: Path) -> None:
    """A file that was not closed in order is read whole before it is used."""
    await fill(path)
    ledger = Ledger(path)
    await ledger.open(NOW)
    await send(ledger, "b")
    crashed = tmp_path / "crashed" / path.name
    crashed.parent.mkdir()
    for suffix in ("", "-wal"):
        shutil.copy(f"{path}{suffix}", f"{crashed}{suffix}")
    await ledger.close()
    scribble(crashed)
    ledger = Ledger(crashed)
    await ledger.open(NOW)
    aside = ledger.damaged_file
    assert aside is not None
    assert ledger.durable
    await ledger.close()


async def test_sound_after_a_crash(path: Path, tmp_path: Path) -> None:
    """A sound file with a log is used as it is."""
    await fill(path)
    ledger = Ledger(path)
    await ledger.open(NOW)
    await send(ledger, "b")
    crashed = tmp_path / "crashed.db"
    for suffix in ("", "-wal"):
        shutil.copy(f"{path}{suffix}", f"{crashed}{suffix}")
    await ledger.close()
    ledger = Ledger(crashed)
    await ledger.open(NOW)
    assert ledger.damaged_file is None
    assert await state(ledger, "b0") is State.ACCEPTED
    await ledger.close()


async def test_made_by_a_newer_release(path: Path) -> None:
    """A newer file is not damaged: it is left alone, and memory serves meanwhile."""
    await fill(path)
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    before = content(path)
    ledger = Ledger(path)
    await ledger.open(NOW)
    await send(ledger, "b")
    await ledger.restore()
    assert not ledger.durable
    assert ledger.damaged_file is None
    assert await state(ledger, "b0") is State.ACCEPTED
    await ledger.close()
    assert content(path) == before
    assert names(path.parent) == {path.name}


def test_few_damaged_files_are_kept(path: Path) -> None:
    """The newest two damaged files are kept, each with its log."""
    path.parent.mkdir()
    moved = []
    for _ in range(4):
        path.write_bytes(b"x" * 5000)
        path.with_name(f"{path.name}-wal").write_bytes(b"y")
        connection, aside = opening.open_file(path, broken=True)
        connection.close()
        assert aside is not None
        moved.append(aside)
    kept = {f"{it.name}{suffix}" for it in moved[2:] for suffix in ("", "-wal")}
    assert names(path.parent) == {path.name, *kept}


async def test_broken_file_that_was_taken_away(path: Path) -> None:
    """If somebody took a broken file away, a new one is begun without it."""
    await fill(path)
    scribble(path)
    ledger = Ledger(path)
    await ledger.open(NOW)
    await send(ledger, "b")
    assert not ledger.durable
    for name in names(path.parent):
        (path.parent / name).unlink()
    await ledger.restore()
    assert ledger.durable
    assert ledger.damaged_file is None
    assert await state(ledger, "b0") is State.ACCEPTED
    await ledger.close()


async def test_salvaged(path: Path) -> None:
    """What waits for a report is taken over from the damaged file where that works."""
    ledger = Ledger(path)
    await ledger.open(NOW)
    await send(ledger)
    await begin(ledger, request("b", [NUMBER, "+8613700000002"]))
    await apply_reports(ledger, ENTRY, [report("x")], NOW)

    def damage(_: sqlite3.Connection) -> None:
        raise sqlite3.DatabaseError("database disk image is malformed")

    with pytest.raises(sqlite3.DatabaseError):
        await ledger.run(damage)
    assert not ledger.durable
    await ledger.restore()
    assert ledger.durable
    assert ledger.damaged_file is not None
    await ledger.settle(ENTRY, [accepted("b0", "x"), accepted("b1", "y")], NOW)
    await apply_reports(ledger, ENTRY, [report(), report("y")], NOW)
    assert {it.reference: it.state for it in await messages(ledger)} == dict.fromkeys(
        ("a0", "b0", "b1"), State.DELIVERED
    )
    await ledger.close()
