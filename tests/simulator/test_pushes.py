"""What is pushed: reports, batches and replies, signed and unsigned."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import ssl

import aiohttp
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID
import pytest

from simulator.config import Application, Config
from simulator.options import Options
from simulator.pushes import host_header, push_headers
from simulator.server import Server

from .caller import (
    ABROAD,
    ABROAD_CHANNEL,
    CHANNEL,
    CHANNEL_PROMOTION,
    FORM,
    KEY,
    NUMBER,
    PROMOTION,
    SECRET,
    Caller,
)
from .conftest import Starter
from .oracle import push_signature
from .receiver import Receiver

_PUSH_SK = "push-sk-1"
_SIGNED = {"push_ak": "push-ak-1", "push_sk": _PUSH_SK}


async def test_report(caller: Caller, receiver: Receiver) -> None:
    """A report has the documented fields and headers, and no signature."""
    answer = await caller.send(statusCallback=receiver.url(), extend="order-7 甲&乙")
    (push,) = await receiver.wait()
    fields = push.fields
    assert fields.pop("updateTime").endswith("Z")
    assert fields == {
        "sequence": "1",
        "total": "1",
        "statusDesc": "用户已成功收到短信",
        "source": "2",
        "smsMsgId": answer.ids[0],
        "status": "DELIVRD",
        "extend": "order-7 甲&乙",
        "to": NUMBER,
    }
    assert push.path == "/hw/report"
    assert {name.lower(): value for name, value in push.headers.items()} == {
        "host": receiver.url("")[7:],
        "connection": "close",
        "content-type": FORM,
        "content-length": str(len(push.body)),
    }


async def test_bare_report(caller: Caller, receiver: Receiver) -> None:
    """Without extend there is no number, and the newer fields may be missing."""
    await caller.options(report_time=False, report_description=False)
    answer = await caller.send(statusCallback=receiver.url())
    (push,) = await receiver.wait()
    assert push.fields == {
        "sequence": "1",
        "total": "1",
        "source": "2",
        "smsMsgId": answer.ids[0],
        "status": "DELIVRD",
    }


async def test_extend_without_number(caller: Caller, receiver: Receiver) -> None:
    """A report may have extend without a number, or neither of them."""
    await caller.options(report_number=False)
    await caller.send(statusCallback=receiver.url(), extend="a")
    await receiver.wait()
    await caller.options(report_extend=False)
    await caller.send(statusCallback=receiver.url(), extend="a")
    first, second = await receiver.wait(2)
    assert first.fields["extend"] == "a"
    assert "to" not in first.fields
    assert {"extend", "to"}.isdisjoint(second.fields)


async def test_report_abroad(abroad: Caller, receiver: Receiver) -> None:
    """Reports on international messages name the network element."""
    await abroad.send(
        template=ABROAD, channel=ABROAD_CHANNEL, statusCallback=receiver.url()
    )
    (push,) = await receiver.wait()
    assert push.fields["orgCode"] == "000"


async def test_report_of_each_part(caller: Caller, receiver: Receiver) -> None:
    """A long message is reported part by part under one id."""
    answer = await caller.send(values=["字" * 150], statusCallback=receiver.url())
    assert answer.results[0]["total"] == 3
    pushes = await receiver.wait(3)
    assert [push.fields["sequence"] for push in pushes] == ["1", "2", "3"]
    assert {push.fields["total"] for push in pushes} == {"3"}
    assert {push.fields["smsMsgId"] for push in pushes} == set(answer.ids)


async def test_no_callback(caller: Caller) -> None:
    """Without any address nothing is pushed, though the message is delivered."""
    await caller.send()
    assert await caller.control("GET", "idle") == {"idle": True}
    assert (await caller.control("GET", "pushes"))["count"] == 0
    messages = (await caller.control("GET", "messages"))["messages"]
    assert isinstance(messages, list)
    assert messages[0]["state"] == "DELIVRD"


async def test_no_retry(caller: Caller, receiver: Receiver) -> None:
    """A push that is refused is pushed once and no more; the answer is logged."""
    receiver.status = 503
    await caller.send(statusCallback=receiver.url())
    await receiver.wait()
    await caller.control("GET", "idle")
    pushes = (await caller.control("GET", "pushes"))["pushes"]
    assert isinstance(pushes, list)
    assert [push["http_status"] for push in pushes] == [503]
    assert len(receiver.pushes) == 1


async def test_unreachable(caller: Caller) -> None:
    """A push that reaches nobody is logged with its error."""
    await caller.send(statusCallback="http://127.0.0.1:9/hw")
    await caller.control("GET", "idle")
    pushes = (await caller.control("GET", "pushes"))["pushes"]
    assert isinstance(pushes, list)
    assert pushes[0]["http_status"] is None
    assert pushes[0]["error"] == "ClientConnectorError"


async def test_batch(caller: Caller, receiver: Receiver) -> None:
    """Reports without an address of their own come together, 50 at most."""
    await caller.control("PATCH", "application", {"batch_url": receiver.url("/batch")})
    to = ",".join(f"137{n:08}" for n in range(60))
    answer = await caller.send(to, extend="order-7")
    pushes = await receiver.wait(2)
    await caller.control("GET", "idle")
    assert len(pushes) == 2
    lists = [json.loads(push.body)["statusReportList"] for push in pushes]
    assert [len(reports) for reports in lists] == [50, 10]
    assert {push.path for push in pushes} == {"/batch"}
    assert {push.headers["Content-Type"] for push in pushes} == {"application/json"}
    reports = [report for reports in lists for report in reports]
    assert {report["smsMsgId"] for report in reports} == set(answer.ids)
    assert all(
        isinstance(value, str) for report in reports for value in report.values()
    )


async def test_callback_wins_over_batch(caller: Caller, receiver: Receiver) -> None:
    """A request's own address wins over the batch address."""
    await caller.control("PATCH", "application", {"batch_url": receiver.url("/batch")})
    await caller.send(statusCallback=receiver.url("/own"))
    (push,) = await receiver.wait()
    assert push.path == "/own"


