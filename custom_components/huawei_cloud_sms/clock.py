"""The clock as all that is written down reads it."""

from homeassistant.util import dt as dt_util


def now() -> float:
    """Return the time: seconds since the epoch, UTC."""
    return dt_util.utcnow().timestamp()
