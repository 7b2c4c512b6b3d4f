"""A ledger that is killed at any moment, or whose disk is full, keeps its word."""

import asyncio
from collections import defaultdict
from pathlib import Path
import subprocess
import sys

import pytest

from custom_components.huawei_cloud_sms import ledger as package
from custom_components.huawei_cloud_sms.ledger.ledger import Ledger
from custom_components.huawei_cloud_sms.ledger.models import Message, State

from .helpers import ENTRY, NOW, Listener, messages, reply_ids

_FOLDER = Path(package.__file__).parents[1]

# Home Assistant takes seconds to import, and the ledger does not need it.
_START = """
import runpy, sys, types
package = types.ModuleType("custom_components.huawei_cloud_sms")
package.__path__ = [sys.argv[1]]
sys.modules[package.__name__] = package
runpy.run_module("tests.ledger.child", run_name="__main__", alter_sys=False)
"""

# Where a message can stand at least, once it was said that so much is done.
_AFTER_CREATION = {
    State.EXPIRED_UNSENT,
    State.UNCONFIRMED,
    State.ACCEPTED,
    State.DELIVERED,
}
_AFTER_LEAVING = {State.UNCONFIRMED, State.ACCEPTED, State.DELIVERED}
_AFTER_ANSWER = {State.ACCEPTED, State.DELIVERED}


def command(*words: str) -> list[str]:
    """Return what starts a ledger in a process of its own."""
    return [sys.executable, "-c", _START, str(_FOLDER), *words]


def run_and_kill(path: Path, prefix: str, lines: int) -> list[list[str]]:
    """Let a ledger work until it has said so much; return all that it said."""
    with subprocess.Popen(
        command("load", str(path), prefix),
        cwd=_FOLDER.parents[1],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(lines)]
        process.kill()
        said += process.stdout.readlines()
    assert process.returncode == -9
    return [line.split() for line in said]


def test_killed(path: Path) -> None:
    """All that was acknowledged is there, once, and no message is left half-way."""
    done: dict[str, set[str]] = defaultdict(set)
    shown: set[tuple[str, str]] = set()
    for place, lines in enumerate((1, 7, 60, 200, 450, 800)):
        for what, *words in run_and_kill(path, str(place), lines):
            if what == "shown":
                assert tuple(words) not in shown
                shown.add((words[0], words[1]))
            else:
                done[what].update(words)
        for change in asyncio.run(check(path, done)):
            assert change not in shown
            shown.add(change)
    assert len(done["replied"]) > 100


async def check(path: Path, done: dict[str, set[str]]) -> list[tuple[str, str]]:
    """Check what is in the file, and return what is shown of it now."""
    ledger = Ledger(path)
    await ledger.open(NOW)
    assert ledger.durable
    assert ledger.damaged_file is None
    listener = Listener()
    await ledger.go_live(ENTRY, listener, NOW)
    known = await messages(ledger)
    replies = await reply_ids(ledger)
    await ledger.close()

    by_reference = {it.reference: it for it in known}
    by_id = {it.message_id: it for it in known if it.message_id is not None}
    assert not {State.QUEUED, State.SENDING} & {it.state for it in known}

    def ours(what: str) -> list[Message]:
        return [by_reference[f"{name}0"] for name in done[what]]

    assert {it.state for it in ours("created")} <= _AFTER_CREATION
    assert {it.state for it in ours("sending")} <= _AFTER_LEAVING
    assert {it.state for it in ours("settled")} <= _AFTER_ANSWER
    for name in done["settled"]:
        assert by_reference[f"{name}0"].message_id == f"id-{name}"
    # a report that came before its answer may have remained a stranger's
    for name in done["reported"]:
        assert by_id[f"id-{name}"].state is State.DELIVERED
    for it in ours("replied"):
        assert it.state is State.DELIVERED
    assert {f"reply-{name}" for name in done["replied"]} <= set(replies)
    return [
        *((it.reference, it.state) for it in listener.messages),
        *((it, State.ACCEPTED) for it in listener.replies),
    ]


@pytest.mark.parametrize("kind", ["full_disk", "hang"])
def test_disk_fails(path: Path, kind: str) -> None:
    """With a disk that is really full sending goes on; one that hangs ends nothing."""
    process = subprocess.run(
        command(kind, str(path)),
        cwd=_FOLDER.parents[1],
        stdout=subprocess.PIPE,
        text=True,
        timeout=20,
        check=True,
    )
    assert process.stdout == "done\n"
