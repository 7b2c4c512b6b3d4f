"""The ledger stays small, private, and quick however much it keeps."""

from pathlib import Path
import sqlite3
import stat

import pytest

from custom_components.huawei_cloud_sms.ledger import keeping, sending
from custom_components.huawei_cloud_sms.ledger.addresses import ADDRESS_KEPT
from custom_components.huawei_cloud_sms.ledger.ledger import Ledger
from custom_components.huawei_cloud_sms.ledger.models import (
    Answer,
    NewRequest,
    Outcome,
    State,
)
from custom_components.huawei_cloud_sms.ledger.tables import TABLES

from .helpers import (
    CHANNEL,
    ENTRY,
    NOW,
    NUMBER,
    OTHER,
    Listener,
    accepted,
    apply_reply,
    apply_reports,
    begin,
    content,
    message,
    messages,
    reply,
    reply_ids,
    report,
    request,
    rules,
    send,
    size,
    state,
)


async def rows(ledger: Ledger) -> dict[str, int]:
    """Return how many rows each table has."""

    def count(db: sqlite3.Connection) -> dict[str, int]:
        return {
            table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
            for table in TABLES
        }

    return await ledger.run(count)


@pytest.fixture
def open_to_all(path: Path) -> Path:
    """Make a file that everybody may read."""
    path.parent.mkdir()
    path.touch()
    path.chmod(0o666)
    return path


async def test_nobody_else_reads_it(open_to_all: Path) -> None:
    """The file and its companions are the owner's, even if they were not before."""
    ledger = Ledger(open_to_all)
    await ledger.open(NOW)
    await send(ledger)
    assert modes(open_to_all.parent) == [0o600] * 3
    await ledger.close()


def modes(folder: Path) -> list[int]:
    """Return the rights of the files in a folder."""
    return [stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()]


