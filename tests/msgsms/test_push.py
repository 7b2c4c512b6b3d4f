"""Pushes of the platform, and what only looks like one."""

from contextlib import suppress
from datetime import UTC, datetime
import json
from urllib.parse import quote, urlencode

import pytest

from custom_components.huawei_cloud_sms.msgsms.errors import PushFormatError
from custom_components.huawei_cloud_sms.msgsms.push import (
    FORM_LIMIT,
    JSON_LIMIT,
    Push,
    Reply,
    StatusReport,
    parse_push,
    weigh,
)

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
ID = "3f2a1b00-7d6e-4c55-9a77-0c0c0c0c0c0c_143684459"
REPORT = {
    "sequence": "1",
    "total": "2",
    "statusDesc": "用户已成功收到短信",
    "updateTime": "2024-11-01T02:03:05Z",
    "source": "2",
    "smsMsgId": ID,
    "status": "DELIVRD",
    "orgCode": "000",
    "extend": "order-7",
    "to": "+8613700000001",
}
FULL = StatusReport(
    message_id=ID,
    status="DELIVRD",
    parts=2,
    sequence=1,
    extend="order-7",
    number="+8613700000001",
)
LEAST = StatusReport(ID, "EXPIRED", None, None, None, None)
UPLINK = {
    "from": "+8613700000001",
    "to": "1069000000012",
    "body": "退订 R & 100%",
    "smsMsgId": ID,
    "createTime": "2024-11-01T02:03:05Z",
}


def form(fields: dict[str, str], **changes: str | None) -> bytes:
    """Return a form; a field that becomes None is left out."""
    changed: dict[str, str | None] = {**fields, **changes}
    return urlencode({k: v for k, v in changed.items() if v is not None}).encode()


def one(push: Push) -> StatusReport:
    """Return the one report of a push."""
    assert isinstance(push, tuple)
    [report] = push
    return report


def test_documented_report() -> None:
    """The report as it is documented."""
    body = (
        b"sequence=1&total=1&statusDesc=%E7%94%A8%E6%88%B7%E5%B7%B2%E6%88%90%E5%8A%9F"
        b"%E6%94%B6%E5%88%B0%E7%9F%AD%E4%BF%A1&updateTime=2024-11-01T02%3A03%3A05Z"
        b"&source=2&smsMsgId=3f2a1b00-7d6e-4c55-9a77-0c0c0c0c0c0c_143684459"
        b"&status=DELIVRD&extend=order-7&to=%2B8613700000001"
    )
    assert one(parse_push(body, FORM)) == StatusReport(
        ID, "DELIVRD", 1, 1, "order-7", "+8613700000001"
    )


def test_report_made_by_the_platform() -> None:
    """The short form, without time, extend and number."""
    body = f"sequence=1&total=1&source=1&smsMsgId={ID}&status=EXPIRED".encode()
    assert one(parse_push(body, FORM)) == StatusReport(ID, "EXPIRED", 1, 1, None, None)


def test_documented_batch() -> None:
    """The batch as it is documented."""
    body = {
        "statusReportList": [
            REPORT,
            {"smsMsgId": ID, "status": "EXPIRED"},
            {
                "smsMsgId": ID,
                "total": "2",
                "sequence": "1",
                "status": "E200038",
                "source": "1",
                "extend": "order-7",
                "to": "+8613700000002",
            },
        ]
    }
    assert parse_push(json.dumps(body).encode(), JSON) == (
        FULL,
        LEAST,
        StatusReport(ID, "E200038", 2, 1, "order-7", "+8613700000002"),
    )


