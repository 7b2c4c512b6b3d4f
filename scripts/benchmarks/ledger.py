"""What many messages in the ledger cost: per report, in memory, and at the start.

Reports come as they do in life: about messages that were sent lately, in any order. All
messages before those have come to their end. A row without a goal tells what a report
costs where all messages wait, and it is about any of them.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
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
_AT_ONCE_ENDED = 500
_FLAT = 1.2
_MOST_MEGABYTES = 2
_MOST_MILLISECONDS = 200


def rows(*, quick: bool) -> list[Row]:
    """Return how cost per report, memory and start depend on how much is known."""
    sizes, lately, rounds, starts = [0, 200, 400], 200, 1, 1
    if not quick:
        sizes, lately, rounds, starts = [0, 1_000, 10_000, 100_000], 1_000, 6, 5
    with TemporaryDirectory() as folder:
        paths = {size: Path(folder, f"{size}.db") for size in sizes}
        all_wait = Path(folder, "all_wait.db")
        for size, path in paths.items():
            asyncio.run(_fill(path, size, lately))
        asyncio.run(_fill(all_wait, sizes[-1], sizes[-1]))
        started = {size: _start(paths[size], starts) for size in (0, sizes[-1])}
        ledgers = [_Known(size, min(size, lately), paths[size]) for size in sizes[1:]]
        ledgers.append(_Known(sizes[-1], sizes[-1], all_wait))
        return [
            *asyncio.run(_report_rows(ledgers, rounds)),
            *_start_rows(started[0], started[sizes[-1]], sizes[-1]),
        ]


@dataclass(frozen=True, slots=True)
class _Known:
    """A ledger with so many messages, of which the last ones wait for reports."""

    size: int
    waiting: int
    path: Path


async def _fill(path: Path, size: int, waiting: int) -> None:
    """Make a ledger of a size; so many of its messages wait."""
    ledger = Ledger(path)
    await ledger.open(_now())
    await fill(ledger, PLAIN, size)
    for start in range(0, size - waiting, _AT_ONCE_ENDED):
        ended = range(start, min(start + _AT_ONCE_ENDED, size - waiting))
        await _apply(ledger, ended)
    await ledger.close()


async def _report_rows(known: list[_Known], rounds: int) -> list[Row]:
    """Apply reports to each ledger in turn."""
    chance = random.Random(1)
    ledgers = [Ledger(it.path) for it in known]
    about = [
        chance.sample(
            range(it.size - it.waiting, it.size), min(it.waiting, rounds * _REPORTS)
        )
        for it in known
    ]
    costs: list[list[float]] = [[] for _ in known]
    for ledger in ledgers:
        await ledger.open(_now())
        await ledger.go_live(PLAIN, lambda _: None, _now())
    for start in range(0, rounds * _REPORTS, _REPORTS):
        for ledger, numbers, cost in zip(ledgers, about, costs, strict=True):
            cost.append(await _cost(ledger, numbers[start : start + _REPORTS]))
    for ledger in ledgers:
        await ledger.close()
    least, *more = map(median, costs)
    fewest = f"{known[0].size:,} messages"
    return [
        Row(_GROUP, f"a report, {fewest}", least, "µs"),
        *(
            _report_row(it, cost, fewest, cost / least)
            for it, cost in zip(known[1:], more, strict=True)
        ),
    ]


def _report_row(known: _Known, cost: float, fewest: str, ratio: float) -> Row:
    """Return what a report costs beside what it does with the fewest messages."""
    name = f"a report, {known.size:,} messages"
    if known.waiting == known.size:
        return Row(_GROUP, f"{name}, all wait", cost, "µs", fewest, ratio)
    goal = f"ratio at most {_FLAT}"
    return Row(_GROUP, name, cost, "µs", fewest, ratio, goal, ratio <= _FLAT)


async def _cost(ledger: Ledger, numbers: list[int]) -> float:
    """Return the CPU time that a report took, some at a time (µs).

    How long the disk takes has more to do with what else is written to it.
    """
    started = time.process_time()
    for start in range(0, len(numbers), _AT_ONCE):
        await asyncio.gather(
            *(_apply(ledger, [number]) for number in numbers[start : start + _AT_ONCE])
        )
    return (time.process_time() - started) / len(numbers) * 1e6


async def _apply(ledger: Ledger, numbers: Iterable[int]) -> None:
    """Apply reports about messages, as one push."""
    reports = tuple(map(_report, numbers))
    await ledger.pushes.apply(PLAIN, lambda: reports, "CN", _now(), len(reports))


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
