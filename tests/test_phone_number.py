"""Tests of reading phone numbers."""

import re

from hypothesis import example, given, settings, strategies as st
import phonenumbers
import pytest

from custom_components.huawei_cloud_sms.phone_number import (
    NumberProblem,
    PhoneNumberError,
    normalize_number,
)

MOBILE = "+8613700000001"


@pytest.mark.parametrize(
    ("written", "country", "number"),
    [
        # international
        ("+8613700000001", "CN", MOBILE),
        ("+8613700000001", "US", MOBILE),
        ("+8613700000001", "", MOBILE),
        ("008613700000001", "CN", MOBILE),
        # 008 would be a prefix of its own in Hong Kong, 011 is the American one
        ("008613700000001", "HK", MOBILE),
        ("008613700000001", "US", MOBILE),
        ("0118613700000001", "US", MOBILE),
        ("+44 (0)7911 123456", "CN", "+447911123456"),
        ("+80012345678", "CN", "+80012345678"),
        # the plus was lost
        (8613700000001, "CN", MOBILE),
        ("8613700000001", "CN", MOBILE),
        ("8613700000001", "US", MOBILE),
        (447911123456, "GB", "+447911123456"),
        (13105550123, "US", "+13105550123"),
        # no such country in the metadata
        (8613700000001, "AQ", MOBILE),
        # national
        (13700000001, "CN", MOBILE),
        ("13700000001", "CN", MOBILE),
        # could be American as well, but is just what people in China write
        ("13105550123", "CN", "+8613105550123"),
        ("(310) 555-0123", "US", "+13105550123"),
        ("0170 1234567", "DE", "+491701234567"),
        ("07911 123456", "GB", "+447911123456"),
        ("51234567", "HK", "+85251234567"),
        # landlines
        ("010-1234 5678", "CN", "+861012345678"),
        (1012345678, "CN", "+861012345678"),
        ("06 12345678", "IT", "+390612345678"),
        # a range that the metadata does not know
        ("+8614100000001", "CN", "+8614100000001"),
        (8614100000001, "CN", "+8614100000001"),
    ],
)
def test_reading(written: str | int, country: str, number: str) -> None:
    """What people write and what templates make of it is understood."""
    assert normalize_number(written, country) == number


@pytest.mark.parametrize(
    "written",
    [
        "  +86 137 0000 0001\n",
        "+86-137-0000-0001",
        "+86\N{EN DASH}137\N{NON-BREAKING HYPHEN}00000001",
        "+86\N{MINUS SIGN}13700000001",
        "(+86) 137 [0000] 0001",
        "+86.137.0000.0001",
        "+86/13700000001",
        "＋８６（１３７）００００　０００１",
        "+٨٦١٣٧٠٠٠٠٠٠٠١",
        "\u202a+86\u00a0137 0000 0001\u202c",
        "\u200e137\u200b0000\u20600001\ufeff",
        "\u2068+86\u00ad13700000001\u2069",
    ],
)
def test_writing(written: str) -> None:
    """Blanks, dashes, brackets, wide digits and invisible marks do not matter."""
    assert normalize_number(written, "CN") == MOBILE


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", NumberProblem.EMPTY),
        (" \t\n", NumberProblem.EMPTY),
        ("\u202a\u202c", NumberProblem.EMPTY),
        ("()", NumberProblem.EMPTY),
        ("+", NumberProblem.NOT_A_NUMBER),
        ("++8613700000001", NumberProblem.NOT_A_NUMBER),
        ("86+13700000001", NumberProblem.NOT_A_NUMBER),
        ("Anna", NumberProblem.NOT_A_NUMBER),
        ("1-800-FLOWERS", NumberProblem.NOT_A_NUMBER),
        ("tel:+8613700000001", NumberProblem.NOT_A_NUMBER),
        ("+8613700000001 ext. 12", NumberProblem.NOT_A_NUMBER),
        ("+8613700000001x12", NumberProblem.NOT_A_NUMBER),
        ("+8613700000001#12", NumberProblem.NOT_A_NUMBER),
        ("*10086", NumberProblem.NOT_A_NUMBER),
        ("13700000001,13700000002", NumberProblem.NOT_A_NUMBER),
        ("13700000001;13700000002", NumberProblem.NOT_A_NUMBER),
        ("13700000001.0", NumberProblem.NOT_A_NUMBER),
        ("+8613700000001.0", NumberProblem.NOT_A_NUMBER),
        ("1.37e10", NumberProblem.NOT_A_NUMBER),
        ("-13700000001", NumberProblem.NOT_A_NUMBER),
        (-13700000001, NumberProblem.NOT_A_NUMBER),
        (10**15, NumberProblem.NOT_A_NUMBER),
        pytest.param(10**5000, NumberProblem.NOT_A_NUMBER, id="huge"),
        (True, NumberProblem.NOT_A_NUMBER),
        (False, NumberProblem.NOT_A_NUMBER),
        (13700000001.0, NumberProblem.NOT_A_NUMBER),
        (None, NumberProblem.NOT_A_NUMBER),
        ("\ud800", NumberProblem.NOT_A_NUMBER),
        ("²", NumberProblem.NOT_A_NUMBER),
        (0, NumberProblem.IMPOSSIBLE),
        ("00", NumberProblem.IMPOSSIBLE),
        # short numbers and numbers that only the town knows
        ("110", NumberProblem.IMPOSSIBLE),
        ("10086", NumberProblem.IMPOSSIBLE),
        (10086, NumberProblem.IMPOSSIBLE),
        ("+10086", NumberProblem.IMPOSSIBLE),
        ("+1 555-0100", NumberProblem.IMPOSSIBLE),
        ("+9991234567", NumberProblem.IMPOSSIBLE),
        ("+86137000000010000", NumberProblem.IMPOSSIBLE),
        # possible in Germany, too long for E.164
        ("+4912345678901234", NumberProblem.IMPOSSIBLE),
        ("13700000001\n13700000002", NumberProblem.IMPOSSIBLE),
        ("1" * 5000, NumberProblem.IMPOSSIBLE),
    ],
)
def test_refusal(written: str | int, reason: NumberProblem) -> None:
    """Each refusal has its reason, and names no candidates."""
    with pytest.raises(PhoneNumberError) as caught:
        normalize_number(written, "CN")
    assert caught.value.reason is reason
    assert caught.value.candidates is None