async def test_reply(caller: Caller, receiver: Receiver) -> None:
    """A reply goes to the uplink address, from the person to the channel number."""
    await caller.control("PATCH", "application", {"uplink_url": receiver.url("/up")})
    answer = await caller.send()
    await caller.control("POST", "reply", {"number": NUMBER, "text": "退订 & 好+的"})
    (push,) = await receiver.wait()
    fields = push.fields
    assert push.path == "/up"
    assert push.headers["Content-Type"] == FORM
    assert fields.pop("createTime").endswith("Z")
    assert fields.pop("smsMsgId") not in answer.ids
    assert fields == {"from": NUMBER, "to": CHANNEL, "body": "退订 & 好+的"}

    await caller.options(uplink_time=False)
    await caller.control(
        "POST",
        "reply",
        {"number": "+8613900000009", "text": "a", "channel_number": "106912"},
    )
    fields = (await receiver.wait(2))[1].fields
    assert fields["to"] == "106912"
    assert "createTime" not in fields


async def test_reply_without_uplink_address(caller: Caller) -> None:
    """Without an uplink address a reply stays with the phone."""
    await caller.send()
    answer = await caller.control("POST", "reply", {"number": NUMBER, "text": "好"})
    assert answer == {"push": None}
    phones = (await caller.control("GET", "phones"))["phones"]
    assert isinstance(phones, list)
    (phone,) = phones
    assert phone["number"] == NUMBER
    assert [entry["direction"] for entry in phone["conversation"]] == [
        "received",
        "sent",
    ]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"number": NUMBER, "text": ""}, "text must have 1 to 160 characters"),
        ({"number": NUMBER, "text": "字" * 161}, "text must have 1 to 160 characters"),
        ({"number": NUMBER}, "text is missing"),
        ({"number": 7, "text": "a"}, "number must be text"),
        ({"number": "+8613900000009", "text": "a"}, "number never got a message"),
    ],
)
async def test_bad_reply(caller: Caller, body: dict[str, object], problem: str) -> None:
    """A reply that cannot be has a reason."""
    await caller.send()
    assert await caller.try_control("POST", "reply", body) == (400, {"error": problem})


