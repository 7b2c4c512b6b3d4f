"""What is personal goes when it has to: texts once shown, recipients once deleted."""

from pathlib import Path

import pytest

from custom_components.huawei_cloud_sms.ledger import keeping
from custom_components.huawei_cloud_sms.ledger.ledger import Ledger
from custom_components.huawei_cloud_sms.ledger.models import Answer, State
from custom_components.huawei_cloud_sms.ledger.receiving import REPLY_SHOWN_WITHIN

from .failing import restore, write_protect
from .helpers import (
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
    report,
    request,
    rules,
    unconfirmed,
)

TEXT = reply().text
OTHERS_NUMBER = "+8613700000002"
MEI = {"mei": NUMBER}
BOTH = {"mei": NUMBER, "tao": OTHERS_NUMBER}


async def replies(ledger: Ledger) -> list[tuple[str, str, str]]:
    """Return id, sender and text of all replies."""
    return await ledger.run(
        lambda db: db.execute(
            "SELECT message_id, sender, text FROM reply ORDER BY id"
        ).fetchall()
    )


async def texts(ledger: Ledger) -> list[str]:
    """Return the texts of all replies."""
    return [text for _, _, text in await replies(ledger)]


def shown_texts(listener: Listener) -> list[str]:
    """Return the texts of the replies that were shown."""
    return [it.subject.text for it in listener.shown if isinstance(it.subject, Answer)]


async def test_text_goes_once_shown(
    ledger: Ledger, listener: Listener, path: Path
) -> None:
    """Without texts one is shown, and not in the file afterwards, nor in its log."""
    await ledger.tidy(ENTRY, rules(texts=False), NOW)
    await apply_reply(ledger, ENTRY, reply(), NUMBER, NOW)
    assert shown_texts(listener) == [TEXT]
    assert await texts(ledger) == [""]
    log = path.with_name(f"{path.name}-wal")
    assert TEXT.encode() not in content(path) + content(log)
    # the same reply again is still known
    await apply_reply(ledger, ENTRY, reply(), NUMBER, NOW)
    assert len(listener.shown) == 1


async def test_text_waits_until_it_is_shown(ledger: Ledger) -> None:
    """Without texts one that nobody could be told of yet stays until then."""
    await ledger.tidy(ENTRY, rules(texts=False), NOW)
    await apply_reply(ledger, ENTRY, reply("early"), NUMBER, NOW - REPLY_SHOWN_WITHIN)
    await apply_reply(ledger, ENTRY, reply("late"), NUMBER, NOW)
    assert await texts(ledger) == [TEXT, TEXT]
    await ledger.tidy(ENTRY, rules(texts=False), NOW)
    # the first one came so long ago that it is not shown any more
    assert await texts(ledger) == ["", TEXT]
    listener = Listener()
    await ledger.go_live(ENTRY, listener, NOW)
    assert shown_texts(listener) == [TEXT]
    assert await texts(ledger) == ["", ""]


async def test_passed_over_text_goes(ledger: Ledger) -> None:
    """A reply that is passed over because it came long ago loses its text as well."""
    await ledger.tidy(ENTRY, rules(texts=False), NOW)
    await apply_reply(ledger, ENTRY, reply(), NUMBER, NOW)
    listener = Listener()
    await ledger.go_live(ENTRY, listener, NOW + REPLY_SHOWN_WITHIN)
    assert listener.shown == []
    assert await texts(ledger) == [""]


async def test_texts_off_and_on(ledger: Ledger, listener: Listener, path: Path) -> None:
    """Switched off, what was kept goes; on again, it is kept; each application's own."""
    await apply_reply(ledger, ENTRY, reply("1"), NUMBER, NOW)
    await apply_reply(ledger, OTHER, reply("1"), NUMBER, NOW)
    await ledger.tidy(ENTRY, rules(texts=False), NOW)
    assert await texts(ledger) == ["", TEXT]
    await ledger.close()
    ledger = Ledger(path)
    await ledger.open(NOW)
    await ledger.go_live(ENTRY, listener, NOW)
    await apply_reply(ledger, ENTRY, reply("2"), NUMBER, NOW)
    assert (await texts(ledger))[2:] == [""]
    await ledger.tidy(ENTRY, rules(), NOW)
    await apply_reply(ledger, ENTRY, reply("3"), NUMBER, NOW)
    assert (await texts(ledger))[2:] == ["", TEXT]
    assert shown_texts(listener) == [TEXT] * 3
    await ledger.close()


async def sent_texts(ledger: Ledger) -> list[str | None]:
    """Return the texts of all messages."""
    rows = await ledger.run(
        lambda db: db.execute("SELECT text FROM message ORDER BY id").fetchall()
    )
    return [text for (text,) in rows]


