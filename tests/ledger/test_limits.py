"""Nothing leaves beyond a limit, however many ask at once."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.huawei_cloud_sms.ledger import keeping, missed, schema, sending
from custom_components.huawei_cloud_sms.ledger.ledger import Ledger
from custom_components.huawei_cloud_sms.ledger.limits import Limits, find_excess
from custom_components.huawei_cloud_sms.ledger.messages import select
from custom_components.huawei_cloud_sms.ledger.models import (
    Excess,
    NewRequest,
    Outcome,
    State,
)

from .failing import restore, write_protect
from .helpers import (
    ENTRY,
    NOW,
    NUMBER,
    OTHER,
    Listener,
    accepted,
    apply_reports,
    letter,
    messages,
    report,
    request,
    state,
    unconfirmed,
)

HOUR = 3600
DAY = 86400

LIMITS = Limits(parts_per_hour=4, parts_per_day=6, mainland=True)
WIDE = Limits(parts_per_hour=10_000, parts_per_day=10_000, mainland=True)

# 10:40 in Beijing
NOON = datetime(2027, 1, 15, 2, 40, tzinfo=UTC).timestamp()


def new(
    name: str,
    numbers: Sequence[str] = (NUMBER,),
    *,
    kind: str | None = "notification",
    text: str | None = None,
    parts: int = 1,
    entry_id: str = ENTRY,
) -> NewRequest:
    """Return a request with a text of its own."""
    return replace(
        request(name, numbers, entry_id, text_hash=text or name, planned_parts=parts),
        template_type=kind,
    )


def numbers(count: int) -> list[str]:
    """Return some different numbers."""
    return [f"+86137{it:08}" for it in range(count)]


async def attempt(
    ledger: Ledger, *requests: NewRequest, limits: Limits = LIMITS, now: float = NOW
) -> str | None:
    """Let requests leave and be accepted; return the limit that stopped them."""
    changes = await ledger.create_all(requests, None, now, limits)
    if changes.excess is not None:
        return changes.excess.code
    for it in requests:
        assert await ledger.mark_sending(it.extend, now)
        await ledger.settle(
            it.entry_id,
            [accepted(m.reference, f"id-{m.reference}") for m in it.messages],
            now,
        )
    return None


async def test_parts_per_hour(ledger: Ledger, listener: Listener) -> None:
    """The last part that fits passes; a call beyond it is refused as a whole."""
    assert await attempt(ledger, new("a", numbers(2)), new("b", parts=2)) is None
    changes = await ledger.create_all(
        [new("c", numbers(2)), new("d")], "address", NOW, LIMITS
    )
    assert changes.excess == Excess(code="limit_hour", limit=4, count=7)
    assert [(it.reference, it.state, it.code) for it in changes.current] == [
        (reference, State.REFUSED, "limit_hour") for reference in ("c0", "c1", "d0")
    ]
    assert listener.messages[-3:] == list(changes.current)
    assert ledger.addresses(ENTRY, NOW) == []
    assert not await ledger.mark_sending("extend-c", NOW)
    # others have limits of their own
    assert await attempt(ledger, new("e", entry_id=OTHER)) is None


async def test_the_hour_is_over(ledger: Ledger) -> None:
    """What left longer ago counts for the day, and then no more."""
    assert await attempt(ledger, new("a", numbers(4))) is None
    assert await attempt(ledger, new("b"), now=NOW + HOUR) == "limit_hour"
    later = NOW + HOUR + 1
    assert await attempt(ledger, new("c", numbers(2)), now=later) is None
    assert await attempt(ledger, new("d"), now=later) == "limit_day"
    assert await attempt(ledger, new("e"), now=NOW + DAY + 1) is None


async def test_parts_that_the_platform_counted(ledger: Ledger) -> None:
    """What the platform says of a message's parts counts instead of what was planned."""
    await ledger.create_all([new("a", parts=1)], None, NOW, LIMITS)
    await ledger.mark_sending("extend-a", NOW)
    await ledger.settle(ENTRY, [accepted("a0", "1", parts=4)], NOW)
    assert await attempt(ledger, new("b")) == "limit_hour"


@pytest.mark.parametrize(
    ("outcome", "counts"),
    [
        (accepted(), True),
        (unconfirmed(), True),
        (Outcome(reference="a0", state=State.REFUSED, code="E200028"), False),
        (Outcome(reference="a0", state=State.EXPIRED_UNSENT, code="x"), False),
    ],
)
async def test_what_counts(ledger: Ledger, outcome: Outcome, counts: bool) -> None:
    """What was refused or never left costs nothing; what may have left counts."""
    await ledger.create_all([new("a", parts=4)], None, NOW, LIMITS)
    await ledger.mark_sending("extend-a", NOW)
    await ledger.settle(ENTRY, [outcome], NOW)
    assert (await attempt(ledger, new("b")) == "limit_hour") is counts


