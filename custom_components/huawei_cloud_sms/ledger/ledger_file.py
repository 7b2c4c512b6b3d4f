"""The ledger's file, which may fail, hang or be damaged."""

from pathlib import Path

from . import copying, keeping
from .failures import STORAGE_ERRORS, is_damage
from .store import Store
from .worker import Worker

# A disk that takes longer counts as failed (seconds): with the attempt to read what a
# stand-in must know nobody waits for more than 5 s. When it is opened it is checked.
COMMIT_TIMEOUT = 4.0
OPEN_TIMEOUT = 30.0
SALVAGE_TIMEOUT = 1.0


class LedgerFile:
    """Opens the file, again and again where it fails.

    Attributes:
        copied: Whether it is being copied while it is in use.
        damaged_file: Where the last damaged file was moved to.
    """

    def __init__(self, path: Path) -> None:
        """Prepare to keep the ledger in the given file."""
        self._path = path
        self._left: Store | None = None
        self._broken = False
        self.copied = False
        self.damaged_file: Path | None = None

    @property
    def hangs(self) -> bool:
        """Return whether an earlier attempt still waits for its disk."""
        return self._left is not None and self._left.hangs

    async def open(self) -> Store:
        """Open the file; a damaged one makes room for a new one.

        Raises sqlite3.Error or OSError when it cannot be used.
        """
        store = Store(self._path)
        try:
            await store.open(OPEN_TIMEOUT, broken=self._broken)
            if self.copied:
                await store.read(copying.keep_log, COMMIT_TIMEOUT)
        except STORAGE_ERRORS as err:
            self.leave(store, err)
            raise
        self.damaged_file = store.damaged_file or self.damaged_file
        self._broken = False
        return store

    def leave(self, store: Store, err: Exception) -> None:
        """Give a store of this file up that failed."""
        store.abandon()
        self._broken = self._broken or is_damage(err)
        if isinstance(err, TimeoutError):
            # no other attempt before this one has come to its end
            self._left = store

    async def read_newest(self) -> keeping.Rows:
        """Return what a stand-in must know, as far as the file can still be read."""
        worker = Worker()
        try:
            return await worker.do(
                lambda: keeping.read_newest(self._path), SALVAGE_TIMEOUT
            )
        except STORAGE_ERRORS:
            return {}
        finally:
            worker.stop()
