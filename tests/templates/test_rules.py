"""Tests of which rules values break: the simulator takes exactly those that break none."""

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.huawei_cloud_sms.const import Kind
from custom_components.huawei_cloud_sms.templates.rules import (
    BrokenRule,
    Rule,
    broken_rules,
    shortest,
)
from custom_components.huawei_cloud_sms.templates.text import variables_of
from custom_components.huawei_cloud_sms.templates.variables import Attribute, Variable

from .hostile import (
    ABROAD,
    LENGTHS,
    MAINLAND,
    VALUES,
    simulated,
    simulated_abroad,
    simulator_takes,
)

# What each attribute of the mainland takes (section 8.2)
KEEPS = [
    (Attribute.PHONE, "1234"),
    (Attribute.PHONE, "+86-1370000000"),
    (Attribute.PHONE, "123456789012345"),
    (Attribute.PHONE, "-+-1"),
    (Attribute.CHARDIGIT, "A"),
    (Attribute.CHARDIGIT, "aZ_0123456789_ABCDEF"),
    (Attribute.DATETIME, "20261122"),
    (Attribute.DATETIME, "2026-11-22"),
    (Attribute.DATETIME, "2026/11/22"),
    (Attribute.DATETIME, "2026年11月22日"),
    (Attribute.DATETIME, "2026年1月2日"),
    (Attribute.DATETIME, "08:30:00"),
    (Attribute.DATETIME, "08:30"),
    (Attribute.DATETIME, "08点30分"),
    (Attribute.DATETIME, "8点30"),
    (Attribute.DATETIME, "00:00:00"),
    (Attribute.DATETIME, "23:59:59"),
    (Attribute.DATETIME, "00点00"),
    (Attribute.DATETIME, "23点59分"),
    (Attribute.DATETIME, "20260101"),
    (Attribute.DATETIME, "2026-12-31"),
    (Attribute.DATETIME, "2026/12/31"),
    (Attribute.DATETIME, "2026年12月31日"),
    (Attribute.MONEY, "1"),
    (Attribute.MONEY, "." * 20),
    (Attribute.MONEY, "1234.50"),
    (Attribute.MONEY, "三百二十"),
    (Attribute.MONEY, "壹仟伍佰"),
    # by its signs it is one
    (Attribute.MONEY, "192.168.1.5"),
    (Attribute.TEXT, "家"),
    (Attribute.TEXT, "“前门” opened: 23,5!"),
    (Attribute.TEXT, "门" * 20),
    (Attribute.TEXT, "13700000001234"),
    # neither a number of a chat nor a phone number, but nearly
    (Attribute.TEXT, "QQ 1234"),
    (Attribute.TEXT, "1370000000"),
    (Attribute.TEXT, "12700000001"),
    (Attribute.TEXT, "www example org"),
]

