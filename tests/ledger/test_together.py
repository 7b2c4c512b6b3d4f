"""Reports that come in together do what they would do one by one, in fewer statements."""

import asyncio
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings, strategies as st

from custom_components.huawei_cloud_sms.ledger.ledger import Ledger
from custom_components.huawei_cloud_sms.ledger.models import Message, Origin, State
from custom_components.huawei_cloud_sms.msgsms.push import StatusReport

from .helpers import (
    DELIVERED,
    ENTRY,
    FAILED,
    NOW,
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

_NUMBERS = tuple(f"+861370000000{it}" for it in range(3))

_REPORTS = st.lists(
    st.builds(
        report,
        st.sampled_from(["id-0", "id-1", "id-2", "nobody's"]),
        st.sampled_from([DELIVERED, FAILED, PENDING, "GB:0009"]),
        st.sampled_from([None, 1, 2]),
        st.sampled_from([None, 1, 2]),
        extend=st.sampled_from([None, "extend-a"]),
        number=st.just(_NUMBERS[-1]),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_REPORTS)
async def test_together_or_one_by_one(reports: list[StatusReport]) -> None:
    """Neither the messages nor what was shown of them differ."""
    alone, alone_shown = await _apply(reports, together=False)
    joined, joined_shown = await _apply(reports, together=True)
    assert joined == alone
    assert joined_shown == alone_shown


async def _apply(
    reports: list[StatusReport], *, together: bool
) -> tuple[list[Message], list[tuple[str, State]]]:
    """Let reports come about three messages; return these, and what was shown."""
    with TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder, "ledger.db"))
        await ledger.open(NOW)
        listener = Listener()
        await ledger.go_live(ENTRY, listener, NOW)
        outcomes = [accepted("a0", "id-0"), accepted("a1", "id-1"), unconfirmed("a2")]
        await begin(ledger, request(numbers=_NUMBERS))
        await ledger.settle(ENTRY, outcomes, NOW)
        # the first push in a second is noted as well
        await apply_reports(ledger, ENTRY, [report("first")], NOW)
        pushes = [
            apply_reports(ledger, ENTRY, [it], NOW + place / 16)
            for place, it in enumerate(reports)
        ]
        if together:
            await asyncio.gather(*pushes)
        else:
            for push in pushes:
                await push
        found = await messages(ledger)
        await ledger.close()
        return found, [(it.reference, it.state) for it in listener.messages]


async def test_one_statement_for_all(ledger: Ledger, listener: Listener) -> None:
    """Each report keeps its own time, and its message its own origin."""
    await send(ledger, "a", "a")
    await send(ledger, "b", "b")
    statements: list[str] = []
    await ledger.run(lambda db: db.set_trace_callback(statements.append))
    # the first push in a second is noted as well
    await apply_reports(ledger, ENTRY, [report("c", PENDING)], NOW)
    statements.clear()
    await asyncio.gather(
        apply_reports(ledger, ENTRY, [report("a")], NOW + 0.25),
        apply_reports(ledger, ENTRY, [report("b")], NOW + 0.5),
    )
    await ledger.run(lambda db: db.set_trace_callback(None))
    # SQLite tells of it again for each of its triggers
    assert len({it for it in statements if it.lstrip().startswith("UPDATE")}) == 1
    shown = listener.messages[-2:]
    assert [it.changed_at for it in shown] == [NOW + 0.25, NOW + 0.5]
    assert [it.origin and it.origin.context_id for it in shown] == [
        "context-a",
        "context-b",
    ]


async def test_what_is_told_is_what_is_kept(ledger: Ledger, listener: Listener) -> None:
    """Of a message that its report ends the listener learns all that the ledger has."""
    # its place among the messages is not that of its request among the requests
    await ledger.create_all([request("before", _NUMBERS)], None, NOW - 3)
    new = replace(
        request(recipient_ids=["mei"], planned_parts=2, text_known=True),
        origin=Origin("context", "user", "parent"),
    )
    await ledger.create_all([new], None, NOW - 2)
    await ledger.mark_sending(new.extend, NOW - 1)
    await ledger.settle(ENTRY, [accepted()], NOW)
    await apply_reports(ledger, ENTRY, [report()], NOW + 1)
    told, kept = listener.messages[-1], await message(ledger)
    assert told == kept
    assert (told.created_at, told.sent_at) == (NOW - 2, NOW - 1)
    assert (told.origin, told.planned_parts) == (new.origin, 2)