async def test_no_reply_abroad(abroad: Caller) -> None:
    """International applications get no replies."""
    await abroad.send(template=ABROAD, channel=ABROAD_CHANNEL)
    status, answer = await abroad.try_control(
        "POST", "reply", {"number": NUMBER, "text": "a"}
    )
    assert (status, answer["error"]) == (
        400,
        "only mainland applications get replies",
    )


async def test_unsubscribing(caller: Caller, receiver: Receiver) -> None:
    """Who answers R gets no more promotion from this channel number, but notices."""
    fields = {
        "template": PROMOTION,
        "channel": CHANNEL_PROMOTION,
        "statusCallback": receiver.url(),
    }
    await caller.send(values=["水果"], **fields)
    await receiver.wait()
    await caller.control("POST", "reply", {"number": NUMBER, "text": " r "})
    await caller.send(values=["蔬菜"], **fields)
    await receiver.wait(2)
    await caller.send(statusCallback=receiver.url())
    pushes = await receiver.wait(3)
    assert [push.fields["status"] for push in pushes] == [
        "DELIVRD",
        "SC:0016",
        "DELIVRD",
    ]
    assert pushes[1].fields["source"] == "3"


async def test_signed(caller: Caller, receiver: Receiver) -> None:
    """With push keys all three kinds are signed, as Huawei's signer would do it."""
    await caller.control(
        "PATCH",
        "application",
        {
            **_SIGNED,
            "batch_url": receiver.url("/batch?a=1"),
            "uplink_url": receiver.url("/up"),
        },
    )
    await caller.send(statusCallback=receiver.url("/hw/re%20port?token=a%20b&c=d"))
    await receiver.wait(1)
    await caller.control("POST", "reply", {"number": NUMBER, "text": "好"})
    await caller.send()
    pushes = await receiver.wait(3)
    assert [push.path for push in pushes] == [
        "/hw/re%20port?token=a%20b&c=d",
        "/up",
        "/batch?a=1",
    ]
    for push in pushes:
        assert push.headers["Connection"] == "close"
        authorization = push.headers["Authorization"]
        assert authorization.startswith(
            "SDK-HMAC-SHA256 Access=push-ak-1,"
            "SignedHeaders=connection;content-length;content-type;host;x-sdk-date,"
            "Signature="
        )
        expected = push_signature(
            receiver.url(push.path), push.body, push.headers, _PUSH_SK
        )
        assert authorization.endswith(f"Signature={expected}")
        wrong = push_signature(
            receiver.url(push.path), push.body + b" ", push.headers, _PUSH_SK
        )
        assert wrong != expected


def test_worked_example() -> None:
    """The worked example of a signed push."""
    body = (
        b"sequence=1&total=1&updateTime=2024-11-01T02%3A03%3A05Z&source=2"
        b"&smsMsgId=3f2a1b00-7d6e-4c55-9a77-0c0c0c0c0c0c_8613700000001"
        b"&status=DELIVRD&extend=order-7&to=%2B8613700000001"
    )
    headers = push_headers(
        "http://sms.example.org/hw/report",
        body,
        FORM,
        application=Application(
            app_key=KEY, app_secret=SECRET, push_ak="push-ak-1", push_sk=_PUSH_SK
        ),
        options=Options(),
        date="20241101T020304Z",
    )
    assert headers == {
        "Host": "sms.example.org",
        "Connection": "close",
        "Content-Type": FORM,
        "Content-Length": "173",
        "X-Sdk-Date": "20241101T020304Z",
        "Authorization": (
            "SDK-HMAC-SHA256 Access=push-ak-1,"
            "SignedHeaders=connection;content-length;content-type;host;x-sdk-date,"
            "Signature="
            "8d49ce349a38b0262c30a7a7f46e6052507d17dab031ed35809415e2a6b1f2d6"
        ),
    }