# What it does not take, and which rules that breaks
BREAKS = [
    (Attribute.PHONE, "123", [BrokenRule(Rule.TOO_SHORT, count=3, limit=4)]),
    (
        Attribute.PHONE,
        "1234567890123456",
        [BrokenRule(Rule.TOO_LONG, count=16, limit=15)],
    ),
    (Attribute.PHONE, "137 000", [BrokenRule(Rule.PHONE_CHARACTER, " ", 4)]),
    (Attribute.PHONE, "137０00", [BrokenRule(Rule.PHONE_CHARACTER, "０", 4)]),
    (Attribute.PHONE, "1370-", [BrokenRule(Rule.PHONE_END, "-", 5)]),
    (
        Attribute.PHONE,
        "a+",
        [
            BrokenRule(Rule.TOO_SHORT, count=2, limit=4),
            BrokenRule(Rule.PHONE_CHARACTER, "a", 1),
            BrokenRule(Rule.PHONE_END, "+", 2),
        ],
    ),
    (Attribute.CHARDIGIT, "A-1", [BrokenRule(Rule.CHARDIGIT_CHARACTER, "-", 2)]),
    (Attribute.CHARDIGIT, "码", [BrokenRule(Rule.CHARDIGIT_CHARACTER, "码", 1)]),
    (Attribute.CHARDIGIT, "13700000001", [BrokenRule(Rule.CONTACT_PHONE)]),
    (Attribute.CHARDIGIT, "QQ123456", [BrokenRule(Rule.CONTACT_CHAT)]),
    (Attribute.CHARDIGIT, "weixin12345", [BrokenRule(Rule.CONTACT_CHAT)]),
    (
        Attribute.CHARDIGIT,
        "A" * 21,
        [BrokenRule(Rule.TOO_LONG, count=21, limit=20)],
    ),
    (Attribute.DATETIME, "22.11.2026", [BrokenRule(Rule.DATETIME_FORMAT)]),
    (Attribute.DATETIME, "2026-13-01", [BrokenRule(Rule.DATETIME_FORMAT)]),
    (Attribute.DATETIME, "8:30", [BrokenRule(Rule.DATETIME_FORMAT)]),
    (Attribute.DATETIME, "24:00", [BrokenRule(Rule.DATETIME_FORMAT)]),
    (Attribute.DATETIME, "tomorrow", [BrokenRule(Rule.DATETIME_FORMAT)]),
    *(
        (Attribute.DATETIME, it, [BrokenRule(Rule.DATETIME_FORMAT)])
        for it in (
            "20261301",
            "20260100",
            "2026-01-32",
            "2026-1-02",
            "2026/00/10",
            "2026-11/22",
            "2026年13月1日",
            "2026年1月32日",
            "2026年1月2",
            "26-11-22",
            "23:60",
            "23:59:60",
            "08:30:0",
            "24点00",
            "8点60分",
            "8点",
            "８:30",
        )
    ),
    (Attribute.DATETIME, "2026-11-22 08:30", [BrokenRule(Rule.DATETIME_BOTH)]),
    (Attribute.DATETIME, "20261122T08:30", [BrokenRule(Rule.DATETIME_BOTH)]),
    (Attribute.DATETIME, "8点30 2026/11/22", [BrokenRule(Rule.DATETIME_BOTH)]),
    (
        Attribute.DATETIME,
        "2026-11-22T08:30:00+08:00",
        [
            BrokenRule(Rule.TOO_LONG, count=25, limit=20),
            BrokenRule(Rule.DATETIME_FORMAT),
        ],
    ),
    (Attribute.MONEY, "¥5", [BrokenRule(Rule.MONEY_CHARACTER, "¥", 1)]),
    (Attribute.MONEY, "1,234", [BrokenRule(Rule.MONEY_CHARACTER, ",", 2)]),
    (Attribute.MONEY, "五元", [BrokenRule(Rule.MONEY_CHARACTER, "元", 2)]),
    (Attribute.MONEY, "1" * 21, [BrokenRule(Rule.TOO_LONG, count=21, limit=20)]),
    *((Attribute.TEXT, f"a{it}", [BrokenRule(Rule.SIGN, it, 2)]) for it in ".。'<>{}"),
    (Attribute.TEXT, "23.5", [BrokenRule(Rule.SIGN, ".", 3)]),
    (Attribute.TEXT, "call 13700000001", [BrokenRule(Rule.CONTACT_PHONE)]),
    (Attribute.TEXT, "HTTPS://a", [BrokenRule(Rule.CONTACT_ADDRESS)]),
    (Attribute.TEXT, "加微信：abcde", [BrokenRule(Rule.CONTACT_CHAT)]),
    (Attribute.TEXT, "WeChat hello", [BrokenRule(Rule.CONTACT_CHAT)]),
    (Attribute.TEXT, "qq: 12345", [BrokenRule(Rule.CONTACT_CHAT)]),
    (Attribute.TEXT, "http:a", [BrokenRule(Rule.CONTACT_ADDRESS)]),
    (
        Attribute.TEXT,
        "see WWW.a",
        [BrokenRule(Rule.SIGN, ".", 8), BrokenRule(Rule.CONTACT_ADDRESS)],
    ),
    (Attribute.TEXT, "19900000001", [BrokenRule(Rule.CONTACT_PHONE)]),
    (Attribute.TEXT, "门" * 21, [BrokenRule(Rule.TOO_LONG, count=21, limit=20)]),
    (
        Attribute.TEXT,
        "see https://a.b or call 13700000001, it's {1}",
        [
            BrokenRule(Rule.TOO_LONG, count=45, limit=20),
            BrokenRule(Rule.SIGN, "'", 40),
            BrokenRule(Rule.SIGN, "{", 43),
            BrokenRule(Rule.SIGN, "}", 45),
            BrokenRule(Rule.SIGN, ".", 14),
            BrokenRule(Rule.CONTACT_PHONE),
            BrokenRule(Rule.CONTACT_ADDRESS),
        ],
    ),
    *((attribute, "", [BrokenRule(Rule.EMPTY)]) for attribute in MAINLAND),
]


