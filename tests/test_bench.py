"""The benchmarks run; what they measure is for people to judge."""

from pathlib import Path
import subprocess
import sys

import pytest

from scripts.benchmarks.table import Row, render

PROJECT = Path(__file__).resolve().parents[1]
ROWS = {
    "sending": ["CPU time"] * 2 + ["1 in flight"] * 2 + ["16 in flight"],
    "calling": ["all accepted", "CPU time of each", "longest stall"],
    "receiving": [
        f"{name}{figure}"
        for name in ("pushes", "signed pushes")
        for figure in ("", ", p50", ", p99", ", CPU time")
    ]
    + ["longest stall while 64 come"],
    "verifying": ["a report", "64 KB"],
    "ledger": [
        "a report, 200 messages",
        "a report, 400 messages",
        "a report, 400 messages, all wait",
        "start, 400 messages more",
        "memory, 400 messages more",
    ],
    "set_up": [
        f"{people}, {when}"
        for people in ("1 recipient", "2 recipients")
        for when in ("first, with all imports", "again")
    ],
    "importing": [
        "CPU time, whole",
        "CPU time, beyond aiohttp",
        "memory, whole",
        "memory, beyond aiohttp",
    ],
}


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run them as `scripts/bench` does."""
    return subprocess.run(
        [sys.executable, "-m", "scripts.benchmarks", "--quick", *arguments],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", ROWS)
def test_every_row_is_printed(name: str) -> None:
    """Each module measures all it has to."""
    run = bench(name)
    assert run.returncode == 0, run.stderr
    printed = [line for line in run.stdout.splitlines() if line.startswith("  ")]
    assert [line.strip().split("  ")[0] for line in printed[1:]] == ROWS[name]


def test_unknown_name() -> None:
    """A name that nothing has is refused before anything runs."""
    run = bench("sending", "nothing")
    assert run.returncode == 2
    assert "there is no nothing" in run.stderr


def test_table() -> None:
    """Columns are aligned, groups have a heading, and goals say whether they are kept."""
    rows = [
        Row(
            "send",
            "CPU time",
            180.4,
            "µs",
            "the SDK, 700 µs",
            0.2577,
            "most 0.30",
            True,
        ),
        Row("send", "at once", 5234.0, "/s"),
        Row("import", "time", 61.234, "ms", goal="under 50 ms", kept=False),
    ]
    assert render(rows).splitlines() == [
        "              median  beside           ratio  goal",
        "",
        "send",
        "  CPU time    180 µs  the SDK, 700 µs   0.26  most 0.30    kept",
        "  at once   5,234 /s",
        "",
        "import",
        "  time       61.2 ms                          under 50 ms  MISSED",
    ]
