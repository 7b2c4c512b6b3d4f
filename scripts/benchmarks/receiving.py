"""Pushes over HTTP, each in durable storage before it is answered."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
import json
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from custom_components.huawei_cloud_sms.ledger.ledger import Ledger

from . import pushes
from .home import EMPTY, TOLD, running
from .load import ask, push
from .table import Row

_CONNECTIONS = 8
_LEAST_RATE = 1_000
_LEAST_RATIO = 0.4
_MOST_P99 = 10
_MOST_STALL = 50
_GROUP = f"receive, {_CONNECTIONS} connections"

# What is pushed to: an application's webhook, or the empty one, and whose messages.
_DOORS = {
    "empty": (EMPTY, pushes.PLAIN),
    "pushes": (pushes.PLAIN, pushes.PLAIN),
    "signed pushes": (pushes.SIGNED, pushes.SIGNED),
}


@dataclass(frozen=True, slots=True)
class _Round:
    """One round: pushes per second, and of a push milliseconds, and µs of CPU."""

    rate: float
    p50: float
    p99: float
    cpu: float


def rows(*, quick: bool) -> list[Row]:
    """Return pushes per second beside an empty webhook, and the longest stall."""
    rounds, size, flood = (1, 32, 64) if quick else (7, 2_000, 10_000)
    with TemporaryDirectory() as folder:
        path = Path(folder, ".storage", "huawei_cloud_sms.db")
        asyncio.run(_fill(path, rounds * size + flood))
        with running(Path(folder), recipients=1, reloads=0) as home:
            return asyncio.run(_measure(home.port, rounds, size, flood))


async def _fill(path: Path, count: int) -> None:
    """Make a ledger that knows messages of both applications."""
    ledger = Ledger(path)
    await ledger.open(datetime.now(UTC).timestamp())
    for entry_id in (pushes.PLAIN, pushes.SIGNED):
        await pushes.fill(ledger, entry_id, count)
    await ledger.close()


async def _measure(port: int, rounds: int, size: int, flood: int) -> list[Row]:
    """Push to each door in turn, then many at once to ours."""
    found: defaultdict[str, list[_Round]] = defaultdict(list)
    for start in range(0, rounds * size, size):
        for name in _DOORS:
            found[name].append(await _push(port, name, range(start, start + size)))
    await _ask(port)
    await _push(port, "pushes", range(rounds * size, rounds * size + flood), told=False)
    stall = (await _ask(port))["stall"] * 1_000
    return [
        *_rows("pushes", found, _LEAST_RATIO),
        # what more these take stands under `verify`
        *_rows("signed pushes", found, 0),
        Row(
            _GROUP,
            f"longest stall while {flood:,} come",
            stall,
            "ms",
            goal=f"less than {_MOST_STALL} ms",
            kept=stall < _MOST_STALL,
        ),
    ]


async def _push(port: int, name: str, numbers: range, *, told: bool = True) -> _Round:
    """Push to a door and return what it took."""
    webhook_id, entry_id = _DOORS[name]
    requests = [
        pushes.request(
            port,
            webhook_id,
            pushes.push(entry_id, number),
            signed=entry_id == pushes.SIGNED,
        )
        for number in numbers
    ]
    before = (await _ask(port))["cpu"]
    load = await push(port, requests, _CONNECTIONS)
    cpu = (await _ask(port))["cpu"] - before if told else 0
    percentiles = quantiles(load.each, n=100)
    return _Round(
        load.rate,
        percentiles[49] * 1e3,
        percentiles[98] * 1e3,
        cpu / len(numbers) * 1e6,
    )


async def _ask(port: int) -> dict[str, float]:
    """Return what Home Assistant noted since it was asked before."""
    answer = await ask(port, pushes.request(port, TOLD, b"", signed=False))
    told: dict[str, float] = json.loads(answer)
    return told


def _rows(name: str, found: dict[str, list[_Round]], least_ratio: float) -> list[Row]:
    """Return the rows of a door beside those of the empty one."""
    ours, empty = found[name], found["empty"]
    rate, cpu = median(it.rate for it in ours), median(it.cpu for it in ours)
    # round by round: what else the machine does changes from one to the next
    share = median(it.rate / there.rate for it, there in zip(ours, empty, strict=True))
    p99 = median(it.p99 for it in ours)
    beside = f"empty handler, {median(it.rate for it in empty):,.0f} /s"
    empty_cpu = median(it.cpu for it in empty)
    return [
        Row(
            _GROUP,
            name,
            rate,
            "/s",
            beside,
            share,
            f"{_LEAST_RATE:,} /s" + f", ratio {least_ratio}" * (least_ratio > 0),
            rate >= _LEAST_RATE and share >= least_ratio,
        ),
        Row(_GROUP, f"{name}, p50", median(it.p50 for it in ours), "ms"),
        Row(
            _GROUP,
            f"{name}, p99",
            p99,
            "ms",
            goal=f"less than {_MOST_P99} ms",
            kept=p99 < _MOST_P99,
        ),
        Row(
            _GROUP,
            f"{name}, CPU time",
            cpu,
            "µs",
            f"empty handler, {empty_cpu:.0f} µs",
            cpu / empty_cpu,
        ),
    ]