def mainland(attribute: Attribute, length: int | None = None) -> Variable:
    """Return a variable of a mainland template."""
    return Variable(name="a", attribute=attribute, length=length)


@pytest.mark.parametrize(("attribute", "value"), KEEPS)
def test_keeps_the_rules(attribute: Attribute, value: str) -> None:
    """What the platform takes breaks no rule."""
    variable = mainland(attribute)
    assert broken_rules(variable, value, Kind.MAINLAND) == ()
    assert simulator_takes(simulated("${1}", variable), value)


@pytest.mark.parametrize(("attribute", "value", "broken"), BREAKS)
def test_breaks_rules(
    attribute: Attribute, value: str, broken: list[BrokenRule]
) -> None:
    """Each rule has its name, and all that are broken are named at once."""
    variable = mainland(attribute)
    assert list(broken_rules(variable, value, Kind.MAINLAND)) == broken
    assert not simulator_takes(simulated("${1}", variable), value)


@pytest.mark.parametrize(
    ("place", "good", "bad", "rule"),
    [
        ("NUM_6", "012345", "0123456", Rule.TOO_LONG),
        ("NUM_6", "1", "1.5", Rule.NUM_CHARACTER),
        ("NUM_6", "0", "", Rule.EMPTY),
        ("NUM_6", "6", "６", Rule.NUM_CHARACTER),
        ("NUM_20", "1" * 20, "1" * 21, Rule.TOO_LONG),
        ("TXT_20", "门" * 20, "门" * 21, Rule.TOO_LONG),
        ("TXT_6", "it's {", "abcdefg", Rule.TOO_LONG),
        ("TXT_6", "a", "", Rule.EMPTY),
        ("DATE", "2026-11-22", "22 Nov 2026", Rule.DATE_FORMAT),
        ("DATE", "20261122", "08:30", Rule.DATE_FORMAT),
        ("TIME", "08:30:00", "8:30", Rule.TIME_FORMAT),
        ("TIME", "08:30", "2026-11-22", Rule.TIME_FORMAT),
        ("DATE", "2026年1月2日", "", Rule.EMPTY),
        ("DATE", "2026/12/31", "2026-12-31 ", Rule.DATE_FORMAT),
        ("TIME", "8点30", "08:30 ", Rule.TIME_FORMAT),
    ],
)
def test_abroad(place: str, good: str, bad: str, rule: Rule) -> None:
    """The variables of international templates have rules of their own."""
    text = f"${{{place}}}"
    (variable,) = variables_of(text, Kind.INTERNATIONAL)
    assert broken_rules(variable, good, Kind.INTERNATIONAL) == ()
    assert simulator_takes(simulated_abroad(text), good)
    (broken,) = broken_rules(variable, bad, Kind.INTERNATIONAL)
    assert broken.rule is rule
    assert not simulator_takes(simulated_abroad(text), bad)


