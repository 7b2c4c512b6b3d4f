"""The approved text of a template: its places, and what stands there in the end."""

from collections.abc import Sequence
import re

# Section 8.1 of the platform's reference
MAX_TEXT = 500
FORBIDDEN_IN_TEXT = "【】[]"

# Sections 8.2 and 8.3: a number, or what the variable is approved for
_PLACE = re.compile(r"\$\{([1-9]|1[0-9]|20|[A-Za-z]\w*)\}", re.ASCII)


def has_clear_places(text: str) -> bool:
    """Tell whether all places of a text can be read, all by number or all by name."""
    names = _PLACE.findall(text)
    numbered = {name.isdecimal() for name in names}
    return len(numbered) < 2 and "${" not in _PLACE.sub("", text)


def count_variables(text: str) -> int:
    """Return how many values the places of a text take."""
    return len(set(_indexes(text)))


def compose(text: str, values: Sequence[str], signature: str | None) -> str:
    """Return the text that a phone gets, for as many values as the text takes."""
    indexes = iter(_indexes(text))
    filled = _PLACE.sub(lambda _: values[next(indexes)], text)
    return f"【{signature}】{filled}" if signature else filled


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
