"""Values that people and sensors give, and worse ones, for the checks of variables."""

from hypothesis import strategies as st

from custom_components.huawei_cloud_sms.templates.variables import Attribute, Variable
from simulator.config import (
    Attribute as SimulatedAttribute,
    Kind as SimulatedKind,
    Template as SimulatedTemplate,
    Variable as SimulatedVariable,
)
from simulator.templates import compose, too_long, values_fit

MAINLAND = (
    Attribute.PHONE,
    Attribute.CHARDIGIT,
    Attribute.DATETIME,
    Attribute.MONEY,
    Attribute.TEXT,
)
ABROAD = ("NUM_1", "NUM_6", "TXT_1", "TXT_6", "TXT_20", "DATE", "TIME")

_SIGNS = (
    # digits, of other scripts and numerals too
    "0123456789０１９٣०²½〇零一两万億拾"
    # what stands between and around them
    "+-._/:：年月日点分秒, \t\n\u00a0\u3000\u200b"
    # what the platform refuses, and what looks like it
    ".。'<>{}’‘＇＜＞｛｝．｡…"
    # letters that fold to others, emoji, halves of none
    'aZſKİıßqQwW微信é😀👩‍🔬\ufe0f𝟙¥$€"\\&%=()[]【】\x00\x7f'
)
_PIECES = [
    "13700000001",
    "+8613700000001",
    "137-0000-0001",
    "01012345678",
    "010-12345678",
    "137000000011",
    "https://example.org",
    "HTTP:",
    "www.example.org",
    "WWW.",
    "example.org",
    "httpſ://a",
    "ftp://a",
    "QQ12345",
    "qq:123456",
    "qq：1234",
    "微信abcde",
    "微信号:abc_1",
    "WeChat",
    "weixin_12345",
    "weXin12345",
    "192.168.1.5",
    "10.0.0.1:80",
    "::1",
    "fe80::1",
    "255.255.255.255.",
    "23.5",
    "-4.25",
    "23.5°C",
    "1,234.50",
    "20261122",
    "2026-11-22",
    "2026/11/22",
    "2026年11月22日",
    "2026年1月2日",
    "2026-1-2",
    "26-11-22",
    "22.11.2026",
    "2026-13-01",
    "2026-00-10",
    "2026-02-30",
    "99999999",
    "２０２６-11-22",
    "08:30",
    "8:30",
    "08:30:00",
    "24:00",
    "23:59:59",
    "23:59:60",
    "8点",
    "8点5",
    "8点05分",
    "08点30分",
    "25点",
    "三百二十",
    "壹仟元",
    "¥5",
    "5元",
    "$5",
    "1.2.3.4",
    "it's",
    "'a'",
    "{1}",
    "<b>",
    "a.b.c",
    "v2026.11.0",
    ".5",
    "5.",
    "。",
    "...",
    "2026-11-22T08:30",
    "A_1",
    "家里没人。",
    "门开着",
]
_FITTING = st.one_of(
    st.from_regex(r"[0-9+-]{3,14}[0-9]", fullmatch=True),
    st.from_regex(r"[A-Za-z0-9_]{1,20}", fullmatch=True),
    st.from_regex(r"20[0-9]{2}([-/]?)[01][0-9]\1[0-3][0-9]", fullmatch=True),
    st.from_regex(r"20[0-9]{2}年1?[0-9]月[0-3]?[0-9]日", fullmatch=True),
    st.from_regex(r"[0-2][0-9]:[0-6][0-9](:[0-6][0-9])?", fullmatch=True),
    st.from_regex(r"[0-2]?[0-9]点[0-6]?[0-9]?分?", fullmatch=True),
    st.from_regex(r"[0-9.一二三百万]{1,21}", fullmatch=True),
)
_MIXED = st.lists(
    st.one_of(st.sampled_from(_PIECES), st.text(st.sampled_from(_SIGNS), max_size=8)),
    max_size=4,
).map("".join)

# A value has no blanks around it by the time it is checked.
VALUES = st.one_of(
    _FITTING, _MIXED, st.sampled_from(_PIECES), st.text(max_size=25)
).map(str.strip)

LENGTHS = st.one_of(st.none(), st.integers(1, 40))


def simulated(text: str, *variables: Variable) -> SimulatedTemplate:
    """Return a mainland template as the simulator has it."""
    return SimulatedTemplate(
        id="x",
        name="x",
        text=text,
        variables=tuple(
            SimulatedVariable(
                attribute=SimulatedAttribute(it.attribute.upper()), length=it.length
            )
            for it in variables
        ),
    )


def simulated_abroad(text: str) -> SimulatedTemplate:
    """Return an international template as the simulator has it."""
    return SimulatedTemplate(
        id="x", name="x", text=text, kind=SimulatedKind.INTERNATIONAL
    )


def simulator_takes(
    template: SimulatedTemplate, *values: str, signature: str | None = None
) -> bool:
    """Return whether the simulator would send a template with some values."""
    return values_fit(template, values, check_text_length=True) and not too_long(
        compose(template, values, signature)
    )
