"""Changes and replies are shown once, when somebody can act on them."""

import asyncio
from pathlib import Path

import pytest

from custom_components.huawei_cloud_sms.ledger.ledger import Ledger
from custom_components.huawei_cloud_sms.ledger.models import Outcome, Shown, State

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
    reply,
    reply_ids,
    report,
    request,
    send,
    state,
    unconfirmed,
)


async def reopen(ledger: Ledger, path: Path, now: float = NOW) -> Ledger:
    """Close a ledger and open it again."""
    await ledger.close()
    ledger = Ledger(path)
    await ledger.open(now)
    return ledger


async def test_recorded_and_not_late(ledger: Ledger, listener: Listener) -> None:
    """What happens now and is in the file says so."""
    await send(ledger)
    (shown,) = listener.shown
    assert shown.recorded
    assert not shown.late


async def test_late_after_a_restart(ledger: Ledger, path: Path) -> None:
    """What nobody was told of is shown after the next start, once, with its state."""
    await send(ledger)
    await apply_reports(ledger, ENTRY, [report(), report("x")], NOW)
    await apply_reply(ledger, ENTRY, reply(), NUMBER, NOW)
    for count in (3, 0):
        ledger = await reopen(ledger, path)
        listener, other = Listener(), Listener()
        await ledger.go_live(OTHER, other, NOW + 1)
        await ledger.go_live(ENTRY, listener, NOW + 1)
        assert len(listener.shown) == count
        assert all(it.late and it.recorded for it in listener.shown)
        assert other.shown == []
    await ledger.close()


async def test_only_what_is_new(ledger: Ledger, path: Path) -> None:
    """What was shown before a restart is not shown after it."""
    before = Listener()
    await ledger.go_live(ENTRY, before, NOW)
    await send(ledger)
    await apply_reply(ledger, ENTRY, reply(), NUMBER, NOW)
    await ledger.retire(ENTRY)
    await apply_reports(ledger, ENTRY, [report()], NOW)
    ledger = await reopen(ledger, path)
    after = Listener()
    await ledger.go_live(ENTRY, after, NOW)
    assert before.states == [State.ACCEPTED]
    assert before.replies == ["reply"]
    assert after.states == [State.DELIVERED]
    assert after.replies == []
    await ledger.close()


@pytest.mark.parametrize(
    ("later", "shown"),
    [(599, ["reply"]), (600, []), (-599, ["reply"]), (-600, [])],
)
async def test_old_replies_are_not_shown_late(
    ledger: Ledger, path: Path, later: float, shown: list[str]
) -> None:
    """A reply of more than ten minutes ago, or of a wrong clock, opens no door."""
    await apply_reply(ledger, ENTRY, reply(), NUMBER, NOW)
    ledger = await reopen(ledger, path)
    listener = Listener()
    await ledger.go_live(ENTRY, listener, NOW + later)
    assert listener.replies == shown
    assert await reply_ids(ledger) == ["reply"]
    # and it is done with for good
    await ledger.retire(ENTRY)
    again = Listener()
    await ledger.go_live(ENTRY, again, NOW)
    assert again.shown == []
    await ledger.close()


async def test_reply_once(ledger: Ledger, listener: Listener) -> None:
    """A reply that comes again changes nothing; another application's is its own."""
    for _ in range(3):
        await apply_reply(ledger, ENTRY, reply(), NUMBER, NOW)
    await apply_reply(ledger, OTHER, reply(), NUMBER, NOW)
    assert listener.replies == ["reply"]
    assert await reply_ids(ledger) == ["reply", "reply"]


async def answered(ledger: Ledger, channel: str | None = CHANNEL) -> str | None:
    """Let a person reply and return which message that is taken to answer."""
    listener = Listener()
    await ledger.go_live(ENTRY, listener, NOW)
    listener.shown.clear()
    message_id = f"reply-{len(await reply_ids(ledger))}"
    await apply_reply(ledger, ENTRY, reply(message_id, channel=channel), NUMBER, NOW)
    (shown,) = listener.shown
    return shown.subject.reference