def test_documented_uplink() -> None:
    """The reply as it is documented."""
    body = (
        b"from=%2B8613700000001&to=1069000000012&body=%E9%80%80%E8%AE%A2+R"
        b"&smsMsgId=9692b5be-c427-4525-8e73-cf4a6ac5b3f7"
        b"&createTime=2024-11-01T02%3A05%3A00Z"
    )
    assert parse_push(body, FORM) == Reply(
        "9692b5be-c427-4525-8e73-cf4a6ac5b3f7",
        "+8613700000001",
        "1069000000012",
        "退订 R",
        datetime(2024, 11, 1, 2, 5, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    "body",
    [
        form(REPORT),
        form(dict(reversed(REPORT.items()))),
        form(REPORT) + b"&new=field&%ff=%ff&=&&&lonely",
        form(REPORT) + b"&status=DELIVRD",
        b"\xef\xbb\xbf" + form(REPORT),
        form(REPORT) + b"\r\n",
        form(REPORT).replace(b"%2B", b"+"),
        form(REPORT).replace(b"%3A", b"%3a"),
        quote(form(REPORT), safe="=&%").encode(),
        form(REPORT, status=" DELIVRD "),
        "&".join(f"{k}={v}" for k, v in REPORT.items()).encode(),
    ],
)
@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-www-form-urlencoded",
        "Application/X-WWW-Form-Urlencoded; charset=ISO-8859-1",
        "application/x-www-form-urlencoded;charset=no-such-charset",
        "",
        "text/plain",
    ],
)
def test_forms_in_any_dress(body: bytes, content_type: str) -> None:
    """Order, unknown fields, marks, charsets and plus signs do not matter."""
    assert one(parse_push(body, content_type)) == FULL


@pytest.mark.parametrize("content_type", [JSON, "Application/JSON;charset=GBK", ""])
@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"statusReportList": [REPORT], "new": [None]}).encode(),
        json.dumps(REPORT, ensure_ascii=False).encode(),
        b"\xef\xbb\xbf  " + json.dumps(REPORT).encode(),
        json.dumps(
            {**REPORT, "sequence": 1, "total": 2, "source": 2, "orgCode": "000"}
        ).encode(),
        json.dumps({**REPORT, "new": float("nan")}).encode(),
    ],
)
def test_json_in_any_dress(body: bytes, content_type: str) -> None:
    """Neither do they in JSON; a single report is as good as a batch of one."""
    assert one(parse_push(body, content_type)) == FULL


@pytest.mark.parametrize("nothing", [None, "", " "], ids=["null", "empty", "blank"])
def test_nothing_is_none(nothing: str | None) -> None:
    """Missing, null and empty fields are all None."""
    fields: dict[str, object] = dict.fromkeys(REPORT, nothing)
    fields |= {"smsMsgId": ID, "status": "EXPIRED"}
    read = one(parse_push(json.dumps(fields).encode(), JSON))
    if nothing == " ":
        # What was sent as extend comes back as it was.
        assert read.extend == " "
    else:
        assert read == LEAST
    assert one(parse_push(form({"smsMsgId": ID, "status": "EXPIRED"}), FORM)) == LEAST


@pytest.mark.parametrize(
    "odd",
    [
        {"total": "many"},
        {"sequence": "-1"},
        {"sequence": "1.5"},
        {"sequence": "٣"},
        {"total": "12345"},
    ],
)
def test_odd_counts(odd: dict[str, str]) -> None:
    """A count that is none is None."""
    read = one(parse_push(form(REPORT, **odd), FORM))
    assert None in (read.parts, read.sequence)
    assert (read.message_id, read.status) == (ID, "DELIVRD")


@pytest.mark.parametrize(
    "time",
    ["2024-11-01 02:03:05", "2024-02-30T02:03:05Z", "now", "2024-11-01T02:03:05+08:00"],
)
def test_odd_times(time: str) -> None:
    """A time of another form is None: a reply without it is worth having."""
    reply = parse_push(form(UPLINK, createTime=time), FORM)
    assert isinstance(reply, Reply)
    assert reply.created_at is None


@pytest.mark.parametrize(
    "odd", [{"statusDesc": "d" * 9000}, {"statusDesc": None, "source": "x\0"}]
)
def test_what_is_not_read_does_not_matter(odd: dict[str, str | None]) -> None:
    """Only what decides something must be right."""
    broken = form(REPORT, **odd) + b"&orgCode=\xff&updateTime=now"
    assert one(parse_push(broken, FORM)) == FULL
    fields = json.dumps({**REPORT, "statusDesc": ["d"], "source": True}).encode()
    assert one(parse_push(fields, JSON)) == FULL


