"""What people write as a phone number → E.164, or why not."""

from enum import StrEnum
import unicodedata

import phonenumbers
from phonenumbers import PhoneNumberFormat, ValidationResult

# The longest number that E.164 knows.
_MAX_DIGITS = 15

# What people put between digits, besides blanks, dashes and invisible marks.
_SEPARATORS = frozenset("()[]（）［］./−")


class NumberProblem(StrEnum):
    """Why a text is not taken as a phone number."""

    EMPTY = "empty"
    NOT_A_NUMBER = "not_a_number"
    IMPOSSIBLE = "impossible"
    AMBIGUOUS = "ambiguous"


class PhoneNumberError(Exception):
    """A phone number cannot be taken as it is written.

    `candidates` are the two readings of an ambiguous number, the national one first.
    """

    def __init__(
        self, reason: NumberProblem, candidates: tuple[str, str] | None = None
    ) -> None:
        """Keep the reason; the numbers stay out of the text."""
        super().__init__(reason.value)
        self.reason = reason
        self.candidates = candidates


def normalize_number(value: str | int, default_country: str) -> str:
    """Return a phone number as E.164 text.

    A number that begins with `+` or `00` is international. Digits alone are read as a
    number of the default country, else as if a lost `+` stood before them. Where both
    are possible and differ, the national reading counts only if the country writes a
    number it knows with exactly these digits. Raises PhoneNumberError.

    Reads metadata from disk: not to be run in the event loop.
    """
    text = _bare(_as_text(value))
    if text.startswith("+"):
        return _required(_read(text, None))
    if text.startswith("00") and (number := _read(f"+{text[2:]}", None)):
        return number
    return _choose(text, default_country)


def _as_text(value: str | int) -> str:
    """Return what was written, also where a template made an integer of it."""
    if isinstance(value, str):
        return value.strip()
    if type(value) is not int or not 0 <= value < 10**_MAX_DIGITS:
        raise PhoneNumberError(NumberProblem.NOT_A_NUMBER)
    return str(value)


def _bare(text: str) -> str:
    """Return the digits of a text, behind a `+` if it has one."""
    # One point or a sign makes a decimal number, and no digits of a telephone.
    if text.count(".") == 1 or text.startswith("-"):
        raise PhoneNumberError(NumberProblem.NOT_A_NUMBER)
    bare = "".join(_bare_char(char) for char in text)
    if not bare:
        raise PhoneNumberError(NumberProblem.EMPTY)
    if not bare.removeprefix("+").isdecimal():
        raise PhoneNumberError(NumberProblem.NOT_A_NUMBER)
    return bare


def _bare_char(char: str) -> str:
    """Return the digit or `+` that a character stands for, nothing for a separator."""
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    if char in "+＋":
        return "+"
    # Cf: marks of writing direction and the like, copied along from address books
    if (
        char.isspace()
        or char in _SEPARATORS
        or unicodedata.category(char) in ("Cf", "Pd")
    ):
        return ""
    # letters, extensions, signs
    raise PhoneNumberError(NumberProblem.NOT_A_NUMBER)


def _choose(digits: str, country: str) -> str:
    """Return the reading of digits that have no international prefix."""
    national = _read(digits, country)
    international = _read(f"+{digits}", None)
    if (
        national is None
        or international is None
        or national == international
        or _is_written_so(digits, national)
    ):
        return _required(national or international)
    raise PhoneNumberError(NumberProblem.AMBIGUOUS, (national, international))


def _is_written_so(digits: str, number: str) -> bool:
    """Tell whether a known number's country writes it with exactly these digits.

    Mobile numbers in China are written so, German ones have a zero in front. Without
    this, most Chinese mobile numbers could as well be American ones.
    """
    parsed = phonenumbers.parse(number)
    written = phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL)
    return phonenumbers.is_valid_number(parsed) and digits == "".join(
        filter(str.isdecimal, written)
    )


def _read(text: str, country: str | None) -> str | None:
    """Return a possible number as E.164 text if one could dial it from abroad.

    Never asks whether it is valid: new ranges are missing from the metadata.
    """
    try:
        parsed = phonenumbers.parse(text, country)
        number = phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
        again = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return None
    possible = phonenumbers.is_possible_number_with_reason(parsed)
    if (
        possible != ValidationResult.IS_POSSIBLE
        or len(number) > _MAX_DIGITS + 1
        # of several leading zeros one is dropped each time
        or phonenumbers.format_number(again, PhoneNumberFormat.E164) != number
    ):
        return None
    return number


def _required(number: str | None) -> str:
    """Return a number that was found."""
    if number is None:
        raise PhoneNumberError(NumberProblem.IMPOSSIBLE)
    return number