async def test_what_waits_counts(ledger: Ledger) -> None:
    """What waits will leave: it counts until an hour after it did."""
    waits = new("a", parts=4)
    await ledger.create_all([waits], None, NOW, LIMITS)
    await ledger.mark_sending("extend-a", NOW)
    kept = letter(waits, NOW + 3 * HOUR)
    await ledger.outbox.put_back("extend-a", kept, NOW)
    later = NOW + 2 * HOUR
    assert await attempt(ledger, new("b"), now=later) == "limit_hour"
    assert await ledger.outbox.take("extend-a", kept, later)
    assert await attempt(ledger, new("c"), now=later + HOUR) == "limit_hour"
    assert await attempt(ledger, new("d"), now=later + HOUR + 1) is None


async def test_override(ledger: Ledger) -> None:
    """A call may pass the limits of hour, day and number; what it sends counts."""
    freely = replace(LIMITS, override=True)
    for name in "abcdefghijkl":
        assert await attempt(ledger, new(name), limits=freely) is None
    assert await attempt(ledger, new("z", ["+8613700000099"])) == "limit_hour"


@pytest.mark.parametrize(
    ("kind", "most"), [("verification", 2), ("notification", 10), (None, 10)]
)
async def test_number_per_minute(ledger: Ledger, kind: str | None, most: int) -> None:
    """The platform's own limits for a number hold for each type of template."""
    for it in range(most):
        assert await attempt(ledger, new(f"a{it}-", kind=kind), limits=WIDE) is None
    changes = await ledger.create_all([new("b", kind=kind)], None, NOW, WIDE)
    excess = Excess(code="limit_number_minute", limit=most, count=most + 1)
    assert changes.excess == excess
    assert NUMBER not in repr(changes.excess)
    other = "verification" if kind != "verification" else "notification"
    assert await attempt(ledger, new("c", kind=other), limits=WIDE) is None
    assert await attempt(ledger, new("d", numbers(1), kind=kind), limits=WIDE) is None
    later = NOW + 61
    assert await attempt(ledger, new("e", kind=kind), limits=WIDE, now=later) is None


async def test_number_per_day(ledger: Ledger) -> None:
    """The fifty-first message of a day is refused, the next day's first is not."""
    for it in range(50):
        now = NOW + it * 61
        assert await attempt(ledger, new(f"a{it}-"), limits=WIDE, now=now) is None
    late = NOW + DAY
    assert await attempt(ledger, new("b"), limits=WIDE, now=late) == "limit_number_day"
    assert await attempt(ledger, new("c"), limits=WIDE, now=late + 1) is None


async def test_numbers_abroad(ledger: Ledger) -> None:
    """The platform has no limits for numbers abroad."""
    abroad = replace(WIDE, mainland=False)
    for it in range(60):
        assert await attempt(ledger, new(f"a{it}-"), limits=abroad) is None


async def test_the_same_number_in_one_call(ledger: Ledger) -> None:
    """What one call holds is counted together."""
    call = [new(f"a{it}-", kind="verification") for it in range(3)]
    assert await attempt(ledger, *call, limits=WIDE) == "limit_number_minute"


@pytest.mark.parametrize("mainland", [True, False])
async def test_loop(ledger: Ledger, mainland: bool) -> None:
    """The same text to the same number is stopped, whatever overrides limits."""
    limits = replace(WIDE, mainland=mainland, override=True)
    for it in range(5):
        new_one = new(f"a{it}-", text="same")
        assert await attempt(ledger, new_one, limits=limits, now=NOW + it) is None
    stopped = new("b", text="same")
    assert await attempt(ledger, stopped, limits=limits, now=NOW + 5) == "limit_loop"
    other_number = new("c", ["+8613700000002"], text="same")
    assert await attempt(ledger, other_number, limits=limits, now=NOW + 5) is None
    assert await attempt(ledger, new("d"), limits=limits, now=NOW + 5) is None
    # the first of the five is more than ten minutes ago
    again = new("e", text="same")
    assert await attempt(ledger, again, limits=limits, now=NOW + 601) is None


@pytest.mark.parametrize(
    ("beijing", "allowed"),
    [
        ((7, 59, 59), False),
        ((8, 0, 0), True),
        ((21, 59, 59), True),
        ((22, 0, 0), False),
    ],
)
async def test_promotions(
    ledger: Ledger, beijing: tuple[int, int, int], allowed: bool
) -> None:
    """Promotions to the mainland go out from eight to ten, Beijing time, only."""
    hour, minute, second = beijing
    midnight = datetime(2027, 1, 14, 16, tzinfo=UTC).timestamp()
    now = midnight + hour * 3600 + minute * 60 + second
    freely = replace(WIDE, override=True)
    found = await attempt(ledger, new("a", kind="promotion"), limits=freely, now=now)
    assert found == (None if allowed else "limit_promotion_hours")
    assert await attempt(ledger, new("b"), limits=WIDE, now=now) is None
    abroad = replace(WIDE, mainland=False)
    new_one = new("c", kind="promotion")
    assert await attempt(ledger, new_one, limits=abroad, now=now) is None


