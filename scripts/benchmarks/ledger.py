"""What many messages in the ledger cost: per report, in memory, and at the start."""

import asyncio
from collections import defaultdict
from datetime import UTC, datetime
import json
from pathlib import Path
import random
import resource
from statistics import median
import subprocess
import sys
from tempfile import TemporaryDirectory
import time

from custom_components.huawei_cloud_sms.ledger.ledger import Ledger
from custom_components.huawei_cloud_sms.msgsms.push import StatusReport

from .pushes import PLAIN, fill, message_id
from .table import Row

_GROUP = "ledger"
_PROJECT = Path(__file__).resolve().parents[2]
_AT_ONCE = 8
_REPORTS = 160
_FLAT = 1.2
_MOST_MEGABYTES = 2
_MOST_MILLISECONDS = 200


def rows(*, quick: bool) -> list[Row]:
    """Return how cost per report, memory and start depend on how much is known."""
    sizes, rounds, starts = ([0, 200, 400], 1, 1)
    if not quick:
        sizes, rounds, starts = [0, 1_000, 10_000, 100_000], 6, 5
    with TemporaryDirectory() as folder:
        paths = {size: Path(folder, f"{size}.db") for size in sizes}
        asyncio.run(_fill(paths))
        started = {size: _start(paths[size], starts) for size in (0, sizes[-1])}
        return [
            *asyncio.run(_report_rows({it: paths[it] for it in sizes[1:]}, rounds)),
            *_start_rows(started[0], started[sizes[-1]], sizes[-1]),
        ]


async def _fill(paths: dict[int, Path]) -> None:
    """Make ledgers of all sizes."""
    for size, path in paths.items():
        ledger = Ledger(path)
        await ledger.open(_now())
        await fill(ledger, PLAIN, size)
        await ledger.close()


async def _report_rows(paths: dict[int, Path], rounds: int) -> list[Row]:
    """Apply reports to each ledger in turn."""
    chance = random.Random(1)
    ledgers = {size: Ledger(path) for size, path in paths.items()}
    waiting = {
        size: chance.sample(range(size), min(size, rounds * _REPORTS)) for size in paths
    }
    costs: defaultdict[int, list[float]] = defaultdict(list)
    for ledger in ledgers.values():
        await ledger.open(_now())
        await ledger.go_live(PLAIN, lambda _: None, _now())
    for _ in range(rounds):
        for size, ledger in ledgers.items():
            numbers, waiting[size] = waiting[size][:_REPORTS], waiting[size][_REPORTS:]
            costs[size].append(await _cost(ledger, numbers))
    for ledger in ledgers.values():
        await ledger.close()
    fewest, *more = paths
    base = median(costs[fewest])
    return [
        Row(_GROUP, f"a report, {fewest:,} messages", base, "µs"),
        *(
            Row(
                _GROUP,
                f"a report, {size:,} messages",
                median(costs[size]),
                "µs",
                f"{fewest:,} messages",
                median(costs[size]) / base,
                f"ratio at most {_FLAT}",
                median(costs[size]) / base <= _FLAT,
            )
            for size in more
        ),
    ]


async def _cost(ledger: Ledger, numbers: list[int]) -> float:
    """Return how long a report took, some at a time (µs)."""
    started = time.perf_counter()
    for start in range(0, len(numbers), _AT_ONCE):
        await asyncio.gather(
            *(
                ledger.pushes.apply_reports(PLAIN, [_report(number)], _now())
                for number in numbers[start : start + _AT_ONCE]
            )
        )
    return (time.perf_counter() - started) / len(numbers) * 1e6


def _report(number: int) -> StatusReport:
    """Return the report that a message was delivered."""
    return StatusReport(
        message_id=message_id(PLAIN, number),
        status="DELIVRD",
        parts=1,
        sequence=1,
        extend=None,
        number=None,
    )


def _start(path: Path, times: int) -> tuple[float, float]:
    """Start with a ledger in processes of their own; return seconds and megabytes."""
    started = [
        json.loads(
            subprocess.run(
                (sys.executable, "-m", __name__, path),
                cwd=_PROJECT,
                check=True,
                capture_output=True,
            ).stdout
        )
        for _ in range(times)
    ]
    seconds, megabytes = zip(*started, strict=True)
    return median(seconds), median(megabytes)


def _start_rows(
    none: tuple[float, float], all_: tuple[float, float], size: int
) -> list[Row]:
    """Return what a start with messages takes beyond one without."""
    milliseconds = (all_[0] - none[0]) * 1e3
    megabytes = all_[1] - none[1]
    beside = "no messages"
    return [
        Row(
            _GROUP,
            f"start, {size:,} messages more",
            milliseconds,
            "ms",
            beside,
            goal=f"less than {_MOST_MILLISECONDS} ms",
            kept=milliseconds < _MOST_MILLISECONDS,
        ),
        Row(
            _GROUP,
            f"memory, {size:,} messages more",
            megabytes,
            "MB",
            beside,
            goal=f"less than {_MOST_MEGABYTES} MB",
            kept=megabytes < _MOST_MEGABYTES,
        ),
    ]


async def _open(path: Path) -> None:
    """Start with a ledger as an application does, and print what it took."""
    ledger = Ledger(path)
    started = time.perf_counter()
    await ledger.open(_now())
    await ledger.count_states(PLAIN)
    await ledger.go_live(PLAIN, lambda _: None, _now())
    seconds = time.perf_counter() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    await ledger.close()
    print(json.dumps([seconds, memory]))


def _now() -> float:
    """Return the time as the ledger takes it."""
    return datetime.now(UTC).timestamp()


if __name__ == "__main__":
    asyncio.run(_open(Path(sys.argv[1])))
