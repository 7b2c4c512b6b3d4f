"""How far a call of an action goes for its messages, and how long it waits for them."""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum

import voluptuous as vol

from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import config_validation as cv

from .application import Application
from .orders import USUAL_TERMS, Sent, Terms
from .responses import raise_for_refusals, raise_for_undelivered

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


def _duration(longest: timedelta) -> vol.Any:
    """Return what reads a duration; a template may leave it without a value."""
    return vol.Any(None, vol.All(cv.positive_time_period, vol.Range(max=longest)))


TERMS_FIELDS = {
    vol.Optional(ATTR_WAIT_FOR): vol.Any(None, vol.Coerce(WaitFor)),
    vol.Optional(ATTR_TIMEOUT): _duration(_LONGEST),
    vol.Optional(ATTR_RETRY_FOR): _duration(_LONGEST_RETRY),
    vol.Optional(ATTR_EXPIRES_AFTER): _duration(_LONGEST),
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


async def async_wait_as_asked(
    call: ServiceCall, application: Application, sent: list[Sent]
) -> list[Sent]:
    """Wait for the ends of messages if a call asks for that; return how they are."""
    if not _waits(call):
        return sent
    timeout: timedelta | None = call.data.get(ATTR_TIMEOUT)
    if timeout is None:
        timeout = _USUAL_TIMEOUT
    return await application.async_wait(sent, timeout.total_seconds())


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
