"""Makes the ledger's file safe to copy while a backup is made.

Home Assistant packs the configuration folder file by file, which may take minutes, and
messages must go out and reports be stored meanwhile. From the first of these hooks to
the second one the ledger's file therefore stays as it is and its log only grows, so
that the two fit together whenever each of them is read; see `ledger/copying.py`. The
copy bears a mark by which the ledger sees, when it is opened, that time has gone on
without it: nothing that waits in it is sent any more.

An error here would cost the person the whole backup. There is none: a ledger that
fails finds that out by itself.
"""

import logging

from homeassistant.core import HomeAssistant

from .component import DATA_COMPONENT

_LOGGER = logging.getLogger(__name__)


async def async_pre_backup(hass: HomeAssistant) -> None:
    """Let the ledger's file be copied from now on."""
    await _async_set_copied(hass, True)


async def async_post_backup(hass: HomeAssistant) -> None:
    """Use the ledger's file as ever."""
    await _async_set_copied(hass, False)


async def _async_set_copied(hass: HomeAssistant, copied: bool) -> None:
    """Tell the ledger whether its file is being copied; never raises."""
    try:
        await hass.data[DATA_COMPONENT].ledger.set_copied(copied)
    except Exception as err:  # noqa: BLE001
        _LOGGER.error(
            "A backup may lack the record of messages: %s", type(err).__name__
        )