@pytest.mark.parametrize("status", ["DELIVRD", "MI:0024", "SMGPERR:660", "702", "未知"])
def test_codes_are_kept(status: str) -> None:
    """Any code stays as it is, also one that became a number."""
    assert one(parse_push(form(REPORT, status=status), FORM)).status == status
    assert one(parse_push(b'{"smsMsgId":7,"status":702}', JSON)).status == "702"


@pytest.mark.parametrize(
    "text",
    ["", " ", "退订", "a=b&c+d%41", "+1 %41", "+1+1", "line\nline", "100%", "😀"],
)
def test_texts_of_replies(text: str) -> None:
    """A text is what the person wrote, blanks and all."""
    reply = parse_push(form(UPLINK, body=text), FORM)
    assert isinstance(reply, Reply)
    assert reply.text == text


def test_least_reply() -> None:
    """Channel number and time may be missing, the text null."""
    body = json.dumps({"from": "+861", "body": None, "smsMsgId": "i"}).encode()
    assert parse_push(body, JSON) == Reply("i", "+861", None, "", None)


def test_names_may_be_escaped() -> None:
    """A name counts for what it stands for, and so does its repetition."""
    body = form(REPORT, smsMsgId=None) + f"&sms%4dsg%49d={ID}&%zz=1".encode()
    assert one(parse_push(body, FORM)) == FULL
    with pytest.raises(PushFormatError, match="duplicate"):
        parse_push(body + b"&smsMsgId=other", FORM)


def test_percent_sign_that_escapes_nothing() -> None:
    """It stands for itself."""
    reply = parse_push(form(UPLINK, body=None) + b"&body=100%&zz=%zz", FORM)
    assert isinstance(reply, Reply)
    assert reply.text == "100%"


@pytest.mark.parametrize(
    ("body", "field", "rule"),
    [
        (b"", None, "unknown"),
        (b"hello", None, "unknown"),
        (form({"smsMsgId": ID}), None, "unknown"),
        ("status=DELIVRD".encode("utf-16"), None, "unknown"),
        (form(REPORT, smsMsgId=None), "smsMsgId", "missing"),
        (form(REPORT, smsMsgId=" "), "smsMsgId", "missing"),
        (form(REPORT, status=""), "status", "missing"),
        (form(UPLINK, body=None), "body", "missing"),
        (form(UPLINK, **{"from": None}), "from", "missing"),
        (form(UPLINK, smsMsgId=None), "smsMsgId", "missing"),
        (form(REPORT) + b"&status=UNDELIV", "status", "duplicate"),
        (form(REPORT, smsMsgId="i" * 201), "smsMsgId", "length"),
        (form(REPORT, status="s" * 65), "status", "length"),
        (form(REPORT, total="1" * 9), "total", "length"),
        (form(REPORT, extend="e" * 513), "extend", "length"),
        (form(REPORT, to="1" * 85), "to", "length"),
        (form(UPLINK, body="长" * 2001), "body", "length"),
        (form(UPLINK, **{"from": "1" * 85}), "from", "length"),
        (form(REPORT, status="a\0b"), "status", "type"),
        (form(UPLINK, body="a\0b"), "body", "type"),
        (form(UPLINK, body=None) + b"&body=%CD%CB", "body", "encoding"),
        (form(REPORT, extend=None) + b"&extend=\xff", "extend", "encoding"),
        (form(REPORT, to=None) + b"&to=%ED%A0%80", "to", "encoding"),
        (b"a=" + b"b" * FORM_LIMIT, None, "size"),
        (b"%&" * 200 + form(REPORT), None, "count"),
    ],
)
def test_forms_that_cannot_be_read(body: bytes, field: str | None, rule: str) -> None:
    """The error names the field and the rule, and no value."""
    with pytest.raises(PushFormatError) as raised:
        parse_push(body, FORM)
    assert (raised.value.field, raised.value.rule) == (field, rule)


