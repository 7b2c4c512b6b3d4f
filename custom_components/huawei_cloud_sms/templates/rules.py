"""Which rules of the platform a variable's value breaks.

Sections 8.2 and 8.3 of the platform's reference. It refuses a message with one code and
no word on which rule; here each rule has a name.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
import re
from typing import Final

from ..const import Kind
from .variables import Attribute, Variable


class Rule(StrEnum):
    """A rule that a value can break; `rule_…` of the translated exceptions says how."""

    EMPTY = "empty"
    SURROGATE = "surrogate"
    TOO_LONG = "too_long"
    TOO_SHORT = "too_short"
    SIGN = "sign"
    PHONE_CHARACTER = "phone_character"
    PHONE_END = "phone_end"
    CHARDIGIT_CHARACTER = "chardigit_character"
    MONEY_CHARACTER = "money_character"
    NUM_CHARACTER = "num_character"
    DATETIME_FORMAT = "datetime_format"
    DATETIME_BOTH = "datetime_both"
    DATE_FORMAT = "date_format"
    TIME_FORMAT = "time_format"
    CONTACT_PHONE = "contact_phone"
    CONTACT_ADDRESS = "contact_address"
    CONTACT_CHAT = "contact_chat"


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """A rule that a value breaks.

    `offending` is the one character that must not be there, and `position` its place
    from 1. There are `count` characters, but may be, or must be at least, `limit`.
    """

    rule: Rule
    offending: str | None = None
    position: int | None = None
    count: int | None = None
    limit: int | None = None


# The fewest and the most characters, as long as nothing else was agreed on
_LENGTHS: Final = {
    Attribute.PHONE: (4, 15),
    Attribute.CHARDIGIT: (1, 20),
    Attribute.DATETIME: (1, 20),
    Attribute.MONEY: (1, 20),
    Attribute.TEXT: (1, 20),
}

# What no variable of the mainland may hold, and what texts may not either
_SIGNS_OF_ALL = "'{}"
_SIGNS_OF_TEXTS = _SIGNS_OF_ALL + "<>.。"

_STRANGERS: Final = {
    Attribute.PHONE: (Rule.PHONE_CHARACTER, re.compile(r"[^0-9+-]")),
    Attribute.CHARDIGIT: (Rule.CHARDIGIT_CHARACTER, re.compile(r"[^0-9A-Za-z_]")),
    Attribute.MONEY: (
        Rule.MONEY_CHARACTER,
        re.compile(
            "[^0-9.〇零一二三四五六七八九十百千万亿两壹贰叁肆伍陆柒捌玖拾佰仟萬億]"
        ),
    ),
    Attribute.NUM: (Rule.NUM_CHARACTER, re.compile(r"[^0-9]")),
}

_MONTH, _DAY = "(0[1-9]|1[0-2])", "(0[1-9]|[12][0-9]|3[01])"
_DATE = (
    f"[0-9]{{4}}({_MONTH}{_DAY}|-{_MONTH}-{_DAY}|/{_MONTH}/{_DAY}"
    "|年(0?[1-9]|1[0-2])月(0?[1-9]|[12][0-9]|3[01])日)"
)
_TIME = "(([01][0-9]|2[0-3])(:[0-5][0-9]){1,2}|([01]?[0-9]|2[0-3])点[0-5]?[0-9]分?)"
_FORMATS: Final = {
    Attribute.DATETIME: (Rule.DATETIME_FORMAT, re.compile(f"{_DATE}|{_TIME}")),
    Attribute.DATE: (Rule.DATE_FORMAT, re.compile(_DATE)),
    Attribute.TIME: (Rule.TIME_FORMAT, re.compile(_TIME)),
}
# as in 8点5 and 20260501
_SHORTEST_FORMS: Final = {
    Attribute.DATETIME: 3,
    Attribute.DATE: 8,
    Attribute.TIME: 3,
}
_BOTH = re.compile(rf"{_DATE}[T\s]*{_TIME}|{_TIME}\s*{_DATE}")

# Contact data: a mobile number of the mainland, an address, a number or name in a chat
_NO_CONTACT = (Attribute.CHARDIGIT, Attribute.TEXT)
_CONTACTS: Final = {
    Rule.CONTACT_PHONE: re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)"),
    Rule.CONTACT_ADDRESS: re.compile(r"https?:|www\.", re.IGNORECASE),
    Rule.CONTACT_CHAT: re.compile(
        r"(qq|微信|we(ixin|chat))\s*+([:：]\s*+)?\w{5}", re.IGNORECASE
    ),
}

_SURROGATE = re.compile("[\ud800-\udfff]")


def broken_rules(variable: Variable, value: str, kind: Kind) -> tuple[BrokenRule, ...]:
    """Return all rules that a value breaks, none if the platform takes it.

    A value has no blanks around it.
    """
    if not value:
        return (BrokenRule(Rule.EMPTY),)
    if found := _SURROGATE.search(value):
        # it cannot be written, so that nobody could judge the rest
        return (BrokenRule(Rule.SURROGATE, position=found.start() + 1),)
    return tuple(_broken(variable, value, kind))


def shortest(variable: Variable) -> int:
    """Return how many characters a value that breaks no rule has at least."""
    fewest, _ = _LENGTHS.get(variable.attribute, (1, None))
    return _SHORTEST_FORMS.get(variable.attribute, fewest)


def longest(variable: Variable) -> int | None:
    """Return how many characters a value may have, None if nothing is known of that."""
    _, most = _LENGTHS.get(variable.attribute, (1, None))
    return variable.length or most


def _broken(variable: Variable, value: str, kind: Kind) -> Iterator[BrokenRule]:
    """Return the rules that a value breaks that can be sent at all."""
    attribute = variable.attribute
    fewest, _ = _LENGTHS.get(attribute, (1, None))
    most = longest(variable)
    if most is not None and len(value) > most:
        yield BrokenRule(Rule.TOO_LONG, count=len(value), limit=most)
    if len(value) < fewest:
        yield BrokenRule(Rule.TOO_SHORT, count=len(value), limit=fewest)
    for sign in _forbidden_signs(attribute, kind):
        if (place := value.find(sign)) >= 0:
            yield BrokenRule(Rule.SIGN, sign, place + 1)
    if attribute in _STRANGERS:
        rule, strangers = _STRANGERS[attribute]
        if stranger := strangers.search(value):
            yield BrokenRule(rule, stranger[0], stranger.start() + 1)
    if attribute is Attribute.PHONE and value[-1] in "+-":
        yield BrokenRule(Rule.PHONE_END, value[-1], len(value))
    if attribute in _FORMATS:
        rule, form = _FORMATS[attribute]
        if not form.fullmatch(value):
            both = attribute is Attribute.DATETIME and _BOTH.fullmatch(value)
            yield BrokenRule(Rule.DATETIME_BOTH if both else rule)
    if attribute in _NO_CONTACT:
        for rule, contact in _CONTACTS.items():
            if contact.search(value):
                yield BrokenRule(rule)


def _forbidden_signs(attribute: Attribute, kind: Kind) -> str:
    """Return the signs that a value must not hold and could be written without.

    Of the other attributes each says what it takes, and that is none of them.
    """
    if kind is Kind.INTERNATIONAL:
        return ""
    if attribute is Attribute.TEXT:
        return _SIGNS_OF_TEXTS
    return _SIGNS_OF_ALL if attribute is Attribute.OTHER else ""
