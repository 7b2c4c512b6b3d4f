"""Tests of what is made of values that break a rule, and of the text that comes of it."""

from dataclasses import replace

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.huawei_cloud_sms.const import Kind
from custom_components.huawei_cloud_sms.templates.drafting import draft
from custom_components.huawei_cloud_sms.templates.mending import (
    REPLACED,
    SHORTENED,
    mend,
)
from custom_components.huawei_cloud_sms.templates.rules import (
    Rule,
    broken_rules,
    longest,
)
from custom_components.huawei_cloud_sms.templates.template import SmsTemplate
from custom_components.huawei_cloud_sms.templates.text import variables_of
from custom_components.huawei_cloud_sms.templates.variables import (
    Attribute,
    Policy,
    Variable,
)

from .hostile import (
    ABROAD,
    LENGTHS,
    MAINLAND,
    VALUES,
    simulated,
    simulated_abroad,
    simulator_takes,
)

CHINESE = "温度：${1}"
GERMAN = "Temperatur: ${1}"


def mended(
    value: str,
    policy: Policy,
    attribute: Attribute = Attribute.TEXT,
    kind: Kind = Kind.MAINLAND,
    text: str | None = CHINESE,
    length: int | None = None,
) -> str:
    """Return what is made of a value."""
    variable = Variable(name="a", attribute=attribute, policy=policy, length=length)
    return mend(variable, value, kind, text)


@pytest.mark.parametrize(
    ("value", "chinese", "other"),
    [
        ("23.5", "23点5", "23,5"),
        ("-4.25°C", "-4点25°C", "-4,25°C"),
        (".5", "点5", ",5"),
        ("192.168.1.5", "192 168 1 5", "192 168 1 5"),
        ("192.168.1.5.", "192 168 1 5", "192 168 1 5"),
        ("22.11.2026", "22-11-2026", "22-11-2026"),
        ("home.local", "home_local", "home_local"),
        ("Door open. Now.", "Door open；Now", "Door open; Now"),
        ("家里没人。", "家里没人", "家里没人"),
        ("没人。看看", "没人；看看", "没人;看看"),
        ("wait...", "wait…", "wait…"),
        ("it's 'on'", "it’s ‘on’", "it’s ‘on’"),
        ("1 < 2 > 0", "1 ＜ 2 ＞ 0", "1 ‹ 2 › 0"),
        ("{a}", "（a）", "(a)"),
    ],
)
def test_replaced(value: str, chinese: str, other: str) -> None:
    """Signs that are not allowed are written in another way, as the language does."""
    assert mended(value, Policy.REPLACE) == chinese
    assert mended(value, Policy.REPLACE, text=None) == chinese
    assert mended(value, Policy.REPLACE, text=GERMAN) == other


@pytest.mark.parametrize(
    ("attribute", "value", "result"),
    [
        (Attribute.PHONE, "+86 (10) 123", "+8610123"),
        (Attribute.PHONE, "+86 abc", "+86abc"),
        (Attribute.MONEY, "¥ 23.50", "23.50"),
        (Attribute.MONEY, "5元", "5"),
        (Attribute.MONEY, "1,234", "1,234"),
        (Attribute.OTHER, "it's 23.5", "it’s 23.5"),
        (Attribute.CHARDIGIT, "A-1", "A-1"),
        (Attribute.DATETIME, "2026-11-22 08:30", "2026-11-22 08:30"),
    ],
)
def test_replaced_where_that_is_harmless(
    attribute: Attribute, value: str, result: str
) -> None:
    """Of other attributes only what changes no meaning is replaced."""
    assert mended(value, Policy.REPLACE, attribute) == result


