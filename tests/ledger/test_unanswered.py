"""Whether messages stay without any push, as far as the ledger can tell."""

from custom_components.huawei_cloud_sms.ledger import tally
from custom_components.huawei_cloud_sms.ledger.ledger import Ledger

from .helpers import (
    ENTRY,
    NOW,
    apply_reports,
    begin,
    report,
    request,
    send,
    unconfirmed,
)


async def unanswered(ledger: Ledger, now: float) -> bool:
    """Return whether two messages wait for the first push half an hour later."""
    return await ledger.run(lambda db: tally.is_unanswered(db, ENTRY, now - 1800, 2))


async def test_unanswered(ledger: Ledger) -> None:
    """Enough messages, old enough, and not one push."""
    await ledger.keep_address(ENTRY, "https://a", NOW - 1)
    await send(ledger, "a", "1")
    await begin(ledger, request("b"))
    await ledger.settle(ENTRY, [unconfirmed("b0")], NOW)
    assert not await unanswered(ledger, NOW + 1800)
    await send(ledger, "c", "3")
    assert not await unanswered(ledger, NOW + 1799)
    assert await unanswered(ledger, NOW + 1800)
    await ledger.give_up_waiting(ENTRY, NOW + 1, NOW + 1)
    assert await unanswered(ledger, NOW + 1800)
    await apply_reports(ledger, ENTRY, [report("x")], NOW)
    assert not await unanswered(ledger, NOW + 1800)


async def test_unanswered_without_an_address(ledger: Ledger) -> None:
    """What was sent before the address was there cannot be answered by it."""
    await send(ledger, "a", "1")
    await send(ledger, "b", "2")
    assert not await unanswered(ledger, NOW + 1800)
    await ledger.keep_address(ENTRY, "https://a", NOW + 10)
    assert not await unanswered(ledger, NOW + 1800)


async def test_unanswered_at_a_new_address(ledger: Ledger) -> None:
    """With another address it begins anew, and so it does on demand."""
    await ledger.keep_address(ENTRY, "https://a", NOW - 1)
    await send(ledger, "a", "1")
    await send(ledger, "b", "2")
    await ledger.keep_address(ENTRY, "https://a", NOW + 5)
    assert await unanswered(ledger, NOW + 1800)
    await ledger.keep_address(ENTRY, "https://b", NOW + 10)
    assert not await unanswered(ledger, NOW + 1800)
    await ledger.keep_address(ENTRY, "https://a", NOW + 20)
    assert await unanswered(ledger, NOW + 1800)
    await ledger.pushes.watch_anew(ENTRY, NOW + 30)
    assert not await unanswered(ledger, NOW + 1800)
