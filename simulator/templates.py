"""Finds the variables of a template, checks values and composes the text."""

from collections.abc import Sequence
from dataclasses import dataclass
import re

from .config import Attribute, Kind, Template
from .typed import InvalidValueError
from .variables import is_international_name, variable_fits

_PLACE = re.compile(r"\$\{(\w+)\}")
_MAX_TEXT = 500
_MAX_VARIABLES = 20


@dataclass(frozen=True, slots=True)
class _Place:
    """A place in a text: which value goes there and what it must look like."""

    index: int
    name: str
    length: int | None


def _places(template: Template) -> tuple[_Place, ...]:
    """Return the places of a template's text in order."""
    places = []
    for position, name in enumerate(_PLACE.findall(template.text)):
        if name.isdecimal() and 1 <= int(name) <= len(template.variables):
            variable = template.variables[int(name) - 1]
            places.append(_Place(int(name) - 1, variable.attribute, variable.length))
        elif (template.kind is Kind.MAINLAND and name in Attribute) or (
            template.kind is Kind.INTERNATIONAL and is_international_name(name)
        ):
            places.append(_Place(position, name, None))
        else:
            raise InvalidValueError(f"template {template.id}: unknown variable {name}")
    return tuple(places)


def variable_names(template: Template) -> tuple[str, ...]:
    """Return the attribute of each value that the template asks for."""
    names = {place.index: place.name for place in _places(template)}
    return tuple(names[index] for index in sorted(names))


def check_template(template: Template) -> None:
    """Check a template of the configuration.

    Raises:
        InvalidValueError: it breaks a rule for templates.
    """
    count = len(variable_names(template))
    if count > _MAX_VARIABLES:
        raise InvalidValueError(f"template {template.id}: more than 20 variables")
    if template.variables and count != len(template.variables):
        raise InvalidValueError(f"template {template.id}: a variable has no place")
    if len(template.text) > _MAX_TEXT or set("【】[]") & set(template.text):
        raise InvalidValueError(f"template {template.id}: bad text")
    if template.kind is Kind.MAINLAND and template.general == bool(template.signature):
        raise InvalidValueError(f"template {template.id}: general or with signature")


def values_fit(
    template: Template, values: Sequence[str], *, check_text_length: bool
) -> bool:
    """Say whether count and values fit the template."""
    if len(values) != len(variable_names(template)):
        return False
    return all(
        variable_fits(
            template.kind,
            place.name,
            values[place.index],
            place.length,
            check_text_length=check_text_length,
        )
        for place in _places(template)
    )


def compose(template: Template, values: Sequence[str], signature: str | None) -> str:
    """Return the text that a phone gets; the values must fit."""
    indexes = iter([place.index for place in _places(template)])
    text = _PLACE.sub(lambda _: values[next(indexes)], template.text)
    return f"【{signature}】{text}" if signature else text


def too_long(text: str) -> bool:
    """Say whether a composed text is longer than the platform takes."""
    return len(text) > _MAX_TEXT
