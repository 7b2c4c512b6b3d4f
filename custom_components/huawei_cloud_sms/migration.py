"""Brings entries of earlier versions up to date."""

from collections.abc import Sequence
from itertools import count
import re

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from .const import CONF_KIND, CONF_TEXT, CONF_VARIABLES, SUBENTRY_TEMPLATE, Kind
from .templates.text import variables_of
from .templates.variables import Variable

VERSION = 1
MINOR_VERSION = 2

# A Home Assistant template that fills in what it was given, and nothing else
_JUST_A_NAME = re.compile(r"{{-?\s*([^\W\d]\w*)\s*-?}}")


@callback
def async_migrate(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Bring an entry up to date; of a version to come, Home Assistant sets up none."""
    if entry.minor_version < MINOR_VERSION:
        kind = Kind(entry.data[CONF_KIND])
        for subentry in entry.get_subentries_of_type(SUBENTRY_TEMPLATE):
            variables = _describe(
                subentry.data[CONF_VARIABLES], subentry.data.get(CONF_TEXT, ""), kind
            )
            hass.config_entries.async_update_subentry(
                entry,
                subentry,
                data={
                    **subentry.data,
                    CONF_VARIABLES: [it.as_data() for it in variables],
                },
            )
        hass.config_entries.async_update_entry(entry, minor_version=MINOR_VERSION)


def _describe(fillings: Sequence[str], text: str, kind: Kind) -> list[Variable]:
    """Return variables that are filled as they were by one template each.

    One is called what alone filled it. Any other keeps its template as the default: by
    a name from within it, a given value would go past the rest of it.
    """
    found = variables_of(text, kind)
    if len(found) != len(fillings):
        # the text is not known
        found = (Variable(name=""),) * len(fillings)
    unused = (
        name
        for number in count(1)
        if not any((name := f"variable_{number}") in filling for filling in fillings)
    )
    variables: dict[str, Variable] = {}
    for filling, variable in zip(fillings, found, strict=True):
        just = _JUST_A_NAME.fullmatch(filling)
        alone = just is not None and just[1] not in variables
        name = just[1] if just is not None and alone else next(unused)
        variables[name] = Variable(
            name=name,
            attribute=variable.attribute,
            length=variable.length,
            default=None if alone else filling,
        )
    return list(variables.values())
