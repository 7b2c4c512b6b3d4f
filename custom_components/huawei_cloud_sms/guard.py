"""What an application may spend, and what is said when that is not enough."""

import hashlib
import hmac
import json

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import HomeAssistant, callback

from . import reactions
from .const import (
    CONF_KIND,
    CONF_MAX_PARTS_PER_DAY,
    CONF_MAX_PARTS_PER_HOUR,
    DEFAULT_MAX_PARTS_PER_DAY,
    DEFAULT_MAX_PARTS_PER_HOUR,
    Kind,
)
from .ledger.limits import Limits
from .ledger.models import Excess
from .msgsms.codes import send_code
from .msgsms.models import TemplatedSms
from .orders import Terms

_LIMIT_REACHED = "limit_reached"


def limits_of(entry: ConfigEntry, terms: Terms) -> Limits:
    """Return the limits of an application as its options have them now."""
    options = entry.options
    return Limits(
        parts_per_hour=options.get(CONF_MAX_PARTS_PER_HOUR, DEFAULT_MAX_PARTS_PER_HOUR),
        parts_per_day=options.get(CONF_MAX_PARTS_PER_DAY, DEFAULT_MAX_PARTS_PER_DAY),
        mainland=entry.data[CONF_KIND] == Kind.MAINLAND,
        override=terms.override_limit,
    )


def hash_text(entry: ConfigEntry, sms: TemplatedSms) -> str:
    """Return what is the same for the same text only, and tells nobody the text.

    The key is a secret of the application that does not change.
    """
    text = json.dumps([sms.template_id, sms.variables, sms.signature])
    key = entry.data[CONF_WEBHOOK_ID].encode()
    return hmac.digest(key, text.encode(), hashlib.sha256).hex()


@callback
def tell_of_limit(
    hass: HomeAssistant, entry: ConfigEntry, terms: Terms, excess: Excess | None
) -> None:
    """Raise an issue about a limit that stopped a call, or take it back."""
    if excess is None:
        # a call that overrides limits proves nothing
        if not terms.override_limit:
            reactions.clear_issue(hass, entry, _LIMIT_REACHED)
        return
    language = hass.config.language
    code = send_code(excess.code)
    reactions.raise_issue(
        hass,
        entry,
        _LIMIT_REACHED,
        code=code.code,
        meaning=code.meaning(language),
        remedy=code.remedy(language),
        limit=str(excess.limit),
        count=str(excess.count),
    )
