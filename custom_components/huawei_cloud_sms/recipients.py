"""Finds out to whom, and by which template, a message goes."""

from collections.abc import Iterable, Sequence
import re

import phonenumbers
import voluptuous as vol

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
from .orders import Target
from .phone_number import PhoneNumberError, normalize_number
from .privacy import mask
from .templates import SmsTemplate, by_subentry_id, default_template

# What people put between numbers that are written as one text.
_BETWEEN = re.compile(r"[,，;；、\n]")


def _listed(value: object) -> list[object]:
    """Return numbers as a list.

    A template makes integers of numbers, and a tuple of them where commas stand
    between.
    """
    if value is None:
        return []
    several = value if isinstance(value, list | tuple) else [value]
    return [
        number
        for item in several
        for number in (item if isinstance(item, tuple) else [item])
    ]


# Numbers in an action's data, for `async_targets`.
NUMBERS_SCHEMA = vol.All(_listed, [vol.Any(str, int)])


async def async_targets(
    hass: HomeAssistant, entry: ConfigEntry, numbers: Iterable[str | int]
) -> tuple[Target, ...]:
    """Return the targets for numbers as people and templates write them.

    Raises ServiceValidationError that names the number, masked, and what is wrong.
    """
    written = tuple(_split(numbers))
    if not written:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="numbers_missing"
        )
    # the metadata of a country is read from disk when it is first needed
    read = await hass.async_add_executor_job(
        _normalize, written, entry.options[CONF_DEFAULT_COUNTRY]
    )
    known = {
        subentry.data[CONF_NUMBER]: subentry.subentry_id
        for subentry in entry.get_subentries_of_type(SUBENTRY_RECIPIENT)
    }
    return tuple(Target(number, known.get(number)) for number in dict.fromkeys(read))


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


def _split(numbers: Iterable[str | int]) -> Iterable[str | int]:
    """Take lists apart that were written as one text; leave blanks out."""
    for number in numbers:
        if not isinstance(number, str):
            yield number
            continue
        yield from filter(str.strip, _BETWEEN.split(number))


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
