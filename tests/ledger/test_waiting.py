"""Whoever waits for the end of messages learns of it, whatever happens meanwhile."""

import asyncio
from pathlib import Path
import sqlite3

import pytest

from custom_components.huawei_cloud_sms.ledger import keeping
from custom_components.huawei_cloud_sms.ledger.ledger import Ledger
from custom_components.huawei_cloud_sms.ledger.models import Outcome, State

from .failing import reopen, restore, write_protect
from .helpers import (
    ENTRY,
    NOW,
    NUMBER,
    Listener,
    accepted,
    apply_reports,
    begin,
    report,
    request,
    send,
    state,
    unconfirmed,
)

# longer than a test may take
PATIENCE = 600.0


def wait(
    ledger: Ledger, *references: str, timeout: float = PATIENCE
) -> asyncio.Task[dict[str, State]]:
    """Begin to wait; the task returns the states in the end."""

    async def states() -> dict[str, State]:
        found = await ledger.wait_final(references, timeout)
        return {reference: message.state for reference, message in found.items()}

    return asyncio.create_task(states())


async def begun(ledger: Ledger, *tasks: asyncio.Task[dict[str, State]]) -> None:
    """See that tasks have begun to wait, and that they do wait."""
    for _ in range(3):
        await ledger.run(lambda _: None)
    assert not any(task.done() for task in tasks)


async def test_until_all_have_ended(ledger: Ledger) -> None:
    """The wait is over with the last message, and not before."""
    await begin(ledger, request("a", [NUMBER, "+8613700000002", "+8613700000003"]))
    waiting = wait(ledger, "a0", "a1", "a2")
    await begun(ledger, waiting)
    outcomes = [
        accepted("a0", "1"),
        Outcome(reference="a1", state=State.REFUSED, code="E200028"),
        unconfirmed("a2"),
    ]
    await ledger.settle(ENTRY, outcomes, NOW)
    await begun(ledger, waiting)
    await apply_reports(ledger, ENTRY, [report("1", "UNDELIV")], NOW)
    await begun(ledger, waiting)
    await apply_reports(
        ledger, ENTRY, [report("x", extend="extend-a", number="+8613700000003")], NOW
    )
    assert await waiting == {
        "a0": State.FAILED,
        "a1": State.REFUSED,
        "a2": State.DELIVERED,
    }


async def test_ended_before(ledger: Ledger) -> None:
    """For what has ended nobody waits."""
    await send(ledger, "a", "1")
    await apply_reports(ledger, ENTRY, [report("1")], NOW)
    assert await wait(ledger, "a0") == {"a0": State.DELIVERED}


async def test_no_report(ledger: Ledger) -> None:
    """A message that is given up has ended too."""
    await send(ledger, "a", "1")
    waiting = wait(ledger, "a0")
    await begun(ledger, waiting)
    await ledger.give_up_waiting(ENTRY, NOW + 1, NOW + 2)
    assert await waiting == {"a0": State.NO_REPORT}


async def test_time_is_up(ledger: Ledger) -> None:
    """When the time is up the states are told as they are."""
    await send(ledger, "a", "1")
    assert await wait(ledger, "a0", timeout=0.01) == {"a0": State.ACCEPTED}


async def test_cancelled(ledger: Ledger) -> None:
    """Whoever gives up waiting changes nothing for others."""
    await send(ledger, "a", "1")
    first, second = wait(ledger, "a0"), wait(ledger, "a0")
    await begun(ledger, first, second)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    await apply_reports(ledger, ENTRY, [report("1")], NOW)
    assert await second == {"a0": State.DELIVERED}


async def test_retired_meanwhile(ledger: Ledger, listener: Listener) -> None:
    """It does not matter whether anybody is told of changes."""
    await send(ledger, "a", "1")
    waiting = wait(ledger, "a0")
    await begun(ledger, waiting)
    await ledger.retire(ENTRY)
    await apply_reports(ledger, ENTRY, [report("1")], NOW)
    assert await waiting == {"a0": State.DELIVERED}
    assert listener.states == [State.ACCEPTED]


async def test_ends_between_two_looks(ledger: Ledger) -> None:
    """A report that comes while the states are looked up is not missed."""
    await send(ledger, "a", "1")
    await send(ledger, "b", "2")
    waiting = wait(ledger, "a0", "b0")
    # the look-up and the report go into the same commit
    await asyncio.sleep(0)
    await apply_reports(ledger, ENTRY, [report("1")], NOW)
    await begun(ledger, waiting)
    await apply_reports(ledger, ENTRY, [report("2")], NOW)
    assert await waiting == {"a0": State.DELIVERED, "b0": State.DELIVERED}


async def test_removed_meanwhile(ledger: Ledger) -> None:
    """For messages of a removed application nobody waits any more."""
    await send(ledger, "a", "1")
    waiting = wait(ledger, "a0")
    await begun(ledger, waiting)
    await ledger.forget(ENTRY)
    assert await waiting == {}


@pytest.mark.usefixtures("short_times")
async def test_file_that_works_again(ledger: Ledger) -> None:
    """A wait goes on in memory and in the file."""
    await send(ledger, "a", "1")
    await send(ledger, "b", "2")
    waiting = wait(ledger, "a0", "b0")
    await begun(ledger, waiting)
    await ledger.run(write_protect)
    await apply_reports(ledger, ENTRY, [report("1")], NOW)
    assert not ledger.durable
    await restore(ledger)
    await begun(ledger, waiting)
    await apply_reports(ledger, ENTRY, [report("2")], NOW)
    assert await waiting == {"a0": State.DELIVERED, "b0": State.DELIVERED}


@pytest.mark.usefixtures("short_times")
async def test_unknown_to_the_stand_in(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What only the file understands ends a wait once it works again."""

    def read_nothing(_: Path) -> object:
        raise sqlite3.OperationalError

    monkeypatch.setattr(keeping, "read_newest", read_nothing)
    await send(ledger, "a", "1")
    waiting = wait(ledger, "a0")
    await begun(ledger, waiting)
    await ledger.run(write_protect)
    await apply_reports(ledger, ENTRY, [report("1")], NOW)
    assert not ledger.durable
    await begun(ledger, waiting)
    await restore(ledger)
    assert await waiting == {"a0": State.DELIVERED}


async def test_the_end(ledger: Ledger, path: Path) -> None:
    """At the end everybody is told how things stand, and later nobody waits."""
    await send(ledger, "a", "1")
    waiting = wait(ledger, "a0")
    await begun(ledger, waiting)
    ledger.end_waits()
    assert await waiting == {"a0": State.ACCEPTED}
    assert await wait(ledger, "a0") == {"a0": State.ACCEPTED}
    ledger, _ = await reopen(ledger, path)
    assert await state(ledger) is State.ACCEPTED
    await ledger.close()
    assert await wait(ledger, "a0") == {}
