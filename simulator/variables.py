"""What the values of variables must look like."""

import re

from .config import Attribute, Kind

_DEFAULT_LENGTH = 20
_LENGTHS = {Attribute.PHONE: (4, 15)}

_DATE = (
    r"\d{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    r"|\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    r"|\d{4}/(?:0[1-9]|1[0-2])/(?:0[1-9]|[12]\d|3[01])"
    r"|\d{4}年(?:0?[1-9]|1[0-2])月(?:0?[1-9]|[12]\d|3[01])日"
)
_TIME = (
    r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?"
    r"|(?:[01]?\d|2[0-3])点[0-5]?\d分?"
)
_ALLOWED = {
    Attribute.PHONE: re.compile(r"[0-9+-]*[0-9]"),
    Attribute.CHARDIGIT: re.compile(r"[A-Za-z0-9_]+"),
    Attribute.DATETIME: re.compile(f"{_DATE}|{_TIME}", re.ASCII),
    Attribute.MONEY: re.compile(
        r"[0-9.〇零一二三四五六七八九十百千万亿两壹贰叁肆伍陆柒捌玖拾佰仟萬億]+"
    ),
    Attribute.TEXT: re.compile(r"[^.。'<>{}]+", re.DOTALL),
}
_NO_CONTACT = (Attribute.CHARDIGIT, Attribute.TEXT)
_CONTACT = re.compile(
    r"(?<!\d)1[3-9]\d{9}(?!\d)|https?:|www\.|(?:qq|微信|weixin|wechat)\s*[:：]?\s*\w{5,}",
    re.IGNORECASE,
)
_INTERNATIONAL = re.compile(r"(?P<name>NUM|TXT)_(?P<length>[1-9]\d{0,2})|DATE|TIME")


def is_international_name(name: str) -> bool:
    """Say whether `${name}` is a variable of international templates."""
    return _INTERNATIONAL.fullmatch(name) is not None


def fits(attribute: Attribute, value: str, length: int | None = None) -> bool:
    """Say whether a value fits a mainland attribute; `length` if it was extended."""
    shortest, longest = _LENGTHS.get(attribute, (1, _DEFAULT_LENGTH))
    if not shortest <= len(value) <= (length or longest):
        return False
    if attribute in _NO_CONTACT and _CONTACT.search(value):
        return False
    return _ALLOWED[attribute].fullmatch(value) is not None


def fits_international(name: str, value: str, *, check_text_length: bool) -> bool:
    """Say whether a value fits `${NUM_n}`, `${TXT_n}`, `${DATE}` or `${TIME}`."""
    match = _INTERNATIONAL.fullmatch(name)
    if match is None or not value:
        return False
    if name == "DATE":
        return re.fullmatch(_DATE, value, re.ASCII) is not None
    if name == "TIME":
        return re.fullmatch(_TIME, value, re.ASCII) is not None
    short_enough = len(value) <= int(match["length"])
    if match["name"] == "NUM":
        return short_enough and re.fullmatch(r"[0-9]+", value) is not None
    return short_enough or not check_text_length


def variable_fits(
    kind: Kind, name: str, value: str, length: int | None, *, check_text_length: bool
) -> bool:
    """Say whether a value fits the variable of this name in a template of this kind."""
    if kind is Kind.INTERNATIONAL:
        return fits_international(name, value, check_text_length=check_text_length)
    return fits(Attribute(name), value, length)
