"""What it costs to tell whether a push is the platform's own."""

from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median
import time
from types import SimpleNamespace
from urllib.parse import urlsplit

from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer

from custom_components.huawei_cloud_sms.msgsms.push_signature import (
    PushKey,
    PushVerifier,
)
from custom_components.huawei_cloud_sms.msgsms.signing import sdk_headers

from .table import Row

_ADDRESS = "https://sms.example.org/api/webhook/0123456789abcdef0123456789abcdef"
_KEY = PushKey("ExamplePushKey0001", "ExamplePushSecret0001")
_REPORT = (
    b"sequence=1&total=1&updateTime=2026-11-01T02%3A03%3A05Z&source=2"
    b"&smsMsgId=3f2a1b00-7d6e-4c55-9a77-0c0c0c0c0c0c_1&status=DELIVRD"
    b"&extend=order-7&to=%2B8613700000001"
)
_KINDS = {
    "a report": ("application/x-www-form-urlencoded", _REPORT),
    "64 KB": ("application/json", b'{"statusReportList":"%b"}' % (b"x" * 65_509)),
}


def rows(*, quick: bool) -> list[Row]:
    """Return the time that verifying takes, beside that of signing alone."""
    rounds = 20 if quick else 3_000
    return [_row(name, *kind, rounds) for name, kind in _KINDS.items()]


def _row(name: str, content_type: str, body: bytes, rounds: int) -> Row:
    """Verify a push, and let Huawei's signer sign it, in turn."""
    now = datetime.now(UTC)
    url = urlsplit(_ADDRESS)
    covered = {
        "Host": url.netloc,
        "Connection": "close",
        "Content-Length": str(len(body)),
        "Content-Type": content_type,
    }
    headers = covered | sdk_headers(
        _KEY.access_key, _KEY.secret_key, url.path, covered, body, now
    )
    signature = headers["Authorization"].rpartition("Signature=")[2]
    verifier = PushVerifier([_KEY])
    signer = Signer(SimpleNamespace(ak=_KEY.access_key, sk=_KEY.secret_key))
    request = SdkRequest(
        method="POST",
        schema=url.scheme,
        host=url.netloc,
        resource_path=url.path,
        query_params=[],
        # Not a form: of those this signer leaves the body out.
        header_params={**covered, "Content-Type": "application/json"},
        body=body,
    )
    verified: list[float] = []
    signed: list[float] = []
    for _ in range(rounds):
        verified.append(
            _timed(lambda: verifier.verify(headers, body, [_ADDRESS], now=now))
        )
        # Else it would be a replay the next time.
        verifier.forget(signature)
        signed.append(_timed(lambda: signer.sign(request)))
    ours, theirs = median(verified), median(signed)
    return Row(
        group="verify a signed push",
        name=name,
        value=ours,
        unit="µs",
        beside=f"Huawei's SDK signing it, {theirs:.0f} µs",
        ratio=ours / theirs,
    )


def _timed(call: Callable[[], object]) -> float:
    """Return how long a call takes, in microseconds."""
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1e6