@pytest.mark.parametrize(
    ("kind", "value", "signs"),
    [
        (Kind.MAINLAND, "23.5 <b> http://a " * 9, []),
        (Kind.MAINLAND, "it's {1}", ["'", "{", "}"]),
        (Kind.INTERNATIONAL, "it's {1}", []),
    ],
)
def test_unknown_attribute(kind: Kind, value: str, signs: list[str]) -> None:
    """Of an unknown attribute only what holds for all of the kind is checked."""
    broken = broken_rules(mainland(Attribute.OTHER), value, kind)
    assert [it.offending for it in broken] == signs
    assert {it.rule for it in broken} <= {Rule.SIGN}


@pytest.mark.parametrize("attribute", [*MAINLAND, Attribute.OTHER])
@pytest.mark.parametrize("sign", "'{}")
def test_signs_of_no_value(attribute: Attribute, sign: str) -> None:
    """A single quote and braces are refused in each attribute, and named."""
    good = {Attribute.DATETIME: "08:30", Attribute.MONEY: "12"}.get(attribute, "1234")
    variable = mainland(attribute)
    assert broken_rules(variable, good, Kind.MAINLAND) == ()
    broken = broken_rules(variable, good + sign, Kind.MAINLAND)
    if attribute is Attribute.DATETIME:
        assert broken == (BrokenRule(Rule.DATETIME_FORMAT),)
    else:
        assert (broken[0].offending, broken[0].position) == (sign, len(good) + 1)


@pytest.mark.parametrize("attribute", MAINLAND)
def test_shortest_and_longest(attribute: Attribute) -> None:
    """Each attribute takes values from its shortest to its longest, and no others."""
    fewest, most = (4, 15) if attribute is Attribute.PHONE else (1, 20)
    variable = mainland(attribute)
    lengths = {Rule.TOO_SHORT, Rule.TOO_LONG}
    # digits that are no mobile number
    for count in range(1, 31):
        broken = {it.rule for it in broken_rules(variable, "0" * count, Kind.MAINLAND)}
        if fewest <= count <= most:
            assert not broken & lengths
        else:
            wanted = Rule.TOO_SHORT if count < fewest else Rule.TOO_LONG
            assert broken & lengths == {wanted}


def test_length_that_was_agreed() -> None:
    """A length that was extended holds for all attributes, also an unknown one."""
    for attribute in (Attribute.TEXT, Attribute.OTHER):
        variable = mainland(attribute, 30)
        assert broken_rules(variable, "门" * 30, Kind.MAINLAND) == ()
        (broken,) = broken_rules(variable, "门" * 31, Kind.MAINLAND)
        assert (broken.rule, broken.limit) == (Rule.TOO_LONG, 30)


def test_half_of_an_emoji() -> None:
    """What cannot be written as UTF-8 never gets as far as the platform."""
    broken = broken_rules(mainland(Attribute.TEXT), "a\ud83d", Kind.MAINLAND)
    assert broken == (BrokenRule(Rule.SURROGATE, position=2),)


@given(attribute=st.sampled_from(MAINLAND), value=VALUES, length=LENGTHS)
@settings(max_examples=3000, deadline=None)
def test_simulator_agrees(attribute: Attribute, value: str, length: int | None) -> None:
    """What breaks no rule the simulator takes, and nothing else."""
    variable = mainland(attribute, length)
    broken = broken_rules(variable, value, Kind.MAINLAND)
    assert (not broken) is simulator_takes(simulated("${1}", variable), value)
    assert broken or shortest(variable) <= len(value)
    for rule in broken:
        if rule.offending is not None and rule.position is not None:
            assert value[rule.position - 1] == rule.offending


@given(place=st.sampled_from(ABROAD), value=VALUES)
@settings(max_examples=1500, deadline=None)
def test_simulator_agrees_abroad(place: str, value: str) -> None:
    """The same for international templates."""
    text = f"${{{place}}}"
    (variable,) = variables_of(text, Kind.INTERNATIONAL)
    broken = broken_rules(variable, value, Kind.INTERNATIONAL)
    assert (not broken) is simulator_takes(simulated_abroad(text), value)
    assert broken or shortest(variable) <= len(value)
