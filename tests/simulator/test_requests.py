"""Rules of the request itself: order of checks, addresses, fields, bodies."""

from collections.abc import Mapping
import json
from urllib.parse import quote, urlencode

import pytest

from .caller import (
    CHANNEL,
    FORM,
    GENERAL,
    JSON,
    NO_VARIABLES,
    NOTICE,
    NUMBER,
    SEND,
    SEND_DIFF,
    Caller,
)

_GOOD = {
    "from": CHANNEL,
    "to": NUMBER,
    "templateId": NOTICE,
    "templateParas": '["您好"]',
}
_CONTENT = {"to": [NUMBER], "templateId": NOTICE, "templateParas": ["您好"]}


def _form(changes: Mapping[str, str | None]) -> bytes:
    """Return the good form with changes; none takes a field away."""
    fields = {**_GOOD, **changes}
    return urlencode({k: v for k, v in fields.items() if v is not None}).encode()


@pytest.mark.parametrize("path", ["/sms/batchSendSms", "/sms/other/v1", "/sms"])
async def test_unknown_address(caller: Caller, path: str) -> None:
    """An unknown address is 404 without JSON."""
    answer = await caller.post_signed(path, b"")
    assert answer.http_status == 404
    assert "json" not in answer.headers["Content-Type"]
    assert await caller.count() == 0


async def test_response(caller: Caller) -> None:
    """A response has the documented fields, and the number as it was given."""
    answer = await caller.send("13700000001")
    assert answer.code == (200, "000000")
    assert answer.headers["Content-Type"] == "application/json;charset=UTF-8"
    assert answer.headers["Server"] == "WebServer"
    assert answer.json["description"] == "Success"
    (result,) = answer.results
    message_id = str(result.pop("smsMsgId"))
    prefix, _, digits = message_id.partition("_")
    assert len(prefix) == 36
    assert digits.isdecimal()
    created = str(result.pop("createTime"))
    assert len(created) == 20
    assert created.endswith("Z")
    assert result == {
        "originTo": "13700000001",
        "from": CHANNEL,
        "countryId": "CN",
        "total": 1,
        "status": "000000",
    }


async def test_older_response(caller: Caller) -> None:
    """The country and the number of parts are missing in older responses."""
    await caller.options(country_and_parts=False)
    (result,) = (await caller.send()).results
    assert {"countryId", "total"}.isdisjoint(result)


@pytest.mark.parametrize(
    ("path", "content_type", "good"),
    [
        (SEND, FORM, True),
        (SEND, f"{FORM}; charset=UTF-8", True),
        (SEND, JSON, False),
        (SEND, "text/plain", False),
        (SEND_DIFF, f"{JSON};charset=utf-8", True),
        (SEND_DIFF, FORM, False),
    ],
)
async def test_content_type(
    caller: Caller, path: str, content_type: str, good: bool
) -> None:
    """Each call takes one Content-Type only."""
    body = (
        _form({})
        if path == SEND
        else json.dumps({"from": CHANNEL, "smsContent": [_CONTENT]}).encode()
    )
    answer = await caller.post_signed(path, body, content_type)
    assert answer.code == ((200, "000000") if good else (400, "E000040"))


async def test_place_of_content_type(caller: Caller) -> None:
    """The Content-Type is looked at before or after authentication."""
    headers = caller.sign(SEND, b"", JSON, key="Nobody")
    assert (await caller.post(SEND, b"", headers)).code == (400, "E000040")
    await caller.options(content_type_place="after_authentication")
    assert (await caller.post(SEND, b"", headers)).code == (401, "E000102")
    headers = caller.sign(SEND, b"", JSON)
    assert (await caller.post(SEND, b"", headers)).code == (400, "E000040")


