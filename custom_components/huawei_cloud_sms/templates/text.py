"""The approved text of a template: its places, and what stands there in the end."""

from collections import Counter
from collections.abc import Sequence
import re

from ..const import Kind
from .variables import ATTRIBUTES, Attribute, Variable

# Section 8.1 of the platform's reference
MAX_TEXT = 500
FORBIDDEN_IN_TEXT = "【】[]"

# Sections 8.2 and 8.3: a number, or what the variable is approved for
_PLACE = re.compile(r"\$\{([1-9]|1[0-9]|20|[A-Za-z]\w*)\}", re.ASCII)

# What a variable is approved for, abroad with the most characters it takes
_APPROVED = re.compile(r"(?P<attribute>[A-Z]+)(?:_(?P<length>[1-9][0-9]{0,2}))?")

# A template's only variable is what a plain notification fills.
_ONLY_NAME = "message"


def has_clear_places(text: str) -> bool:
    """Tell whether all places of a text can be read, all by number or all by name."""
    names = _PLACE.findall(text)
    numbered = {name.isdecimal() for name in names}
    return len(numbered) < 2 and "${" not in _PLACE.sub("", text)


def count_variables(text: str) -> int:
    """Return how many values the places of a text take."""
    return len(set(_indexes(text)))


def variables_of(text: str, kind: Kind) -> tuple[Variable, ...]:
    """Return the variables of a text, in the order in which their values are given.

    Their names are suggestions. Which attribute a number has is not in the text.
    """
    read = [_read(place, kind) for place in _names(text)]
    if len(read) == 1:
        names = [_ONLY_NAME]
    else:
        seen: Counter[str] = Counter()
        names = []
        for attribute, _ in read:
            stem = "variable" if attribute is Attribute.OTHER else attribute.value
            seen[stem] += 1
            names.append(f"{stem}_{seen[stem]}")
    return tuple(
        Variable(name=name, attribute=attribute, length=length)
        for name, (attribute, length) in zip(names, read, strict=True)
    )


def compose(text: str, values: Sequence[str], signature: str | None) -> str:
    """Return the text that a phone gets, for as many values as the text takes."""
    indexes = iter(_indexes(text))
    filled = _PLACE.sub(lambda _: values[next(indexes)], text)
    return f"【{signature}】{filled}" if signature else filled


def _read(place: str, kind: Kind) -> tuple[Attribute, int | None]:
    """Return what a place is approved for, and its own limit of characters."""
    if (found := _APPROVED.fullmatch(place)) is None:
        return Attribute.OTHER, None
    name, length = found["attribute"].lower(), found["length"]
    # only these two have a limit in their names, and always
    limited = name in (Attribute.NUM, Attribute.TXT)
    if name not in ATTRIBUTES[kind] or limited is (length is None):
        return Attribute.OTHER, None
    return Attribute(name), int(length) if limited else None


def _names(text: str) -> list[str]:
    """Return what stands in the places of a text, once for each value it takes."""
    found = _PLACE.findall(text)
    by_value = dict(zip(_indexes(text), found, strict=True))
    return [by_value[index] for index in sorted(by_value)]


def _indexes(text: str) -> list[int]:
    """Return for each place of a text, in order, which of the values goes there.

    A number stands for one value however often it occurs. A name says what fits in, so
    that each of its places takes a value of its own.
    """
    names = _PLACE.findall(text)
    if not all(name.isdecimal() for name in names):
        return list(range(len(names)))
    order = sorted({int(name) for name in names})
    return [order.index(int(name)) for name in names]
