"""Watches whether anything ever comes back from the platform."""

from datetime import datetime, timedelta

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util

from .application import Application, SmsConfigEntry
from .ledger import tally
from .ledger.ledger import Ledger
from .ledger.models import LedgerBusyError
from .sending import reactions

# So many messages that the platform took so long ago, and not one push.
_UNANSWERED = 3
_PATIENCE = timedelta(minutes=30)

_CHECKED_EVERY = timedelta(minutes=10)


class WayBackWatch:
    """Raises an issue while an application sends and nothing ever came back.

    One push proves that the way is open. What becomes of it later is not watched: a
    quiet month is no fault.
    """

    def __init__(
        self, hass: HomeAssistant, entry: SmsConfigEntry, ledger: Ledger
    ) -> None:
        """Initialize the watch of an application."""
        self._hass = hass
        self._entry = entry
        self._ledger = ledger

    async def async_start(self) -> CALLBACK_TYPE:
        """Look now and from time to time; return what ends that."""
        await self._async_look(dt_util.utcnow())
        stops = [
            async_track_time_interval(
                self._hass, self._async_look, _CHECKED_EVERY, cancel_on_shutdown=True
            ),
            self._application.picture.async_listen(self._async_end),
        ]

        @callback
        def stop() -> None:
            """Look no more."""
            for end in stops:
                end()

        return stop

    @property
    def _application(self) -> Application:
        """Return the application as it runs."""
        return self._entry.runtime_data

    def _is_open(self) -> bool:
        """Return whether a push is known to have come."""
        known = self._application.picture.tally
        return known is not None and known.last_push is not None

    @callback
    def _async_end(self) -> None:
        """Take the issue back once a push came."""
        if self._is_open():
            reactions.clear_issue(self._hass, self._entry, reactions.NO_PUSHES)

    async def _async_look(self, now: datetime) -> None:
        """Raise the issue, or take it back where it does not hold any more."""
        if self._is_open() or not self._ledger.durable:
            # the stand-in does not know what came before
            return
        before = (now - _PATIENCE).timestamp()
        try:
            unanswered = await self._ledger.run(
                lambda db: tally.is_unanswered(
                    db, self._entry.entry_id, before, _UNANSWERED
                )
            )
        except LedgerBusyError:
            return
        # one may have come meanwhile; without any address there is another issue
        if unanswered and not self._is_open() and self._application.has_reply_address:
            reactions.raise_issue(
                self._hass, self._entry, reactions.NO_PUSHES, fixable=True
            )
        else:
            reactions.clear_issue(self._hass, self._entry, reactions.NO_PUSHES)