async def test_sent_texts_go(
    ledger: Ledger, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once no texts are kept, those of an application's messages go, all of them."""
    monkeypatch.setattr(keeping, "_AT_ONCE", 2)
    numbers = [f"+861370000000{place}" for place in range(5)]
    await begin(ledger, request("a", numbers, text=TEXT))
    await begin(ledger, request("b", entry_id=OTHER, text="another"))
    await ledger.tidy(ENTRY, rules(), NOW)
    assert await sent_texts(ledger) == [TEXT] * 5 + ["another"]
    await ledger.tidy(ENTRY, rules(texts=False), NOW)
    assert await sent_texts(ledger) == [None] * 5 + ["another"]
    await ledger.close()
    assert TEXT.encode() not in content(path)


async def test_sent_text_of_a_deleted_recipient(ledger: Ledger) -> None:
    """What was sent to somebody who is gone is nobody's business any more."""
    await ledger.tidy(ENTRY, rules(recipients=BOTH), NOW)
    numbers = [NUMBER, OTHERS_NUMBER]
    await begin(ledger, request("a", numbers, recipient_ids=["mei", "tao"], text=TEXT))
    await ledger.settle(ENTRY, [accepted("a0", "1"), accepted("a1", "2")], NOW)
    await ledger.tidy(ENTRY, rules(recipients={"tao": OTHERS_NUMBER}), NOW)
    assert await sent_texts(ledger) == [None, TEXT]


@pytest.mark.usefixtures("short_times")
async def test_text_goes_in_a_stand_in(ledger: Ledger, listener: Listener) -> None:
    """While storage fails texts are shown and go too, and so they do in the file."""
    await ledger.tidy(ENTRY, rules(texts=False), NOW)
    await ledger.run(write_protect)
    await apply_reply(ledger, ENTRY, reply(), NUMBER, NOW)
    assert not ledger.durable
    assert await texts(ledger) == [""]
    await restore(ledger)
    assert await texts(ledger) == [""]
    assert shown_texts(listener) == [TEXT]


async def test_deleted_recipient(
    ledger: Ledger, listener: Listener, path: Path
) -> None:
    """Who it was is gone, even from the file; ids, states and times are still there."""
    await ledger.tidy(ENTRY, rules(recipients=BOTH), NOW)
    await begin(
        ledger,
        request("a", [NUMBER, OTHERS_NUMBER], recipient_ids=["mei", "tao"]),
        # the number was used without its recipient too
        request("b"),
        request("c", entry_id=OTHER),
    )
    outcomes = [accepted("a0", "1"), accepted("a1", "2"), accepted("b0", "3")]
    await ledger.settle(ENTRY, outcomes, NOW)
    await apply_reply(ledger, ENTRY, reply("mei"), NUMBER, NOW)
    await apply_reply(ledger, ENTRY, reply("tao"), OTHERS_NUMBER, NOW)
    before = await messages(ledger)
    counts = await ledger.count_states(ENTRY)
    listener.shown.clear()

    await ledger.tidy(ENTRY, rules(recipients={"tao": OTHERS_NUMBER}), NOW)
    after = await messages(ledger)
    assert [(it.number, it.recipient_id) for it in after] == [
        (None, None),
        (OTHERS_NUMBER, "tao"),
        (None, None),
    ]
    for old, new in zip(before, after, strict=True):
        assert (new.reference, new.message_id) == (old.reference, old.message_id)
        assert (new.state, new.sent_at) == (old.state, old.sent_at)
    assert await ledger.count_states(ENTRY) == counts
    assert (await message(ledger, "c0")).number == NUMBER
    assert await replies(ledger) == [("mei", "", ""), ("tao", OTHERS_NUMBER, TEXT)]

    # a report by the platform's id still finds its message, whose number is not shown
    await apply_reports(ledger, ENTRY, [report("1", number=NUMBER)], NOW)
    (shown,) = listener.messages
    assert (shown.reference, shown.state) == ("a0", State.DELIVERED)
    assert shown.number is None
    # and the same reply is still known
    await apply_reply(ledger, ENTRY, reply("mei"), NUMBER, NOW)
    assert listener.replies == []

    await ledger.forget(OTHER)
    await ledger.close()
    assert NUMBER.encode() not in content(path)
    assert OTHERS_NUMBER.encode() in content(path)


async def test_recipient_that_only_replied(ledger: Ledger) -> None:
    """Nothing has to be sent to a recipient for their replies to be theirs."""
    await ledger.tidy(ENTRY, rules(recipients=MEI), NOW)
    await apply_reply(ledger, ENTRY, reply(), NUMBER, NOW)
    await ledger.tidy(ENTRY, rules(), NOW)
    assert await replies(ledger) == [("reply", "", "")]
    listener = Listener()
    # a reply of nobody is not shown late
    await ledger.go_live(ENTRY, listener, NOW)
    assert listener.shown == []


async def test_number_that_is_another_ones_now(ledger: Ledger) -> None:
    """A recipient's former number is theirs only in their own messages."""
    await ledger.tidy(ENTRY, rules(recipients=MEI), NOW)
    await begin(ledger, request("a", recipient_ids=["mei"]))
    await ledger.settle(ENTRY, [accepted("a0", "1")], NOW)
    # Mei has another number, and hers is Tao's now
    swapped = {"mei": OTHERS_NUMBER, "tao": NUMBER}
    await ledger.tidy(ENTRY, rules(recipients=swapped), NOW)
    await begin(
        ledger,
        request("b", recipient_ids=["tao"]),
        request("c", [OTHERS_NUMBER], recipient_ids=["mei"]),
    )
    await ledger.settle(ENTRY, [accepted("b0", "2"), accepted("c0", "3")], NOW)
    await apply_reply(ledger, ENTRY, reply("tao"), NUMBER, NOW)
    await ledger.tidy(ENTRY, rules(recipients={"tao": NUMBER}), NOW)
    assert [it.number for it in await messages(ledger)] == [None, NUMBER, None]
    assert await replies(ledger) == [("tao", NUMBER, TEXT)]


async def test_deleted_while_sending(ledger: Ledger, listener: Listener) -> None:
    """What is under way keeps its number until it has left, then loses it."""
    await ledger.tidy(ENTRY, rules(recipients=MEI), NOW)
    await begin(ledger, request("a", recipient_ids=["mei"]))
    await ledger.create_all([request("b", recipient_ids=["mei"])], None, NOW)
    await ledger.tidy(ENTRY, rules(), NOW)
    assert [it.number for it in await messages(ledger)] == [NUMBER, NUMBER]
    await ledger.mark_sending("extend-b", NOW)
    await ledger.settle(ENTRY, [accepted("a0", "1")], NOW)
    await ledger.settle(ENTRY, [accepted("b0", "2")], NOW)
    await ledger.tidy(ENTRY, rules(), NOW)
    assert [it.number for it in await messages(ledger)] == [None, None]
    await ledger.tidy(ENTRY, rules(), NOW)
    await apply_reports(ledger, ENTRY, [report("1"), report("2")], NOW)
    assert [it.number for it in listener.messages[2:]] == [None, None]


@pytest.mark.parametrize("number", [NUMBER, "13700000001", None])
async def test_unconfirmed_to_a_deleted_recipient(
    ledger: Ledger, listener: Listener, number: str | None
) -> None:
    """Where the platform's id is unknown a report still finds a message by `extend`."""
    await ledger.tidy(ENTRY, rules(recipients=MEI), NOW)
    await begin(ledger, request("a", recipient_ids=["mei"]))
    await ledger.settle(ENTRY, [unconfirmed()], NOW)
    await ledger.tidy(ENTRY, rules(), NOW)
    await apply_reports(ledger, ENTRY, [report(extend="extend-a", number=number)], NOW)
    assert [it.state for it in listener.messages] == [
        State.UNCONFIRMED,
        State.DELIVERED,
    ]
    assert listener.messages[-1].number is None
    assert len(await messages(ledger)) == 1


async def test_unconfirmed_to_one_of_several(ledger: Ledger) -> None:
    """Of several messages of one request the others' reports stay the others'."""
    await ledger.tidy(ENTRY, rules(recipients=BOTH), NOW)
    new = request("a", [NUMBER, OTHERS_NUMBER], recipient_ids=["mei", "tao"])
    await begin(ledger, new)
    await ledger.settle(ENTRY, [unconfirmed("a0"), unconfirmed("a1")], NOW)
    await ledger.tidy(ENTRY, rules(recipients={"tao": OTHERS_NUMBER}), NOW)
    for name, number in (("2", OTHERS_NUMBER), ("1", NUMBER)):
        await apply_reports(
            ledger, ENTRY, [report(name, extend="extend-a", number=number)], NOW
        )
    assert [(it.reference, it.message_id) for it in await messages(ledger)] == [
        ("a0", "1"),
        ("a1", "2"),
    ]
    assert {it.state for it in await messages(ledger)} == {State.DELIVERED}


async def test_a_lot_is_anonymized_in_several_commits(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A recipient with many messages keeps nobody waiting, and leaves none behind."""
    monkeypatch.setattr(keeping, "_AT_ONCE", 10)
    await ledger.tidy(ENTRY, rules(recipients=BOTH), NOW)
    for place in range(35):
        await begin(ledger, request(f"a{place}x", recipient_ids=["mei"]))
        await ledger.settle(ENTRY, [accepted(f"a{place}x0", f"{place}")], NOW)
    statements: list[str] = []
    await ledger.run(lambda db: db.set_trace_callback(statements.append))
    await ledger.tidy(ENTRY, rules(), NOW)
    await ledger.run(lambda db: db.set_trace_callback(None))
    assert statements.count("COMMIT") >= 4
    assert {it.number for it in await messages(ledger)} == {None}