@pytest.mark.parametrize(
    ("attribute", "kind", "length", "value", "result"),
    [
        (Attribute.TEXT, Kind.MAINLAND, None, "门" * 21, "门" * 19 + "…"),
        (Attribute.TEXT, Kind.MAINLAND, 6, "open the", "open…"),
        (Attribute.TEXT, Kind.MAINLAND, 1, "open", "o"),
        (Attribute.OTHER, Kind.MAINLAND, 5, "abcdef", "abcd…"),
        (Attribute.OTHER, Kind.MAINLAND, None, "it's" * 9, "it's" * 9),
        (Attribute.TXT, Kind.INTERNATIONAL, 6, "abcdefg", "abc..."),
        (Attribute.TXT, Kind.INTERNATIONAL, 3, "abcdefg", "abc"),
        (Attribute.NUM, Kind.INTERNATIONAL, 3, "1234", "1234"),
        (Attribute.PHONE, Kind.MAINLAND, None, "1" * 16, "1" * 16),
        (Attribute.MONEY, Kind.MAINLAND, None, "1" * 21, "1" * 21),
        (Attribute.CHARDIGIT, Kind.MAINLAND, None, "A" * 21, "A" * 21),
    ],
)
def test_shortened(
    attribute: Attribute, kind: Kind, length: int | None, value: str, result: str
) -> None:
    """Texts lose their ends and say so; half a number would be worse than none."""
    made = mended(value, Policy.SHORTEN, attribute, kind, length=length)
    assert made == result


@given(
    attribute=st.sampled_from(MAINLAND),
    value=VALUES,
    length=LENGTHS,
    policy=st.sampled_from(Policy),
    text=st.sampled_from([CHINESE, GERMAN]),
)
@settings(max_examples=2000, deadline=None)
def test_mended_or_refused(
    attribute: Attribute, value: str, length: int | None, policy: Policy, text: str
) -> None:
    """What is mended passes or is refused, here and by the simulator alike."""
    variable = Variable(name="a", attribute=attribute, length=length, policy=policy)
    template = SmsTemplate(name="x", template_id="x", variables=(variable,), text=text)
    made = draft(template, (value,), Kind.MAINLAND)
    (result,) = made.variables
    assert (not made.problems) is simulator_takes(simulated(text, variable), result)
    if policy is Policy.REFUSE or not broken_rules(variable, value, Kind.MAINLAND):
        assert result == value
    if result != value and policy is Policy.SHORTEN:
        assert attribute in SHORTENED
        assert value.startswith(result.removesuffix("…"))
        assert len(result) <= (longest(variable) or 0) < len(value)
    if result != value and policy is Policy.REPLACE:
        assert attribute in REPLACED
        if attribute is Attribute.TEXT:
            assert not set(result) & set("'{}<>。.")


@given(
    places=st.lists(st.sampled_from(ABROAD), min_size=1, max_size=3),
    values=st.lists(VALUES, min_size=3, max_size=3),
    policy=st.sampled_from(Policy),
)
@settings(max_examples=1000, deadline=None)
def test_mended_or_refused_abroad(
    places: list[str], values: list[str], policy: Policy
) -> None:
    """The same for international templates, with several variables."""
    text = "; ".join(f"${{{place}}}" for place in places)
    found = variables_of(text, Kind.INTERNATIONAL)
    template = SmsTemplate(
        name="x",
        template_id="x",
        variables=tuple(replace(variable, policy=policy) for variable in found),
        text=text,
    )
    made = draft(template, values[: len(places)], Kind.INTERNATIONAL)
    taken = simulator_takes(simulated_abroad(text), *made.variables)
    assert (not made.problems) is taken


@pytest.mark.parametrize("policy", [Policy.REFUSE, Policy.REPLACE])
@pytest.mark.parametrize(
    ("attribute", "start", "end"),
    [
        (Attribute.TEXT, "qq", "-"),
        (Attribute.TEXT, "a", "b.c"),
        (Attribute.MONEY, "¥1", "元x"),
    ],
)
def test_long_gaps(attribute: Attribute, start: str, end: str, policy: Policy) -> None:
    """Each blank of a long row is looked at once: a call stops nobody else's.

    If each were looked at again for each other one, this would take all day.
    """
    value = start + 300_000 * " " + end
    variable = Variable(name="a", attribute=attribute, policy=policy)
    assert Rule.TOO_LONG in {
        it.rule for it in broken_rules(variable, value, Kind.MAINLAND)
    }
    assert len(mended(value, policy, attribute)) > 300_000
