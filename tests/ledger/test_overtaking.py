"""Reports that come before the answer to their send, or belong to nothing."""

import pytest

from custom_components.huawei_cloud_sms.ledger import joining
from custom_components.huawei_cloud_sms.ledger.ledger import Ledger
from custom_components.huawei_cloud_sms.ledger.models import Outcome, State

from .helpers import (
    DELIVERED,
    ENTRY,
    FAILED,
    NOW,
    NUMBER,
    OTHER,
    PENDING,
    Listener,
    accepted,
    apply_reports,
    begin,
    message,
    messages,
    report,
    request,
    send,
    state,
    unconfirmed,
)


async def test_with_extend(ledger: Ledger, listener: Listener) -> None:
    """A report with `extend` ends a message whose answer is still due."""
    await begin(ledger, request())
    await apply_reports(ledger, ENTRY, [report(extend="extend-a", number=NUMBER)], NOW)
    assert listener.states == [State.DELIVERED]
    changes = await ledger.settle(ENTRY, [accepted()], NOW)
    assert [it.state for it in changes.current] == [State.DELIVERED]
    assert listener.states == [State.DELIVERED]


@pytest.mark.parametrize(
    "outcome",
    [
        unconfirmed(),
        Outcome(reference="a0", state=State.REFUSED, code="E1", message_id="id"),
    ],
)
async def test_the_answer_does_not_undo_it(ledger: Ledger, outcome: Outcome) -> None:
    """Whatever comes after a final report, it stays."""
    await begin(ledger, request())
    await apply_reports(ledger, ENTRY, [report(extend="extend-a")], NOW)
    await ledger.settle(ENTRY, [outcome], NOW)
    assert await state(ledger) is State.DELIVERED


async def test_without_extend(ledger: Ledger, listener: Listener) -> None:
    """A report that cannot be joined yet is held until the answer names its id."""
    await begin(ledger, request())
    await apply_reports(ledger, ENTRY, [report(sequence=2, total=2)], NOW)
    await apply_reports(ledger, ENTRY, [report(sequence=1, total=2)], NOW)
    assert listener.shown == []
    changes = await ledger.settle(ENTRY, [accepted()], NOW)
    assert [it.state for it in changes.current] == [State.DELIVERED]
    assert [(it.reference, it.state) for it in listener.messages] == [
        ("a0", State.DELIVERED)
    ]
    assert len(await messages(ledger)) == 1


async def test_first_without_extend_then_with_it(
    ledger: Ledger, listener: Listener
) -> None:
    """A part that was held goes along when a later report says whose it is."""
    await begin(ledger, request())
    await apply_reports(ledger, ENTRY, [report(sequence=1, total=2)], NOW)
    await apply_reports(
        ledger, ENTRY, [report(sequence=2, total=2, extend="extend-a")], NOW
    )
    assert [(it.reference, it.state) for it in listener.messages] == [
        ("a0", State.DELIVERED)
    ]
    await ledger.settle(ENTRY, [accepted()], NOW)
    assert len(await messages(ledger)) == 1
    assert len(listener.shown) == 1


async def test_some_parts_before_the_answer(ledger: Ledger, listener: Listener) -> None:
    """Parts count from both sides of the answer."""
    await begin(ledger, request())
    first = report(sequence=1, total=2, extend="extend-a")
    await apply_reports(ledger, ENTRY, [first], NOW)
    assert await state(ledger) is State.SENDING
    await ledger.settle(ENTRY, [accepted()], NOW)
    await apply_reports(ledger, ENTRY, [report(sequence=2, total=2)], NOW)
    assert listener.states == [State.ACCEPTED, State.DELIVERED]


async def test_unconfirmed_with_a_part_is_accepted(
    ledger: Ledger, listener: Listener
) -> None:
    """A send that breaks off is no question any more if a report came before."""
    await begin(ledger, request())
    first = report(sequence=1, total=2, extend="extend-a")
    await apply_reports(ledger, ENTRY, [first], NOW)
    await ledger.settle(ENTRY, [unconfirmed()], NOW)
    assert listener.states == [State.ACCEPTED]


async def test_nobody_said_how_many_parts(ledger: Ledger) -> None:
    """Without a total, the answer is waited for: it may speak of more parts."""
    await begin(ledger, request())
    await apply_reports(ledger, ENTRY, [report(total=None, extend="extend-a")], NOW)
    assert await state(ledger) is State.SENDING
    await ledger.settle(ENTRY, [accepted(parts=2)], NOW)
    assert await state(ledger) is State.ACCEPTED
    await apply_reports(ledger, ENTRY, [report(sequence=2, total=None)], NOW)
    assert await state(ledger) is State.DELIVERED


