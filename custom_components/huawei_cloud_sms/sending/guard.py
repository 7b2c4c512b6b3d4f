"""What an application may spend, and what is said when that is not enough."""

import hashlib
import hmac
import json

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from .. import clock
from ..const import (
    CONF_KIND,
    CONF_MAX_PARTS_PER_DAY,
    CONF_MAX_PARTS_PER_HOUR,
    DEFAULT_MAX_PARTS_PER_DAY,
    DEFAULT_MAX_PARTS_PER_HOUR,
    DOMAIN,
    Kind,
)
from ..ledger.ledger import Ledger
from ..ledger.limits import Limits, is_full
from ..ledger.models import Excess
from ..msgsms.codes import send_code
from ..msgsms.models import DiffContent
from . import reactions
from .orders import USUAL_TERMS, Terms

_LIMIT_REACHED = "limit_reached"

# The limit that the issue of each application names: it outlives a reload, too.
_REACHED: HassKey[dict[str, Excess]] = HassKey(f"{DOMAIN}_{_LIMIT_REACHED}")


def hash_text(entry: ConfigEntry, content: DiffContent) -> str:
    """Return what is the same for the same text only, and tells nobody the text.

    The key is a secret of the application that does not change.
    """
    text = json.dumps([content.template_id, content.variables, content.signature])
    key = entry.data[CONF_WEBHOOK_ID].encode()
    return hmac.digest(key, text.encode(), hashlib.sha256).hex()


class Guard:
    """Watches what one application spends, and tells a person when that is enough."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, ledger: Ledger) -> None:
        """Initialize the guard of an application."""
        self._hass = hass
        self._entry = entry
        self._ledger = ledger
        self._reached = hass.data.setdefault(_REACHED, {})

    def limits(self, terms: Terms = USUAL_TERMS) -> Limits:
        """Return the limits of a call as the options have them now."""
        options = self._entry.options
        return Limits(
            parts_per_hour=options.get(
                CONF_MAX_PARTS_PER_HOUR, DEFAULT_MAX_PARTS_PER_HOUR
            ),
            parts_per_day=options.get(
                CONF_MAX_PARTS_PER_DAY, DEFAULT_MAX_PARTS_PER_DAY
            ),
            mainland=self._entry.data[CONF_KIND] == Kind.MAINLAND,
            override=terms.override_limit,
        )

    async def async_look_again(self) -> None:
        """Take the issue back once there is room again within the limit it names.

        Raises LedgerBusyError.
        """
        entry_id = self._entry.entry_id
        if (reached := self._reached.get(entry_id)) is None:
            return
        limits = self.limits()
        if not await self._ledger.run(
            lambda db: is_full(db, entry_id, reached, limits, clock.now())
        ):
            self._reached.pop(entry_id, None)
            reactions.clear_issue(self._hass, self._entry, _LIMIT_REACHED)

    @callback
    def async_tell(self, excess: Excess) -> None:
        """Raise an issue about a limit that stopped a call."""
        self._reached[self._entry.entry_id] = excess
        language = self._hass.config.language
        code = send_code(excess.code)
        reactions.raise_issue(
            self._hass,
            self._entry,
            _LIMIT_REACHED,
            code=code.code,
            meaning=code.meaning(language),
            remedy=code.remedy(language),
            limit=str(excess.limit),
            count=str(excess.count),
        )