async def test_reply_answers_the_last_message(ledger: Ledger) -> None:
    """The last message on the same pair of numbers that may have arrived is meant."""
    assert await answered(ledger) is None
    await send(ledger, "a", "1")
    # the clock may have been set back: what counts is the order
    await begin(ledger, request("b"), now=NOW - 100)
    assert await answered(ledger) == "b0"
    await ledger.settle(ENTRY, [unconfirmed("b0")], NOW)
    assert await answered(ledger) == "b0"
    assert await answered(ledger, None) == "b0"
    # with extension digits it is the same channel, else another one
    assert await answered(ledger, f"{CHANNEL}99") == "b0"
    assert await answered(ledger, "1069") is None


@pytest.mark.parametrize("state_after", [State.REFUSED, State.EXPIRED_UNSENT])
async def test_reply_does_not_answer_what_never_came(
    ledger: Ledger, state_after: State
) -> None:
    """Nobody answers a message that was refused, or that has not left."""
    await send(ledger, "a", "1")
    await begin(ledger, request("b"))
    outcome = Outcome(reference="b0", state=state_after, code="E")
    await ledger.settle(ENTRY, [outcome], NOW)
    await ledger.create_all([request("c")], None, NOW)
    await send(ledger, "d", "2")
    await begin(ledger, request("e", ["+8613700000002"]))
    assert await answered(ledger) == "d0"
    await ledger.run(lambda db: db.execute("DELETE FROM message WHERE reference='d0'"))
    assert await answered(ledger) == "a0"


async def test_replies_are_bounded(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Invented replies push out the oldest ones."""
    monkeypatch.setattr(
        "custom_components.huawei_cloud_sms.ledger.receiving._MOST_REPLIES", 5
    )
    for number in range(20):
        await apply_reply(ledger, ENTRY, reply(f"{number}"), NUMBER, NOW)
    assert await reply_ids(ledger) == ["15", "16", "17", "18", "19"]


async def test_a_listener_that_fails(ledger: Ledger) -> None:
    """A listener's fault keeps nothing from being stored, and others from hearing."""
    heard: list[Shown] = []

    def fail(shown: Shown) -> None:
        heard.append(shown)
        raise ValueError("on purpose")

    await ledger.go_live(ENTRY, fail, NOW)
    await begin(ledger, request(numbers=(NUMBER, "+8613700000002")))
    await ledger.settle(ENTRY, [accepted("a0", "1"), accepted("a1", "2")], NOW)
    assert len(heard) == 2
    assert await state(ledger) is State.ACCEPTED


async def test_reload_in_a_storm(ledger: Ledger) -> None:
    """However often an application reloads, each change is shown once."""
    listener = Listener()
    await ledger.go_live(ENTRY, listener, NOW)
    numbers = [f"+86137{it:08}" for it in range(300)]
    await begin(ledger, request(numbers=numbers))
    outcomes = [accepted(f"a{it}", f"id{it}") for it in range(300)]
    await ledger.settle(ENTRY, outcomes, NOW)

    async def push(number: int) -> None:
        await asyncio.sleep(number / 5000)
        await apply_reports(ledger, ENTRY, [report(f"id{number}")], NOW)
        await apply_reply(ledger, ENTRY, reply(f"r{number}"), NUMBER, NOW)

    async def reload() -> None:
        for _ in range(20):
            await ledger.retire(ENTRY)
            await asyncio.sleep(0.001)
            await ledger.go_live(ENTRY, listener, NOW)
            await asyncio.sleep(0.001)

    await asyncio.gather(reload(), *(push(it) for it in range(300)))
    listener.assert_nothing_twice()
    assert listener.states.count(State.DELIVERED) == 300
    assert len(listener.replies) == 300
    assert any(it.late for it in listener.shown)
    assert not all(it.late for it in listener.shown)


async def test_live_again_before_retired(ledger: Ledger) -> None:
    """A listener that comes while the old one goes is not sent away with it."""
    old, new = Listener(), Listener()
    await ledger.go_live(ENTRY, old, NOW)
    await asyncio.gather(ledger.retire(ENTRY), ledger.go_live(ENTRY, new, NOW))
    await send(ledger)
    assert new.states == [State.ACCEPTED]
    assert old.states == []
