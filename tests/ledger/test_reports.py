"""Status reports find their message and make its state."""

from itertools import permutations

import pytest

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


async def test_delivered(ledger: Ledger, listener: Listener) -> None:
    """An accepted message is delivered by its report; each is shown once."""
    await send(ledger)
    await apply_reports(ledger, ENTRY, [report()], NOW + 2)
    assert listener.states == [State.ACCEPTED, State.DELIVERED]
    last = listener.messages[-1]
    assert (last.reference, last.message_id, last.number) == ("a0", "id", NUMBER)
    assert (last.code, last.parts, last.parts_done) == (DELIVERED, 1, 1)
    assert (last.sent_at, last.changed_at) == (NOW, NOW + 2)
    assert last.origin is not None
    assert last.origin.context_id == "context-a"
    assert await message(ledger) == last


async def test_failed_keeps_the_code(ledger: Ledger, listener: Listener) -> None:
    """A failure is final and keeps its code, known or not."""
    await send(ledger)
    await apply_reports(ledger, ENTRY, [report(status="GB:9999")], NOW)
    assert listener.states == [State.ACCEPTED, State.FAILED]
    assert listener.messages[-1].code == "GB:9999"


@pytest.mark.parametrize("first", [DELIVERED, FAILED])
async def test_final_stays(ledger: Ledger, listener: Listener, first: str) -> None:
    """No later report changes a final state, its code or anything that is shown."""
    await send(ledger)
    await apply_reports(ledger, ENTRY, [report(status=first)], NOW)
    final = await message(ledger)
    for status in (DELIVERED, FAILED, PENDING, "EXPIRED"):
        await apply_reports(ledger, ENTRY, [report(status=status)], NOW + 1)
    assert await message(ledger) == final
    assert len(listener.shown) == 2


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(reference="a0", state=State.REFUSED, code="E1", message_id="id"),
        Outcome(reference="a0", state=State.EXPIRED_UNSENT, code="not_sent_dns"),
    ],
)
async def test_a_report_does_not_change_what_never_left(
    ledger: Ledger, outcome: Outcome
) -> None:
    """Refused and unsent are final: a report that contradicts changes nothing."""
    await begin(ledger, request())
    await ledger.settle(ENTRY, [outcome], NOW)
    await apply_reports(ledger, ENTRY, [report(extend="extend-a", number=NUMBER)], NOW)
    assert (await message(ledger)).state is outcome.state
    assert (await message(ledger)).code == outcome.code


async def test_accepted_by_the_carrier_is_not_final(
    ledger: Ledger, listener: Listener
) -> None:
    """ACCEPTD is no end and no event; the report after it is."""
    await send(ledger)
    await apply_reports(ledger, ENTRY, [report(status=PENDING, total=None)], NOW)
    assert (await message(ledger)).parts_done == 0
    await apply_reports(ledger, ENTRY, [report()], NOW)
    assert listener.states == [State.ACCEPTED, State.DELIVERED]


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))))
@pytest.mark.parametrize("answered", [3, None])
async def test_parts_in_every_order(
    ledger: Ledger, listener: Listener, order: tuple[int, ...], answered: int | None
) -> None:
    """A message of three parts is delivered exactly with the last one."""
    await begin(ledger, request())
    await ledger.settle(ENTRY, [accepted(parts=answered)], NOW)
    for place, sequence in enumerate(order):
        for duplicate in order[:place]:
            again = report(sequence=duplicate, total=3)
            await apply_reports(ledger, ENTRY, [again, again], NOW)
        assert await state(ledger) is State.ACCEPTED
        await apply_reports(ledger, ENTRY, [report(sequence=sequence, total=3)], NOW)
        assert (await message(ledger)).parts_done == place + 1
    assert await state(ledger) is State.DELIVERED
    assert listener.states == [State.ACCEPTED, State.DELIVERED]


async def test_one_failed_part_fails_the_message(
    ledger: Ledger, listener: Listener
) -> None:
    """The first failed part decides; the others do not change it any more."""
    await send(ledger)
    statuses = [(1, DELIVERED), (2, FAILED), (3, DELIVERED), (2, DELIVERED)]
    for sequence, status in statuses:
        await apply_reports(
            ledger, ENTRY, [report(status=status, sequence=sequence, total=3)], NOW
        )
    assert listener.states == [State.ACCEPTED, State.FAILED]
    assert (await message(ledger)).code == FAILED
    assert (await message(ledger)).parts_done == 3


