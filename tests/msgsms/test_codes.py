"""Tests of the catalogue of codes."""

from collections.abc import Callable
from dataclasses import FrozenInstanceError
import json
from pathlib import Path
import re
import string

from hypothesis import given, strategies as st
import pytest

from custom_components.huawei_cloud_sms.msgsms import codes
from custom_components.huawei_cloud_sms.msgsms.codes import (
    CODE_LIMIT,
    Code,
    CodeClass,
    Reaction,
    report_code,
    send_code,
)


def _words(text: str) -> list[str]:
    """Split a list that is written down compactly."""
    return text.split()


# Every code of the platform's documentation that is known to this project.
SEND_CODES = _words("""
000000 E000000 E000001 E000002 E000003 E000004 E000005 E000006 E000007 E000008
E000020 E000021 E000022 E000023 E000024 E000025 E000026 E000027 E000040 E000041
E000042 E000043 E000044 E000045 E000503 E000510 E200037 E000101 E000102 E000103
E000104 E000105 E000106 E000109 E000110 E000111 E000112 E000620 E000623 E000630
E200015 E200028 E200029 E200030 E200031 E200033 E200041 E200048
""")

MOBILE_CODES = _words("""
0016 0017 0018 0019 0020 0021 0022 0023 0024 0029 0030 0031 0032 0033 0034 0035 0036
0037 0038 0040 0041 0042 0043 0044 0045 0046 0048 0049 0050 0051 0052 0053 0054 0055
0056 0057 0058 0059 0061 0062 0063 0064 0065 0066 0067 0068 0069 0072 0073 0075 0076
0077 0078 0079 0080 0081 0082 0083 0084 0087 0088 0089 0090 0094 0098 0099 0128 0129
0130 0143 0144 0145 0159 0160 0175 0176 0192 0193 0194 0195 0196 0208 0209 0210 0255
0660 0999
""")

# What the platform itself reports: never billed.
PLATFORM_REPORTS = _words("""
E200018 E200019 E200020 E200021 E200022 E200023 E200024 E200025 E200026 E200027
E200028 E200029 E200030 E200031 E200032 E200033 E200034 E200035 E200036 E200038
E200048 E200051 E000503 E000628 E000629 E000632
SC:0001 SC:0002 SC:0003 SC:0004 SC:0005 SC:0006 SC:0007 SC:0008 SC:0009 SC:0010
SC:0011 SC:0012 SC:0013 SC:0014 SC:0015 SC:0016 SC:0017 SC:0018
""")

REPORT_CODES = [
    *_words("""
DELIVRD EXPIRED DELETED UNDELIV ACCEPTD UNKNOWN REJECTD UNDELIVE RTE_ERR MILIMIT
LIMIT BEYONDN CTLIMIT KEYWORD BLACK TDBLACK TSBLACK MBBLACK TIMEOUT DJ:0255 24 1
LT:0001 702 REJECTD*704 2:12 2:24 2:70 GB:0014 S:43 908 SVC6001 SVC4001
ID:0021 ID:0043 ID:0044 98 164 175 MK MK:1004 MK:1006 MK:1007 DB:9001 DB:9007
SGIP:22 SGIP:23 SGIP:24 SGIP:56 SGIP:58 SGIP:216 SGIP:221
SMGPERR:113 SMGPERR:114 SMGPERR:115
"""),
    *(f"MI:{number}" for number in MOBILE_CODES),
    *PLATFORM_REPORTS,
]

FAMILIES = _words("""
MI: MK: MN: MA: MB: MC: CA: CB: DA: DB: SA: SB: IA: IB: IC: ID: AP: SGIP: SMGPERR: DJ:
LT: SC:
""")

