"""The tables of the ledger, and how its file is opened."""

import os
from pathlib import Path
import sqlite3

VERSION = 1

# Times are seconds since the epoch, UTC. A message without a request is one that
# is known from its reports only.
_TABLES = """
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
    reference TEXT PRIMARY KEY,
    entry_id TEXT NOT NULL,
    request_id INTEGER REFERENCES request (id) ON DELETE CASCADE,
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
CREATE INDEX message_of_request ON message (request_id);
CREATE INDEX message_to_number ON message (entry_id, number, created_at);
CREATE INDEX message_open ON message (state, entry_id)
    WHERE state IN ('queued', 'sending', 'accepted', 'unconfirmed');
CREATE INDEX message_unshown ON message (entry_id)
    WHERE shown IS NOT state AND state NOT IN ('queued', 'sending');
CREATE INDEX message_age ON message (created_at);
CREATE TABLE part (
    entry_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    total INTEGER,
    status TEXT NOT NULL,
    final INTEGER NOT NULL,
    delivered INTEGER NOT NULL,
    number TEXT,
    received_at REAL NOT NULL,
    PRIMARY KEY (entry_id, message_id, sequence)
) STRICT, WITHOUT ROWID;
CREATE INDEX part_age ON part (received_at);
CREATE TABLE held (
    entry_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    received_at REAL NOT NULL,
    PRIMARY KEY (entry_id, message_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE reply (
    entry_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    sender TEXT NOT NULL,
    channel_number TEXT,
    text TEXT NOT NULL,
    created_at REAL,
    received_at REAL NOT NULL,
    reference TEXT,
    shown INTEGER NOT NULL,
    PRIMARY KEY (entry_id, message_id)
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

# Everything that holds rows of an application, children first.
ENTRY_TABLES = ("part", "held", "reply", "address", "message", "request")


def connect(path: Path | None) -> sqlite3.Connection:
    """Open the ledger's file, or one in memory, and bring its tables up to date.

    Raises sqlite3.Error when the file cannot be used, OSError when it cannot be
    made.
    """
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # numbers and replies are nobody else's business on a shared machine
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = sqlite3.connect(
        path or ":memory:", isolation_level=None, check_same_thread=False, timeout=2
    )
    try:
        _prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    """Set what a power cut must not break, check the file, create the tables."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError("quick_check failed")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        # not damage: the file must stay where it is for the release that made it
        raise sqlite3.OperationalError("made by a newer release")
    if version == 0:
        connection.executescript(
            f"BEGIN; {_TABLES} PRAGMA user_version = {VERSION}; COMMIT;"
        )