async def test_each_push_tells_of_its_change(
    ledger: Ledger, listener: Listener
) -> None:
    """What comes at one time is no reason to keep quiet about a change."""
    await begin(ledger, request())
    await ledger.settle(ENTRY, [unconfirmed()], NOW)
    await apply_reports(ledger, ENTRY, [report("other", PENDING)], NOW)
    listener.shown.clear()
    await asyncio.gather(
        *(
            apply_reports(
                ledger,
                ENTRY,
                [report("a", sequence=it, total=2, extend="extend-a")],
                NOW + it / 4,
            )
            for it in (1, 2)
        )
    )
    assert listener.states == [State.ACCEPTED, State.DELIVERED]


async def test_strangers_are_not_mistaken(ledger: Ledger, listener: Listener) -> None:
    """One that turns out to be ours makes room for the next one, and both are told."""
    await begin(ledger, request())
    await ledger.settle(ENTRY, [unconfirmed()], NOW)
    listener.shown.clear()
    await apply_reports(
        ledger,
        ENTRY,
        [report("a", FAILED), report("a", extend="extend-a"), report("b")],
        NOW,
    )
    assert [(it.message_id, it.state) for it in listener.messages] == [
        ("a", State.FAILED),
        ("a", State.FAILED),
        ("b", State.DELIVERED),
    ]


async def test_strangers_while_nobody_listens(ledger: Ledger) -> None:
    """What is to be shown later is the message itself, not what has its row by now."""
    await begin(ledger, request())
    await ledger.settle(ENTRY, [unconfirmed()], NOW)
    await apply_reports(
        ledger,
        ENTRY,
        [report("a", FAILED), report("a", extend="extend-a"), report("b", PENDING)],
        NOW,
    )
    listener = Listener()
    await ledger.go_live(ENTRY, listener, NOW)
    assert [(it.reference, it.state) for it in listener.messages] == [
        ("a0", State.FAILED)
    ]


async def test_any_text_can_be_an_id(ledger: Ledger, listener: Listener) -> None:
    """What the platform calls its messages is its own affair."""
    ids = ['"', "\\u0041", "{}", "短信\t1", "'; --"]
    for place, name in enumerate(ids):
        await send(ledger, f"r{place}", name)
    await apply_reports(ledger, ENTRY, [report(it) for it in ids], NOW)
    assert [it.message_id for it in listener.messages[-len(ids) :]] == ids
    assert {it.state for it in await messages(ledger)} == {State.DELIVERED}


async def test_applications_keep_apart(ledger: Ledger) -> None:
    """The same id in two applications is two messages."""
    await send(ledger, "a", "same")
    await begin(ledger, request("b", entry_id=OTHER))
    await ledger.settle(OTHER, [accepted("b0", "same")], NOW)
    # the first push in a second is not joined
    for entry_id in (ENTRY, OTHER):
        await apply_reports(ledger, entry_id, [report("c", PENDING)], NOW)
    await asyncio.gather(
        apply_reports(ledger, ENTRY, [report("same")], NOW),
        apply_reports(ledger, OTHER, [report("same", FAILED)], NOW),
    )
    assert [await state(ledger, it) for it in ("a0", "b0")] == [
        State.DELIVERED,
        State.FAILED,
    ]


async def test_not_too_many_at_once(ledger: Ledger, listener: Listener) -> None:
    """Large pushes stay what they are; all is written down."""
    statements: list[str] = []
    await ledger.run(lambda db: db.set_trace_callback(statements.append))
    await asyncio.gather(
        *(
            apply_reports(
                ledger,
                ENTRY,
                [report(f"{push}-{it}", PENDING) for it in range(300)],
                NOW,
            )
            for push in range(3)
        )
    )
    await ledger.run(lambda db: db.set_trace_callback(None))
    assert len(await messages(ledger)) == 900
    # strangers are counted at the end of each
    assert sum(it.startswith("DELETE FROM message") for it in statements) == 3


async def test_parts_that_are_known_are_kept(ledger: Ledger) -> None:
    """A last word on the only part may turn out to be one of several."""
    await send(ledger)
    for it in (report(status=PENDING, sequence=None, total=None), report()):
        await apply_reports(ledger, ENTRY, [it], NOW)
    await apply_reports(ledger, ENTRY, [report(sequence=2, total=2)], NOW)
    found = await message(ledger)
    assert (found.parts_done, found.parts) == (2, 2)
