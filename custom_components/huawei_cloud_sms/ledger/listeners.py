"""Whom to tell of what was committed."""

from collections.abc import Callable, Sequence
import logging

from .models import Changes, Listener, Shown
from .store import Done, IsTold

_LOGGER = logging.getLogger(__name__)


class Listeners:
    """One for each application that runs, and those who want to know of all of them.

    Whatever a listener raises, the others are told, and the ledger goes on.
    """

    def __init__(self) -> None:
        """Begin with nobody."""
        self._of_entries: dict[str, Listener] = {}
        self._live: set[str] = set()
        self._of_commits: list[Callable[[], None]] = []
        self.on_changes: Callable[[Changes], None] = lambda _: None
        self.on_storage_change: Callable[[], None] = lambda: None

    @property
    def live(self) -> frozenset[str]:
        """Return the applications whose changes count as shown once committed."""
        return frozenset(self._live)

    def add(self, entry_id: str, listener: Listener) -> None:
        """Tell a listener of an application's changes from the next commit on."""
        self._of_entries[entry_id] = listener
        self._live.add(entry_id)

    def retire(self, entry_id: str) -> None:
        """Tell an application's listener only of what is already being committed."""
        self._live.discard(entry_id)

    def remove_retired(self, entry_id: str) -> None:
        """Forget an application's listener, unless there is a new one by now."""
        if entry_id not in self._live:
            self._of_entries.pop(entry_id, None)

    def add_for_commits(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call a listener after each commit that may have changed something.

        Returns what takes it back.
        """
        self._of_commits.append(listener)
        return lambda: self._of_commits.remove(listener)

    def is_told(self) -> IsTold:
        """Return what says of a change whether somebody is told of it, as of now."""
        live = self.live
        return lambda subject: subject.entry_id in live

    def tell(self, done: Sequence[Done], *, recorded: bool, lasting: bool) -> None:
        """Tell what a commit did.

        `recorded`: it is in durable storage. `lasting`: it may have changed something.
        """
        try:
            for it in done:
                if isinstance(it.result, Changes):
                    self._tell_changes(it, it.result, recorded)
            if lasting:
                for listener in list(self._of_commits):
                    listener()
        except Exception:
            # whoever listens, those who wait must not wait for ever
            _LOGGER.exception("Telling of a commit failed")

    def _tell_changes(self, done: Done, changes: Changes, recorded: bool) -> None:
        """Tell what an operation changed."""
        for subject in done.shown:
            try:
                listener = self._of_entries[subject.entry_id]
                listener(Shown(subject, changes.late, recorded))
            except Exception:
                # whoever listens, the next change must still be shown
                _LOGGER.exception("Showing a change failed")
        self.on_changes(changes)

    def tell_storage_change(self) -> None:
        """Tell that storage failed, or that it works again."""
        try:
            self.on_storage_change()
        except Exception:
            _LOGGER.exception("Telling of a change of storage failed")
