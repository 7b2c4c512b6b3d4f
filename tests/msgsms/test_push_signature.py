"""Signed pushes: the platform's own, forged and repeated ones."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

from multidict import CIMultiDict
import pytest

from custom_components.huawei_cloud_sms.msgsms.errors import (
    PushRejectedError,
    PushRejection,
)
from custom_components.huawei_cloud_sms.msgsms.push_signature import (
    PushKey,
    PushVerifier,
)
from custom_components.huawei_cloud_sms.msgsms.signing import hash_payload

from .oracle import signed

NOW = datetime(2024, 11, 1, 2, 3, 4, tzinfo=UTC)
ADDRESS = "http://sms.example.org/hw/report"
BODY = (
    b"sequence=1&total=1&updateTime=2024-11-01T02%3A03%3A05Z&source=2"
    b"&smsMsgId=3f2a1b00-7d6e-4c55-9a77-0c0c0c0c0c0c_8613700000001"
    b"&status=DELIVRD&extend=order-7&to=%2B8613700000001"
)
FORM = "application/x-www-form-urlencoded"
SIGNED_HEADERS = "connection;content-length;content-type;host;x-sdk-date"
# The worked example V7 of the reference.
SIGNATURE = "8d49ce349a38b0262c30a7a7f46e6052507d17dab031ed35809415e2a6b1f2d6"
NAMES = f"SignedHeaders={SIGNED_HEADERS}"
ACCESS = "Access=push-ak-1"
KEY = PushKey("push-ak-1", "push-sk-1")
OTHER_KEY = PushKey("push-ak-2", "push-sk-2")


def authorization(
    access: str = "push-ak-1", names: str = SIGNED_HEADERS, signature: str = SIGNATURE
) -> str:
    """Return the header as the platform writes it, without blanks."""
    return (
        f"SDK-HMAC-SHA256 Access={access},SignedHeaders={names},Signature={signature}"
    )


HEADERS = {
    "Host": "sms.example.org",
    "Connection": "close",
    "Content-Type": FORM,
    "Content-Length": "173",
    "X-Sdk-Date": "20241101T020304Z",
    "Authorization": authorization(),
}


def verify(
    headers: dict[str, str] | CIMultiDict[str] = HEADERS,
    body: bytes = BODY,
    addresses: Sequence[str] = (ADDRESS,),
    *,
    now: datetime = NOW,
    keys: Sequence[PushKey] = (KEY,),
) -> str:
    """Verify one push with a verifier of its own."""
    return PushVerifier(keys).verify(headers, body, addresses, now=now)


def rejected(
    headers: dict[str, str] | CIMultiDict[str] = HEADERS,
    body: bytes = BODY,
    addresses: Sequence[str] = (ADDRESS,),
    *,
    now: datetime = NOW,
    keys: Sequence[PushKey] = (KEY,),
) -> PushRejection:
    """Return why a push is rejected."""
    with pytest.raises(PushRejectedError) as raised:
        verify(headers, body, addresses, now=now, keys=keys)
    return raised.value.reason


def sign(
    address: str,
    body: bytes,
    *,
    key: PushKey = KEY,
    hash_forms: bool = True,
    host: str | None = None,
    **headers: str,
) -> dict[str, str]:
    """Return the headers of a push, signed by Huawei's signer."""
    url = urlsplit(address)
    return signed(
        "POST",
        url.path,
        parse_qsl(url.query, keep_blank_values=True),
        {
            "Host": host or url.netloc,
            "Connection": "close",
            "Content-Length": str(len(body)),
            "Content-Type": FORM,
            "X-Sdk-Date": "20241101T020304Z",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        },
        body,
        key.access_key,
        key.secret_key,
        hash_forms=hash_forms,
    )


def test_worked_example() -> None:
    """V7 is verified, and its signature returned."""
    assert verify() == SIGNATURE


@pytest.mark.parametrize(
    "value",
    [
        authorization().replace(",", ", "),
        authorization().replace(",", " ,  "),
        f"  {authorization()} ",
        authorization(signature=SIGNATURE.upper()),
        authorization(names=SIGNED_HEADERS.title()),
        f"SDK-HMAC-SHA256 Signature={SIGNATURE},{ACCESS},{NAMES}",
        f"SDK-HMAC-SHA256 {NAMES}, {ACCESS}, Signature={SIGNATURE}",
    ],
)
def test_authorization_in_any_dress(value: str) -> None:
    """Blanks, order and case do not matter."""
    assert verify({**HEADERS, "Authorization": value}) == SIGNATURE


@pytest.mark.parametrize("change", [str.upper, str.lower, str.title])
def test_names_of_headers_in_any_case(change: Callable[[str], str]) -> None:
    """Neither does the case of names, nor what kind of mapping it is."""
    headers = {change(name): value for name, value in HEADERS.items()}
    assert verify(headers) == SIGNATURE
    assert verify(CIMultiDict(headers)) == SIGNATURE


