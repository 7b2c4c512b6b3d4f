"""A ledger in a process of its own, which can run out of disk."""

import asyncio
from collections.abc import Callable, Coroutine
import os
from pathlib import Path
import resource
import sys
import threading

from custom_components.huawei_cloud_sms.ledger.ledger import Ledger
from custom_components.huawei_cloud_sms.ledger.models import Shown, State

from .helpers import (
    ENTRY,
    NOW,
    accepted,
    apply_reports,
    begin,
    messages,
    report,
    request,
    send,
    state,
)


def say(*words: str) -> None:
    """Tell the parent of something that is done, at once and whole."""
    os.write(1, f"{' '.join(words)}\n".encode())


async def full_disk(path: Path) -> None:
    """Write until the system lets no file grow any more, then return."""
    ledger = Ledger(path)
    await ledger.open(NOW)
    shown: list[Shown] = []
    await ledger.go_live(ENTRY, shown.append, NOW)
    await send(ledger, "before", "1")
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, most))
    for number in range(500):
        await begin(ledger, request(f"a{number}x"))
        changes = await ledger.settle(
            ENTRY, [accepted(f"a{number}x0", f"id{number}")], NOW
        )
        assert [it.state for it in changes.current] == [State.ACCEPTED]
        if not ledger.durable:
            break
    assert not ledger.durable
    await apply_reports(ledger, ENTRY, [report("1")], NOW)
    await asyncio.sleep(0)
    assert shown[-1].subject.reference == "before0"
    assert not shown[-1].recorded
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    await ledger.restore()
    assert ledger.durable
    assert ledger.damaged_file is None
    await ledger.close()
    ledger = Ledger(path)
    await ledger.open(NOW)
    assert await state(ledger, "before0") is State.DELIVERED
    assert len(await messages(ledger)) == number + 2
    await ledger.close()
    say("done")


async def hang(path: Path) -> None:
    """Return while the disk hangs for ever."""
    ledger = Ledger(path)
    await ledger.open(NOW)
    hanging = asyncio.ensure_future(ledger.run(lambda _: threading.Event().wait()))
    await asyncio.sleep(0.05)
    hanging.cancel()
    say("done")


_KINDS: dict[str, Callable[..., Coroutine[object, object, None]]] = {
    "full_disk": full_disk,
    "hang": hang,
}

if __name__ == "__main__":
    kind, file, *more = sys.argv[2:]
    asyncio.run(_KINDS[kind](Path(file), *more))
