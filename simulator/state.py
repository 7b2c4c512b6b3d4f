"""What a platform is set to, its clock and its memory."""

import asyncio
from datetime import UTC, datetime, timedelta

from .config import Application, Config
from .console import Console
from .options import Options
from .records import Records
from .typed import InvalidValueError, changed


class State:
    """Settings and tables that all parts of a platform share."""

    def __init__(self, config: Config) -> None:
        """Set everything to what the configuration says.

        Raises:
            InvalidValueError: a template breaks a rule.
        """
        self._config = config
        self._changed = asyncio.Event()
        self.version = 0
        self.records = Records()
        self.options = config.options
        self.console = Console(config)

    def reset(self) -> None:
        """Forget all that happened; settings are those of the start again."""
        self.records.clear()
        self.options = self._config.options
        self.console = Console(self._config)
        self.touch()

    @property
    def applications(self) -> dict[str, Application]:
        """The applications by key."""
        return self.console.applications

    def now(self) -> datetime:
        """Return the platform's time."""
        return datetime.now(UTC) + timedelta(seconds=self.options.clock_offset)

    def touch(self) -> None:
        """Tell those who watch that something changed."""
        self.version += 1
        self._changed.set()
        self._changed = asyncio.Event()

    async def wait_for_change(self, version: int) -> None:
        """Wait until something is different from what it was in a version."""
        if self.version == version:
            await self._changed.wait()

    def set_options(self, changes: object) -> Options:
        """Change switches.

        Raises:
            InvalidValueError: there is no such switch, or a value does not fit.
        """
        self.options = changed(self.options, changes)
        self.touch()
        return self.options

    def application(self, app_key: str | None = None) -> Application:
        """Return the application of a key, or the first.

        Raises:
            InvalidValueError: there is none.
        """
        if app_key is None and self.applications:
            return next(iter(self.applications.values()))
        if app_key is None or app_key not in self.applications:
            raise InvalidValueError("app_key is unknown")
        return self.applications[app_key]

    def set_application(
        self, changes: object, app_key: str | None = None
    ) -> Application:
        """Change settings of an application, but not its key.

        Raises:
            InvalidValueError: there is no such setting, or a value does not fit.
        """
        before = self.application(app_key)
        after = changed(before, changes)
        if after.app_key != before.app_key:
            raise InvalidValueError("app_key cannot be changed")
        self.applications[before.app_key] = after
        self.touch()
        return after
