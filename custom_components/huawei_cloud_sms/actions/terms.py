"""How far a call of an action goes for its messages, and how long it waits for them."""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum

import voluptuous as vol

from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import config_validation as cv

from ..application import Application
from ..responses import raise_for_refusals, raise_for_undelivered
from ..sending.orders import USUAL_TERMS, Sent, Terms
from .fields import duration

ATTR_EXPIRES_AFTER = "expires_after"
ATTR_OVERRIDE_LIMIT = "override_limit"
ATTR_RETRY_FOR = "retry_for"
ATTR_TIMEOUT = "timeout"
ATTR_WAIT_FOR = "wait_for"

_USUAL_TIMEOUT = timedelta(minutes=2)

# A report comes within 72 hours or never; what is older helps nobody either.
_LONGEST = timedelta(hours=72)
_LONGEST_RETRY = timedelta(hours=1)


class WaitFor(StrEnum):
    """What a call waits for."""

    ACCEPTED = "accepted"
    DELIVERED = "delivered"


TERMS_FIELDS = {
    vol.Optional(ATTR_WAIT_FOR): vol.Any(None, vol.Coerce(WaitFor)),
    vol.Optional(ATTR_TIMEOUT): duration(ATTR_TIMEOUT, _LONGEST),
    vol.Optional(ATTR_RETRY_FOR): duration(ATTR_RETRY_FOR, _LONGEST_RETRY),
    vol.Optional(ATTR_EXPIRES_AFTER): duration(ATTR_EXPIRES_AFTER, _LONGEST),
    vol.Optional(ATTR_OVERRIDE_LIMIT): vol.Any(None, cv.boolean),
}


def terms_of(call: ServiceCall) -> Terms:
    """Return how far a call goes for its messages."""
    retry_for: timedelta | None = call.data.get(ATTR_RETRY_FOR)
    expires_after: timedelta | None = call.data.get(ATTR_EXPIRES_AFTER)
    return Terms(
        retry_for=(
            USUAL_TERMS.retry_for if retry_for is None else retry_for.total_seconds()
        ),
        # not to wait at all is not to wait
        expires_after=expires_after.total_seconds() if expires_after else None,
        override_limit=bool(call.data.get(ATTR_OVERRIDE_LIMIT)),
    )


def end_of_wait(call: ServiceCall) -> float | None:
    """Return until when a call that begins now waits, by the clock of the event loop.

    None if it does not.
    """
    if not _waits(call):
        return None
    timeout: timedelta | None = call.data.get(ATTR_TIMEOUT)
    if timeout is None:
        timeout = _USUAL_TIMEOUT
    return call.hass.loop.time() + timeout.total_seconds()


async def async_wait_as_asked(
    application: Application, sent: list[Sent], until: float | None
) -> list[Sent]:
    """Wait for the ends of messages if a call asks for that; return how they are."""
    return sent if until is None else await application.async_wait(sent, until)


def raise_as_asked(
    hass: HomeAssistant, call: ServiceCall, sent: Sequence[Sent]
) -> None:
    """Raise HomeAssistantError if a call did not reach for all what it waited for."""
    if _waits(call):
        raise_for_undelivered(hass, sent)
    else:
        raise_for_refusals(hass, sent)


def _waits(call: ServiceCall) -> bool:
    """Return whether a call waits for the ends of its messages."""
    return call.data.get(ATTR_WAIT_FOR) is WaitFor.DELIVERED
