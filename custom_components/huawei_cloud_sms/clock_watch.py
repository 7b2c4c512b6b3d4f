"""Knows whether the machine's clock was set, so that nothing seems old for that."""

import time

from . import clock

# Time that goes on while the machine sleeps, and that nobody can set.
_PASSING = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

# A clock is kept right in small steps: those do not count (seconds).
_SLACK = 600


class ClockWatch:
    """Compares the clock with the time that passes, from when it is made.

    What happened while Home Assistant was not running it cannot know.
    """

    def __init__(self) -> None:
        """Begin with the clock as it is."""
        self._difference = _difference()
        self._set_at: float | None = None

    def unset_for(self, seconds: float) -> bool:
        """Return whether nobody is known to have set the clock for so long.

        Only then an age of more than that, by the clock, is a real one.
        """
        passing, difference = time.clock_gettime(_PASSING), _difference()
        if abs(difference - self._difference) > _SLACK:
            self._set_at = passing
        self._difference = difference
        return self._set_at is None or passing - self._set_at >= seconds


def _difference() -> float:
    """Return by how much the clock is ahead of the time that passes (seconds)."""
    return clock.now() - time.clock_gettime(_PASSING)
