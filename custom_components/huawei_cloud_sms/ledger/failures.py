"""Tells what speaks against the file from what speaks against one operation."""

import sqlite3

# What work on the file may raise when storage fails. A TimeoutError is a disk that
# hangs; it is an OSError too.
STORAGE_ERRORS = (sqlite3.Error, OSError)


def is_storage_failure(err: Exception) -> bool:
    """Return whether an error speaks of the file rather than of one operation.

    Constraints and values have errors of their own. The operations' SQL is known to
    be right, so that even a missing table is the file's fault.
    """
    return isinstance(err, sqlite3.OperationalError) or is_damage(err)


def is_damage(err: Exception) -> bool:
    """Return whether an error says that the file's content is broken.

    SQLite raises DatabaseError itself for that; its subclasses mean other things.
    """
    return type(err) is sqlite3.DatabaseError