async def test_several_reports_in_one_push(ledger: Ledger, listener: Listener) -> None:
    """A batch tells of each message once, with its last state."""
    await begin(ledger, request(numbers=(NUMBER, "+8613700000002")))
    await ledger.settle(ENTRY, [accepted("a0", "x"), unconfirmed("a1")], NOW)
    listener.shown.clear()
    await apply_reports(
        ledger,
        ENTRY,
        [
            report("x", sequence=1, total=2),
            report("y", PENDING, extend="extend-a", number="+8613700000002"),
            report("x", sequence=2, total=2),
            report("y"),
        ],
        NOW,
    )
    assert sorted((it.reference, it.state) for it in listener.messages) == [
        ("a0", State.DELIVERED),
        ("a1", State.DELIVERED),
    ]


@pytest.mark.parametrize(
    ("numbers", "state_after"),
    [
        # the number of a part that is the only one means nothing
        ([(7, 1)], State.DELIVERED),
        ([(None, None)], State.DELIVERED),
        ([(0, 0)], State.DELIVERED),
        # more parts than there can be are as good as not said
        ([(1, 9999)], State.DELIVERED),
        # and what may be any part is none of those that are waited for
        ([(9999, 2), (2, 2)], State.ACCEPTED),
        ([(None, 2), (2, 2)], State.ACCEPTED),
        ([(None, 2), (2, 2), (1, 2)], State.DELIVERED),
        # a part beyond the last one is none of those that are waited for
        ([(1, 2), (3, 2)], State.ACCEPTED),
        ([(1, 2), (3, 2), (2, 2)], State.DELIVERED),
        # also where nobody said how many there are
        ([(2, None)], State.ACCEPTED),
        ([(2, None), (1, None)], State.DELIVERED),
        # the larger number counts, and not saying it changes nothing
        ([(1, 3), (2, 2)], State.ACCEPTED),
        ([(1, 3), (2, None), (3, None)], State.DELIVERED),
    ],
)
async def test_odd_part_numbers(
    ledger: Ledger,
    numbers: list[tuple[int | None, int | None]],
    state_after: State,
) -> None:
    """Odd totals and sequences never deliver a message too early, nor break it."""
    await send(ledger)
    for sequence, total in numbers:
        await apply_reports(
            ledger, ENTRY, [report(sequence=sequence, total=total)], NOW
        )
    assert await state(ledger) is state_after


@pytest.mark.parametrize("second", [FAILED, PENDING])
async def test_first_word_on_a_part_stays(ledger: Ledger, second: str) -> None:
    """What was said finally of a part is not changed by another report about it."""
    await send(ledger)
    for status in (DELIVERED, second):
        await apply_reports(ledger, ENTRY, [report(status=status, total=2)], NOW)
    assert (await message(ledger)).parts_done == 1
    await apply_reports(ledger, ENTRY, [report(sequence=2, total=2)], NOW)
    assert await state(ledger) is State.DELIVERED


async def test_failure_of_an_unclear_part(ledger: Ledger) -> None:
    """A part that failed fails the message, whichever it is."""
    await send(ledger)
    await apply_reports(
        ledger, ENTRY, [report(status=FAILED, sequence=9, total=2)], NOW
    )
    assert await state(ledger) is State.FAILED
    assert (await message(ledger)).parts_done == 0


async def test_answer_and_reports_differ(ledger: Ledger) -> None:
    """With more parts in the answer than in a report, all of them are waited for."""
    await begin(ledger, request())
    await ledger.settle(ENTRY, [accepted(parts=2)], NOW)
    await apply_reports(ledger, ENTRY, [report(total=1)], NOW)
    assert await state(ledger) is State.ACCEPTED
    await apply_reports(ledger, ENTRY, [report(sequence=2, total=2)], NOW)
    assert await state(ledger) is State.DELIVERED


async def test_total_comes_with_the_final_word(ledger: Ledger) -> None:
    """A number of parts that an earlier report of the same part said is kept."""
    await send(ledger)
    await apply_reports(ledger, ENTRY, [report(status=PENDING, total=2)], NOW)
    await apply_reports(ledger, ENTRY, [report(total=None)], NOW)
    assert (await message(ledger)).parts == 2
    assert await state(ledger) is State.ACCEPTED


@pytest.mark.parametrize("status", [DELIVERED, FAILED, PENDING])
async def test_unconfirmed_is_settled_by_a_report(
    ledger: Ledger, listener: Listener, status: str
) -> None:
    """A report proves that the platform took a message, and may end it."""
    await begin(ledger, request())
    await ledger.settle(ENTRY, [unconfirmed()], NOW)
    await apply_reports(
        ledger, ENTRY, [report(status=status, extend="extend-a", number=NUMBER)], NOW
    )
    after = {
        DELIVERED: State.DELIVERED,
        FAILED: State.FAILED,
        PENDING: State.ACCEPTED,
    }[status]
    assert listener.states == [State.UNCONFIRMED, after]
    assert listener.messages[-1].message_id == "id"
    code = None if status == PENDING else status
    assert listener.messages[-1].code == code


