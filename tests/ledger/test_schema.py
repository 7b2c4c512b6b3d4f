"""A file of each earlier version is brought up to date with all that is in it."""

from contextlib import closing
from pathlib import Path
import sqlite3

import pytest

from custom_components.huawei_cloud_sms.ledger import listing, schema
from custom_components.huawei_cloud_sms.ledger.ledger import Ledger
from custom_components.huawei_cloud_sms.ledger.models import State
from custom_components.huawei_cloud_sms.ledger.tables import STEPS

from .helpers import (
    ENTRY,
    NOW,
    NUMBER,
    OTHER,
    Listener,
    apply_reports,
    begin,
    letter,
    messages,
    reply_ids,
    report,
    request,
    state,
)

# What the first release wrote: messages in every state, a stranger, a reply.
VERSION_1 = Path(__file__).with_name("version_1.sql")


@pytest.fixture
def old_file(path: Path) -> Path:
    """Return a file of the first version."""
    path.parent.mkdir()
    with sqlite3.connect(path) as db:
        db.executescript(VERSION_1.read_text("utf-8"))
        assert db.execute("PRAGMA user_version").fetchone() == (1,)
    db.close()
    return path


async def test_from_version_1(old_file: Path) -> None:
    """Messages, reports and replies are there, and go on from where they were."""
    ledger = Ledger(old_file)
    listener = Listener()
    await ledger.open(NOW)
    assert ledger.durable
    assert ledger.damaged_file is None
    await ledger.go_live(ENTRY, listener, NOW)
    assert {
        it.reference: it.state for it in await messages(ledger) if it.request_id
    } == {
        "delivered0": State.DELIVERED,
        "failed0": State.FAILED,
        "waiting0": State.ACCEPTED,
        "refused0": State.REFUSED,
        "sending0": State.UNCONFIRMED,
        "queued0": State.EXPIRED_UNSENT,
    }
    assert len(listener.messages) == 7
    assert await reply_ids(ledger) == ["reply"]
    assert ledger.addresses(ENTRY, NOW) == ["https://sms.example.org/a"]

    await apply_reports(ledger, ENTRY, [report("1", "UNDELIV"), report("3")], NOW)
    assert await state(ledger, "delivered0") is State.DELIVERED
    assert await state(ledger, "waiting0") is State.DELIVERED
    await apply_reports(ledger, OTHER, [report("4")], NOW)
    assert await state(ledger, "other0") is State.DELIVERED

    new = request("new")
    kept = letter(new, NOW + 60, ("门开着",))
    await begin(ledger, new)
    await ledger.outbox.put_back("extend-new", kept, NOW)
    await ledger.close()
    ledger = Ledger(old_file)
    await ledger.open(NOW)
    waiting = await ledger.outbox.oldest(ENTRY)
    assert waiting is not None
    assert waiting.letter == kept
    await ledger.close()


async def test_from_version_3(path: Path) -> None:
    """Messages from before texts were kept have none, and what was planned counts."""
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as db:
        for step in STEPS[:3]:
            db.executescript(step)
        db.execute("PRAGMA user_version = 3")
        db.execute(
            "INSERT INTO request (id, entry_id, extend, created_at) VALUES (1, ?, 'x', ?)",
            (ENTRY, NOW),
        )
        db.execute(
            "INSERT INTO message (reference, entry_id, request_id, state, planned_parts,"
            " created_at, sent_at, changed_at, parts)"
            " VALUES ('old', ?, 1, 'accepted', 3, ?, ?, ?, 2)",
            (ENTRY, NOW, NOW, NOW),
        )
        db.commit()
    ledger = Ledger(path)
    await ledger.open(NOW)
    (old,) = await messages(ledger)
    assert (old.planned_parts, old.parts, old.as_planned) == (None, 2, None)
    assert await ledger.run(lambda db: listing.texts(db, [old])) == {}
    assert await ledger.run(
        lambda db: db.execute("SELECT planned_parts FROM message").fetchall()
    ) == [(3,)]
    await ledger.close()


async def test_from_version_4(path: Path) -> None:
    """What waits goes on to wait, with all that it needs to leave."""
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as db:
        for step in STEPS[:4]:
            db.executescript(step)
        db.execute("PRAGMA user_version = 4")
        db.execute(
            "INSERT INTO request (id, entry_id, extend, created_at, variables,"
            " signature, expires_at) VALUES (1, ?, 'a', ?, '[\"门开着\"]', '晨光', ?),"
            " (2, ?, 'b', ?, NULL, NULL, NULL)",
            (ENTRY, NOW, NOW + 60, ENTRY, NOW),
        )
        db.executemany(
            "INSERT INTO message (reference, entry_id, request_id, number, template_id,"
            " state, created_at, changed_at) VALUES (?, ?, 1, ?, 'template', 'queued',"
            " ?, ?)",
            [(name, ENTRY, NUMBER, NOW, NOW) for name in ("a0", "a1")],
        )
        db.commit()
    ledger = Ledger(path)
    await ledger.open(NOW)
    waiting = await ledger.outbox.oldest(ENTRY)
    assert waiting is not None
    assert [it.reference for it in waiting.messages] == ["a0", "a1"]
    new = request("a", [NUMBER, NUMBER])
    assert waiting.letter == letter(new, NOW + 60, ("门开着",), "晨光")
    assert await ledger.outbox.take("a", waiting.letter, NOW)
    kept = "SELECT texts, expires_at FROM request"
    assert (
        await ledger.run(lambda db: db.execute(kept).fetchall()) == [(None, None)] * 2
    )
    await ledger.close()


def shape(db: sqlite3.Connection) -> list[tuple[str, ...]]:
    """Return what tables, indexes and triggers there are, and how they were made."""
    rows = db.execute(
        "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL"
        " ORDER BY type, name"
    )
    return [(*it, "".join(sql.replace('"', "").split())) for *it, sql in rows]


def test_same_as_a_new_one(old_file: Path, tmp_path: Path) -> None:
    """A file that was brought up to date has the tables of a new one."""
    with (
        closing(schema.connect(old_file)) as migrated,
        closing(schema.connect(tmp_path / "new.db")) as new,
    ):
        assert shape(migrated) == shape(new)
        assert migrated.execute("PRAGMA foreign_key_check").fetchall() == []