async def test_stranger_is_shown_at_once(ledger: Ledger, listener: Listener) -> None:
    """With no request under way, a report of nobody's is shown under its own name."""
    await send(ledger)
    listener.shown.clear()
    await apply_reports(ledger, ENTRY, [report("x", number="+861", status=FAILED)], NOW)
    (stranger,) = listener.messages
    assert (stranger.message_id, stranger.state) == ("x", State.FAILED)
    assert (stranger.number, stranger.code) == ("+861", FAILED)
    assert stranger.origin is None
    await apply_reports(ledger, ENTRY, [report("x")], NOW)
    assert len(listener.shown) == 1


async def test_stranger_in_parts(ledger: Ledger, listener: Listener) -> None:
    """Also a stranger is delivered with its last part only."""
    for status, sequence in ((PENDING, 1), (DELIVERED, 2), (DELIVERED, 1)):
        assert listener.shown == []
        await apply_reports(
            ledger, ENTRY, [report("x", status, sequence=sequence, total=2)], NOW
        )
    assert listener.states == [State.DELIVERED]


async def test_held_for_each_request_that_was_under_way(
    ledger: Ledger, listener: Listener
) -> None:
    """A stranger is shown when the last answer came that could have been its own."""
    await begin(ledger, request("a"), request("b"))
    await apply_reports(ledger, ENTRY, [report("x"), report("x")], NOW)
    # this one left after the report: it has nothing to do with it
    await begin(ledger, request("c"))
    await ledger.settle(ENTRY, [accepted("a0", "1")], NOW)
    assert listener.states == [State.ACCEPTED]
    changes = await ledger.settle(ENTRY, [unconfirmed("b0")], NOW)
    assert [it.reference for it in changes.current] == ["b0"]
    assert listener.states == [State.ACCEPTED, State.UNCONFIRMED, State.DELIVERED]
    assert listener.messages[-1].message_id == "x"
    await ledger.settle(ENTRY, [accepted("c0", "2")], NOW)
    assert len(listener.shown) == 4


async def test_held_report_that_is_no_end(ledger: Ledger, listener: Listener) -> None:
    """A stranger without an end is let go without being shown."""
    await begin(ledger, request())
    await apply_reports(ledger, ENTRY, [report("x", PENDING)], NOW)
    await ledger.settle(ENTRY, [accepted()], NOW)
    assert listener.states == [State.ACCEPTED]


async def test_only_requests_of_the_same_application_hold(
    ledger: Ledger, listener: Listener
) -> None:
    """A request of another application that is under way holds nothing back."""
    await begin(ledger, request(entry_id=OTHER))
    await ledger.create_all([request("q")], None, NOW)
    await apply_reports(ledger, ENTRY, [report("x")], NOW)
    assert listener.states == [State.DELIVERED]


async def test_a_stranger_turns_out_to_be_ours(
    ledger: Ledger, listener: Listener
) -> None:
    """What was shown as a stranger joins its message when `extend` names it later."""
    await begin(ledger, request())
    await ledger.settle(ENTRY, [unconfirmed()], NOW)
    await apply_reports(ledger, ENTRY, [report(sequence=1, total=2)], NOW)
    await apply_reports(
        ledger, ENTRY, [report(sequence=2, total=2, extend="extend-a")], NOW
    )
    assert [(it.reference, it.state) for it in listener.messages] == [
        ("a0", State.UNCONFIRMED),
        ("a0", State.DELIVERED),
    ]
    assert (await message(ledger)).parts_done == 2
    assert len(await messages(ledger)) == 1


async def test_application_removed_while_sending(ledger: Ledger) -> None:
    """The answer to a request of a removed application is of no concern."""
    await begin(ledger, request())
    await apply_reports(ledger, ENTRY, [report("x")], NOW)
    await ledger.forget(ENTRY)
    changes = await ledger.settle(ENTRY, [accepted()], NOW)
    assert changes.current == ()
    assert await messages(ledger) == []


async def test_strangers_are_bounded(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Invented reports push out each other, never a message of ours."""
    monkeypatch.setattr(joining, "_MOST_STRANGERS", 20)
    await send(ledger)
    await apply_reports(ledger, OTHER, [report("other")], NOW)
    for first in range(0, 100, 10):
        invented = [report(f"x{first + it}") for it in range(10)]
        await apply_reports(ledger, ENTRY, invented, NOW)
    kept = [it.message_id for it in await messages(ledger)]
    assert kept == ["id", *(f"x{it}" for it in range(80, 100))]
    assert len(await messages(ledger, OTHER)) == 1
    (parts,) = await ledger.run(
        lambda db: db.execute("SELECT count(*) FROM part").fetchone()
    )
    assert parts == 21
