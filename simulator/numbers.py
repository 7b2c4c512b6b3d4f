"""Phone numbers as the platform sees them."""

import re

from .config import Kind

_MAINLAND = re.compile(r"\+861[3-9]\d{9}")
_ANY = re.compile(r"\+[1-9]\d{6,14}")

# Only some; `countryId` is left out for the others.
_COUNTRIES = {
    "1": "US",
    "33": "FR",
    "34": "ES",
    "39": "IT",
    "44": "GB",
    "49": "DE",
    "60": "MY",
    "61": "AU",
    "65": "SG",
    "66": "TH",
    "81": "JP",
    "82": "KR",
    "86": "CN",
    "241": "GA",
    "353": "IE",
    "852": "HK",
    "853": "MO",
    "886": "TW",
}


def international_form(number: str, kind: Kind) -> str | None:
    """Return the number with its plus sign; none if it is ill-formed."""
    if kind is Kind.MAINLAND and not number.startswith("+"):
        number = f"+86{number}"
    if _ANY.fullmatch(number) is None:
        return None
    if number.startswith("+86") and _MAINLAND.fullmatch(number) is None:
        return None
    return number


def is_mainland(number: str) -> bool:
    """Say whether a number in international form is one of mainland China."""
    return _MAINLAND.fullmatch(number) is not None


def country_of(number: str) -> str | None:
    """Return the country code of a number in international form, if known."""
    for length in (3, 2, 1):
        country = _COUNTRIES.get(number[1 : 1 + length])
        if country is not None:
            return country
    return None
