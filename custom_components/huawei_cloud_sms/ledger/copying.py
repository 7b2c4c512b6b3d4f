"""Lets the ledger's file be copied while it is in use.

A copy of the file and its write-ahead log is sound, whichever of them is read first and
however long that takes, if meanwhile the file stays as it is and the log only grows:
SQLite ignores an end of the log that is not whole.
"""

import sqlite3

# The mark that a file bears while it is copied, and each copy of it.
COPIED = "copied"

# The log may grow to so many pages (64 MiB): whoever began to copy may never end it.
_LONGEST_LOG = 16_384

_USUAL_LOG = 1_000


def hold(db: sqlite3.Connection) -> None:
    """Let nothing but the log change from now on, and that only grow.

    The file has everything until now, in case that only it is copied. The mark is more
    than a sign: as long as the log has something that the file lacks, SQLite does not
    begin it anew.
    """
    keep_log(db)
    mark(db)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    mark(db)


def mark(db: sqlite3.Connection) -> None:
    """Let each copy that is made from now on be known as one."""
    db.execute("INSERT OR REPLACE INTO mark VALUES (?)", (COPIED,))


def keep_log(db: sqlite3.Connection) -> None:
    """Do not move what is in the log into the file, nor when the file is closed."""
    db.execute(f"PRAGMA wal_autocheckpoint = {_LONGEST_LOG}")
    db.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, True)


def release(db: sqlite3.Connection) -> None:
    """Use file and log as ever."""
    db.execute("DELETE FROM mark WHERE name = ?", (COPIED,))
    db.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, False)
    db.execute(f"PRAGMA wal_autocheckpoint = {_USUAL_LOG}")
