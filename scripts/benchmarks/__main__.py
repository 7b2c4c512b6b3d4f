"""Runs the benchmarks and prints their table: `python -m scripts.benchmarks [NAME …]`."""

import argparse
from importlib import import_module

from .table import Row, render

_NAMES = (
    "sending",
    "calling",
    "receiving",
    "verifying",
    "ledger",
    "set_up",
    "importing",
)


def main() -> None:
    """Run what was named, or everything."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(_NAMES))
    parser.add_argument("--quick", action="store_true", help="only see that it runs")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(_NAMES):
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    rows: list[Row] = []
    for name in arguments.names or _NAMES:
        # One at a time: what another imports must not weigh on this one's figures.
        module = import_module(f".{name}", __package__)
        rows += module.rows(quick=arguments.quick)
    print(render(rows))


if __name__ == "__main__":
    main()
