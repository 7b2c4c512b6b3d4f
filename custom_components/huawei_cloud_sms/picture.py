"""How an application stands, kept up to date with what its ledger commits."""

from collections.abc import Callable
from datetime import datetime, timedelta

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later, async_track_time_interval
from homeassistant.util import dt as dt_util

from .ledger import tally
from .ledger.ledger import Ledger
from .ledger.models import LedgerBusyError
from .ledger.tally import Tally

# What is committed within this time is looked at together (seconds): ten thousand
# pushes must not become ten thousand looks.
_DELAY = 0.5

_MONTH_CHECKED_EVERY = timedelta(minutes=1)


class Picture:
    """How an application stands, and whom to tell when that changes.

    `tally` is None as long as nothing could be read of the file: what a ledger in
    memory knows then is no picture of what was sent before.
    """

    def __init__(self, hass: HomeAssistant, entry_id: str, ledger: Ledger) -> None:
        """Initialize the picture of an application."""
        self._hass = hass
        self._entry_id = entry_id
        self._ledger = ledger
        self._listeners: list[Callable[[], None]] = []
        self._cancel_look: CALLBACK_TYPE | None = None
        self._stops: list[CALLBACK_TYPE] = []
        self.tally: Tally | None = None
        self.month = _month(0)

    async def async_start(self) -> None:
        """Look at the ledger, and again after its commits."""
        self._stops = [
            self._ledger.listen_commits(self._async_look_soon),
            async_track_time_interval(
                self._hass,
                self._async_check_month,
                _MONTH_CHECKED_EVERY,
                cancel_on_shutdown=True,
            ),
        ]
        await self._async_look()

    @callback
    def async_stop(self) -> None:
        """Look no more."""
        for stop in self._stops:
            stop()
        if self._cancel_look is not None:
            self._cancel_look()

    @callback
    def async_listen(self, listener: Callable[[], None]) -> CALLBACK_TYPE:
        """Call a listener when there is another picture, until it is taken back."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @callback
    def _async_look_soon(self) -> None:
        """Look at the ledger, once for all that happens until then."""
        if self._cancel_look is None:
            job = HassJob(self._async_look, cancel_on_shutdown=True)
            self._cancel_look = async_call_later(self._hass, _DELAY, job)

    async def _async_look(self, _now: datetime | None = None) -> None:
        """Look at the ledger and tell the listeners."""
        self._cancel_look = None
        month, end = _month(0), _month(1)
        durable = self._ledger.durable
        try:
            found = await self._ledger.run(
                lambda db: tally.read(
                    db, self._entry_id, month.timestamp(), end.timestamp()
                )
            )
        except LedgerBusyError:
            # the commits that it is busy with are told of as well
            return
        if not (durable and self._ledger.durable):
            if self.tally is None:
                return
            # the stand-in may have begun without what the file knows
            found = found.at_least(self.tally)
        self.tally, self.month = found, month
        for listener in list(self._listeners):
            listener()

    @callback
    def _async_check_month(self, _now: datetime) -> None:
        """Look at the ledger when another month has begun.

        That is also so where the clock or the time zone was set.
        """
        if self.month != _month(0):
            self._async_look_soon()


def _month(later: int) -> datetime:
    """Return when this month, or a later one, begins in the person's time zone."""
    first = dt_util.now().date().replace(day=1)
    for _ in range(later):
        first = (first + timedelta(days=32)).replace(day=1)
    return dt_util.start_of_local_day(first)
