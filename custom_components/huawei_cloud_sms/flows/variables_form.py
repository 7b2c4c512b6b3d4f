"""The list of a template's variables, as a form shows it and as it is read."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from keyword import iskeyword
from typing import Any

import voluptuous as vol

from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import TemplateError
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    ObjectSelector,
    ObjectSelectorConfig,
    ObjectSelectorField,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)
from homeassistant.helpers.template import Template

from ..const import (
    CONF_ATTRIBUTE,
    CONF_DEFAULT,
    CONF_LENGTH,
    CONF_POLICY,
    CONF_VARIABLES,
    Kind,
)
from ..templates.mending import REPLACED, SHORTENED
from ..templates.rules import shortest
from ..templates.text import MAX_TEXT, variables_of
from ..templates.variables import ATTRIBUTES, MAX_VARIABLES, Attribute, Policy, Variable
from .forms import FormError, read_text
from .words import async_words

# What a template is filled with whose text is not known
_UNKNOWN = (Variable(name="message"),)

# The names that templates of Home Assistant read as something else, in any case
_CONSTANTS = frozenset({"true", "false", "none"})

_MENDED = {Policy.SHORTEN: SHORTENED, Policy.REPLACE: REPLACED}


def first_variables(
    text: str, kind: Kind, known: Sequence[Variable] | None
) -> tuple[Variable, ...]:
    """Return what the list shows at first: those of the text, as far as known by name.

    `known` are the variables that were there before, None for a new template.
    """
    if not text:
        return _UNKNOWN if known is None else tuple(known)
    found = variables_of(text, kind)
    kept = [
        _as_approved(before, after)
        for before, after in zip(known or (), found, strict=False)
    ]
    return (*kept, *map(_likely, found[len(kept) :]))


def _as_approved(variable: Variable, found: Variable) -> Variable:
    """Return a variable with what its place in the text says of it, if anything."""
    if found.attribute is Attribute.OTHER:
        return variable
    return replace(variable, attribute=found.attribute, length=found.length)


def _likely(variable: Variable) -> Variable:
    """Return a variable with the attribute that most have, if its place is a number."""
    if variable.attribute is not Attribute.OTHER:
        return variable
    return replace(variable, attribute=Attribute.TEXT)


class VariablesForm:
    """The form of one template's variables.

    The front end translates nothing within the items of a list, and shows of a choice
    its value: the attributes are chosen by their names in Home Assistant's language.
    """

    def __init__(self, kind: Kind, text: str, choices: Mapping[str, str]) -> None:
        """Take the application's kind, the approved text if known, and choices."""
        self._text = text
        self._found = variables_of(text, kind)
        self._labels = {
            attribute: choices[f"attribute.options.{attribute}"]
            for attribute in ATTRIBUTES[kind]
        }
        self._attributes = {label: it for it, label in self._labels.items()}
        self._policies = [
            SelectOptionDict(value=policy, label=choices[f"policy.options.{policy}"])
            for policy in Policy
        ]

    def schema(self) -> vol.Schema:
        """Return the only field, the list."""
        selector = ObjectSelector(
            ObjectSelectorConfig(
                multiple=True,
                label_field=CONF_NAME,
                description_field=CONF_ATTRIBUTE,
                translation_key="variable",
                fields={
                    CONF_NAME: ObjectSelectorField(
                        required=True, selector=TextSelector()
                    ),
                    CONF_ATTRIBUTE: ObjectSelectorField(
                        required=True,
                        selector=SelectSelector(
                            SelectSelectorConfig(
                                options=list(self._attributes),
                                mode=SelectSelectorMode.DROPDOWN,
                            )
                        ),
                    ),
                    CONF_LENGTH: ObjectSelectorField(
                        selector=NumberSelector(
                            NumberSelectorConfig(
                                min=1, max=MAX_TEXT, step=1, mode=NumberSelectorMode.BOX
                            )
                        )
                    ),
                    CONF_DEFAULT: ObjectSelectorField(selector=TextSelector()),
                    CONF_POLICY: ObjectSelectorField(
                        required=True,
                        default=Policy.REFUSE,
                        selector=SelectSelector(
                            SelectSelectorConfig(
                                options=self._policies, mode=SelectSelectorMode.LIST
                            )
                        ),
                    ),
                },
            )
        )
        return vol.Schema({vol.Optional(CONF_VARIABLES): selector})

    def typed(self, variables: Sequence[Variable]) -> dict[str, Any]:
        """Return variables as one would enter them."""
        return {
            CONF_VARIABLES: [
                {**it.as_data(), CONF_ATTRIBUTE: self._labels[it.attribute]}
                for it in variables
            ]
        }

    def read(
        self, hass: HomeAssistant, user_input: Mapping[str, Any]
    ) -> tuple[Variable, ...]:
        """Return the variables in order; raises FormError."""
        lines: list[Mapping[str, Any]] = user_input.get(CONF_VARIABLES, [])
        if self._text and len(lines) != len(self._found):
            raise FormError(
                CONF_VARIABLES,
                "variables_count",
                places=str(len(self._found)),
                lines=str(len(lines)),
            )
        if len(lines) > MAX_VARIABLES:
            raise FormError(
                CONF_VARIABLES,
                "variables_too_many",
                count=str(len(lines)),
                limit=str(MAX_VARIABLES),
            )
        variables: list[Variable] = []
        for position, line in enumerate(lines, start=1):
            variable = self._read(position, line)
            self._check(hass, position, variable)
            if any(variable.name == other.name for other in variables):
                raise _error("variable_name_taken", position, variable)
            variables.append(variable)
        return tuple(variables)

    def _read(self, position: int, line: Mapping[str, Any]) -> Variable:
        """Return the variable of one line; the text may have a length for it."""
        length = line.get(CONF_LENGTH)
        if length is None and self._text:
            length = self._found[position - 1].length
        return Variable(
            name=read_text(line, CONF_NAME),
            attribute=self._attributes[line[CONF_ATTRIBUTE]],
            # the field makes a float of it
            length=None if length is None else int(length),
            default=read_text(line, CONF_DEFAULT) or None,
            policy=Policy(line[CONF_POLICY]),
        )

    def _check(self, hass: HomeAssistant, position: int, variable: Variable) -> None:
        """Refuse what cannot work; raises FormError."""
        if not _is_name(variable.name):
            raise _error("variable_name", position, variable)
        attribute = self._labels[variable.attribute]
        if self._text:
            found = self._found[position - 1]
            if _as_approved(variable, found) != variable:
                raise _error(
                    "variable_attribute",
                    position,
                    variable,
                    attribute=self._labels[found.attribute],
                    length=str(found.length or "-"),
                )
        if variable.length is not None and variable.length < shortest(variable):
            raise _error(
                "variable_length",
                position,
                variable,
                attribute=attribute,
                shortest=str(shortest(variable)),
            )
        fitting = _MENDED.get(variable.policy)
        if fitting is not None and variable.attribute not in fitting:
            raise _error(
                f"variable_{variable.policy}", position, variable, attribute=attribute
            )
        if variable.default is not None:
            try:
                Template(variable.default, hass).ensure_valid()
            except TemplateError as err:
                raise _error(
                    "variable_default", position, variable, error=str(err)
                ) from err


async def async_variables_form(
    hass: HomeAssistant, kind: Kind, text: str
) -> VariablesForm:
    """Return the form in Home Assistant's language."""
    return VariablesForm(kind, text, await async_words(hass, "selector"))


def _is_name(name: str) -> bool:
    """Tell whether a name can be used in templates of Home Assistant."""
    return (
        name.isidentifier() and not iskeyword(name) and name.lower() not in _CONSTANTS
    )


def _error(
    rule: str, position: int, variable: Variable, **placeholders: str
) -> FormError:
    """Return what is wrong with one of the variables."""
    return FormError(
        CONF_VARIABLES,
        rule,
        position=str(position),
        name=variable.name,
        **placeholders,
    )
