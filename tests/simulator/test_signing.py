"""The SDK-HMAC-SHA256 mode: worked examples, clock, headers, what is covered."""

from datetime import UTC, datetime, timedelta
import re

from multidict import CIMultiDict
import pytest

from simulator import signing

from .caller import FORM, JSON, KEY, SECRET, SEND, SEND_DIFF, Caller

_DATE = "20241101T020304Z"
_HOST = "smsapi.cn-north-4.myhuaweicloud.com"
_TO = "to=%2B8613700000001%2C%2B8613700000002"
_FORM_BODY = (
    f"from=8824110605123&{_TO}&templateId=1d18a7f4e1b84f6c8fc1546b48b3baea"
    "&templateParas=%5B%223%22%2C%22%E4%BA%BA%E6%B0%91%E5%85%AC%E5%9B%AD%20"
    "%E6%AD%A3%E9%97%A8%22%5D"
    "&statusCallback=https%3A%2F%2Fsms.example.org%2Fhw%2Freport&extend=order-7"
).encode()
_JSON_BODY = (
    '{"from":"8824110605123","statusCallback":"https://sms.example.org/hw/report",'
    '"smsContent":[{"to":["+8613700000001"],'
    '"templateId":"1d18a7f4e1b84f6c8fc1546b48b3baea",'
    '"templateParas":["3","人民公园 正门"]},{"to":["+8613700000002"],'
    '"templateId":"8ff55eac1d0b478ab3c06c3c6a492300","templateParas":["369751"],'
    '"signature":"华为云短信测试"}],"extend":"order-7"}'
).encode()
_USUAL = "content-type;host;x-sdk-date"

# Name: path, host, content type, signed headers, body, more headers, signature.
_VECTORS = {
    "form, hashed": (
        SEND,
        f"{_HOST}:443",
        FORM,
        _USUAL,
        _FORM_BODY,
        {},
        "ac994b33f044f81880fe6912255de3a9b3dc4693bb3019f3878ecbb46774db33",
    ),
    "form, unsigned payload": (
        SEND,
        f"{_HOST}:443",
        FORM,
        "content-type;host;x-sdk-content-sha256;x-sdk-date",
        _FORM_BODY,
        {"X-Sdk-Content-Sha256": "UNSIGNED-PAYLOAD"},
        "a38b59ede604fe4ed287f167f5e24637e718f471bef320fea1829019ae71dbf0",
    ),
    "json": (
        SEND_DIFF,
        f"{_HOST}:443",
        JSON,
        _USUAL,
        _JSON_BODY,
        {},
        "1dd43deae1e9b4427306f8cf4307722e4753e14723bf00b8c9ba084d63357ae6",
    ),
    "fewest headers": (
        SEND,
        _HOST,
        FORM,
        "host;x-sdk-date",
        _FORM_BODY.replace(b"%20", b"+"),
        {},
        "a60cbdf858aa8687ed22af937a6aaf06b163c6556026c49136bd627c6891b50c",
    ),
}


def _offset_to(moment: datetime) -> float:
    """Return how far the platform's clock must be off to show a moment."""
    return (moment - datetime.now(UTC)).total_seconds()


@pytest.mark.parametrize("separator", [", ", ","])
@pytest.mark.parametrize("name", list(_VECTORS))
async def test_worked_examples(caller: Caller, name: str, separator: str) -> None:
    """The worked examples are authentic, and no longer if a byte of them changes."""
    path, host, content_type, signed, body, extra, signature = _VECTORS[name]
    await caller.options(
        clock_offset=_offset_to(datetime(2024, 11, 1, 2, 3, 4, tzinfo=UTC))
    )
    headers = {
        "Host": host,
        "Content-Type": content_type,
        "X-Sdk-Date": _DATE,
        "Authorization": separator.join(
            (
                f"SDK-HMAC-SHA256 Access={KEY}",
                f"SignedHeaders={signed}",
                f"Signature={signature}",
            )
        ),
        **extra,
    }
    answer = await caller.post(path, body, headers)
    # Authentic; only their channel number and templates are not known here.
    assert answer.code == (400, "E000510")
    assert set(answer.statuses) == {"E200033"}

    other = await caller.post(path, body, {**headers, "Host": "sms.example.org"})
    assert other.code == (400, "E000045")
    if not extra:
        other = await caller.post(path, body + b" ", headers)
        assert other.code == (400, "E000045")


def test_published_example() -> None:
    """The example of Huawei's signing guide, with a query."""
    canonical = signing.canonical_request(
        "GET",
        "/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs",
        "limit=2&marker=13551d6b-755d-4757-b956-536f674975c0",
        [
            ("Content-Type", "application/json"),
            ("Host", "service.region.example.com"),
            ("X-Sdk-Date", "20191115T033655Z"),
        ],
        signing.sha256_hex(b""),
    )
    assert (
        signing.signature(
            "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc", "20191115T033655Z", canonical
        )
        == "7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe"
    )


def test_canonical_form() -> None:
    """Queries are sorted and escaped with blanks as %20, values of headers trimmed."""
    canonical = signing.canonical_request(
        "GET",
        "/v2/p/templates",
        "limit=10&app_name=测试 app&offset=0",
        [("X-B", " a  b "), ("X-A", "c")],
        "hash",
    )
    assert "\nx-a:c\nx-b:a  b\n\nx-a;x-b\n" in canonical
    assert (
        canonical.splitlines()[2]
        == "app_name=%E6%B5%8B%E8%AF%95%20app&limit=10&offset=0"
    )


