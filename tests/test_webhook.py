"""Tests of the webhook: what it takes, what it answers, and what becomes of it."""

import asyncio
import gzip
from urllib.parse import urlencode

from aiohttp.test_utils import TestClient
from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.huawei_cloud_sms import webhook as door_module
from homeassistant.components import webhook
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from homeassistant.util.aiohttp import MockRequest

from .common import WEBHOOK_PATH, Events, reply, report
from .const import WEBHOOK_ID
from .pushing import FORM, JSON, Post, batch


async def test_report(post: Post, reports: Events) -> None:
    """A report is stored and shown by both roads."""
    assert await post(urlencode(report("one")).encode(), FORM) == 200
    assert await post(urlencode(report("one")).encode(), FORM) == 200
    assert reports.types == ["delivered"]


async def test_batch(post: Post, reports: Events) -> None:
    """All reports of a batch are stored and shown by both roads."""
    body = batch(report("1"), report("2", "UNDELIV"), {**report("3"), "total": 1})
    assert await post(body, f"{JSON}; charset=utf-8") == 200
    assert reports.types == ["delivered", "failed", "delivered"]


async def test_reply(post: Post, replies: Events) -> None:
    """A reply is stored and shown by both roads."""
    assert await post(urlencode(reply(body="好的&+1 %")).encode(), FORM) == 200
    (state,) = replies.states
    assert state.attributes["text"] == "好的&+1 %"


async def test_answer_says_what_became_of_a_push(
    door: TestClient, application: MockConfigEntry
) -> None:
    """What is stored is told from the empty 200 that any unknown address gives."""
    answer = await door.post(WEBHOOK_PATH, data=report("one"))
    assert answer.status == 200
    assert await answer.json() == {"result": "stored"}
    answer = await door.post(WEBHOOK_PATH, data={"status": "DELIVRD"})
    assert answer.status == 400
    assert await answer.json() == {"result": "not understood"}
    answer = await door.post(f"{WEBHOOK_PATH}0", data=report("one"))
    assert (answer.status, await answer.read()) == (200, b"")


async def test_replies_of_many(door: TestClient, replies: Events) -> None:
    """However many people reply, each is known by the number as it is written here."""
    numbers = [f"1370000{number:04}" for number in range(102)]
    for number in (*numbers, numbers[-1]):
        fields = reply(f"{len(replies.states)}", **{"from": number})
        assert (await door.post(WEBHOOK_PATH, data=fields)).status == 200
    senders = [state.attributes["sender"] for state in replies.states]
    assert senders == [f"+86{number}" for number in (*numbers, numbers[-1])]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", FORM),
        (b"status=DELIVRD", FORM),
        (b"smsMsgId=1&status=", FORM),
        (b"smsMsgId=1&status=%ff", FORM),
        (b"smsMsgId=1&status=DELIVRD&status=EXPIRED", FORM),
        (b"smsMsgId=1&status=" + b"x" * 100, FORM),
        (b"from=%2B861370000001&to=1", FORM),
        (b"\xff\xfe", JSON),
        (b"[" * 50_000, JSON),
        (b"null", JSON),
        (b'{"statusReportList": []}', JSON),
        (b'{"statusReportList": [1]}', JSON),
        (batch(report("1"), {"smsMsgId": "2"}), JSON),
        (b"hello", "text/plain"),
    ],
)
async def test_malformed(
    post: Post, reports: Events, replies: Events, body: bytes, content_type: str
) -> None:
    """What does not parse is answered 400, as a whole, and nothing is shown."""
    assert await post(body, content_type) == 400
    assert reports.states == replies.states == []