async def test_options_of_signatures(caller: Caller, receiver: Receiver) -> None:
    """The unknowns of signed pushes: body not hashed, other Connection, blanks."""
    await caller.control("PATCH", "application", _SIGNED)
    await caller.options(
        push_body_hashed=False,
        push_connection="keep-alive",
        push_separator=", ",
        keep_callback_query=False,
    )
    await caller.send(statusCallback=receiver.url("/hw/report?token=abc"))
    (push,) = await receiver.wait()
    assert push.path == "/hw/report"
    assert push.headers["Connection"] == "keep-alive"
    expected = push_signature(receiver.url(push.path), b"", push.headers, _PUSH_SK)
    assert push.headers["Authorization"].endswith(f", Signature={expected}")


async def test_one_push_key_is_not_enough(caller: Caller, receiver: Receiver) -> None:
    """Pushes are signed only if both push keys are set."""
    await caller.control("PATCH", "application", {"push_ak": "push-ak-1"})
    await caller.send(statusCallback=receiver.url())
    (push,) = await receiver.wait()
    assert "Authorization" not in push.headers


async def test_callback_base(
    start: Starter,
    config: Config,
    session: aiohttp.ClientSession,
    receiver: Receiver,
) -> None:
    """Pushes can go elsewhere, while host and signature stay those handed over."""
    server = await start(replace(config, callback_base=receiver.url("")))
    caller = Caller(session, server.url)
    await caller.control("PATCH", "application", _SIGNED)
    address = "https://sms.example.org:8443/hw/report?token=abc"
    await caller.send(statusCallback=address)
    (push,) = await receiver.wait()
    assert push.path == "/hw/report?token=abc"
    assert push.headers["Host"] == "sms.example.org:8443"
    expected = push_signature(address, push.body, push.headers, _PUSH_SK)
    assert push.headers["Authorization"].endswith(expected)


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("http://sms.example.org/a", "sms.example.org"),
        ("http://sms.example.org:80/a", "sms.example.org"),
        ("https://sms.example.org:443/a", "sms.example.org"),
        ("https://SMS.example.org:80/a", "sms.example.org:80"),
        ("http://[::1]:8123/a", "[::1]:8123"),
    ],
)
def test_host(address: str, host: str) -> None:
    """The Host of a push has a port only if it is not the usual one."""
    assert host_header(address) == host


async def test_slow_receiver(caller: Caller, server: Server) -> None:
    """A receiver that does not answer in time is given up."""
    writers: list[asyncio.StreamWriter] = []
    silent = await asyncio.start_server(
        lambda _, writer: writers.append(writer), "127.0.0.1", 0
    )
    port = silent.sockets[0].getsockname()[1]
    await caller.options(push_timeout=0.05)
    await caller.send(statusCallback=f"http://127.0.0.1:{port}/hw")
    await caller.control("GET", "idle")
    (push,) = server.platform.state.records.pushes
    assert push.error is not None
    assert "Timeout" in push.error
    for writer in writers:
        writer.close()
    silent.close()


@pytest.mark.parametrize(
    ("version", "ciphers", "pushed"),
    [
        (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES128-GCM-SHA256", True),
        (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES256-SHA384", False),
        (ssl.TLSVersion.TLSv1_3, None, False),
    ],
)
async def test_tls(
    caller: Caller,
    tmp_path: Path,
    version: ssl.TLSVersion,
    ciphers: str | None,
    pushed: bool,
) -> None:
    """Pushes need TLS 1.2 with one of the platform's cipher suites."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(tmp_path))
    context.minimum_version = context.maximum_version = version
    if ciphers is not None:
        context.set_ciphers(ciphers)
    async with Receiver(context) as receiver:
        await caller.send(statusCallback=receiver.url())
        await caller.control("GET", "idle")
        pushes = (await caller.control("GET", "pushes"))["pushes"]
        assert isinstance(pushes, list)
        assert pushes[0]["http_status"] == (200 if pushed else None)
        assert len(receiver.pushes) == pushed


def _certificate(folder: Path) -> Path:
    """Write a self-signed certificate and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sms.example.org")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(hours=1))
        .sign(key, SHA256())
    )
    file = folder / "certificate.pem"
    file.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + certificate.public_bytes(Encoding.PEM)
    )
    return file
