"""What answers of the platform mean."""

from datetime import UTC, datetime
import json

from hypothesis import given, strategies as st
import pytest

from custom_components.huawei_cloud_sms.msgsms.client import SmsClient
from custom_components.huawei_cloud_sms.msgsms.errors import (
    RefusedError,
    UnconfirmedError,
    UnconfirmedReason,
)
from custom_components.huawei_cloud_sms.msgsms.models import (
    NumberResult,
    SendResponse,
    TemplatedSms,
)
from custom_components.huawei_cloud_sms.msgsms.wire import read_answer

from .canned import DATE, Canned, entry
from .test_requests import NUMBER, SIMPLE

SERVER_TIME = datetime(2024, 11, 1, 2, 3, 5, tzinfo=UTC)
OTHER = "+8613700000002"
REFUSED = {"code": "E000102", "description": "Invalid app_key."}


async def test_success(client: SmsClient, platform: Canned) -> None:
    """Every field of the documented answer is read."""
    platform.answer(
        {"result": [entry(NUMBER)], "code": "000000", "description": "Success"}
    )
    assert await client.send(SIMPLE) == SendResponse(
        http_status=200,
        code="000000",
        description="Success",
        results=(
            NumberResult(
                number=NUMBER,
                status="000000",
                message_id="3f2a1b00-7d6e-4c55-9a77-0c0c0c0c0c0c_0001",
                channel_number="8824110605123",
                created_at=datetime(2024, 11, 1, 2, 3, 4, tzinfo=UTC),
                country="CN",
                parts=1,
            ),
        ),
        server_time=SERVER_TIME,
    )


@pytest.mark.parametrize("status", [200, 400, 401, 404, 500, 504])
@pytest.mark.parametrize("code", ["000000", "E000510", "E200037", "E999999", None])
async def test_results_count_whatever_is_around_them(
    client: SmsClient, platform: Canned, status: int, code: str | None
) -> None:
    """A mixed result is a normal result."""
    platform.answer(
        {"code": code, "result": [entry(NUMBER), entry(OTHER, "E200028", total=0)]},
        status,
    )
    response = await client.send(
        TemplatedSms(numbers=(NUMBER, OTHER), template_id="1" * 32)
    )
    assert (response.http_status, response.code) == (status, code or "")
    assert [(r.number, r.status, r.parts) for r in response.results] == [
        (NUMBER, "000000", 1),
        (OTHER, "E200028", 0),
    ]


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        # An old platform leaves fields out, a strange one writes numbers or null.
        ({"originTo": NUMBER, "status": "000000"}, ("000000", None, None, None)),
        (
            {"originTo": NUMBER, "status": 0, "smsMsgId": 17, "total": "2"},
            ("000000", "17", 2, None),
        ),
        (
            entry(NUMBER, "E200028", smsMsgId=None, total=None, createTime=None, x=[]),
            ("E200028", None, None, None),
        ),
        (
            entry(NUMBER, smsMsgId="", total="many", createTime="2024-11-01 02:03:04"),
            ("000000", None, None, None),
        ),
        (
            entry(
                NUMBER, smsMsgId="x" * 201, total=-1, createTime="2024-02-30T00:00:00Z"
            ),
            ("000000", None, None, None),
        ),
        (
            entry(NUMBER, smsMsgId=["x"], total=True, createTime=20241101),
            ("000000", None, None, None),
        ),
        (
            entry(NUMBER, smsMsgId="a\0", total=1e300),
            ("000000", None, None, SERVER_TIME),
        ),
        (
            entry(NUMBER, smsMsgId="\ud800", total={}),
            ("000000", None, None, SERVER_TIME),
        ),
        (entry(NUMBER, "MI:0024", smsMsgId="i"), ("MI:0024", "i", 1, SERVER_TIME)),
    ],
)
async def test_tolerant_reading(
    client: SmsClient,
    platform: Canned,
    result: dict[str, object],
    expected: tuple[object, ...],
) -> None:
    """What is odd about one field does not hide the others."""
    if "createTime" in result and result["createTime"] == "2024-11-01T02:03:04Z":
        result = {**result, "createTime": "2024-11-01T02:03:05Z"}
    platform.body = json.dumps({"code": "000000", "result": [result]}).encode()
    [read] = (await client.send(SIMPLE)).results
    assert read.number == NUMBER
    assert (read.status, read.message_id, read.parts, read.created_at) == expected


@pytest.mark.parametrize(
    "result",
    [
        None,
        "text",
        [],
        {"status": "000000"},
        {"originTo": NUMBER},
        {"originTo": NUMBER, "status": None},
        {"originTo": NUMBER, "status": "E" * 33},
        {"originTo": NUMBER, "status": False},
        {"originTo": None, "status": "000000"},
        {"originTo": "1" * 85, "status": "000000"},
    ],
)
async def test_results_that_say_nothing(
    client: SmsClient, platform: Canned, result: object
) -> None:
    """An entry that does not say what became of whom is passed over, not guessed at."""
    platform.answer({"code": "E000510", "result": [result, entry(OTHER)]}, 400)
    response = await client.send(SIMPLE)
    assert [read.number for read in response.results] == [OTHER]


@pytest.mark.parametrize(
    "answer",
    [{"code": "000000"}, {"code": 0, "result": []}, {"code": "000000", "result": None}],
)
async def test_accepted_without_results(
    client: SmsClient, platform: Canned, answer: dict[str, object]
) -> None:
    """Acceptance without results is a response that says nothing of the numbers."""
    platform.answer(answer)
    response = await client.send(SIMPLE)
    assert (response.code, response.results) == ("000000", ())