@pytest.mark.parametrize(
    "body",
    [
        b"to=%zz",
        b"to=%2",
        b"to=%ff%fe",
        "to=你".encode("gbk"),
        _form({"templateParas": "您好"}),
        _form({"templateParas": '{"1":"您好"}'}),
        _form({"templateParas": '["a" "b"]'}),
        _form({"templateParas": "[012345]"}),
        _form({"templateParas": "[[]]"}),
        _form({"templateParas": "[true]"}),
        _form({"templateParas": "[" * 100_000}),
    ],
)
async def test_unparseable_form(caller: Caller, body: bytes) -> None:
    """A form that cannot be read is E000000."""
    assert (await caller.post_signed(SEND, body)).code == (400, "E000000")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"\xff\xfe",
        b'{"smsContent":{}}',
        b'{"smsContent":["a"]}',
        b'{"smsContent":[{"to":"+8613700000001"}]}',
        b'{"smsContent":[{"to":["+8613700000001"],"templateParas":"[]"}]}',
        b'{"extend":{},"smsContent":[]}',
        _form({}),
    ],
)
async def test_unparseable_json(caller: Caller, body: bytes) -> None:
    """A JSON body that cannot be read is E000000."""
    assert (await caller.post_signed(SEND_DIFF, body, JSON)).code == (400, "E000000")


@pytest.mark.parametrize(
    "changes",
    [
        {"to": None},
        {"to": ""},
        {"to": ","},
        {"to": "+86137 00000001"},
        {"to": "+8613700000001;+8613700000002"},
        {"to": "+8613700000001,abc"},
        {"to": "+8613700000001, +8613700000002"},
        {"to": "1" * 22},
        {"to": ",".join([NUMBER] * 501)},
        {"templateId": None},
        {"templateId": "x" * 33},
        {"from": None},
        {"from": "1" * 22},
        {"from": None, "templateId": "x"},
        {"templateParas": json.dumps(["a"] * 21)},
        {"signature": "名" * 33},
        {"extend": ""},
        {"extend": "a{b"},
        {"extend": "a}b"},
        {"extend": "x" * 129},
        {"statusCallback": "ftp://sms.example.org/"},
        {"statusCallback": "sms.example.org/hw"},
        {"statusCallback": "https://sms.example.org:port/"},
        {"statusCallback": "https:///hw"},
        {"templateId": GENERAL},
    ],
)
async def test_bad_field(caller: Caller, changes: dict[str, str | None]) -> None:
    """A field that breaks its rule has the whole request refused."""
    answer = await caller.post_signed(SEND, _form(changes))
    assert answer.code == (400, "E000503")
    assert "result" not in answer.json


@pytest.mark.parametrize(
    "changes",
    [
        {"to": ",".join(f"+86137{n:08}" for n in range(500))},
        {"extend": "x" * 128},
        {"signature": ""},
        {"statusCallback": ""},
        {"unknown": "x"},
        {"templateParas": "[7]"},
        {"templateId": NO_VARIABLES, "templateParas": ""},
        {"templateId": NO_VARIABLES, "templateParas": None},
        {"templateId": NO_VARIABLES, "templateParas": "[]"},
        {"templateId": GENERAL, "signature": "晨光家园", "from": None},
        {"templateId": GENERAL, "signature": "晨光家园"},
    ],
)
async def test_good_field(caller: Caller, changes: dict[str, str | None]) -> None:
    """What the rules allow is accepted."""
    answer = await caller.post_signed(SEND, _form(changes))
    assert answer.code == (200, "000000"), answer.json


async def test_blanks_and_plus(caller: Caller) -> None:
    """Both ways to write a blank mean one; a bare plus sign means a blank."""
    for blank in (b"+", b"%20"):
        body = _form({"templateParas": None}) + b"&templateParas="
        body += quote('["a b"]').encode().replace(b"%20", blank)
        assert (await caller.post_signed(SEND, body)).code == (200, "000000")
    messages = (await caller.control("GET", "messages"))["messages"]
    assert isinstance(messages, list)
    assert {message["text"] for message in messages} == {"【晨光家园】家中提醒：a b"}
    body = _form({}).replace(b"%2B86", b"+86")
    assert (await caller.post_signed(SEND, body)).code == (400, "E000503")


