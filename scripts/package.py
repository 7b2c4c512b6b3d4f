"""Makes a release: the archive that HACS installs, and its notes.

Standard library only, and nothing newer than Python 3.11: it runs with whatever Python
a machine has.
"""

import argparse
from collections.abc import Sequence
import json
from pathlib import Path
import re
import subprocess
import sys
import zipfile

_PROJECT = Path(__file__).resolve().parent.parent
_INTEGRATION = _PROJECT / "custom_components" / "huawei_cloud_sms"
_NOTES = "release-notes.md"

# The same files give the same archive: the earliest time that it can hold.
_TIME = (1980, 1, 1, 0, 0, 0)


class ReleaseError(Exception):
    """This cannot be released."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write both files; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="scripts/package", description="Make the archive and notes of a release."
    )
    parser.add_argument("--tag", help="refuse unless the manifest has this version")
    parser.add_argument(
        "--output", type=Path, default=_PROJECT / "dist", help="folder for the files"
    )
    options = parser.parse_args(arguments)
    try:
        _release(options.tag, options.output)
    except ReleaseError as error:
        print(f"Not released: {error}", file=sys.stderr)
        return 1
    return 0


def _release(tag: str | None, output: Path) -> None:
    """Check and write all that makes a release; raises ReleaseError."""
    version: str = json.loads((_INTEGRATION / "manifest.json").read_text("utf-8"))[
        "version"
    ]
    if tag not in (None, version):
        raise ReleaseError(f"the tag is {tag}, the manifest's version is {version}")
    notes = _notes(version)
    name: str = json.loads((_PROJECT / "hacs.json").read_text("utf-8"))["filename"]
    output.mkdir(parents=True, exist_ok=True)
    (output / _NOTES).write_text(notes, "utf-8")
    _pack(output / name)
    print(f"{version}: {output / name}")


def _notes(version: str) -> str:
    """Return the version's section of the changelog; raises ReleaseError."""
    changelog = (_PROJECT / "CHANGELOG.md").read_text("utf-8")
    section = re.search(
        rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d\n(.+?)(?=^## |^\[|\Z)",
        changelog,
        re.MULTILINE | re.DOTALL,
    )
    if section is None:
        raise ReleaseError(f"the changelog has no section of version {version}")
    return section[1].strip() + "\n"


def _pack(archive: Path) -> None:
    """Pack the integration's tracked files, its folder being the archive's root."""
    listed = subprocess.run(
        ("git", "ls-files", "-z"),
        cwd=_INTEGRATION,
        stdout=subprocess.PIPE,
        check=True,
    )
    names = sorted(filter(None, listed.stdout.decode().split("\0")))
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in names:
            entry = zipfile.ZipInfo(name, _TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, (_INTEGRATION / name).read_bytes())


if __name__ == "__main__":
    sys.exit(main())
