"""Watches whether the address that was pasted into the console is still the right one."""

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from .application import Application, SmsConfigEntry
from .const import CONF_KIND, CONF_PASTED_ADDRESS, CONF_PUBLIC_ADDRESS, Kind
from .public_address import async_listen_address_change, is_address_settled
from .sending import reactions
from .uplink import is_managed

PASTED_ADDRESS = "pasted_address"


class PastedAddressWatch:
    """Raises an issue while replies go to an address that is not ours any more."""

    def __init__(self, hass: HomeAssistant, entry: SmsConfigEntry) -> None:
        """Initialize the watch of an application."""
        self._hass = hass
        self._entry = entry

    async def async_start(self) -> CALLBACK_TYPE:
        """Look now and whenever the address may have changed; return what ends that."""
        await self._async_look()
        return async_listen_address_change(self._hass, self._async_look)

    async def _async_look(self) -> None:
        """Raise the issue, or take it back."""
        entry = self._entry
        pasted = entry.data.get(CONF_PASTED_ADDRESS)
        if (
            pasted is None
            or entry.data[CONF_KIND] != Kind.MAINLAND
            or is_managed(entry)
        ):
            self._tell(changed=False)
        elif is_address_settled(self._hass, entry.options.get(CONF_PUBLIC_ADDRESS)):
            application: Application = entry.runtime_data
            # without any address there is another issue
            if (address := await application.async_reply_address()) is not None:
                self._tell(changed=address != pasted)

    @callback
    def _tell(self, *, changed: bool) -> None:
        """Say how it stands."""
        if changed:
            reactions.raise_issue(self._hass, self._entry, PASTED_ADDRESS, fixable=True)
        else:
            reactions.clear_issue(self._hass, self._entry, PASTED_ADDRESS)
