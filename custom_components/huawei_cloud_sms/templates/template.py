"""The templates of an application: what is known of each, and which one is meant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
import re
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.exceptions import ServiceValidationError

from ..const import (
    CONF_CHANNEL_NUMBER,
    CONF_DEFAULT,
    CONF_MAX_PARTS,
    CONF_SIGNATURE,
    CONF_TEMPLATE_ID,
    CONF_TEMPLATE_TYPE,
    CONF_TEXT,
    CONF_VARIABLES,
    DOMAIN,
    SUBENTRY_TEMPLATE,
)
from .variables import Variable

# What a template ID looks like; a mistyped name should not be taken for one.
_ID = re.compile(r"(?=.*[0-9])[A-Za-z0-9_-]{16,32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsTemplate:
    """An approved template as it was entered, or one that is known by its ID only."""

    name: str
    template_id: str
    channel_number: str | None = None
    signature: str | None = field(default=None, repr=False)
    type: str | None = None
    variables: tuple[Variable, ...] | None = None
    text: str | None = field(default=None, repr=False)
    max_parts: int | None = None


def from_data(name: str, data: Mapping[str, Any]) -> SmsTemplate:
    """Return the template that the data of a subentry describe."""
    return SmsTemplate(
        name=name,
        template_id=data[CONF_TEMPLATE_ID],
        channel_number=data.get(CONF_CHANNEL_NUMBER),
        signature=data.get(CONF_SIGNATURE),
        type=data.get(CONF_TEMPLATE_TYPE),
        variables=tuple(map(Variable.from_data, data[CONF_VARIABLES])),
        text=data.get(CONF_TEXT),
        max_parts=data.get(CONF_MAX_PARTS),
    )


def from_subentry(subentry: ConfigSubentry) -> SmsTemplate:
    """Return the template that a subentry describes."""
    return from_data(subentry.title, subentry.data)


def by_subentry_id(entry: ConfigEntry, subentry_id: str) -> SmsTemplate | None:
    """Return the template of a subentry, or None when it was deleted."""
    subentry = entry.subentries.get(subentry_id)
    return None if subentry is None else from_subentry(subentry)


def by_name_or_id(entry: ConfigEntry, wanted: str) -> SmsTemplate:
    """Return the template with a name or ID; one that is not set up by its ID alone.

    Raises ServiceValidationError when several go by it, or none can.
    """
    known = _all(entry)
    name = wanted.casefold()
    # the front end lets people rename without asking whether the name is taken
    for fitting in (
        [template for template in known if template.name.casefold() == name],
        [template for template in known if template.template_id == wanted],
    ):
        if len(fitting) > 1:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="template_ambiguous",
                translation_placeholders={
                    "template": wanted,
                    "names": _names(fitting),
                },
            )
        if fitting:
            return fitting[0]
    if not _ID.fullmatch(wanted):
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="template_unknown",
            translation_placeholders={"template": wanted, "names": _names(known)},
        )
    return SmsTemplate(name=wanted, template_id=wanted)


def default_template(entry: ConfigEntry) -> SmsTemplate:
    """Return the only template, or the one that is marked as the default.

    Raises ServiceValidationError with the names to choose from.
    """
    subentries = list(entry.get_subentries_of_type(SUBENTRY_TEMPLATE))
    marked = [it for it in subentries if it.data.get(CONF_DEFAULT)]
    for choice in (subentries, marked):
        if len(choice) == 1:
            return from_subentry(choice[0])
    if not subentries:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="no_templates"
        )
    raise ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="template_missing",
        translation_placeholders={"names": _names(_all(entry))},
    )


def _all(entry: ConfigEntry) -> list[SmsTemplate]:
    """Return the templates that are set up for an application."""
    return [
        from_subentry(subentry)
        for subentry in entry.get_subentries_of_type(SUBENTRY_TEMPLATE)
    ]


def _names(templates: Sequence[SmsTemplate]) -> str:
    """Return the names to choose from."""
    return ", ".join(template.name for template in templates) or "-"
