"""Values of variables, composed texts and the number of their parts."""

from dataclasses import replace

from aiohttp import ClientSession
import pytest

from simulator.config import (
    Attribute,
    Config,
    Kind,
    Signature,
    Template,
    Variable,
    parse_config,
)
from simulator.segments import count_parts
from simulator.server import Server
from simulator.typed import InvalidValueError
from simulator.variables import fits, fits_international

from .caller import ABROAD_CHANNEL, ABROAD_MANY, CHANNEL_OTHER, Caller
from .conftest import Starter

_GOOD = {
    Attribute.PHONE: ["1234", "+8613700000001", "0755-1234567", "1" * 15],
    Attribute.CHARDIGIT: ["7", "A_9", "369751", "x" * 20],
    Attribute.DATETIME: [
        "20241101",
        "2024-11-01",
        "2024/11/01",
        "2024年11月01日",
        "2024年1月1日",
        "23:59:59",
        "08:30",
        "8点30分",
        "8点30",
    ],
    Attribute.MONEY: ["1", "12.50", "一百二十", "叁佰", "192.168.1.1"],
    Attribute.TEXT: ["字", "a b-c!", "x" * 20, '"quoted" \\', "QQ"],
}
_BAD = {
    Attribute.PHONE: ["123", "1" * 16, "12345-", "12 345", "12345a", ""],
    Attribute.CHARDIGIT: ["", "x" * 21, "a-b", "字", "a b", "13700000001"],
    Attribute.DATETIME: [
        "",
        "2024-11-01 08:30",
        "01.11.2024",
        "2024-13-01",
        "2024-11-32",
        "24:00",
        "12:60",
        "8:30",
        "٢٠٢٤-11-01",
        "today",
    ],
    Attribute.MONEY: ["", "¥12", "12元", "12,50", "$1", "1" * 21],
    Attribute.TEXT: [
        "",
        "x" * 21,
        "a.b",
        "完。",
        "it's",
        "<b",
        "b>",
        "{a",
        "a}",
        "13700000001",
        "微信abcde1",
        "QQ:1234567",
        "http://a",
    ],
}


@pytest.mark.parametrize("attribute", list(Attribute))
def test_mainland_values(attribute: Attribute) -> None:
    """Each attribute takes what it should, and nothing else."""
    assert [value for value in _GOOD[attribute] if not fits(attribute, value)] == []
    assert [value for value in _BAD[attribute] if fits(attribute, value)] == []


def test_extended_length() -> None:
    """A length can be extended."""
    assert fits(Attribute.TEXT, "字" * 21, 30)
    assert not fits(Attribute.TEXT, "字" * 31, 30)


@pytest.mark.parametrize(
    ("name", "value", "good"),
    [
        ("NUM_4", "1234", True),
        ("NUM_4", "12345", False),
        ("NUM_4", "12a", False),
        ("NUM_4", "", False),
        ("TXT_6", "abc d'", True),
        ("TXT_6", "abcdefg", False),
        ("TXT_6", "", False),
        ("DATE", "2024-11-01", True),
        ("DATE", "08:30", False),
        ("TIME", "08:30", True),
        ("TIME", "2024-11-01", False),
        ("OTHER", "a", False),
    ],
)
def test_international_values(name: str, value: str, good: bool) -> None:
    """International variables carry their length in their name."""
    assert fits_international(name, value, check_text_length=True) is good


def test_international_text_length_may_be_ignored() -> None:
    """The platform's own example breaks the length of a text."""
    assert fits_international("TXT_6", "x" * 21, check_text_length=False)


async def test_every_attribute(caller: Caller) -> None:
    """Attributes may stand as names in the text, and are filled in order."""
    answer = await caller.send(
        template="0a1f5c2e9b6d4e73a8c05d1f2b3e4a04",
        channel=CHANNEL_OTHER,
        values=["2024-11-01", "12.50", "A_101", "水费", "0755-1234567"],
    )
    assert answer.code == (200, "000000")
    messages = (await caller.control("GET", "messages"))["messages"]
    assert isinstance(messages, list)
    assert messages[0]["text"] == (
        "【晨光物业】尊敬的住户，2024-11-01应缴12.50元，房号A_101，事由水费，"
        "咨询0755-1234567。"
    )


async def test_international_text(abroad: Caller) -> None:
    """International texts have no signature."""
    fields = {"template": ABROAD_MANY, "channel": ABROAD_CHANNEL}
    values = ["12345678", "2024-11-01", "08:30", "x" * 21]
    assert (await abroad.send(values=values, **fields)).statuses == ["E200028"]
    await abroad.options(check_text_length=False)
    assert (await abroad.send(values=values, **fields)).statuses == ["000000"]
    messages = (await abroad.control("GET", "messages"))["messages"]
    assert isinstance(messages, list)
    assert messages[0]["text"] == (
        f"Parcel 12345678 arrives on 2024-11-01 at 08:30: {'x' * 21}"
    )


