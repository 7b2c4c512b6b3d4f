"""Reads fields of actions of which Home Assistant would say too little, or worse."""

from collections.abc import Callable
from datetime import datetime, timedelta

import voluptuous as vol

from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util

from ..const import DOMAIN

type Reader[T] = Callable[[object], T | None]

# A template may leave a field without a value: then so does what these return.


def duration(field: str, longest: timedelta) -> Reader[timedelta]:
    """Return what reads a duration of some hours at most.

    It raises ServiceValidationError.
    """

    def read(value: object) -> timedelta | None:
        """Read a duration."""
        if value is None:
            return None
        try:
            found: timedelta = cv.positive_time_period(value)
        except vol.Invalid, OverflowError:
            # also what is infinite, or too long for any duration
            found = timedelta.max
        if found > longest:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="duration_invalid",
                translation_placeholders={
                    "field": field,
                    "hours": str(longest // timedelta(hours=1)),
                },
            )
        return found

    return read


def moment(field: str) -> Reader[datetime]:
    """Return what reads a time; without a time zone it is the person's own.

    It raises ServiceValidationError.
    """

    def read(value: object) -> datetime | None:
        """Read a time."""
        if value is None:
            return None
        try:
            # Home Assistant's parser ends the whole process at half of an emoji
            str(value).encode()
            return dt_util.as_utc(cv.datetime(value))
        except (vol.Invalid, ValueError, OverflowError) as err:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="time_invalid",
                translation_placeholders={"field": field},
            ) from err

    return read


def text(field: str) -> Reader[str]:
    """Return what reads a text that is looked up.

    It raises ServiceValidationError.
    """

    def read(value: object) -> str | None:
        """Read a text."""
        if value is None:
            return None
        found = cv.string(value)
        try:
            found.encode()
        except UnicodeEncodeError as err:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="text_invalid",
                translation_placeholders={"field": field},
            ) from err
        return found

    return read