@pytest.mark.parametrize(
    "changes",
    [
        # What proxies do: the address, not the request, says where it went to.
        {"Host": "homeassistant:8123"},
        {"Host": None},
        {"Connection": None},
        {"Connection": "keep-alive"},
        {"Connection": "upgrade"},
        {"Content-Length": None},
        {"Content-Length": "5"},
        {"Content-Type": f"  {FORM} "},
        {"X-Forwarded-Host": "elsewhere.example.org"},
        # Not signed, so it cannot take the body out of the signature.
        {"X-Sdk-Content-Sha256": "UNSIGNED-PAYLOAD"},
        {"X-Sdk-Content-Sha256": "0" * 64},
    ],
)
def test_what_proxies_change_does_not_matter(changes: dict[str, str | None]) -> None:
    """Headers that a proxy rewrites, drops or adds do not break the check."""
    headers = {**HEADERS, **changes}
    assert verify({k: v for k, v in headers.items() if v is not None}) == SIGNATURE


@pytest.mark.parametrize("connection", ["close", "keep-alive", "Keep-Alive", "", "te"])
def test_connection_values(connection: str) -> None:
    """The platform may have signed any of the usual values, or the one received."""
    headers = sign(ADDRESS, BODY, Connection=connection)
    if connection != "te":
        headers.pop("Connection")
    assert verify(headers)


def test_connection_values_can_be_set() -> None:
    """A value that is not among those given is not tried."""
    headers = sign(ADDRESS, BODY, Connection="keep-alive")
    headers["Connection"] = "upgrade"
    with pytest.raises(PushRejectedError):
        PushVerifier([KEY], connection_values=["close"]).verify(
            headers, BODY, [ADDRESS], now=NOW
        )
    PushVerifier([KEY], connection_values=["keep-alive"]).verify(
        headers, BODY, [ADDRESS], now=NOW
    )


@pytest.mark.parametrize(
    ("handed_out", "host"),
    [
        ("https://ha.example.org/api/webhook/abc", "ha.example.org"),
        ("https://ha.example.org/api/webhook/abc", "ha.example.org:443"),
        ("https://ha.example.org:443/api/webhook/abc", "ha.example.org"),
        ("https://ha.example.org:443/api/webhook/abc", "ha.example.org:443"),
        ("https://ha.example.org:8123/api/webhook/abc", "ha.example.org:8123"),
        ("https://HA.example.org:8123/api/webhook/abc", "HA.example.org:8123"),
        ("https://HA.example.org:8123/api/webhook/abc", "ha.example.org:8123"),
        ("http://ha.example.org/api/webhook/abc", "ha.example.org:80"),
        ("http://ha.example.org:443/api/webhook/abc", "ha.example.org:443"),
        ("http://203.0.113.7:8123/api/webhook/abc", "203.0.113.7:8123"),
        ("http://[2001:db8::7]:8123/api/webhook/abc", "[2001:db8::7]:8123"),
        ("http://[2001:db8::7]/api/webhook/abc", "[2001:db8::7]"),
        ("https://ha.example.org", "ha.example.org"),
        ("https://ha.example.org/a%20b/?x=1&a=b+c&a=&y=%2B", "ha.example.org"),
    ],
)
def test_addresses(handed_out: str, host: str) -> None:
    """Host may be signed with or without a default port, in either case."""
    headers = sign(
        handed_out if urlsplit(handed_out).path else f"{handed_out}/", BODY, host=host
    )
    assert verify(headers, addresses=[ADDRESS, handed_out])


@pytest.mark.parametrize(
    "address",
    [
        "http://other.example.org/hw/report",
        "http://sms.example.org/hw/other",
        "http://sms.example.org:8123/hw/report",
        "http://sms.example.org/hw/report?a=b",
        "http://sms.example.org/HW/report",
    ],
)
def test_wrong_address(address: str) -> None:
    """A push that was meant for another address is not ours."""
    assert rejected(addresses=[address]) is PushRejection.SIGNATURE
    assert rejected(addresses=[]) is PushRejection.SIGNATURE


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        ("connection;content-length;content-type;x-sdk-date", PushRejection.MALFORMED),
        ("connection;content-length;content-type;host", PushRejection.MALFORMED),
        ("", PushRejection.MALFORMED),
        ("host;host;x-sdk-date", PushRejection.MALFORMED),
        ("host;x-sdk-date;", PushRejection.MALFORMED),
        ("host;x-sdk-date;a b", PushRejection.MALFORMED),
        ("host;x-sdk-date;é", PushRejection.MALFORMED),
        ("content-type;host;x-sdk-date", PushRejection.SIGNATURE),
        ("host;x-sdk-date", PushRejection.SIGNATURE),
        (f"{SIGNED_HEADERS};x-missing", PushRejection.SIGNATURE),
    ],
)
def test_signed_headers(names: str, reason: PushRejection) -> None:
    """Host and date must be signed, and the list is part of the signature."""
    headers = {**HEADERS, "Authorization": authorization(names=names)}
    assert rejected(headers) is reason


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Basic dXNlcjpwYXNz",
        "SDK-HMAC-SHA256",
        "SDK-HMAC-SHA256 ",
        "SDK-HMAC-SHA256 Access=push-ak-1",
        authorization().replace("SDK-HMAC-SHA256", "SDK-HMAC-SM3"),
        authorization().replace("SDK-HMAC-SHA256 ", ""),
        authorization() + ",Other=1",
        authorization() + ",",
        authorization() + ",Access=push-ak-1",
        authorization().replace("Signature=", "signature="),
        authorization(signature="0" * 63),
        authorization(signature="g" * 64),
        authorization(signature="٣" * 64),
        authorization(names=f"{SIGNED_HEADERS};{'x' * 4096}"),
    ],
)
def test_malformed_authorization(value: str) -> None:
    """What is not the header as documented is told apart."""
    headers = {**HEADERS, "Authorization": value}
    assert rejected(headers) is PushRejection.MALFORMED