@pytest.mark.parametrize(
    ("text", "kind", "parts"),
    [
        ("字" * 70, Kind.MAINLAND, 1),
        ("字" * 71, Kind.MAINLAND, 2),
        ("字" * 134, Kind.MAINLAND, 2),
        ("字" * 135, Kind.MAINLAND, 3),
        ("字" * 201, Kind.MAINLAND, 3),
        ("字" * 202, Kind.MAINLAND, 4),
        ("a" * 71, Kind.MAINLAND, 2),
        ("😀" * 36, Kind.MAINLAND, 2),
        ("a" * 160, Kind.INTERNATIONAL, 1),
        ("a" * 161, Kind.INTERNATIONAL, 2),
        ("a" * 306, Kind.INTERNATIONAL, 2),
        ("a" * 307, Kind.INTERNATIONAL, 3),
        ("€" * 80, Kind.INTERNATIONAL, 1),
        ("€" * 81, Kind.INTERNATIONAL, 2),
        ("a" * 70 + "字", Kind.INTERNATIONAL, 2),
        ("a" * 69 + "字", Kind.INTERNATIONAL, 1),
    ],
)
def test_parts(text: str, kind: Kind, parts: int) -> None:
    """70 and 67 characters, or 160 and 153 for plain international texts."""
    assert count_parts(text, kind) == parts


def test_extension_characters_may_count_once() -> None:
    """What an extension character counts is an option."""
    assert count_parts("€" * 160, Kind.INTERNATIONAL, gsm_extension_length=1) == 1


async def test_signature_counts(caller: Caller, server: Server) -> None:
    """The signature with its brackets is part of the length."""
    # 【晨光家园】家中提醒： has 11 characters.
    assert (await caller.send(values=["字" * 59])).results[0]["total"] == 1
    assert (await caller.send(values=["字" * 60])).results[0]["total"] == 2
    assert [message.parts for message in server.platform.state.records.messages()] == [
        1,
        2,
    ]


_SIGNATURES = "signatures: [{name: 名, type: notification, channel_number: '1'}]\n"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[", "not valid YAML"),
        ("[]", "must be an object"),
        ("colour: red", "colour is unknown"),
        ("signatures: {}", "signatures must be a list"),
        ("signatures: [{name: 1}]", r"signatures\[0\].name must be of type str"),
        ("signatures: [{name: a}]", r"signatures\[0\].type is missing"),
        (
            "signatures: [{name: a, type: b, channel_number: c}]",
            "type must be one of verification, notification, promotion",
        ),
        ("endings: {'1': {report: 7}}", "endings.1.report must be of type str"),
        ("endings: {'1': nothing}", "preset must be one of"),
        ("endings: {'1': {parts: []}}", "parts must be an object"),
        ("options: {refused_ids: 1}", "refused_ids must be of type bool"),
        ("options: {report_delay: true}", "report_delay must be of type float"),
    ],
)
def test_bad_configuration(text: str, problem: str) -> None:
    """A configuration that does not fit says where."""
    with pytest.raises(InvalidValueError, match=problem):
        parse_config(text)


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("text: '${2}', variables: [{}]", "unknown variable 2"),
        ("text: '${NUM_3}'", "unknown variable NUM_3"),
        ("text: '${1}', variables: [{}, {}]", "no place"),
        ("text: '【a】'", "bad text"),
        ("text: '${TEXT}" + " ${TEXT}" * 20 + "'", "more than 20"),
        ("text: a, general: true", "general or with signature"),
        ("text: a, signature: 别的", "unknown signature"),
    ],
)
def test_bad_template(template: str, problem: str) -> None:
    """A template that breaks a rule keeps the simulator from starting."""
    signature = "" if "signature" in template else ", signature: 名"
    text = f"{_SIGNATURES}templates: [{{id: t, name: n, {template}{signature}}}]"
    config = parse_config(text)
    with pytest.raises(InvalidValueError, match=problem):
        Server(config)


def test_good_configuration() -> None:
    """Lists become tuples of values, numbers and scenarios are read."""
    config = parse_config(
        _SIGNATURES
        + "templates: [{id: t, name: n, text: '${1}', signature: 名, variables: [{}]}]\n"
        "options: {report_delay: 1, blocked_countries: [DE], volume_limit: 3}\n"
        "endings: {'1234': {preset: failed, parts: {'2': null}}}\n"
    )
    assert config.signatures[0] == Signature(
        name="名", type=config.signatures[0].type, channel_number="1"
    )
    assert isinstance(config.templates[0], Template)
    assert config.options.report_delay == 1.0
    assert config.options.blocked_countries == ("DE",)
    assert config.options.volume_limit == 3
    assert config.endings["1234"].report == "UNDELIV"
    assert config.endings["1234"].parts == {2: None}


async def test_too_long(start: Starter, config: Config, session: ClientSession) -> None:
    """A text of more than 500 characters does not fit, whatever its variables take."""
    template = Template(
        id="long",
        name="Long",
        text="${1}",
        signature="晨光家园",
        variables=(Variable(length=600),),
    )
    server = await start(replace(config, templates=(template,)))
    caller = Caller(session, server.url)
    for length, status in ((494, "000000"), (495, "E200028")):
        answer = await caller.send(template="long", values=["字" * length])
        assert answer.statuses == [status]