@pytest.mark.parametrize(
    ("written", "country", "candidates"),
    [
        # an American number, or a Chinese one in a range that is not known
        (12025550123, "CN", ("+8612025550123", "+12025550123")),
        ("14100000001", "CN", ("+8614100000001", "+14100000001")),
        # both known; Germans would write a zero in front of the first
        (4917012345678, "DE", ("+494917012345678", "+4917012345678")),
        ("13700000001", "HK", ("+85213700000001", "+13700000001")),
    ],
)
def test_ambiguity(
    written: str | int, country: str, candidates: tuple[str, str]
) -> None:
    """Two possible readings are both named, the national one first."""
    with pytest.raises(PhoneNumberError) as caught:
        normalize_number(written, country)
    assert caught.value.reason is NumberProblem.AMBIGUOUS
    assert caught.value.candidates == candidates


def test_error_hides_numbers() -> None:
    """The text of an error is fit for a log."""
    with pytest.raises(PhoneNumberError) as caught:
        normalize_number(12025550123, "CN")
    assert str(caught.value) == "ambiguous"
    assert not re.search(r"\d", f"{caught.value!r}{caught.value.args}")


COUNTRIES = st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS))


def _outcome(
    written: str | int, country: str
) -> tuple[str | None, tuple[str, str] | NumberProblem | None]:
    """Return the number, or why there is none."""
    try:
        return normalize_number(written, country), None
    except PhoneNumberError as err:
        return None, err.candidates or err.reason


@settings(deadline=None)
@given(
    st.one_of(
        st.text(max_size=30),
        st.text(alphabet="+0123456789 -().\u202a", max_size=20),
        st.integers(),
    ),
    COUNTRIES,
)
@example("+86137", "CN")
def test_any_input(written: str | int, country: str) -> None:
    """Whatever is written, the outcome is E.164 text that stays, or the one error."""
    number, problem = _outcome(written, country)
    if number is None:
        assert problem is not NumberProblem.AMBIGUOUS
    else:
        assert re.fullmatch(r"\+[1-9][0-9]{3,14}", number)
        assert normalize_number(number, country) == number


@settings(deadline=None)
@given(
    # without 179, which begins the carriers' own prefixes for calls abroad
    st.from_regex(r"1([3-68-9][0-9]|7[0-8])[0-9]{8}", fullmatch=True),
    st.lists(st.sampled_from(["", " ", "-", "\u200b", "（"]), min_size=11, max_size=11),
)
def test_chinese_mobile_numbers(digits: str, noise: list[str]) -> None:
    """With its country a number is always taken; without it never as a foreign one."""
    noisy = "".join(part for pair in zip(digits, noise, strict=True) for part in pair)
    number = f"+86{digits}"
    assert normalize_number(f"+86{noisy}", "CN") == number
    assert normalize_number(int(f"86{digits}"), "CN") == number
    assert _outcome(noisy, "CN") in (
        (number, None),
        (None, (number, f"+{digits}")),
    )


def test_every_country() -> None:
    """A country's mobile numbers are understood as they are written there.

    Without their plus they are understood as well, or both readings are named.
    """
    for country in phonenumbers.SUPPORTED_REGIONS:
        mobile = phonenumbers.example_number_for_type(
            country, phonenumbers.PhoneNumberType.MOBILE
        )
        if mobile is None:
            continue
        number, national = (
            phonenumbers.format_number(mobile, style)
            for style in (
                phonenumbers.PhoneNumberFormat.E164,
                phonenumbers.PhoneNumberFormat.NATIONAL,
            )
        )
        assert normalize_number(number, "CN") == number
        assert normalize_number(national, country) == number
        found, candidates = _outcome(int(number[1:]), country)
        assert found == number or number in (candidates or ())