@pytest.mark.parametrize(
    "date", [None, "", "now", "2024-11-01T02:03:04Z", "20240230T020304Z", "٢" * 8]
)
def test_malformed_date(date: str | None) -> None:
    """So is a date in another form, or none."""
    headers = {k: v for k, v in HEADERS.items() if k != "X-Sdk-Date"}
    if date is not None:
        headers["X-Sdk-Date"] = date
    assert rejected(headers) is PushRejection.MALFORMED


def test_unsigned() -> None:
    """A push without Authorization is not signed at all."""
    headers = {k: v for k, v in HEADERS.items() if k != "Authorization"}
    assert rejected(headers) is PushRejection.UNSIGNED


def test_unknown_key() -> None:
    """A key that is not set is told apart; so is having none."""
    assert rejected(keys=[OTHER_KEY]) is PushRejection.UNKNOWN_KEY
    assert rejected(keys=[]) is PushRejection.UNKNOWN_KEY
    headers = {**HEADERS, "Authorization": authorization(access="")}
    assert rejected(headers) is PushRejection.UNKNOWN_KEY


@pytest.mark.parametrize("empty", [PushKey("", ""), PushKey("push-ak-1", "")])
def test_key_that_is_half_set(empty: PushKey) -> None:
    """With an empty secret anybody could sign: such a key does not count."""
    forged = sign(ADDRESS, BODY, key=PushKey(empty.access_key or "x", "x"))
    forged["Authorization"] = forged["Authorization"].replace("=x,", "=,")
    assert rejected(forged, keys=[empty]) is PushRejection.UNKNOWN_KEY


def test_two_keys_while_they_change() -> None:
    """Both pairs count, also if only the secret was changed."""
    keys = [OTHER_KEY, PushKey("push-ak-1", "old"), KEY]
    assert verify(keys=keys) == SIGNATURE
    assert verify(sign(ADDRESS, BODY, key=OTHER_KEY), keys=keys)
    wrong = PushKey("push-ak-1", "wrong")
    assert rejected(keys=[wrong]) is PushRejection.SIGNATURE


@pytest.mark.parametrize("seconds", [-900, -1, 0, 1, 900])
def test_date_within_the_window(seconds: int) -> None:
    """A quarter of an hour either way is allowed."""
    assert verify(now=NOW + timedelta(seconds=seconds)) == SIGNATURE


@pytest.mark.parametrize("seconds", [-86400, -901, 901, 86400 * 365])
def test_date_outside_of_the_window(seconds: int) -> None:
    """More is not."""
    assert rejected(now=NOW + timedelta(seconds=seconds)) is PushRejection.DATE


@pytest.mark.parametrize(
    "body", [b"", BODY + b"&", BODY.replace(b"DELIVRD", b"UNDELIV"), b"x" * len(BODY)]
)
@pytest.mark.parametrize(
    "extra",
    [
        {},
        {"X-Sdk-Content-Sha256": "UNSIGNED-PAYLOAD"},
        {"X-Sdk-Content-Sha256": hash_payload(BODY)},
    ],
)
def test_another_body(body: bytes, extra: dict[str, str]) -> None:
    """The signature covers the body, whatever a header says that is not signed."""
    assert rejected({**HEADERS, **extra}, body) is PushRejection.SIGNATURE


def test_body_left_out_by_the_platform() -> None:
    """What the platform itself signed without the body is taken as such."""
    headers = sign(ADDRESS, BODY, hash_forms=False)
    assert headers["X-Sdk-Content-Sha256"] == "UNSIGNED-PAYLOAD"
    assert verify(headers)


def test_hash_of_the_body_in_a_signed_header() -> None:
    """A hash that was signed must be that of the body which came."""
    headers = sign(ADDRESS, BODY, X_Sdk_Content_Sha256=hash_payload(BODY))
    assert "x-sdk-content-sha256;" in headers["Authorization"]
    assert verify(headers)
    other = BODY.replace(b"DELIVRD", b"UNDELIV")
    assert rejected(headers, other) is PushRejection.SIGNATURE
    headers = sign(ADDRESS, BODY, X_Sdk_Content_Sha256="")
    assert rejected(headers) is PushRejection.SIGNATURE


def test_nothing_private_is_shown() -> None:
    """Neither key nor secret are in a repr, nor anything in an error's text."""
    assert "push-" not in repr(KEY)
    with pytest.raises(PushRejectedError) as raised:
        verify(body=b"x")
    assert "push-" not in f"{raised.value} {raised.value!r}"
