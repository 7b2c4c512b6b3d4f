"""What a template's variables are: their names, what fits in, and what if it does not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from homeassistant.const import CONF_NAME

from ..const import CONF_ATTRIBUTE, CONF_DEFAULT, CONF_LENGTH, CONF_POLICY, Kind

# Section 2.1 of the platform's reference
MAX_VARIABLES: Final = 20


class Attribute(StrEnum):
    """What a variable is approved for (sections 8.2 and 8.3 of the reference).

    Of `other` only what holds for all variables of an application's kind is known.
    """

    PHONE = "phone"
    CHARDIGIT = "chardigit"
    DATETIME = "datetime"
    MONEY = "money"
    TEXT = "text"
    NUM = "num"
    TXT = "txt"
    DATE = "date"
    TIME = "time"
    OTHER = "other"


# Which attributes there are in templates of each kind
ATTRIBUTES: Final[Mapping[Kind, tuple[Attribute, ...]]] = {
    Kind.MAINLAND: (
        Attribute.TEXT,
        Attribute.CHARDIGIT,
        Attribute.DATETIME,
        Attribute.MONEY,
        Attribute.PHONE,
        Attribute.OTHER,
    ),
    Kind.INTERNATIONAL: (
        Attribute.TXT,
        Attribute.NUM,
        Attribute.DATE,
        Attribute.TIME,
        Attribute.OTHER,
    ),
}


class Policy(StrEnum):
    """What happens to a value that breaks a rule."""

    REFUSE = "refuse"
    SHORTEN = "shorten"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A variable of a template.

    `length` is the most characters it takes, None if that is the attribute's own
    limit. `default` is a Home Assistant template for when no value is given.
    """

    name: str
    attribute: Attribute = Attribute.OTHER
    length: int | None = None
    default: str | None = field(default=None, repr=False)
    policy: Policy = Policy.REFUSE

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Variable:
        """Return a variable as a template's subentry has it."""
        return cls(
            name=data[CONF_NAME],
            attribute=Attribute(data[CONF_ATTRIBUTE]),
            length=data.get(CONF_LENGTH),
            default=data.get(CONF_DEFAULT),
            policy=Policy(data[CONF_POLICY]),
        )

    def as_data(self) -> dict[str, str | int]:
        """Return the variable as a template's subentry has it."""
        data: dict[str, str | int] = {
            CONF_NAME: self.name,
            CONF_ATTRIBUTE: self.attribute.value,
            CONF_POLICY: self.policy.value,
        }
        if self.length is not None:
            data[CONF_LENGTH] = self.length
        if self.default is not None:
            data[CONF_DEFAULT] = self.default
        return data
