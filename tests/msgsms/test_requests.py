"""What goes over the wire, and what must not."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
import hashlib
import json
import re
from typing import Any

import aiohttp
from hypothesis import given, strategies as st
import pytest

from custom_components.huawei_cloud_sms.msgsms.checks import split
from custom_components.huawei_cloud_sms.msgsms.client import SmsClient
from custom_components.huawei_cloud_sms.msgsms.errors import InvalidRequestError
from custom_components.huawei_cloud_sms.msgsms.models import (
    Authentication,
    Credentials,
    DiffContent,
    DiffSms,
    TemplatedSms,
)
from custom_components.huawei_cloud_sms.msgsms.wire import form_body, json_body

from .canned import Canned
from .conftest import KEY, SECRET
from .oracle import signed
from .test_signing import FORM_BODY, JSON_BODY

NUMBER = "+8613700000001"
TEMPLATE = "1d18a7f4e1b84f6c8fc1546b48b3baea"
NASTY = (
    "3",
    "012345",
    "人民公园 正门",
    'quote " backslash \\ slash /',
    "a+b&c=d%20%",
    "[x]",
    "line\nend\ttab",
    "😀",
)
DOCUMENTED = TemplatedSms(
    numbers=(NUMBER, "+8613700000002"),
    template_id=TEMPLATE,
    variables=("3", "人民公园 正门"),
    channel_number="8824110605123",
    status_callback="https://sms.example.org/hw/report",
    extend="order-7",
)
SIMPLE = TemplatedSms(numbers=(NUMBER,), template_id=TEMPLATE)
DIFF = DiffSms(
    contents=(
        DiffContent(
            numbers=(NUMBER,), template_id=TEMPLATE, variables=("3", "人民公园 正门")
        ),
        DiffContent(
            numbers=("+8613700000002",),
            template_id="8ff55eac1d0b478ab3c06c3c6a492300",
            variables=("369751",),
            signature="华为云短信测试",
        ),
    ),
    channel_number="8824110605123",
    status_callback="https://sms.example.org/hw/report",
    extend="order-7",
)


def test_documented_bodies() -> None:
    """Both bodies are those of the reference, byte for byte."""
    assert form_body(DOCUMENTED) == FORM_BODY
    assert json.loads(json_body(DIFF)) == json.loads(JSON_BODY)


async def test_form(client: SmsClient, platform: Canned) -> None:
    """A form arrives as it was meant, signed as Huawei signs it."""
    platform.accept(NUMBER)
    sms = TemplatedSms(
        numbers=(NUMBER, "8613700000002"),
        template_id=TEMPLATE,
        variables=NASTY,
        channel_number="8824110605123",
        signature="华为云",
        status_callback="https://ha.example.org/api/webhook/a+b?c=d&e=%20",
        extend="a+b=c&d %",
    )
    await client.send(sms)

    [received] = platform.received
    assert received.path == "/sms/batchSendSms/v1"
    form = received.form
    assert json.loads(form.pop("templateParas")) == list(NASTY)
    assert form == {
        "from": sms.channel_number,
        "to": f"{NUMBER},8613700000002",
        "templateId": TEMPLATE,
        "signature": sms.signature,
        "statusCallback": sms.status_callback,
        "extend": sms.extend,
    }
    assert b"+" not in received.body
    assert received.headers["Content-Type"] == "application/x-www-form-urlencoded"
    check_signature(received.path, dict(received.headers), received.body)


async def test_json(client: SmsClient, platform: Canned) -> None:
    """JSON arrives as it was meant, signed as Huawei signs it."""
    platform.accept(NUMBER, "+8613700000002")
    response = await client.send_diff(DIFF)

    assert [result.status for result in response.results] == ["000000", "000000"]
    [received] = platform.received
    assert received.path == "/sms/batchSendDiffSms/v1"
    assert json.loads(received.body) == json.loads(JSON_BODY)
    assert received.headers["Content-Type"] == "application/json"
    check_signature(received.path, dict(received.headers), received.body)


def check_signature(path: str, headers: dict[str, str], body: bytes) -> None:
    """Check headers that were received, and what goes over the wire beside them."""
    covered = {name: headers[name] for name in ("Content-Type", "Host", "X-Sdk-Date")}
    theirs = signed("POST", path, [], covered, body, KEY, SECRET)
    assert headers["Authorization"] == theirs["Authorization"]
    made_at = datetime.strptime(headers["X-Sdk-Date"], "%Y%m%dT%H%M%S%z")
    assert abs(datetime.now(UTC) - made_at) < timedelta(seconds=5)
    assert headers["Content-Length"] == str(len(body))
    assert "Transfer-Encoding" not in headers


async def test_optional_fields_are_left_out(
    client: SmsClient, platform: Canned
) -> None:
    """What was not given is not sent, neither empty nor null."""
    platform.accept(NUMBER)
    await client.send(
        TemplatedSms(numbers=(NUMBER,), template_id=TEMPLATE, signature="")
    )
    await client.send_diff(
        DiffSms(contents=(DiffContent(numbers=(NUMBER,), template_id=TEMPLATE),))
    )
    form, diff = platform.received
    assert form.form == {"to": NUMBER, "templateId": TEMPLATE}
    assert json.loads(diff.body) == {
        "smsContent": [{"to": [NUMBER], "templateId": TEMPLATE}]
    }


async def test_wsse(session: aiohttp.ClientSession, platform: Canned) -> None:
    """X-WSSE carries a digest that fits, and a fresh nonce each time."""
    platform.accept(NUMBER)
    credentials = Credentials(KEY, SECRET, Authentication.WSSE)
    client = SmsClient(session, platform.url, credentials)
    await client.send(SIMPLE)
    await client.send(SIMPLE)

    nonces = set()
    for received in platform.received:
        assert (
            received.headers["Authorization"]
            == 'WSSE realm="SDP",profile="UsernameToken",type="Appkey"'
        )
        assert "X-Sdk-Date" not in received.headers
        token = received.headers["X-WSSE"]
        assert token.startswith("UsernameToken ")
        parts = dict(re.findall(r'(\w+)="([^"]*)"', token))
        assert parts["Username"] == KEY
        assert re.fullmatch("[0-9a-f]{32}", parts["Nonce"])
        nonces.add(parts["Nonce"])
        hashed = hashlib.sha256(
            f"{parts['Nonce']}{parts['Created']}{SECRET}".encode()
        ).hexdigest()
        assert parts["PasswordDigest"] == b64encode(hashed.encode()).decode()
        created = datetime.fromisoformat(parts["Created"])
        assert abs(datetime.now(UTC) - created) < timedelta(seconds=5)
    assert len(nonces) == 2


async def test_secrets_are_trimmed(
    session: aiohttp.ClientSession, platform: Canned
) -> None:
    """A line end behind a pasted secret does no harm."""
    platform.accept(NUMBER)
    credentials = Credentials(f" {KEY}\n", f"{SECRET}\r\n ")
    await SmsClient(session, f" {platform.url} ", credentials).send(SIMPLE)
    [received] = platform.received
    check_signature(received.path, dict(received.headers), received.body)


TOO_MANY = tuple(f"+86137{index:08}" for index in range(501))
BROKEN = "half a character \ud83d"


@pytest.mark.parametrize(
    ("changes", "field", "rule"),
    [
        ({"numbers": ()}, "numbers", "empty"),
        ({"numbers": ("",)}, "numbers", "characters"),
        ({"numbers": (" +8613700000001",)}, "numbers", "characters"),
        ({"numbers": ("+86 13700000001",)}, "numbers", "characters"),
        ({"numbers": ("+86-13700000001",)}, "numbers", "characters"),
        ({"numbers": ("8613700+000001",)}, "numbers", "characters"),
        ({"numbers": ("+",)}, "numbers", "characters"),
        ({"numbers": ("+8613700000001\n",)}, "numbers", "characters"),
        ({"numbers": ("+٨٦١٣٧٠٠٠٠٠٠٠١",)}, "numbers", "characters"),
        ({"numbers": ("+8613700000001,+8613700000002",)}, "numbers", "characters"),
        ({"numbers": ("+" + "1" * 21,)}, "numbers", "length"),
        ({"numbers": (NUMBER, NUMBER)}, "numbers", "duplicate"),
        ({"numbers": TOO_MANY}, "numbers", "count"),
        ({"template_id": ""}, "template_id", "empty"),
        ({"template_id": "1" * 33}, "template_id", "length"),
        ({"template_id": BROKEN}, "template_id", "encoding"),
        ({"variables": ("1",) * 21}, "variables", "count"),
        ({"variables": ("1", "")}, "variables", "empty"),
        ({"variables": (BROKEN,)}, "variables", "encoding"),
        ({"signature": "签" * 33}, "signature", "length"),
        ({"signature": BROKEN}, "signature", "encoding"),
        ({"channel_number": ""}, "channel_number", "empty"),
        ({"channel_number": "1" * 22}, "channel_number", "length"),
        ({"extend": ""}, "extend", "empty"),
        ({"extend": "x" * 129}, "extend", "length"),
        ({"extend": "a{b"}, "extend", "braces"),
        ({"extend": "a}b"}, "extend", "braces"),
        ({"extend": BROKEN}, "extend", "encoding"),
        ({"status_callback": ""}, "status_callback", "url"),
        ({"status_callback": "ftp://ha.example.org/"}, "status_callback", "url"),
        ({"status_callback": "https:///path"}, "status_callback", "url"),
        ({"status_callback": "https://ha.example.org/ b"}, "status_callback", "url"),
        ({"status_callback": "https://[ha"}, "status_callback", "url"),
        ({"status_callback": BROKEN}, "status_callback", "url"),
    ],
)
async def test_rules_of_a_request(
    client: SmsClient,
    platform: Canned,
    changes: dict[str, Any],
    field: str,
    rule: str,
) -> None:
    """A broken rule is named, and nothing leaves; in both calls alike."""
    values: dict[str, Any] = {"numbers": (NUMBER,), "template_id": TEMPLATE, **changes}
    with pytest.raises(InvalidRequestError) as single:
        await client.send(TemplatedSms(**values))
    content = {
        name: values.pop(name)
        for name in ("numbers", "template_id", "variables", "signature")
        if name in values
    }
    with pytest.raises(InvalidRequestError) as diff:
        await client.send_diff(DiffSms(contents=(DiffContent(**content),), **values))
    for raised in (single, diff):
        assert (raised.value.field, raised.value.rule) == (field, rule)
    assert platform.received == []


async def test_limits_are_allowed(client: SmsClient, platform: Canned) -> None:
    """What is just within all limits is sent."""
    platform.accept(NUMBER)
    await client.send(
        TemplatedSms(
            numbers=("1" * 21, "+" + "1" * 20, *TOO_MANY[2:500]),
            template_id="1" * 32,
            variables=("x",) * 20,
            channel_number="1" * 21,
            signature="签" * 32,
            extend="x" * 128,
        )
    )
    assert len(platform.received) == 1


@pytest.mark.parametrize(
    ("contents", "field", "rule"),
    [
        ((), "contents", "empty"),
        (
            tuple(
                DiffContent(numbers=numbers, template_id=TEMPLATE)
                for numbers in (TOO_MANY[:250], TOO_MANY[250:])
            ),
            "numbers",
            "count",
        ),
        (
            (
                DiffContent(
                    numbers=(NUMBER,), template_id=TEMPLATE, variables=("长" * 22000,)
                ),
            ),
            "contents",
            "size",
        ),
    ],
)
async def test_rules_of_several_templates(
    client: SmsClient,
    platform: Canned,
    contents: tuple[DiffContent, ...],
    field: str,
    rule: str,
) -> None:
    """At most 500 numbers in all and 64 KB."""
    with pytest.raises(InvalidRequestError) as raised:
        await client.send_diff(DiffSms(contents=contents))
    assert (raised.value.field, raised.value.rule) == (field, rule)
    assert platform.received == []


async def test_prepare(client: SmsClient) -> None:
    """Blanks, empty and repeated numbers go; 500 numbers make a request."""
    numbers = (f" {NUMBER}", "", "  ", NUMBER, f"{NUMBER}\n", *TOO_MANY, *TOO_MANY)
    first, second = client.prepare(
        TemplatedSms(numbers=numbers, template_id=TEMPLATE, extend="e")
    )
    assert first.numbers == (NUMBER, *(n for n in TOO_MANY[:500] if n != NUMBER))
    assert first.numbers + second.numbers == tuple(dict.fromkeys((NUMBER, *TOO_MANY)))
    assert first.extend == second.extend == "e"


@pytest.mark.parametrize(
    ("numbers", "rule"),
    [((), "empty"), ((" ", ""), "empty"), ((NUMBER, "x"), "characters")],
)
async def test_prepare_refuses(
    client: SmsClient, numbers: tuple[str, ...], rule: str
) -> None:
    """Nothing to send to, and what is no number, is refused."""
    with pytest.raises(InvalidRequestError) as raised:
        client.prepare(TemplatedSms(numbers=numbers, template_id=TEMPLATE))
    assert (raised.value.field, raised.value.rule) == ("numbers", rule)


@given(
    st.lists(st.from_regex(r" ?\+?[0-9]{3,4} ?", fullmatch=True), min_size=1)
    | st.integers(1, 1600).map(lambda count: [f"+861{n:06}" for n in range(count)])
)
def test_no_number_is_lost_or_doubled(numbers: list[str]) -> None:
    """Splitting keeps every number once, in order, at most 500 together."""
    requests = split(TemplatedSms(numbers=tuple(numbers), template_id=TEMPLATE))
    together = [number for request in requests for number in request.numbers]
    assert together == list(dict.fromkeys(number.strip() for number in numbers))
    assert all(1 <= len(request.numbers) <= 500 for request in requests)


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "smsapi.cn-north-4.myhuaweicloud.com:443",
        "ftp://smsapi.example.org",
        "https://",
        "https://smsapi.example.org:99999",
        "https://smsapi.example.org/sms/batchSendSms/v1",
        "https://smsapi.example.org/?a=b",
        "https://smsapi.example.org/#a",
        "https://user:password@smsapi.example.org",
        "https://smsapi example.org",
    ],
)
async def test_endpoint_is_checked(
    session: aiohttp.ClientSession, credentials: Credentials, endpoint: str
) -> None:
    """An address is scheme, host and port."""
    with pytest.raises(InvalidRequestError) as raised:
        SmsClient(session, endpoint, credentials)
    assert (raised.value.field, raised.value.rule) == ("endpoint", "url")


@pytest.mark.parametrize(
    ("key", "secret", "field", "rule"),
    [
        (" ", SECRET, "app_key", "empty"),
        (KEY, "\n", "app_secret", "empty"),
        ('a"b', SECRET, "app_key", "characters"),
        ("a,b", SECRET, "app_key", "characters"),
        ("a\r\nX-Other: b", SECRET, "app_key", "characters"),
        ("密钥", SECRET, "app_key", "characters"),
        (KEY, "密钥", "app_secret", "characters"),
        (KEY, "a\nb", "app_secret", "characters"),
    ],
)
async def test_credentials_are_checked(
    session: aiohttp.ClientSession, key: str, secret: str, field: str, rule: str
) -> None:
    """What cannot stand in a header is refused before it gets there."""
    with pytest.raises(InvalidRequestError) as raised:
        SmsClient(session, "https://smsapi.example.org", Credentials(key, secret))
    assert (raised.value.field, raised.value.rule) == (field, rule)


def test_nothing_private_is_shown() -> None:
    """Neither numbers nor texts nor keys are in a repr."""
    shown = repr((DOCUMENTED, DIFF, Credentials(KEY, SECRET)))
    for private in (NUMBER, "人民公园", "sms.example.org", "order-7", KEY, SECRET):
        assert private not in shown
