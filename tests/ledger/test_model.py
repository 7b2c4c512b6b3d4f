"""Whatever order things happen in, a message's state follows from what is known."""

import asyncio
from dataclasses import dataclass
from itertools import count, pairwise

from hypothesis import HealthCheck, given, settings, strategies as st

from custom_components.huawei_cloud_sms.ledger.ledger import Ledger
from custom_components.huawei_cloud_sms.ledger.models import Message, Outcome, State

from .helpers import (
    DELIVERED,
    FAILED,
    NOW,
    PENDING,
    Listener,
    apply_reports,
    messages,
    report,
    request,
)

_FINAL = {State.DELIVERED, State.FAILED, State.REFUSED}


@dataclass(frozen=True)
class Sms:
    """A message: what becomes of each of its parts, and of its send."""

    name: str
    fates: tuple[str, ...]
    outcome: State

    @property
    def message_id(self) -> str:
        """Return the platform's id, which it need not tell."""
        return f"id-{self.name}"

    @property
    def number(self) -> str:
        """Return the number it goes to."""
        return f"+8613700000{ord(self.name[0])}{self.name[1]}"

    @property
    def is_alone(self) -> bool:
        """Return whether it is the only one of its request."""
        return self.name.startswith("b")


@dataclass(frozen=True)
class Answer:
    """The platform answers a request."""

    request: str


@dataclass(frozen=True)
class Report:
    """A report comes in: the fate of a part, or that it is pending."""

    sms: Sms
    sequence: int
    is_pending: bool
    has_extend: bool
    has_number: bool

    @property
    def status(self) -> str:
        """Return what it says."""
        return PENDING if self.is_pending else self.sms.fates[self.sequence - 1]

    @property
    def tells_whose(self) -> bool:
        """Return whether it names its message without the platform's id."""
        return self.has_extend and (self.has_number or self.sms.is_alone)


type History = list[Answer | Report]


def state_after(sms: Sms, history: History) -> State:
    """Return which state of a message of ours follows from what has happened."""
    answer = Answer(sms.name[0])
    answered = answer in history
    if answered and sms.outcome is State.REFUSED:
        before = state_after(sms, history[: history.index(answer)])
        return before if before in _FINAL else State.REFUSED
    reports = [it for it in history if isinstance(it, Report) and it.sms == sms]
    if not is_known(sms, history):
        reports = []
    seen = {it.sequence for it in reports if not it.is_pending}
    fates = [sms.fates[sequence - 1] for sequence in seen]
    if FAILED in fates:
        return State.FAILED
    if len(fates) == len(sms.fates):
        return State.DELIVERED
    if not answered:
        return State.SENDING
    return State.ACCEPTED if reports else sms.outcome


def is_known(sms: Sms, history: History) -> bool:
    """Return whether the platform's id of a message is known to be its own."""
    told = Answer(sms.name[0]) in history and sms.outcome is not State.UNCONFIRMED
    return told or any(
        isinstance(it, Report) and it.sms == sms and it.tells_whose for it in history
    )


def stranger_after(sms: Sms, history: History, all_sms: list[Sms]) -> State | None:
    """Return the state of the stranger that reports which join nothing make."""
    mine = [it for it in history if isinstance(it, Report) and it.sms == sms]
    if not mine or is_known(sms, history):
        return None
    first = history[: history.index(mine[0])]
    for other in all_sms:
        was_leaving = state_after(other, first) is State.SENDING
        if was_leaving and Answer(other.name[0]) not in history:
            return State.ACCEPTED
    seen = {it.sequence for it in mine if not it.is_pending}
    if FAILED in (sms.fates[sequence - 1] for sequence in seen):
        return State.FAILED
    return State.DELIVERED if len(seen) == len(sms.fates) else State.ACCEPTED


@st.composite
def stories(draw: st.DrawFn) -> tuple[list[Sms], History]:
    """Return some messages, and a history of what happens to them."""
    outcomes = st.sampled_from([State.ACCEPTED, State.UNCONFIRMED, State.REFUSED])
    fates = st.lists(
        st.sampled_from([DELIVERED, DELIVERED, DELIVERED, FAILED]),
        min_size=1,
        max_size=3,
    )
    all_sms = [
        Sms(name, tuple(draw(fates)), draw(outcomes)) for name in ("a0", "a1", "b0")
    ]
    reports: list[Answer | Report] = [
        Report(
            sms,
            sequence,
            draw(st.integers(0, 4)) == 0,
            draw(st.integers(0, 2)) == 0,
            draw(st.booleans()),
        )
        for sms in all_sms
        for sequence in range(1, len(sms.fates) + 1)
        for _ in range(draw(st.integers(0, 2)))
    ]
    return all_sms, draw(st.permutations([Answer("a"), Answer("b"), *reports]))


_NUMBERS = count()


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(story=stories())
async def test_any_order(ledger: Ledger, story: tuple[list[Sms], History]) -> None:
    """After each step every state is the right one, and each is shown once."""
    all_sms, history = story
    entry_id = f"story-{next(_NUMBERS)}"
    listener = Listener()
    await ledger.go_live(entry_id, listener, NOW)
    for name in ("a", "b"):
        new = request(
            f"{entry_id}-{name}",
            [sms.number for sms in all_sms if sms.name.startswith(name)],
            entry_id,
        )
        await ledger.create_all([new], None, NOW)
        await ledger.mark_sending(new.extend, NOW)

    async def step(event: Answer | Report) -> list[Message]:
        after = asyncio.ensure_future(apply(ledger, entry_id, event, all_sms))
        await asyncio.sleep(0)
        snapshot = await messages(ledger, entry_id)
        await after
        return snapshot

    # side by side, so that many of them are committed together; they begin in order
    snapshots = await asyncio.gather(*(step(event) for event in history))

    for place, snapshot in enumerate(snapshots, 1):
        past = history[:place]
        expected = {f"{entry_id}-{sms.name}": state_after(sms, past) for sms in all_sms}
        expected |= {
            sms.message_id: stranger
            for sms in all_sms
            if (stranger := stranger_after(sms, past, all_sms)) is not None
        }
        assert expected == {
            it.message_id if it.request_id is None else it.reference: it.state
            for it in snapshot
        }

    listener.assert_nothing_twice()
    for sms in all_sms:
        states = [
            state_after(sms, history[:place]) for place in range(len(history) + 1)
        ]
        changes = [after for before, after in pairwise(states) if after is not before]
        reference = f"{entry_id}-{sms.name}"
        assert changes == [
            it.state for it in listener.messages if it.reference == reference
        ]


async def apply(
    ledger: Ledger, entry_id: str, event: Answer | Report, all_sms: list[Sms]
) -> None:
    """Let something happen."""
    if isinstance(event, Answer):
        outcomes = [
            Outcome(
                reference=f"{entry_id}-{sms.name}",
                state=sms.outcome,
                message_id=None if sms.outcome is State.UNCONFIRMED else sms.message_id,
            )
            for sms in all_sms
            if sms.name.startswith(event.request)
        ]
        await ledger.settle(entry_id, outcomes, NOW)
        return
    sms = event.sms
    extend = f"extend-{entry_id}-{sms.name[0]}"
    await apply_reports(
        ledger,
        entry_id,
        [
            report(
                sms.message_id,
                event.status,
                event.sequence,
                len(sms.fates),
                extend=extend if event.has_extend else None,
                number=sms.number if event.has_number else None,
            )
        ],
        NOW,
    )