@pytest.mark.parametrize("status", [200, 400, 401, 403, 407, 408, 500, 502, 504])
@pytest.mark.parametrize("result", [{}, {"result": None}, {"result": []}])
async def test_refused_by_code(
    client: SmsClient, platform: Canned, status: int, result: dict[str, object]
) -> None:
    """A code of the platform without results refuses the request as a whole."""
    platform.answer({**REFUSED, **result}, status)
    with pytest.raises(RefusedError) as raised:
        await client.send(SIMPLE)
    err = raised.value
    assert (err.code, err.description) == ("E000102", "Invalid app_key.")
    assert (err.http_status, err.server_time) == (status, SERVER_TIME)


HTML = b"<html><body>no</body></html>"


@pytest.mark.parametrize("body", [b"", HTML, b"[]", b"null", b'{"error_code":"A.1"}'])
@pytest.mark.parametrize(
    "status", [301, 302, 307, 308, 400, 401, 403, 404, 405, 413, 429]
)
async def test_refused_by_status(
    client: SmsClient, platform: Canned, status: int, body: bytes
) -> None:
    """A status that says that the request was not taken is enough."""
    platform.status, platform.body = status, body
    platform.headers["Location"] = f"{platform.url}elsewhere"
    with pytest.raises(RefusedError) as raised:
        await client.send(SIMPLE)
    assert (raised.value.code, raised.value.http_status) == (None, status)
    # A redirect that were followed would send a second time.
    assert len(platform.received) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        HTML,
        b"[1]",
        b'"text"',
        b'{"code":"GATEWAY_TIMEOUT"}',
        b'{"code":504,"message":"upstream timed out"}',
        b'{"code":"000000","result":"text"}',
        b'{"code":"000000","result":{"originTo":"1"}}',
        b'{"code":null,"description":"none"}',
        b'{"code":true}',
        b'{"code":"E000102"',
        b"\xff\xfe\x00{",
        b"[" * 100_000,
        b'{"code":' + b"9" * 5000 + b"}",
    ],
)
@pytest.mark.parametrize("status", [200, 202, 303, 407, 408, 500, 502, 503, 504])
async def test_unreadable(
    client: SmsClient, platform: Canned, status: int, body: bytes
) -> None:
    """What says nothing, where the request may have been taken, is unconfirmed."""
    platform.status, platform.body = status, body
    with pytest.raises(UnconfirmedError) as raised:
        await client.send(SIMPLE)
    assert raised.value.reason is UnconfirmedReason.UNREADABLE
    assert raised.value.http_status == status
    assert len(platform.received) == 1


async def test_odd_code_with_a_refusing_status_is_kept(
    client: SmsClient, platform: Canned
) -> None:
    """Codes that are not known are kept as they are."""
    platform.answer({"code": "SVC0001", "description": 7}, 400)
    with pytest.raises(RefusedError) as raised:
        await client.send(SIMPLE)
    assert (raised.value.code, raised.value.description) == ("SVC0001", "7")


async def test_garbled_description_hides_nothing(
    client: SmsClient, platform: Canned
) -> None:
    """A byte order mark and another encoding are survived."""
    platform.body = b'\xef\xbb\xbf{"description":"\xb3\xc9","code":"000000","result":['
    platform.body += json.dumps(entry(NUMBER)).encode() + b"]}"
    [read] = (await client.send(SIMPLE)).results
    assert read.status == "000000"


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("Fri, 99 Nov 2024 02:03:05 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 -0100", None),
        (DATE, SERVER_TIME),
        ("Fri, 01 Nov 2024 10:03:05 +0800", SERVER_TIME),
        ("Fri, 01 Nov 2024 02:03:05 -0000", SERVER_TIME),
    ],
)
def test_server_time(date: str | None, expected: datetime | None) -> None:
    """The Date header is read where it can be, as aware time in UTC."""
    assert read_answer(200, date, b'{"code":"000000"}').server_time == expected


async def test_errors_say_nothing_private(client: SmsClient, platform: Canned) -> None:
    """A platform that repeats the number does not bring it into an error's text."""
    platform.answer({"code": "E000503", "description": f"bad number {NUMBER}"}, 400)
    with pytest.raises(RefusedError) as refused:
        await client.send(SIMPLE)
    assert NUMBER in refused.value.description
    assert NUMBER not in f"{refused.value} {refused.value!r}"

    platform.answer(
        {"code": "000000", "description": NUMBER, "result": [entry(NUMBER)]}
    )
    assert NUMBER not in repr(await client.send(SIMPLE))


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["000000", "E000102", "\ud800", "\0", NUMBER]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*entry(NUMBER), "x"]), inner, max_size=8)
    ),
    max_leaves=12,
)


@given(
    st.integers(200, 599),
    st.none() | st.text(max_size=30),
    st.binary(max_size=60)
    | st.dictionaries(
        st.sampled_from(["code", "description", "result"]), values, max_size=3
    ).map(lambda answer: json.dumps(answer).encode()),
)
def test_any_answer_is_a_response_or_a_typed_error(
    status: int, date: str | None, body: bytes
) -> None:
    """Nothing that a platform or a proxy writes makes the client stumble."""
    try:
        response = read_answer(status, date, body)
    except RefusedError, UnconfirmedError:
        return
    for result in response.results:
        assert result.number
        assert result.status
        assert "\0" not in (result.message_id or "")
        repr((result, result.number, result.message_id)).encode()
