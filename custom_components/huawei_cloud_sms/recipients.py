"""Finds out to whom, and by which template, a message goes."""

from collections.abc import Iterator, Sequence
import re

import phonenumbers

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError

from .const import (
    CONF_DEFAULT_COUNTRY,
    CONF_NUMBER,
    CONF_TEMPLATE,
    DOMAIN,
    SUBENTRY_RECIPIENT,
)
from .phone_number import PhoneNumberError, normalize_number
from .privacy import mask
from .sending.orders import Target
from .templates.template import SmsTemplate, by_subentry_id, default_template

# So many numbers a call may have: the ledger takes no more at once.
_MOST_NUMBERS = 10_000

# What people put between numbers that are written as one text.
_BETWEEN = re.compile(r"[,，;；、\n]")


async def async_targets(
    hass: HomeAssistant, entry: ConfigEntry, numbers: object
) -> tuple[Target, ...]:
    """Return the targets for numbers as people and templates write them.

    Raises ServiceValidationError that names the number, masked, and what is wrong.
    """
    written = tuple(_listed(numbers))
    if not written:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="numbers_missing"
        )
    check_count(len(written))
    # the metadata of a country is read from disk when it is first needed
    read = await hass.async_add_executor_job(
        _normalize, written, entry.options[CONF_DEFAULT_COUNTRY]
    )
    known = {
        subentry.data[CONF_NUMBER]: subentry.subentry_id
        for subentry in entry.get_subentries_of_type(SUBENTRY_RECIPIENT)
    }
    return tuple(Target(number, known.get(number)) for number in read)


def check_count(count: int) -> None:
    """Refuse more numbers than a call may have; raises ServiceValidationError."""
    if count > _MOST_NUMBERS:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="numbers_too_many",
            translation_placeholders={
                "count": str(count),
                "limit": str(_MOST_NUMBERS),
            },
        )


def target_of(recipient: ConfigSubentry) -> Target:
    """Return the target that a recipient is."""
    return Target(recipient.data[CONF_NUMBER], recipient.subentry_id)


def has_template(entry: ConfigEntry, recipient: ConfigSubentry) -> bool:
    """Return whether the template that a recipient names, if any, is still there."""
    wanted = recipient.data.get(CONF_TEMPLATE)
    return wanted is None or wanted in entry.subentries


def template_of(entry: ConfigEntry, recipient: ConfigSubentry) -> SmsTemplate:
    """Return a recipient's template, or the default one.

    Raises ServiceValidationError when its template was deleted.
    """
    if (wanted := recipient.data.get(CONF_TEMPLATE)) is None:
        return default_template(entry)
    if (template := by_subentry_id(entry, wanted)) is None:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="template_deleted",
            translation_placeholders={"recipient": recipient.title},
        )
    return template


def _listed(value: object) -> Iterator[str | int]:
    """Take numbers apart that come in lists or in one text; leave blanks out.

    A template makes integers or floats of numbers, and a list in a list of many.
    """
    match value:
        case None:
            return
        case list() | tuple():
            for item in value:
                yield from _listed(item)
        case str():
            yield from filter(str.strip, _BETWEEN.split(value))
        case float() if value.is_integer():
            yield int(value)
        case int() if not isinstance(value, bool):
            yield value
        case _:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="number_not_a_number",
                translation_placeholders={"number": mask(str(value))},
            )


def _normalize(written: Sequence[str | int], country: str) -> list[str]:
    """Return numbers in E.164."""
    numbers = []
    for number in written:
        try:
            numbers.append(normalize_number(number, country))
        except PhoneNumberError as err:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key=f"number_{err.reason}",
                translation_placeholders=_placeholders(number, err),
            ) from err
    return numbers


def _placeholders(number: str | int, err: PhoneNumberError) -> dict[str, str]:
    """Return what an error may say of a number."""
    placeholders = {"number": mask(str(number))}
    if err.candidates is not None:
        # the last digits are the same in both: what differs is the country
        first, second = (phonenumbers.parse(number) for number in err.candidates)
        placeholders |= {
            "first": f"+{first.country_code} {mask(err.candidates[0])}",
            "second": f"+{second.country_code} {mask(err.candidates[1])}",
        }
    return placeholders
