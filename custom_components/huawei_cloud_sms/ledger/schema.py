"""The tables of the ledger, and how its file is opened."""

from contextlib import suppress
import os
from pathlib import Path
import sqlite3

# Times are seconds since the epoch, UTC, and data only: no rule depends on a clock
# that was set in between. A message without a request is a stranger, known from its
# reports only; `held` says for which requests' answers its reports have to wait.
# `shown` is the state that somebody was told of.
_VERSION_1 = """
CREATE TABLE request (
    id INTEGER PRIMARY KEY,
    entry_id TEXT NOT NULL,
    extend TEXT NOT NULL UNIQUE,
    created_at REAL NOT NULL,
    context_id TEXT,
    user_id TEXT,
    parent_id TEXT
) STRICT;
CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    request_id INTEGER REFERENCES request (id),
    reference TEXT NOT NULL UNIQUE,
    entry_id TEXT NOT NULL,
    number TEXT,
    recipient_id TEXT,
    template_id TEXT,
    channel_number TEXT,
    message_id TEXT,
    state TEXT NOT NULL,
    code TEXT,
    parts INTEGER,
    parts_done INTEGER NOT NULL DEFAULT 0,
    created_at REAL NOT NULL,
    sent_at REAL,
    changed_at REAL NOT NULL,
    shown TEXT,
    UNIQUE (entry_id, message_id)
) STRICT;
CREATE INDEX message_of_request ON message (request_id, entry_id);
CREATE INDEX message_to_number ON message (entry_id, number);
CREATE INDEX message_leaving ON message (entry_id, request_id)
    WHERE state IN ('queued', 'sending');
CREATE INDEX message_waiting ON message (entry_id)
    WHERE state IN ('accepted', 'unconfirmed');
CREATE INDEX message_unshown ON message (entry_id)
    WHERE shown IS NOT state AND state NOT IN ('queued', 'sending');
CREATE INDEX message_age ON message (created_at);
CREATE TRIGGER request_without_messages AFTER DELETE ON message
    WHEN old.request_id IS NOT NULL
BEGIN
    DELETE FROM request WHERE id = old.request_id
        AND NOT EXISTS (SELECT 1 FROM message WHERE request_id = old.request_id);
END;
CREATE TABLE part (
    message INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    sequence INTEGER NOT NULL,
    total INTEGER,
    status TEXT NOT NULL,
    final INTEGER NOT NULL,
    delivered INTEGER NOT NULL,
    PRIMARY KEY (message, sequence)
) STRICT, WITHOUT ROWID;
CREATE TABLE held (
    message INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    request_id INTEGER NOT NULL REFERENCES request (id) ON DELETE CASCADE,
    PRIMARY KEY (message, request_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX held_for_request ON held (request_id);
CREATE TABLE reply (
    id INTEGER PRIMARY KEY,
    entry_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    sender TEXT NOT NULL,
    channel_number TEXT,
    text TEXT NOT NULL,
    created_at REAL,
    received_at REAL NOT NULL,
    reference TEXT,
    shown INTEGER NOT NULL,
    UNIQUE (entry_id, message_id)
) STRICT;
CREATE INDEX reply_unshown ON reply (entry_id) WHERE shown = 0;
CREATE INDEX reply_age ON reply (received_at);
CREATE TABLE address (
    entry_id TEXT NOT NULL,
    url TEXT NOT NULL,
    last_used REAL NOT NULL,
    PRIMARY KEY (entry_id, url)
) STRICT, WITHOUT ROWID;
"""

# What leads from each version of the tables to the next one.
_STEPS = (_VERSION_1,)

# All tables; those that others refer to come first.
TABLES = ("request", "message", "part", "held", "reply", "address")

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
    if version > len(_STEPS):
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
    for number, step in enumerate(_STEPS[version:], version + 1):
        connection.executescript(f"BEGIN; {step} PRAGMA user_version = {number}; END;")
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
    if not there.issuperset(TABLES):
        raise sqlite3.DatabaseError("tables are missing")
