"""Mends a value that breaks a rule, in the way that was chosen for its variable."""

from collections.abc import Mapping
from dataclasses import dataclass
import json
from pathlib import Path
import re
from typing import Any, Final

from ..const import Kind
from .rules import broken_rules, longest
from .variables import Attribute, Policy, Variable

# Half a number, a wrong amount or another time would be worse than no message.
SHORTENED: Final = frozenset({Attribute.TEXT, Attribute.TXT, Attribute.OTHER})

# What says that something is missing. Abroad the single character would take a text out
# of the narrow alphabet, and the message would be billed twice.
_MISSING: Final = {Kind.MAINLAND: "…", Kind.INTERNATIONAL: "..."}

_TABLE = Path(__file__).with_name("replacements.json")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True, slots=True)
class _Replacement:
    """What signs that must not be there are replaced by, in values of some attributes."""

    attributes: frozenset[Attribute]
    signs: frozenset[str]
    pattern: re.Pattern[str]
    by_language: Mapping[str, str]

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> _Replacement:
        """Return a row of the table."""
        return cls(
            attributes=frozenset(map(Attribute, row["attributes"])),
            signs=frozenset(row["signs"]),
            pattern=re.compile(row["pattern"]),
            by_language=row["by_language"],
        )


# in the order in which they are made
_REPLACEMENTS: Final = tuple(
    map(_Replacement.read, json.loads(_TABLE.read_text("utf-8")))
)

REPLACED: Final = frozenset().union(*(it.attributes for it in _REPLACEMENTS))


def mend(variable: Variable, value: str, kind: Kind, text: str | None) -> str:
    """Return a value as its variable's policy makes it; it may still break a rule.

    One that breaks none stays as it is. The approved text of the template, if it is
    known, says for which language signs are replaced.
    """
    broken = broken_rules(variable, value, kind)
    if variable.policy is Policy.REFUSE or not broken:
        return value
    if variable.policy is Policy.SHORTEN:
        return _shorten(variable, value, kind)
    signs = {it.offending for it in broken if it.offending is not None}
    # templates of the mainland are Chinese as a rule
    chinese = kind is Kind.MAINLAND if text is None else _HAN.search(text) is not None
    return _replace(variable, value, signs, "zh" if chinese else "other")


def _shorten(variable: Variable, value: str, kind: Kind) -> str:
    """Return the beginning of a value that is too long."""
    most = longest(variable)
    if variable.attribute not in SHORTENED or most is None or len(value) <= most:
        return value
    missing = _MISSING[kind]
    if most <= len(missing):
        return value[:most]
    return value[: most - len(missing)].rstrip() + missing


def _replace(variable: Variable, value: str, signs: set[str], language: str) -> str:
    """Return a value with other signs in place of those that must not be there."""
    for it in _REPLACEMENTS:
        if variable.attribute in it.attributes and not it.signs.isdisjoint(signs):
            value = it.pattern.sub(it.by_language[language], value)
    return value.strip()
