"""A ledger that is killed at any moment, or whose disk is full, keeps its word."""

from pathlib import Path
import re
import subprocess
import sys

import pytest

from custom_components.huawei_cloud_sms import ledger as package

_FOLDER = Path(package.__file__).parents[1]

# Home Assistant takes seconds to import, and the ledger does not need it.
_START = """
import runpy, sys, types
package = types.ModuleType("custom_components.huawei_cloud_sms")
package.__path__ = [sys.argv[1]]
sys.modules[package.__name__] = package
runpy.run_module("tests.ledger.child", run_name="__main__", alter_sys=False)
"""


def command(*words: str) -> list[str]:
    """Return what starts a ledger in a process of its own."""
    return [sys.executable, "-c", _START, str(_FOLDER), *words]


def test_killed() -> None:
    """Handler and ledger are killed at 20 moments, and checked after each of them.

    Every push that was answered with 200 is there, none twice; every message has the
    state that follows; nothing is sent or shown twice.
    """
    process = subprocess.run(
        [sys.executable, "-m", "scripts.soak_run", "--minutes=0", "--seed=20"],
        cwd=_FOLDER.parents[1],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=110,
        check=False,
    )
    assert process.returncode == 0, process.stdout
    first = process.stdout.splitlines()[0]
    seed, kills, sent, stored, unanswered = map(int, re.findall(r"\d+\b", first)[:5])
    assert (seed, kills) == (20, 20)
    assert sent >= 1000
    # some were under way at each kill, and not all of these were repeated
    assert unanswered >= 20
    assert 2000 < stored <= 2 * sent + 200


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
