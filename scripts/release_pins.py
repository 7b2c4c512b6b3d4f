"""Print all that a release of Home Assistant pins, to go before the test package's pins.

Runs with the release's own environment, which holds nothing but the release at first:
standard library only, and nothing of Home Assistant is imported.
"""

from collections.abc import Iterator
from importlib.metadata import distribution
import json
from pathlib import Path
import re


def _required(release: Path) -> Iterator[str]:
    """Return what the release's parts require."""
    for path in sorted((release / "components").glob("*/manifest.json")):
        yield from json.loads(path.read_text("utf-8")).get("requirements", ())


def _constrained(release: Path) -> Iterator[str]:
    """Return what the release pins of the packages that its parts share."""
    text = (release / "package_constraints.txt").read_text("utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            yield line


def main() -> None:
    """Print one requirement a line, and each package once."""
    found = distribution("homeassistant")
    release = Path(str(found.locate_file("homeassistant")))
    pins: dict[str, str] = {}
    for pin in (
        *_required(release),
        *_constrained(release),
        f"homeassistant=={found.version}",
    ):
        pins[re.split(r"[^\w.-]", pin, maxsplit=1)[0].lower()] = pin
    print("\n".join(pins.values()))


if __name__ == "__main__":
    main()
