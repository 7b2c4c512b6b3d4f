"""Looks now and then whether the platform still approves of what is in use."""

from datetime import timedelta
import logging
from typing import override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed

from ..const import DOMAIN
from .access import AccountAccess, AccountError
from .issues import forget_issues, update_issues
from .standing import async_read_standing
from .states import Standing

_LOGGER = logging.getLogger(__name__)

_INTERVAL = timedelta(hours=6)

# The first pause after a failure; each further one is twice as long.
_FIRST_PAUSE = timedelta(minutes=5)


@callback
def async_start_approvals(
    hass: HomeAssistant, entry: ConfigEntry, account: AccountAccess | None
) -> Approvals | None:
    """Look after an application, unless it has no account."""
    forget_issues(hass, entry, has_account=account is not None)
    if account is None:
        return None
    approvals = Approvals(hass, entry, account)
    approvals.async_start()
    return approvals


class Approvals(DataUpdateCoordinator[Standing | None]):
    """How an application stands, with the templates and signatures it uses.

    It has no data before the first look.
    """

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, account: AccountAccess
    ) -> None:
        """Initialize what looks after an application that has an account."""
        super().__init__(
            hass,
            _LOGGER,
            config_entry=entry,
            name=f"{DOMAIN} approvals",
            update_interval=_INTERVAL,
            always_update=False,
        )
        self._entry = entry
        self.account = account
        self._pause = _FIRST_PAUSE

    @callback
    def async_start(self) -> None:
        """Look once Home Assistant has started, and from then on."""
        entry = self._entry

        @callback
        def look(hass: HomeAssistant) -> None:
            """Look for the first time."""
            entry.async_create_background_task(
                hass, self.async_refresh(), f"{DOMAIN} approvals"
            )

        # the issues do not depend on whether anybody wants the entities
        entry.async_on_unload(self.async_add_listener(self._async_follow))
        entry.async_on_unload(async_at_started(self.hass, look))

    @callback
    def _async_follow(self) -> None:
        """Raise and take back issues; a look that failed changes none."""
        if self.last_update_success and self.data is not None:
            update_issues(self.hass, self._entry, self.data)

    @override
    async def _async_update_data(self) -> Standing:
        """Ask the platform; after a failure again soon, then less and less often."""
        try:
            found = await async_read_standing(self._entry, self.account)
        except AccountError as err:
            pause = max(self._pause.total_seconds(), err.retry_after or 0)
            self._pause = min(self._pause * 2, _INTERVAL)
            raise UpdateFailed(
                translation_domain=err.translation_domain,
                translation_key=err.translation_key,
                translation_placeholders=err.translation_placeholders,
                retry_after=pause,
            ) from err
        self._pause = _FIRST_PAUSE
        return found
