"""The long crash test: one trial after the other, each with another seed."""

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path
import sys
import tempfile
import time

from .crash_model import BrokenPromiseError
from .crash_trial import Plan, Summary, Trial
from .processes import ProcessError

_MINUTES = 10.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run trials until the time is over; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="scripts/soak",
        description="Kill handler and ledger while they work, and check their word.",
    )
    parser.add_argument(
        "--minutes",
        type=float,
        default=_MINUTES,
        help="begin no new trial after so long (%(default)s)",
    )
    parser.add_argument(
        "--seed", type=int, default=1, help="seed of the first trial (%(default)s)"
    )
    options = parser.parse_args(arguments)
    end = time.monotonic() + options.minutes * 60
    seed: int = options.seed
    summaries: list[Summary] = []
    while not summaries or time.monotonic() < end:
        # kept if it fails: it is what one wants to look at
        folder = Path(tempfile.mkdtemp(prefix="soak-"))
        try:
            summaries.append(asyncio.run(_run(folder, Plan(seed=seed))))
        except (BrokenPromiseError, ProcessError) as err:
            print(f"Seed {seed} failed: {err}\nIts files: {folder}", file=sys.stderr)
            return 1
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()
        print(f"Seed {seed}: {_line(summaries[-1:])}", flush=True)
        seed += 1
    print(f"All {len(summaries)} kept their word: {_line(summaries)}")
    return 0


async def _run(folder: Path, plan: Plan) -> Summary:
    """Run one trial."""
    async with Trial(folder, plan) as trial:
        return await trial.run()


def _line(summaries: Sequence[Summary]) -> str:
    """Say what happened."""
    return (
        f"{sum(it.kills for it in summaries)} kills,"
        f" {sum(it.sent for it in summaries)} messages sent once,"
        f" {sum(it.stored for it in summaries)} pushes answered and there,"
        f" {sum(it.unanswered for it in summaries)} without an answer"
    )


if __name__ == "__main__":
    sys.exit(main())
