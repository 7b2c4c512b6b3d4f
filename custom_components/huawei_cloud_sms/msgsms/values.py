"""Values of which each push makes some."""

from dataclasses import dataclass, field
from typing import dataclass_transform


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def passing_value[T](cls: type[T]) -> type[T]:
    """Make a dataclass with slots that type checkers see as frozen.

    At run time it is not: to make one would take two to three times as long.
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)