async def test_rights_that_cannot_be_set(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file system without rights is used as it is."""

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr("os.fchmod", refuse)
    ledger = Ledger(path)
    await ledger.open(NOW)
    assert ledger.durable
    await ledger.close()


async def test_settings(ledger: Ledger) -> None:
    """A power cut after a commit loses nothing, a full disk stops no operation."""

    def read(db: sqlite3.Connection) -> dict[str, object]:
        wanted = ("journal_mode", "synchronous", "temp_store", "journal_size_limit")
        return {it: db.execute(f"PRAGMA {it}").fetchone()[0] for it in wanted}

    assert await ledger.run(read) == {
        "journal_mode": "wal",
        "synchronous": 2,
        "temp_store": 2,
        "journal_size_limit": 4 * 1024 * 1024,
    }


async def test_the_log_does_not_grow(ledger: Ledger, path: Path) -> None:
    """However much is written, the write-ahead log stays small."""
    numbers = [f"+86137{it:08}" for it in range(500)]
    for name in "abcdefghij":
        await begin(ledger, request(name, numbers))
        await ledger.settle(
            ENTRY, [accepted(f"{name}{it}", f"{name}{it}") for it in range(500)], NOW
        )
    log = path.with_name(f"{path.name}-wal")
    assert size(path) > 1_000_000
    assert size(log) < 5_000_000


async def test_old_things_go(ledger: Ledger) -> None:
    """What is older than the limit goes, with all that belongs to it."""
    await begin(ledger, request("a", [NUMBER, "+861"]), now=NOW - 100)
    await ledger.settle(ENTRY, [accepted("a0", "1"), accepted("a1", "2")], NOW - 100)
    await apply_reports(ledger, ENTRY, [report("1"), report("x")], NOW - 100)
    await apply_reply(ledger, ENTRY, reply("old"), NUMBER, NOW - 100)
    await ledger.keep_address(ENTRY, "old", NOW - 100)
    # it leaves just now, whatever the clock said when it was written down
    await begin(ledger, request("b"), now=NOW - 100)
    await apply_reports(ledger, ENTRY, [report("y")], NOW - 100)
    await ledger.create_all([request("c")], None, NOW - 100)
    await send(ledger, "d", "4")
    await apply_reply(ledger, ENTRY, reply("new"), NUMBER, NOW)
    await ledger.keep_address(ENTRY, "new", NOW)
    await ledger.tidy(ENTRY, rules(NOW - 50), NOW)
    assert [it.reference for it in await messages(ledger)] == ["b0", "c0", "d0"]
    assert await reply_ids(ledger) == ["new"]
    assert ledger.addresses(ENTRY, NOW) == ["new"]
    left = await rows(ledger)
    assert {it: left[it] for it in ("request", "message", "part", "held")} == {
        "request": 3,
        "message": 3,
        "part": 0,
        "held": 0,
    }
    assert (left["reply"], left["address"]) == (1, 1)


async def test_each_application_has_its_own_limit(ledger: Ledger) -> None:
    """What one application keeps no longer another one may keep."""
    for entry_id, name in ((ENTRY, "a"), (OTHER, "b")):
        await ledger.create_all(
            [request(name, entry_id=entry_id)], f"https://{name}", NOW
        )
        await begin(ledger, request(f"{name}{name}", entry_id=entry_id))
        await ledger.settle(
            entry_id,
            [Outcome(reference=f"{name}{name}0", state=State.REFUSED)],
            NOW,
        )
        await apply_reply(ledger, entry_id, reply(name), NUMBER, NOW)
    await ledger.tidy(ENTRY, rules(NOW + 1), NOW + 2)
    assert [it.reference for it in await messages(ledger)] == ["a0"]
    assert [it.reference for it in await messages(ledger, OTHER)] == ["b0", "bb0"]
    assert await reply_ids(ledger) == ["b"]
    assert ledger.addresses(ENTRY, NOW) == []
    assert ledger.addresses(OTHER, NOW) == ["https://b"]


async def test_a_lot_goes_in_several_commits(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deleting much keeps others waiting only for a moment."""
    monkeypatch.setattr(keeping, "_AT_ONCE", 10)
    statements: list[str] = []
    numbers = [f"+86{it}" for it in range(35)]
    await begin(ledger, request("a", numbers), request("b", numbers, OTHER))
    await begin(ledger, request("c", numbers), now=NOW + 10)
    await ledger.settle(
        ENTRY,
        [
            Outcome(reference=f"{name}{it}", state=State.REFUSED)
            for name in "ac"
            for it in range(35)
        ],
        NOW,
    )
    await ledger.run(lambda db: db.set_trace_callback(statements.append))
    await ledger.tidy(ENTRY, rules(NOW + 5), NOW)
    assert statements.count("COMMIT") >= 4
    assert len(await messages(ledger)) == 35
    statements.clear()
    await ledger.forget(ENTRY)
    assert statements.count("COMMIT") >= 4
    await ledger.run(lambda db: db.set_trace_callback(None))
    assert await messages(ledger) == []
    assert len(await messages(ledger, OTHER)) == 35
    assert (await rows(ledger))["request"] == 1


async def test_forgotten(ledger: Ledger, path: Path) -> None:
    """Nothing of a removed application stays, not even deleted bytes."""
    for entry_id, name in ((ENTRY, "a"), (OTHER, "b")):
        await ledger.keep_address(entry_id, f"https://{name}", NOW)
        await ledger.create_all(
            [request(name, [NUMBER], entry_id)], f"https://{name}", NOW
        )
        await apply_reports(ledger, entry_id, [report(name)], NOW)
        await apply_reply(ledger, entry_id, reply(), NUMBER, NOW)
        kept = rules(texts=False, recipients={"mei": NUMBER})
        await ledger.tidy(entry_id, kept, NOW)
    both = await rows(ledger)
    await ledger.forget(ENTRY)
    assert await rows(ledger) == {table: count // 2 for table, count in both.items()}
    assert await messages(ledger) == []
    assert len(await messages(ledger, OTHER)) == 2
    assert ledger.addresses(ENTRY, NOW) == []
    assert ledger.addresses(OTHER, NOW) == ["https://b"]
    await ledger.forget(OTHER)
    await ledger.close()
    assert NUMBER.encode() not in content(path)


async def test_addresses(ledger: Ledger, path: Path) -> None:
    """An address is valid for as long as a report about its last use can come."""
    await ledger.keep_address(ENTRY, "first", NOW)
    await ledger.create_all([request()], "second", NOW + 1)
    assert ledger.addresses(ENTRY, NOW + 2) == ["second", "first"]
    await ledger.keep_address(ENTRY, "first", NOW + 2)
    await ledger.close()
    ledger = Ledger(path)
    await ledger.open(NOW)
    assert ledger.addresses(ENTRY, NOW + 3) == ["first", "second"]
    assert ledger.addresses(ENTRY, NOW + 1 + ADDRESS_KEPT) == ["first"]
    # the newest stays: it may be the clock that is wrong
    assert ledger.addresses(ENTRY, NOW + 2 + ADDRESS_KEPT) == ["first"]
    assert ledger.addresses(OTHER, NOW) == []
    await ledger.close()


async def test_states_are_counted(ledger: Ledger) -> None:
    """How many messages are in each state is known per application."""
    await send(ledger)
    await begin(ledger, request("b"), request("c"))
    await ledger.create_all([request("d", entry_id=OTHER)], None, NOW)
    assert await ledger.count_states(ENTRY) == {"accepted": 1, "sending": 2}
    assert await ledger.count_states(OTHER) == {"queued": 1}


@pytest.mark.parametrize("partly", [False, True])
async def test_after_a_crash(ledger: Ledger, partly: bool) -> None:
    """What did not leave is expired, what may have left unconfirmed; none is sent."""
    await ledger.create_all([request("a")], None, NOW)
    await begin(ledger, request("b"))
    if partly:
        first = report("1", sequence=1, total=2, extend="extend-b")
        await apply_reports(ledger, ENTRY, [first, report("x")], NOW)
    await ledger.run(lambda db: sending.recover(db, NOW + 5))
    listener = Listener()
    await ledger.go_live(ENTRY, listener, NOW + 6)
    expired, sent, *strangers = listener.messages
    assert (expired.state, expired.code) == (
        State.EXPIRED_UNSENT,
        "not_sent_interrupted",
    )
    assert expired.changed_at == NOW + 5
    if partly:
        # a report proves that it was taken
        assert (sent.state, sent.code) == (State.ACCEPTED, None)
        assert [it.message_id for it in strangers] == ["x"]
        second = report("1", sequence=2, total=2)
        await apply_reports(ledger, ENTRY, [second], NOW)
    else:
        assert (sent.state, sent.code) == (
            State.UNCONFIRMED,
            "unconfirmed_interrupted",
        )
        assert strangers == []
        await apply_reports(ledger, ENTRY, [report(extend="extend-b")], NOW)
    assert await state(ledger, "b0") is State.DELIVERED
    # the answer of a request of before the crash comes to nobody
    assert not await ledger.mark_sending("extend-a", NOW)
    assert await state(ledger, "a0") is State.EXPIRED_UNSENT


async def test_nothing_private_in_a_repr(ledger: Ledger) -> None:
    """Numbers, texts and what settles a message are in no repr."""
    listener = Listener()
    await ledger.go_live(ENTRY, listener, NOW)
    await send(ledger)
    await apply_reply(ledger, ENTRY, reply(), NUMBER, NOW)
    new: NewRequest = request()
    for subject in (*listener.shown, new, await message(ledger), accepted()):
        for secret in (NUMBER, CHANNEL, "extend-a", "好的"):
            assert secret not in repr(subject)
    assert isinstance(listener.shown[-1].subject, Answer)


async def test_every_statement_uses_an_index(ledger: Ledger) -> None:
    """What is done often reads no table from its beginning to its end."""
    statements: list[str] = []
    await ledger.run(lambda db: db.set_trace_callback(statements.append))
    listener = Listener()
    await ledger.go_live(ENTRY, listener, NOW)
    await send(ledger, "a", "1")
    await begin(ledger, request("b", [NUMBER, "+861"]))
    await apply_reports(
        ledger,
        ENTRY,
        [
            report("1"),
            report("x"),
            report("y", extend="extend-b", number=NUMBER),
            report("x", extend="extend-b", number="+861"),
            report("z"),
        ],
        NOW,
    )
    await ledger.settle(ENTRY, [accepted("b0", "y"), accepted("b1", "x")], NOW)
    await apply_reply(ledger, ENTRY, reply(), NUMBER, NOW)
    await ledger.give_up_waiting(ENTRY, NOW, NOW)
    await ledger.tidy(
        ENTRY, rules(NOW - 1000, texts=False, recipients={"mei": NUMBER}), NOW
    )
    await ledger.run(lambda db: sending.recover(db, NOW))
    await ledger.run(lambda db: db.set_trace_callback(None))

    def explain(db: sqlite3.Connection) -> list[str]:
        return [
            f"{step[3]} of {statement}"
            for statement in statements
            if statement.startswith(("SELECT", "INSERT", "UPDATE", "DELETE"))
            for step in db.execute(f"EXPLAIN QUERY PLAN {statement}")
        ]

    plan = await ledger.run(explain)
    assert any("message_leaving" in step for step in plan)
    assert any("message_unshown" in step for step in plan)
    allowed = ("SCAN address", "SCAN message USING INDEX message_leaving", "SCAN held")
    bad = [it for it in plan if it.startswith("SCAN") and not it.startswith(allowed)]
    assert bad == []
    assert not [step for step in plan if "AUTOMATIC" in step]
    assert len(listener.messages) == 5
