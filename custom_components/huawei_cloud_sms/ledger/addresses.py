"""The addresses under which pushes may come, known without a look into the file."""

import sqlite3

# An address stays valid for pushes until the last report about it can have come.
ADDRESS_KEPT = 73 * 3600


def read(db: sqlite3.Connection) -> list[tuple[str, str, float]]:
    """Return each application's addresses, and when each was last used."""
    return db.execute("SELECT entry_id, url, last_used FROM address").fetchall()


class Addresses:
    """When each address of each application was last used (seconds, UTC)."""

    def __init__(self) -> None:
        """Begin with none."""
        self._used: dict[str, dict[str, float]] = {}

    def replace(self, used: list[tuple[str, str, float]]) -> None:
        """Know what was read from the ledger, and nothing else."""
        self._used = {}
        for entry_id, url, last_used in used:
            self.note(entry_id, url, last_used)

    def note(self, entry_id: str, url: str, now: float) -> None:
        """Note that an address was handed out, or that a push came by it."""
        self._used.setdefault(entry_id, {})[url] = now

    def valid(self, entry_id: str, now: float) -> list[str]:
        """Return those by which pushes may still come, newest first.

        The newest counts however old it is: the clock may have been wrong.
        """
        known = self._used.get(entry_id, {})
        urls = sorted(known, key=lambda url: -known[url])
        return urls[:1] + [url for url in urls[1:] if known[url] > now - ADDRESS_KEPT]

    def purge(self, entry_id: str, since: float) -> None:
        """Forget what was last used before a time."""
        known = self._used.get(entry_id, {})
        for url in [url for url, used in known.items() if used < since]:
            del known[url]

    def forget(self, entry_id: str) -> None:
        """Forget an application that was removed."""
        self._used.pop(entry_id, None)