async def test_malformed_is_logged_now_and_then(
    door: TestClient,
    application: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Whoever finds the address does not fill the log with rubbish."""
    for fields, seconds, count in (
        ({"status": "DELIVRD"}, 0, 1),
        (report("one"), 0, 1),
        ({"status": "DELIVRD"}, 3599, 1),
        (reply("one", body="x" * 3000), 2, 2),
    ):
        freezer.tick(seconds)
        await door.post(WEBHOOK_PATH, data=fields)
        assert caplog.text.count("A push could not be read") == count
    assert "smsMsgId missing" in caplog.text
    assert "body length" in caplog.text


async def test_fault_of_ours(
    hass: HomeAssistant,
    door: TestClient,
    application: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whatever breaks, the answer is not 200, and the log does not name the address."""
    hass.config_entries.async_update_entry(application, options={})
    await hass.async_block_till_done()
    caplog.clear()
    assert (await door.post(WEBHOOK_PATH, data=reply())).status == 503
    assert "A push could not be handled: KeyError" in caplog.text
    ours = [it.getMessage() for it in caplog.records if it.levelname == "ERROR"]
    assert ours
    assert not any(WEBHOOK_ID in text for text in ours)


@pytest.mark.parametrize(
    ("size", "content_type", "status"),
    [
        (64 * 1024, FORM, 200),
        (64 * 1024 + 1, FORM, 413),
        (64 * 1024 + 1, "", 413),
        (5_000_000, FORM, 413),
        (256 * 1024, JSON, 200),
        (256 * 1024 + 1, JSON, 413),
    ],
)
async def test_size(
    post: Post, reports: Events, size: int, content_type: str, status: int
) -> None:
    """Bodies have a limit."""
    if content_type == JSON:
        body = batch(report("one"))
        body += b" " * (size - len(body))
    else:
        body = urlencode(report("one")).encode()
        body += b"&x=" + b"x" * (size - len(body) - 3)
    assert len(body) == size
    assert await post(body, content_type) == status
    assert len(reports.states) == (status == 200)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
async def test_other_methods(
    hass: HomeAssistant,
    door: TestClient,
    application: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
    method: str,
) -> None:
    """Only POST is taken, and nobody writes the webhook's id into the log."""
    answer = await door.request(method, WEBHOOK_PATH)
    assert answer.status == 405
    assert answer.headers["Allow"] == "POST"
    answer = await webhook.async_handle_webhook(
        hass, WEBHOOK_ID, MockRequest(b"", mock_source="cloud", method=method)
    )
    assert answer.status == 405
    assert not [
        record
        for record in caplog.records
        if record.levelname != "DEBUG"
        and record.name.startswith("homeassistant")
        and WEBHOOK_ID in record.getMessage()
    ]


async def raw_request(door: TestClient, *chunks: bytes, close: bool = True) -> bytes:
    """Write bytes to the server as they are; return its answer, if it gives one."""
    reader, writer = await asyncio.open_connection(door.host, door.port)
    for chunk in chunks:
        writer.write(chunk)
        await writer.drain()
    if close:
        writer.write_eof()
    async with asyncio.timeout(5):
        answer = await reader.read(64 * 1024)
    writer.close()
    return answer


HEAD = f"POST {WEBHOOK_PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\n"


async def test_slow_body(
    door: TestClient,
    application: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A body that does not come to its end is not waited for without end."""
    monkeypatch.setattr(door_module, "_READ_TIMEOUT", 0.1)
    answer = await raw_request(
        door, f"{HEAD}Content-Length: 20\r\n\r\nsmsMsgId=1".encode(), close=False
    )
    assert answer.startswith(b"HTTP/1.1 408 ")


async def test_endless_body(door: TestClient, application: MockConfigEntry) -> None:
    """What is too large is not read to its end, which need not come."""
    answer = await raw_request(
        door,
        f"{HEAD}Content-Length: 5000000\r\n\r\n".encode(),
        b"x" * (64 * 1024 + 1),
        close=False,
    )
    assert answer.startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    "request_text",
    [
        f"{HEAD}Content-Length: 200\r\n\r\nsmsMsgId=1&status=DELIVRD",
        f"{HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\nsmsMs",
        f"{HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\nsmsMsgId",
        f"{HEAD}Content-Encoding: gzip\r\nContent-Length: 6\r\n\r\nno gzip",
        f"{HEAD}Content-Encoding: br\r\nContent-Length: 6\r\n\r\nno br",
    ],
)
async def test_broken_body(
    door: TestClient,
    application: MockConfigEntry,
    reports: Events,
    caplog: pytest.LogCaptureFixture,
    request_text: str,
) -> None:
    """A body that breaks off or is garbled counts for nothing, and is no fault."""
    await raw_request(door, request_text.encode())
    answer = await door.post(WEBHOOK_PATH, data=report("next"))
    assert answer.status == 200
    assert len(reports.states) == 1
    # Home Assistant's own report of a failing handler names the webhook's id
    assert "Error processing webhook" not in caplog.text


async def test_compressed_body_has_the_same_limit(
    door: TestClient, application: MockConfigEntry, reports: Events
) -> None:
    """A small body that grows large is too large as well."""
    headers = {"Content-Type": FORM, "Content-Encoding": "gzip"}
    for body, status in (
        (urlencode(report("one")).encode(), 200),
        (b"x" * 50_000_000, 413),
    ):
        answer = await door.post(
            WEBHOOK_PATH, data=gzip.compress(body), headers=headers
        )
        assert answer.status == status
    assert len(reports.states) == 1


@pytest.mark.parametrize("time", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"])
async def test_time_out_of_this_world(
    hass: HomeAssistant, door: TestClient, replies: Events, time: str
) -> None:
    """A reply with an impossible time is shown with the one at which it came."""
    await hass.config.async_update(time_zone="Asia/Shanghai")
    await door.post(WEBHOOK_PATH, data=reply(createTime=time))
    (state,) = await replies.wait_for(1)
    assert state.attributes["time"].startswith(f"{dt_util.now().year}-")