@pytest.mark.parametrize(
    ("minutes", "code"), [(14, None), (-14, None), (16, "E000044"), (-16, "E000044")]
)
async def test_clock(caller: Caller, minutes: int, code: str | None) -> None:
    """A quarter of an hour is tolerated on both sides."""
    await caller.options(clock_offset=timedelta(minutes=minutes).total_seconds())
    answer = await caller.send()
    assert answer.code == ((400, code) if code else (200, "000000"))


async def test_date_header_shows_the_clock(caller: Caller) -> None:
    """The Date of a response is the platform's own time."""
    await caller.options(
        clock_offset=_offset_to(datetime(2024, 11, 1, 2, 3, 4, tzinfo=UTC))
    )
    answer = await caller.send()
    assert answer.code == (400, "E000044")
    assert re.fullmatch(r"Fri, 01 Nov 2024 02:03:\d\d GMT", answer.headers["Date"])


@pytest.mark.parametrize(
    ("header", "value", "code"),
    [
        ("Authorization", None, "E000001"),
        ("X-Sdk-Date", None, "E000041"),
        ("X-Sdk-Date", " ", "E000041"),
        ("X-Sdk-Date", "2024-11-01T02:03:04Z", "E000042"),
        ("X-Sdk-Date", "2024111T020304Z", "E000042"),
        ("X-Sdk-Date", "20241301T020304Z", "E000042"),
        ("Authorization", "SDK-HMAC-SHA256 Access=a, Signature=b", "E000043"),
        ("Authorization", "SDK-HMAC-SHA256 Access=a;SignedHeaders=b", "E000043"),
        ("Authorization", "Bearer abc", "E000008"),
    ],
)
async def test_header_form(
    caller: Caller, header: str, value: str | None, code: str
) -> None:
    """Missing and malformed headers have codes of their own."""
    headers = caller.sign(SEND, b"to=")
    del headers[header]
    if value is not None:
        headers[header] = value
    answer = await caller.post(SEND, b"to=", headers)
    assert answer.code == (400, code)
    assert "result" not in answer.json


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (("host", "x-sdk-date"), "E000503"),
        (("host",), "E000045"),
        (("x-sdk-date",), "E000045"),
    ],
)
async def test_host_and_date_must_be_signed(
    caller: Caller, names: tuple[str, ...], code: str
) -> None:
    """A right signature that does not cover host and date is none."""
    headers = caller.sign(SEND, b"to=")
    canonical = signing.canonical_request(
        "POST",
        SEND,
        "",
        [(name, CIMultiDict(headers)[name]) for name in names],
        signing.sha256_hex(b"to="),
    )
    signature = signing.signature(SECRET, headers["X-Sdk-Date"], canonical)
    headers["Authorization"] = (
        f"SDK-HMAC-SHA256 Access={KEY}, SignedHeaders={';'.join(names)}, "
        f"Signature={signature}"
    )
    assert (await caller.post(SEND, b"to=", headers)).code == (400, code)


async def test_signed_header_that_is_not_there(caller: Caller) -> None:
    """A header that is signed must be sent."""
    headers = caller.sign(SEND, b"to=", extra={"X-Extra": "1"})
    del headers["X-Extra"]
    assert (await caller.post(SEND, b"to=", headers)).code == (400, "E000045")


async def test_more_headers_and_a_query_may_be_signed(caller: Caller) -> None:
    """All headers that a signer chooses count, and so does a query."""
    path = f"{SEND}?b=2&a=x%20y"
    headers = caller.sign(path, b"to=", extra={"User-Agent": "go", "X-Extra": " 1 "})
    assert (await caller.post(path, b"to=", headers)).code == (400, "E000503")
    headers["User-Agent"] = "java"
    assert (await caller.post(path, b"to=", headers)).code == (400, "E000045")


async def test_unsigned_payload(caller: Caller) -> None:
    """UNSIGNED-PAYLOAD stands for any body; the hash of an empty one is taken too."""
    headers = caller.sign(SEND, b"to=", hashed=False)
    assert (await caller.post(SEND, b"to=", headers)).code == (400, "E000503")
    assert (await caller.post(SEND, b"to=1", headers)).code == (400, "E000503")
    empty = caller.sign(SEND, b"", hashed=False)
    assert (await caller.post(SEND, b"", empty)).code == (400, "E000503")

    headers = caller.sign(SEND, b"to=")
    headers["X-Sdk-Content-Sha256"] = "UNSIGNED-PAYLOAD"
    assert (await caller.post(SEND, b"to=", headers)).code == (400, "E000045")


async def test_wrong_credentials(caller: Caller) -> None:
    """An unknown key and a wrong secret are told apart, in that order."""
    unknown = caller.sign(SEND, b"to=", key="Nobody", secret="wrong")
    answer = await caller.post(SEND, b"to=", unknown)
    assert answer.json == {"code": "E000102", "description": "Invalid app_key."}
    assert answer.http_status == 401
    wrong = caller.sign(SEND, b"to=", secret=SECRET + "x")
    assert (await caller.post(SEND, b"to=", wrong)).code == (400, "E000045")