# All other codes call for no reaction.
SEND_REACTIONS = {
    Reaction.REAUTHENTICATE: "E000001 E000045 E000101 E000102 E000104 E000105 E000111",
    Reaction.IP_NOT_ALLOWED: "E000620",
    Reaction.ACCOUNT: "E000103 E000106 E000109 E000112",
    Reaction.VOLUME_LIMIT: "E000623 E000630",
    Reaction.CLOCK: "E000044 E000110",
    Reaction.TRY_AGAIN: "E200015",
    Reaction.CALLER: "E000503 E200028 E200029 E200030 E200033 E200041 E200048",
    Reaction.FAULT: (
        "E000002 E000003 E000004 E000005 E000006 E000007 E000008 E000020 E000021"
        " E000022 E000023 E000024 E000025 E000026 E000027 E000040 E000041 E000042"
        " E000043"
    ),
}
REPORT_REACTIONS = {
    Reaction.VOLUME_LIMIT: "E000629",
    Reaction.CALLER: (
        "E000503 E000628 E200018 E200019 E200020 E200021 E200022 E200023 E200024"
        " E200025 E200028 E200029 E200030 E200032 E200033 E200048 E200051"
    ),
}

LANGUAGES = ("en", "zh-Hans")
HAN = re.compile(r"[\u4e00-\u9fff]")
# Markup, places to fill, and addresses have no business in a text for a person.
UNWANTED = re.compile(r"[<>{}%&]|https?:|www\.|\.com\b")

DATA = json.loads(Path(codes.__file__).with_name("codes.json").read_text("utf-8"))


def _reaction(code: str, table: dict[Reaction, str]) -> Reaction:
    """Return the reaction that a table has for a code."""
    return next(
        (reaction for reaction, listed in table.items() if code in listed.split()),
        Reaction.NONE,
    )


def _check_texts(code: Code) -> None:
    """Hold what is true of every text."""
    for text in (code.meaning, code.remedy):
        english, chinese = text("en"), text("zh-Hans")
        for written in (english, chinese):
            assert written == written.strip()
            assert len(written) >= 5
            assert not UNWANTED.search(written)
        assert english.isascii()
        assert english[0] in string.ascii_uppercase + string.digits
        assert english.endswith(".")
        assert HAN.search(chinese)
        assert chinese.endswith("。")
        assert not re.search(r"[,;?!]", chinese)


def test_reference_list_is_whole() -> None:
    """The lists above have as many codes as the documentation."""
    assert len(set(SEND_CODES)) == len(SEND_CODES) == 48
    # 22 families and the last resort are the patterns.
    assert len(set(REPORT_CODES)) == len(REPORT_CODES) == 209 - 23
    assert len(set(FAMILIES)) == len(FAMILIES) == 22


@pytest.mark.parametrize(
    ("half", "expected"),
    [
        ("send", [*SEND_CODES, "*"]),
        ("report", [*REPORT_CODES, *(f"{prefix}*" for prefix in FAMILIES), "*"]),
    ],
)
def test_data_has_each_code_once(half: str, expected: list[str]) -> None:
    """The data has the codes of the documentation and no other ones."""
    listed = [entry["code"] for entry in DATA[half]]
    assert sorted(listed) == sorted(expected)


def test_data_fields() -> None:
    """An entry has the fields that are read, and no pattern but a prefix."""
    fields = set(
        _words("code class reaction final delivered billed pattern meaning remedy note")
    )
    for entry in DATA["send"] + DATA["report"]:
        assert entry.keys() <= fields
        if entry.get("pattern"):
            assert entry["code"].index("*") == len(entry["code"]) - 1


def test_data_texts() -> None:
    """Every shared text is used; no text is written down twice."""
    entries = DATA["send"] + DATA["report"]
    used = [entry[kind] for entry in entries for kind in ("meaning", "remedy")]
    assert {text for text in used if isinstance(text, str)} == DATA["texts"].keys()
    own = [text for text in used if not isinstance(text, str)]
    texts = [*DATA["texts"].values(), *own]
    assert all(text.keys() == set(LANGUAGES) for text in texts)
    for language in LANGUAGES:
        wordings = [text[language] for text in texts]
        assert sorted(set(wordings)) == sorted(wordings)