async def test_codes_that_are_not_known(caller: Caller) -> None:
    """Codes that nobody documented can be chosen."""
    await caller.options(empty_to_code="E000000", extend_too_long_code="E000504")
    assert (await caller.send("")).code == (400, "E000000")
    assert (await caller.send(extend="x" * 129)).code == (400, "E000504")


async def test_diff(caller: Caller) -> None:
    """Several templates in one request: one result for each number, in order."""
    answer = await caller.send_diff(
        {
            "from": CHANNEL,
            "extend": "order-7",
            "smsContent": [
                _CONTENT,
                {"to": ["13700000003", "13700000002"], "templateId": NO_VARIABLES},
                {**_CONTENT, "templateId": GENERAL, "signature": "晨光家园"},
            ],
        }
    )
    assert answer.code == (200, "000000")
    assert [result["originTo"] for result in answer.results] == [
        NUMBER,
        "13700000003",
        "13700000002",
        NUMBER,
    ]
    assert len(set(answer.ids)) == 4


@pytest.mark.parametrize(
    "body",
    [
        {"from": CHANNEL},
        {"from": CHANNEL, "smsContent": []},
        {"from": CHANNEL, "smsContent": [_CONTENT, {**_CONTENT, "to": []}]},
        {"from": CHANNEL, "smsContent": [{**_CONTENT, "templateId": ""}]},
        {"smsContent": [_CONTENT]},
        {"from": CHANNEL, "smsContent": [{**_CONTENT, "templateParas": ["x" * 65536]}]},
    ],
)
async def test_bad_diff_field(caller: Caller, body: object) -> None:
    """The same rules hold for several templates, and 64 KB in all."""
    assert (await caller.send_diff(body)).code == (400, "E000503")


async def test_limit_of_numbers_per_element(caller: Caller) -> None:
    """500 numbers hold for the request, or for each element if the option says so."""
    body = {
        "from": CHANNEL,
        "smsContent": [
            {"to": [f"137{n:08}" for n in range(start, start + 300)], **rest}
            for start, rest in (
                (0, {"templateId": NO_VARIABLES}),
                (300, {"templateId": NO_VARIABLES}),
            )
        ],
    }
    assert (await caller.send_diff(body)).code == (400, "E000503")
    await caller.options(per_element_limit=True)
    assert (await caller.send_diff(body)).code == (200, "000000")
    too_many = {"to": [f"137{n:08}" for n in range(501)], "templateId": NO_VARIABLES}
    answer = await caller.send_diff({"from": CHANNEL, "smsContent": [too_many]})
    assert answer.code == (400, "E000503")


async def test_order_of_checks(caller: Caller) -> None:
    """Of several faults the first in the platform's order is told."""
    await caller.control(
        "PATCH",
        "application",
        {"account_code": "E000112", "allowed_ips": ["203.0.113.1"]},
    )
    await caller.options(volume_limit=0)
    bad = b"to=%zz"
    wrong = caller.sign(SEND, bad, secret="wrong")
    assert (await caller.post(SEND, bad, wrong)).code == (400, "E000045")
    assert (await caller.post_signed(SEND, bad)).code == (401, "E000112")
    await caller.control("PATCH", "application", {"account_code": None})
    assert (await caller.post_signed(SEND, bad)).code == (403, "E000620")
    await caller.control("PATCH", "application", {"allowed_ips": []})
    assert (await caller.post_signed(SEND, bad)).code == (400, "E000000")
    assert (await caller.send(template="")).code == (400, "E000503")
    assert (await caller.send(template="unknown")).code == (403, "E000623")
    await caller.options(volume_limit=None)
    assert (await caller.send(template="unknown")).code == (400, "E000510")