@pytest.mark.parametrize(
    "number", [NUMBER, "8613700000001", "13700000001", "008613700000001", None]
)
async def test_joined_by_extend(ledger: Ledger, number: str | None) -> None:
    """The number may be written in several ways, or be missing with one message."""
    await begin(ledger, request())
    await ledger.settle(ENTRY, [unconfirmed()], NOW)
    await apply_reports(ledger, ENTRY, [report(extend="extend-a", number=number)], NOW)
    assert await state(ledger) is State.DELIVERED


@pytest.mark.parametrize("number", [None, "+8613799999999", "+", ""])
async def test_extend_alone_does_not_decide(ledger: Ledger, number: str | None) -> None:
    """Of several messages none is settled by a report that names no number of theirs."""
    await begin(ledger, request(numbers=(NUMBER, "+8613700000002")))
    await ledger.settle(ENTRY, [unconfirmed("a0"), unconfirmed("a1")], NOW)
    await apply_reports(ledger, ENTRY, [report(extend="extend-a", number=number)], NOW)
    assert await state(ledger, "a0") is State.UNCONFIRMED
    assert await state(ledger, "a1") is State.UNCONFIRMED
    assert len(await messages(ledger)) == 3


async def test_extend_does_not_take_a_message_from_its_id(ledger: Ledger) -> None:
    """A message that has an id is not joined under another one."""
    await send(ledger)
    await apply_reports(
        ledger, ENTRY, [report("other", extend="extend-a", number=NUMBER)], NOW
    )
    assert await state(ledger) is State.ACCEPTED
    assert (await message(ledger)).message_id == "id"


async def test_two_messages_under_one_id(ledger: Ledger) -> None:
    """If the platform gives one id twice, the first message has it."""
    await begin(ledger, request(numbers=(NUMBER, "+8613700000002")))
    changes = await ledger.settle(ENTRY, [accepted("a0"), accepted("a1")], NOW)
    assert [it.message_id for it in changes.current] == ["id", None]
    assert [it.state for it in changes.current] == [State.ACCEPTED] * 2
    await apply_reports(ledger, ENTRY, [report()], NOW)
    assert await state(ledger, "a0") is State.DELIVERED
    assert await state(ledger, "a1") is State.ACCEPTED


async def test_applications_are_apart(ledger: Ledger) -> None:
    """A report to one application changes nothing of another one's message."""
    await send(ledger)
    await begin(ledger, request("b"))
    before = await messages(ledger)
    await apply_reports(
        ledger,
        OTHER,
        [report(), report("b", extend="extend-b", number=NUMBER)],
        NOW,
    )
    await ledger.settle(OTHER, [accepted("b0", "b")], NOW)
    assert await messages(ledger) == before
    assert [it.state for it in await messages(ledger, OTHER)] == [State.DELIVERED] * 2


async def test_the_clock_is_only_data(ledger: Ledger, listener: Listener) -> None:
    """A clock that was set back between send and report changes no outcome."""
    await begin(ledger, request(), now=NOW)
    await apply_reports(ledger, ENTRY, [report()], NOW - 3600)
    assert listener.shown == []
    await ledger.settle(ENTRY, [accepted()], NOW - 3599)
    assert listener.states == [State.DELIVERED]
    assert [it.reference for it in await messages(ledger)] == ["a0"]


async def test_given_up(ledger: Ledger, listener: Listener) -> None:
    """What waits too long for its report is closed, and stays so."""
    await send(ledger)
    await begin(ledger, request("b"), now=NOW + 10)
    await ledger.settle(ENTRY, [unconfirmed("b0")], NOW + 10)
    await ledger.give_up_waiting(ENTRY, NOW + 5, NOW + 20)
    await ledger.give_up_waiting(OTHER, NOW + 50, NOW + 60)
    assert await state(ledger, "a0") is State.NO_REPORT
    assert await state(ledger, "b0") is State.UNCONFIRMED
    await apply_reports(ledger, ENTRY, [report()], NOW + 30)
    assert await state(ledger, "a0") is State.NO_REPORT
    assert listener.states == [State.ACCEPTED, State.UNCONFIRMED, State.NO_REPORT]


async def test_given_up_after_a_wrong_clock(ledger: Ledger) -> None:
    """What was sent by a clock that was far ahead does not wait until then."""
    await send(ledger)
    later = NOW - 1000
    await ledger.give_up_waiting(ENTRY, later - 1000, later)
    assert await state(ledger, "a0") is State.ACCEPTED
    await ledger.give_up_waiting(ENTRY, later - 999, later)
    assert await state(ledger, "a0") is State.NO_REPORT
