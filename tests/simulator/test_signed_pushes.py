"""How pushes are signed, where they really go, and TLS."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
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

from .caller import FORM, KEY, NUMBER, SECRET, Caller
from .conftest import Starter
from .oracle import push_signature
from .receiver import Receiver

_PUSH_SK = "push-sk-1"
_SIGNED = {"push_ak": "push-ak-1", "push_sk": _PUSH_SK}


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