def batch(*entries: object) -> bytes:
    """Return a batch."""
    return json.dumps({"statusReportList": entries}).encode()


@pytest.mark.parametrize(
    ("body", "field", "rule"),
    [
        (b"", None, "json"),
        (b"{", None, "json"),
        (b"[]", None, "json"),
        (b"null", None, "json"),
        (b"{}", None, "unknown"),
        (b'{"a":' * 90_000, None, "size"),
        (b'{"a":' * 2_000, None, "json"),
        (b'{"a":' * 2_001, None, "count"),
        (b"[" * 2_000, None, "json"),
        (b"[" * 2_001, None, "count"),
        (b"[" + b"{}," * 80_000, None, "count"),
        (b'{"status":' + b"1" * 5000 + b"}", None, "json"),
        (b"\xff\xfe{\0}\0", None, "encoding"),
        (b'{"status":"\xb3\xc9"}', None, "encoding"),
        (b'{"statusReportList":null}', "statusReportList", "type"),
        (b'{"statusReportList":"[]"}', "statusReportList", "type"),
        (batch(), "statusReportList", "type"),
        (batch(None), "statusReportList", "type"),
        (batch([]), "statusReportList", "type"),
        (batch(*[{"smsMsgId": "i", "status": "s"}] * 501), "statusReportList", "count"),
        (batch(REPORT, {"smsMsgId": ID}), "status", "missing"),
        (batch({**REPORT, "status": ["DELIVRD"]}), "status", "type"),
        (batch({**REPORT, "status": True}), "status", "type"),
        (batch({**REPORT, "extend": {}}), "extend", "type"),
        (batch({**REPORT, "smsMsgId": "\ud800"}), "smsMsgId", "type"),
        (batch({**REPORT, "to": "1" * 85}), "to", "length"),
        (batch({**REPORT, "total": 10**300}), "total", "length"),
        (b" " * (JSON_LIMIT + 1), None, "size"),
    ],
)
def test_json_that_cannot_be_read(body: bytes, field: str | None, rule: str) -> None:
    """A batch is read whole or not at all."""
    with pytest.raises(PushFormatError) as raised:
        parse_push(body, JSON)
    assert (raised.value.field, raised.value.rule) == (field, rule)


@pytest.mark.parametrize(
    ("body", "weight"),
    [
        (b"", 1),
        (form(REPORT), 1),
        (form(UPLINK, body="{" * 500), 3),
        (b"{" * 501, 500),
        (json.dumps(REPORT).encode(), 1),
        (batch(*[{"smsMsgId": "i", "status": "s"}] * 20), 21),
        # a name may be hidden, a brace may not
        (batch(*[REPORT] * 20).replace(b"smsMsgId", b"sms\\u004dsgId"), 21),
        (batch(*[REPORT] * 400), 401),
        (b" " * 5_000, 9),
        (b" " * JSON_LIMIT, 500),
    ],
)
def test_weight(body: bytes, weight: int) -> None:
    """It is no less than the number of reports, nor too much for a large body."""
    assert weigh(body) == weight
    with suppress(PushFormatError):
        push = parse_push(body, JSON if body[:1] == b"{" else FORM)
        assert isinstance(push, Reply) or len(push) <= weight


def test_limits_are_allowed() -> None:
    """Five hundred reports, and bodies of just the size."""
    push = parse_push(batch(*[{"smsMsgId": "i", "status": "s"}] * 500), JSON)
    assert isinstance(push, tuple)
    assert len(push) == 500
    assert one(parse_push(b"%&" * 189 + form(REPORT), FORM)) == FULL
    whole = form(UPLINK)
    whole += b"&x=" + b"x" * (FORM_LIMIT - len(whole) - 3)
    assert isinstance(parse_push(whole, FORM), Reply)


def test_nothing_private_is_shown() -> None:
    """Neither numbers nor texts nor what correlates are in a repr."""
    shown = repr((FULL, parse_push(form(UPLINK), FORM)))
    for private in ("13700000001", "order-7", "退订", "1069000000012", "02:05"):
        assert private not in shown
    assert ID in shown
