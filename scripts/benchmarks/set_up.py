"""What setting an application up takes Home Assistant."""

from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from .home import running
from .table import Row

_GROUP = "set an application up"


def rows(*, quick: bool) -> list[Row]:
    """Return how long it takes the first time, and again, with few or many people."""
    found = []
    for recipients in (1, 2 if quick else 100):
        with (
            TemporaryDirectory() as folder,
            running(
                Path(folder), recipients=recipients, reloads=1 if quick else 10
            ) as home,
        ):
            people = f"{recipients} recipient{'s' if recipients > 1 else ''}"
            first = home.first * 1_000
            again = median(home.again) * 1_000
            found += [
                Row(_GROUP, f"{people}, first, with all imports", first, "ms"),
                Row(_GROUP, f"{people}, again", again, "ms"),
            ]
    return found
