"""Time in tests of the account passes by hours."""

import asyncio

import pytest
from pytest_homeassistant_custom_component import common

from homeassistant.util.async_ import get_scheduled_timer_handles

# Whose timers end a wait
_LIMITS = ("asyncio.timeouts", "asyncio.tasks", "aiohttp.")


@pytest.fixture(autouse=True)
def no_limit_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a clock that is set forward cut off nothing that is under way.

    What fires when time passes would be every limit on a wait as well: of a commit
    that takes a moment, storage would be said to have failed.
    """

    def passing(loop: asyncio.AbstractEventLoop) -> list[asyncio.TimerHandle]:
        """Return what happens when time passes, but for those limits."""
        return [
            handle
            for handle in get_scheduled_timer_handles(loop)
            if not _module_of(handle).startswith(_LIMITS)
        ]

    monkeypatch.setattr(common, "get_scheduled_timer_handles", passing)


def _module_of(handle: asyncio.TimerHandle) -> str:
    """Return where what a timer calls is from."""
    callback = handle._callback  # noqa: SLF001 - nothing else tells
    return getattr(callback, "__module__", "")
