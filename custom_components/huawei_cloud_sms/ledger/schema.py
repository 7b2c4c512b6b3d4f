"""Opens the ledger's file, and brings its tables up to date."""

from contextlib import suppress
import os
from pathlib import Path
import sqlite3

from .tables import STEPS, TABLES

# Another program may hold the file for a moment, not longer (seconds).
_LOCK_TIMEOUT = 2


def connect(path: Path | None, *, check: bool = False) -> sqlite3.Connection:
    """Open the ledger's file, or one in memory, and bring its tables up to date.

    `check` reads the whole file for damage. Raises sqlite3.Error when the file cannot
    be used, OSError when it cannot be made.
    """
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        _keep_private(path)
    connection = sqlite3.connect(
        path or ":memory:",
        isolation_level=None,
        check_same_thread=False,
        timeout=_LOCK_TIMEOUT,
    )
    try:
        _prepare(connection, check)
    except BaseException:
        connection.close()
        raise
    return connection


def _keep_private(path: Path) -> None:
    """Make the file if need be; numbers and replies are nobody else's business.

    SQLite gives its own files beside it the same rights.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        # some file systems have no rights to set
        with suppress(OSError):
            os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)


def _prepare(connection: sqlite3.Connection, check: bool) -> None:
    """Check the file, set what a power cut must not break, update the tables."""
    # the version can be read even if the rest is only understood by a later release
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(STEPS):
        # not damage: the file must stay where it is for the release that made it
        raise sqlite3.OperationalError("made by a newer release")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA journal_size_limit = 4194304")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")
    # otherwise an operation could fail for want of room for temporary files
    connection.execute("PRAGMA temp_store = MEMORY")
    if check:
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError("quick_check failed")
    for number, step in enumerate(STEPS[version:], version + 1):
        connection.executescript(f"BEGIN; {step} PRAGMA user_version = {number}; END;")
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
    if not there.issuperset(TABLES):
        raise sqlite3.DatabaseError("tables are missing")