@pytest.mark.parametrize("jump", [-10 * DAY, 10 * DAY])
async def test_clock_that_was_wrong(ledger: Ledger, jump: float) -> None:
    """What was sent by another clock stands in nobody's way for ever."""
    assert await attempt(ledger, new("a", numbers(4)), now=NOW + jump) is None
    assert await attempt(ledger, new("b"), now=NOW) is None


async def test_clock_put_back_a_little(ledger: Ledger) -> None:
    """What was sent just now counts, even if the clock says that it is to come."""
    assert await attempt(ledger, new("a", numbers(4))) is None
    assert await attempt(ledger, new("b"), now=NOW - 1800) == "limit_hour"


async def test_two_at_once(ledger: Ledger) -> None:
    """Calls that come at the same time cannot pass a limit together."""
    found = await asyncio.gather(
        *(attempt(ledger, new(f"a{it}-", [f"+86137{it:08}"])) for it in range(20))
    )
    assert found.count(None) == 4
    assert len(await messages(ledger)) == 20


async def test_told_by_a_stand_in(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What left while the file failed stays so, though the file knew of more."""
    monkeypatch.setattr(keeping, "_CARRIED", 1)
    for name in "abcd":
        assert await attempt(ledger, new(name)) is None
        await apply_reports(ledger, ENTRY, [report(f"id-{name}0")], NOW)
    await ledger.run(write_protect)
    await ledger.keep_address(ENTRY, "u", NOW)
    assert await attempt(ledger, new("e")) is None
    await restore(ledger)
    await apply_reports(ledger, ENTRY, [report("id-e0")], NOW)
    assert await state(ledger, "e0") is State.DELIVERED


async def test_refused_by_a_stand_in(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was refused while the file failed stays so, though it missed the rest."""
    assert await attempt(ledger, new("a")) is None
    await ledger.run(write_protect)
    for name in "bcd":
        assert await attempt(ledger, new(name)) is None
    monkeypatch.setattr(missed, "_LIMIT", 1)
    assert await attempt(ledger, new("e")) == "limit_hour"
    await restore(ledger)
    assert {it.reference: it.state for it in await messages(ledger)} == {
        "a0": State.ACCEPTED,
        "e0": State.REFUSED,
    }


async def test_many_numbers(ledger: Ledger) -> None:
    """What waits is gone through once for a call, not once for each number."""
    steps = 0

    def step() -> int:
        """Count a thousand steps of SQLite."""
        nonlocal steps
        steps += 1
        return 0

    await ledger.create_all([new("a", numbers(1000))], None, NOW, WIDE)
    await ledger.run(lambda db: db.set_progress_handler(step, 1000))
    await ledger.create_all([new("b", numbers(1000))], None, NOW, WIDE)
    assert len(await messages(ledger)) == 2000
    assert steps < 2000


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 3),
            st.integers(1, 3),
            st.integers(0, 1500),
            st.sampled_from([State.ACCEPTED, State.UNCONFIRMED, State.REFUSED]),
        ),
        max_size=25,
    )
)
def test_no_hour_has_too_many(calls: list[tuple[int, int, int, State]]) -> None:
    """Whatever is asked for and whenever, no hour and no day has too many parts."""
    limits = Limits(parts_per_hour=7, parts_per_day=15, mainland=False)
    db = schema.connect(None)
    now = NOON
    for place, (count, parts, pause, outcome) in enumerate(calls):
        now += pause
        call = new(f"{place}-", numbers(count), parts=parts)
        excess = find_excess(db, [call], limits, now)
        sending.create(db, [call], None, excess, now)
        if excess is None:
            sending.mark_sending(db, call.extend, now)
            outcomes = [
                Outcome(reference=it.reference, state=outcome) for it in call.messages
            ]
            sending.settle(db, ENTRY, outcomes, now)
    left = [
        (it.sent_at, int(it.reference.split("-")[0]))
        for it in select(db, "state IN ('accepted', 'unconfirmed')", ())
    ]
    db.close()
    for start, _ in left:
        assert start is not None
        for within, most in ((HOUR, 7), (DAY, 15)):
            parts_left = [
                calls[place][1]
                for time, place in left
                if time is not None and start <= time <= start + within
            ]
            assert sum(parts_left) <= most
