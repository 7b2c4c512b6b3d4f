"""A file of each earlier version is brought up to date with all that is in it."""

from contextlib import closing
from pathlib import Path
import sqlite3

import pytest

from custom_components.huawei_cloud_sms.ledger import schema
from custom_components.huawei_cloud_sms.ledger.ledger import Ledger
from custom_components.huawei_cloud_sms.ledger.models import Letter, State

from .helpers import (
    ENTRY,
    NOW,
    OTHER,
    Listener,
    begin,
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

    await ledger.apply_reports(ENTRY, [report("1", "UNDELIV"), report("3")], NOW)
    assert await state(ledger, "delivered0") is State.DELIVERED
    assert await state(ledger, "waiting0") is State.DELIVERED
    await ledger.apply_reports(OTHER, [report("4")], NOW)
    assert await state(ledger, "other0") is State.DELIVERED

    letter = Letter(variables=("门开着",), signature=None, expires_at=NOW + 60)
    await begin(ledger, request("new"))
    await ledger.outbox.put_back("extend-new", letter, NOW)
    await ledger.close()
    ledger = Ledger(old_file)
    await ledger.open(NOW)
    waiting = await ledger.outbox.oldest(ENTRY)
    assert waiting is not None
    assert waiting.letter == letter
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
