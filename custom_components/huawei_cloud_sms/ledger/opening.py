"""Opens the ledger's file; a damaged one makes room for a new one."""

from datetime import UTC, datetime
from pathlib import Path
import sqlite3

from .failures import is_damage
from .schema import connect

# Damaged files that are kept beside the ledger.
_KEPT = 2


def open_file(path: Path, *, broken: bool) -> tuple[sqlite3.Connection, Path | None]:
    """Open the file, or a new one if it is damaged or known to be broken.

    Returns the connection, and where the damaged file went. The whole file is only
    read for damage when it was not closed in order: of the rest SQLite complains once
    it meets it. Raises sqlite3.Error or OSError when the file cannot be used.
    """
    if not (broken and path.exists()):
        try:
            return connect(path, check=_beside(path, "-wal").exists()), None
        except sqlite3.DatabaseError as err:
            if not is_damage(err):
                raise
    aside = _move_aside(path)
    return connect(path), aside


def _move_aside(path: Path) -> Path:
    """Give a damaged file, with its log, another name; return that name."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    aside = _beside(path, f".damaged-{stamp}")
    path.rename(aside)
    log = _beside(path, "-wal")
    if log.exists():
        log.rename(_beside(aside, "-wal"))
    _beside(path, "-shm").unlink(missing_ok=True)
    files = sorted(path.parent.glob(f"{path.name}.damaged-*Z"))
    for old in files[:-_KEPT]:
        old.unlink()
        _beside(old, "-wal").unlink(missing_ok=True)
    return aside


def _beside(path: Path, ending: str) -> Path:
    """Return the file with a longer name in the same folder."""
    return path.with_name(path.name + ending)
