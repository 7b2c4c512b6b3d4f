"""The X-WSSE mode."""

import base64
from datetime import UTC, datetime, timedelta
import hashlib

import pytest

from .caller import FORM, KEY, SECRET, SEND, Caller

_AUTHORIZATION = 'WSSE realm="SDP",profile="UsernameToken",type="Appkey"'
_BODY = b"to="
# Authentic, but with nobody to send to.
_AUTHENTIC = (400, "E000503")


def _token(
    *,
    created: datetime | None = None,
    raw: bool = False,
    secret: str = SECRET,
    nonce: str = "0a1b2c3d",
    separator: str = ",",
    key: str = KEY,
) -> str:
    """Return an X-WSSE header."""
    moment = (created or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")
    digest = hashlib.sha256(f"{nonce}{moment}{secret}".encode())
    form = digest.digest() if raw else digest.hexdigest().encode()
    parts = (
        f'Username="{key}"',
        f'PasswordDigest="{base64.b64encode(form).decode()}"',
        f'Nonce="{nonce}"',
        f'Created="{moment}"',
    )
    return f"UsernameToken {separator.join(parts)}"


async def _call(
    caller: Caller, token: str | None, authorization: str = _AUTHORIZATION
) -> tuple[int, object]:
    """Call with these headers and return HTTP status and code."""
    headers = {"Content-Type": FORM, "Authorization": authorization}
    if token is not None:
        headers["X-WSSE"] = token
    return (await caller.post(SEND, _BODY, headers)).code


@pytest.mark.parametrize("raw", [False, True])
@pytest.mark.parametrize("separator", [",", ", "])
async def test_authentic(caller: Caller, raw: bool, separator: str) -> None:
    """Both forms of the digest and both separators are taken."""
    assert await _call(caller, _token(raw=raw, separator=separator)) == _AUTHENTIC


async def test_worked_example(caller: Caller) -> None:
    """The worked example is authentic at its time."""
    created = datetime(2024, 11, 1, 2, 3, 4, tzinfo=UTC)
    offset = (created - datetime.now(UTC)).total_seconds()
    await caller.options(clock_offset=offset)
    hexadecimal = (
        "MWY4YjNkN2Y0ZDNmOTZmMmM3MGVhMmYyMWVlNDU3ZGVkODU2NzI2ZGE5NmY5NjMxMWJiODYy"
        "NDllMjY3YmY5Mg=="
    )
    for digest in (hexadecimal, "H4s9f00/lvLHDqLyHuRX3thWcm2pb5YxG7hiSeJnv5I="):
        token = (
            f'UsernameToken Created="2024-11-01T02:03:04Z",Nonce="0a1b2c3d4e5f",'
            f'PasswordDigest="{digest}",Username="{KEY}"'
        )
        assert await _call(caller, token) == _AUTHENTIC


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        ("", "E000001"),
        ('Basic realm="SDP"', "E000008"),
        ('WSSE profile="UsernameToken",type="Appkey"', "E000002"),
        ('WSSE realm="SDP",type="Appkey"', "E000003"),
        ('WSSE realm="X",profile="UsernameToken",type="Appkey"', "E000004"),
        ('WSSE realm="SDP",profile="X",type="Appkey"', "E000005"),
        ('WSSE realm="SDP",profile="UsernameToken",type="X"', "E000006"),
        ('WSSE realm="SDP",profile="UsernameToken"', "E000007"),
    ],
)
async def test_authorization(caller: Caller, authorization: str, code: str) -> None:
    """Each part of Authorization has its own code."""
    assert await _call(caller, _token(), authorization) == (400, code)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("UsernameToken ", "Token ", "E000026"),
        ("Username=", "User=", "E000021"),
        ("Nonce=", "Once=", "E000022"),
        ("Created=", "Made=", "E000023"),
        ("PasswordDigest=", "Digest=", "E000024"),
        ("T", " ", "E000025"),
        ("0a1b2c3d", "0a-b", "E000027"),
    ],
)
async def test_token(caller: Caller, old: str, new: str, code: str) -> None:
    """Each part of X-WSSE has its own code."""
    head, _, tail = _token().partition(" ")
    token = f"{head} {tail}"
    if code == "E000025":
        time = tail.rpartition('Created="')[2]
        token = token.replace(time, time.replace(old, new))
    else:
        token = token.replace(old, new)
    assert await _call(caller, token) == (400, code)


async def test_no_token(caller: Caller) -> None:
    """Without X-WSSE there is nothing to check."""
    assert await _call(caller, None) == (400, "E000020")


async def test_unknown_key_and_wrong_secret(caller: Caller) -> None:
    """An unknown key and a wrong digest are told apart."""
    assert await _call(caller, _token(key="Nobody")) == (401, "E000102")
    wrong = _token(secret="wrong")
    assert await _call(caller, wrong) == (401, "E000105")
    await caller.options(wsse_failure_code="E000001")
    assert await _call(caller, wrong) == (400, "E000001")


@pytest.mark.parametrize(
    ("hours", "late"), [(23, False), (-23, False), (25, True), (-25, True)]
)
async def test_clock(caller: Caller, hours: int, late: bool) -> None:
    """A day is tolerated on both sides."""
    token = _token(created=datetime.now(UTC) + timedelta(hours=hours))
    assert await _call(caller, token) == ((401, "E000110") if late else _AUTHENTIC)
    if late:
        await caller.options(wsse_expired_code="E000001")
        assert await _call(caller, token) == (400, "E000001")


async def test_nonce(caller: Caller) -> None:
    """A nonce may be used again unless the option says otherwise."""
    token = _token()
    assert await _call(caller, token) == _AUTHENTIC
    assert await _call(caller, token) == _AUTHENTIC
    await caller.options(reuse_nonce=False)
    assert await _call(caller, token) == (401, "E000101")
    assert await _call(caller, _token(nonce="4e5f")) == _AUTHENTIC