@pytest.mark.parametrize("code", SEND_CODES)
def test_send_code(code: str) -> None:
    """A code of the sending calls is known and has its reaction."""
    found = send_code(code)
    assert found.code == code
    assert found.known
    assert isinstance(found.code_class, CodeClass)
    assert found.reaction is _reaction(code, SEND_REACTIONS)
    assert found.final
    assert not found.delivered
    _check_texts(found)


@pytest.mark.parametrize("code", REPORT_CODES)
def test_report_code(code: str) -> None:
    """A code of a report is known, and only DELIVRD is a delivery."""
    found = report_code(code)
    assert found.code == code
    assert found.known
    assert isinstance(found.code_class, CodeClass)
    assert found.reaction is _reaction(code, REPORT_REACTIONS)
    assert found.final is (code != "ACCEPTD")
    assert found.delivered is (code == "DELIVRD")
    assert (found.billed is False) is (code in PLATFORM_REPORTS)
    _check_texts(found)


@pytest.mark.parametrize("prefix", FAMILIES)
def test_family(prefix: str) -> None:
    """A code of a known family has the family's text and its own name."""
    found = report_code(f"{prefix}7777")
    assert found.code == f"{prefix}7777"
    assert found.known
    assert found.final
    assert not found.delivered
    assert found.reaction is Reaction.NONE
    assert found.meaning("en") != report_code("no such code").meaning("en")
    _check_texts(found)


@pytest.mark.parametrize(
    ("code", "code_class"),
    [
        ("E000101", CodeClass.AUTH),
        ("E000112", CodeClass.ACCOUNT),
        ("E000623", CodeClass.QUOTA),
        ("E200028", CodeClass.CONTENT),
        ("E200033", CodeClass.REQUEST),
        ("E200031", CodeClass.PLATFORM),
    ],
)
def test_code_class(code: str, code_class: CodeClass) -> None:
    """Each class has the codes that are about it."""
    assert send_code(code).code_class is code_class


def test_exact_entry_wins() -> None:
    """A code with an entry of its own does not get its family's text."""
    assert report_code("MI:0024").meaning("en") == "The phone is switched off."
    assert report_code("MI:0025").meaning("en").startswith("China Mobile")
    # The asterisk of this one is part of the code.
    assert report_code("REJECTD*704").known
    assert not report_code("REJECTDx704").known
    assert not report_code("REJECTD*705").known


def test_family_begins_with_its_colon() -> None:
    """A family's name without the colon is no member, one without a number is."""
    assert report_code("SGIP:").meaning("en") == report_code("SGIP:1").meaning("en")
    assert not report_code("SGIP").known
    # The one S: code that is listed makes no family.
    assert not report_code("S:44").known


@pytest.mark.parametrize(
    "code", ["", "E999999", "delivrd", "DELIVRD2", "MI.0024", "未"]
)
@pytest.mark.parametrize("look_up", [send_code, report_code])
def test_unknown_code(look_up: Callable[[str], Code], code: str) -> None:
    """A code that nobody knows is kept, as a final failure without a reaction."""
    found = look_up(code)
    assert found.code == code
    assert not found.known
    assert found.final
    assert not found.delivered
    assert found.billed is None
    assert found.code_class is CodeClass.PLATFORM
    assert found.reaction is Reaction.NONE
    assert "not in the catalogue" in found.meaning("en")
    assert "不在代码表中" in found.meaning("zh-Hans")
    _check_texts(found)


def test_report_codes_in_a_response() -> None:
    """A result may have a code that the platform itself puts into reports."""
    assert send_code("E200018") == report_code("E200018")
    assert send_code("SC:4711") == report_code("SC:4711")
    # Its own half first: there it is a field of the request, here the number.
    assert send_code("E000503").meaning("en") != report_code("E000503").meaning("en")


