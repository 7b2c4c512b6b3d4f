"""The figures of a run, as rows and as a table for people."""

from collections.abc import Iterable
from dataclasses import dataclass

_HEADINGS = ("", "median", "beside", "ratio", "goal", "")


@dataclass(frozen=True, slots=True)
class Row:
    """One figure.

    Attributes:
        group: What was done, such as `send`; rows of a group stand together.
        name: What was measured of it.
        value: The median.
        unit: The unit of the value.
        beside: What it is compared with, if anything.
        ratio: The value divided by that of what it is compared with.
        goal: What was set out to be reached, in words; empty if nothing was.
        kept: Whether it is reached, None if there is no goal.
    """

    group: str
    name: str
    value: float
    unit: str
    beside: str | None = None
    ratio: float | None = None
    goal: str = ""
    kept: bool | None = None


def render(rows: Iterable[Row]) -> str:
    """Return the rows as lines of aligned columns, with a heading for each group."""
    rows = list(rows)
    cells = [_HEADINGS, *map(_cells, rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    first, *lines = (
        "  ".join(
            cell.rjust(width) if at in (1, 3) else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    )
    shown = [first]
    group = None
    for row, line in zip(rows, lines, strict=True):
        if row.group != group:
            group = row.group
            shown += ["", group]
        shown.append(line)
    return "\n".join(shown)


def _cells(row: Row) -> tuple[str, ...]:
    """Return what stands in the columns."""
    kept = {None: "", True: "kept", False: "MISSED"}[row.kept]
    return (
        f"  {row.name}",
        f"{_figure(row.value)} {row.unit}",
        row.beside or "",
        "" if row.ratio is None else f"{row.ratio:.2f}",
        row.goal,
        kept,
    )


def _figure(value: float) -> str:
    """Return a number with three digits that count."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