@pytest.mark.parametrize("code", ["DELIVRD", "ACCEPTD", "MI:0024", "UNDELIV"])
def test_carrier_codes_are_no_answer_to_a_request(code: str) -> None:
    """A response cannot say that a message was delivered."""
    assert not send_code(code).known
    assert not send_code(code).delivered


@pytest.mark.parametrize("code", ["E000101", "E000044", "E000620", "E000112"])
def test_send_codes_are_no_reports(code: str) -> None:
    """A report, which may be forged, cannot make anybody sign in again."""
    assert send_code(code).reaction is not Reaction.NONE
    assert report_code(code).reaction is Reaction.NONE


def test_billed() -> None:
    """What is refused costs nothing, what a carrier fails does."""
    assert report_code("DELIVRD").billed is True
    assert report_code("MI:0024").billed is True
    assert report_code("MI:0025").billed is True
    assert report_code("EXPIRED").billed is None
    assert report_code("SC:0019").billed is False
    assert send_code("E000620").billed is False
    assert send_code("000000").billed is None
    assert send_code("E000510").billed is None


def test_blanks_and_length() -> None:
    """Blanks around a code do not matter; a very long one is cut."""
    assert report_code(" DELIVRD\r\n") == report_code("DELIVRD")
    assert send_code("\t000000 ") == send_code("000000")
    found = report_code("MI:" + "9" * 100_000)
    assert found.code == "MI:" + "9" * (CODE_LIMIT - 3)
    assert found.known


@pytest.mark.parametrize(
    "language",
    ["zh-Hans", "zh", "zh-CN", "zh-SG", "zh-Hant", "zh-TW", "ZH-hans", "zh_CN"],
)
def test_chinese(language: str) -> None:
    """Every Chinese reader gets Simplified Chinese."""
    code = report_code("MI:0024")
    assert code.meaning(language) == "对方手机已关机。"
    assert code.remedy(language) == code.remedy("zh-Hans")


@pytest.mark.parametrize("language", ["en", "en-GB", "de", "ja", "zha", "", "-"])
def test_other_languages(language: str) -> None:
    """Everybody else gets English."""
    code = report_code("MI:0024")
    assert code.meaning(language) == "The phone is switched off."
    assert code.remedy(language) == code.remedy("en")


@pytest.mark.parametrize(
    ("code", "english", "chinese"),
    [
        ("E000620", "public IP address", "白名单"),
        ("E000620", "10 to 15 minutes", "10 到 15 分钟"),
        ("E000112", "Top up", "充值"),
        ("E200028", "none empty or too long", "不能为空"),
        ("E000044", "time zone", "时区"),
        ("E000102", "application access address", "APP 接入地址"),
        ("E200030", "5 minutes", "5 分钟"),
    ],
)
def test_remedies_name_what_to_do(code: str, english: str, chinese: str) -> None:
    """The remedies name the thing to look at."""
    assert english in send_code(code).remedy("en")
    assert chinese in send_code(code).remedy("zh-Hans")


def test_code_is_a_value() -> None:
    """A code can be a key and cannot be changed."""
    code = report_code("MI:4711")
    assert {code: 1}[report_code("MI:4711")] == 1
    with pytest.raises(FrozenInstanceError):
        code.delivered = True  # type: ignore[misc]


@given(st.text(), st.text())
def test_any_string(text: str, language: str) -> None:
    """Whatever comes in is kept and has a text in every language."""
    for look_up in (send_code, report_code):
        found = look_up(text)
        assert found.code == text[:CODE_LIMIT].strip()
        assert look_up(found.code) == found
        assert found.meaning(language)
        assert found.remedy(language)


@given(st.sampled_from(FAMILIES), st.text(max_size=20))
def test_any_member_of_a_family(prefix: str, rest: str) -> None:
    """Every code that begins like a family is known and is no delivery."""
    found = report_code(prefix + rest)
    assert found.known
    assert not found.delivered
    assert found.code == (prefix + rest).strip()
