"""The X-WSSE mode: what its two headers must hold, and the digest."""

import base64
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
import hashlib
import hmac
import re

from .errors import RefusedRequestError
from .options import Options
from .times import TIME_FORMAT, read_time

_WINDOW = timedelta(hours=24)
_MAX_NONCES = 10_000
_PART = re.compile(r'(\w+)\s*=\s*"([^"]*)"')
_NONCE = re.compile(r"[A-Za-z0-9]{1,128}")


@dataclass(frozen=True, slots=True)
class WsseToken:
    """The parts of an X-WSSE header."""

    username: str
    digest: str = field(repr=False)
    nonce: str = field(repr=False)
    created_text: str
    created: datetime


def read_token(authorization: str, token: str | None) -> WsseToken:
    """Read both headers; the parts may come in any order.

    Raises:
        RefusedRequestError: E000002 to E000027, something is missing or malformed.
    """
    if not authorization.startswith("WSSE"):
        raise RefusedRequestError("E000008")
    scheme = dict(_PART.findall(authorization))
    _need("realm" in scheme, "E000002")
    _need("profile" in scheme, "E000003")
    _need(scheme["realm"] == "SDP", "E000004")
    _need(scheme["profile"] == "UsernameToken", "E000005")
    _need("type" in scheme, "E000007")
    _need(scheme["type"] == "Appkey", "E000006")
    if not token:
        raise RefusedRequestError("E000020")
    _need(token.startswith("UsernameToken"), "E000026")
    parts = dict(_PART.findall(token))
    for name, code in (
        ("Username", "E000021"),
        ("Nonce", "E000022"),
        ("Created", "E000023"),
        ("PasswordDigest", "E000024"),
    ):
        _need(bool(parts.get(name)), code)
    created = read_time(parts["Created"], TIME_FORMAT)
    if created is None:
        raise RefusedRequestError("E000025")
    _need(_NONCE.fullmatch(parts["Nonce"]) is not None, "E000027")
    return WsseToken(
        parts["Username"],
        parts["PasswordDigest"],
        parts["Nonce"],
        parts["Created"],
        created,
    )


def check_token(token: WsseToken, secret: str, options: Options, now: datetime) -> None:
    """Check time window and digest, which may be of hexadecimal text or raw bytes.

    Raises:
        RefusedRequestError: E000110 or E000105, or as the options say.
    """
    if abs(now - token.created) > _WINDOW:
        raise RefusedRequestError(options.wsse_expired_code)
    text = f"{token.nonce}{token.created_text}{secret}"
    digest = hashlib.sha256(text.encode())
    for form in (digest.hexdigest().encode(), digest.digest()):
        if hmac.compare_digest(base64.b64encode(form), token.digest.encode()):
            return
    raise RefusedRequestError(options.wsse_failure_code)


class NonceMemory:
    """Remembers the last nonces, for a platform that refuses to see one twice."""

    def __init__(self) -> None:
        """Start empty."""
        self._seen: OrderedDict[tuple[str, str], None] = OrderedDict()

    def remember(self, token: WsseToken, options: Options) -> None:
        """Take note of a nonce.

        Raises:
            RefusedRequestError: E000101, it was used before and must not be.
        """
        key = (token.username, token.nonce)
        _need(options.reuse_nonce or key not in self._seen, "E000101")
        self._seen[key] = None
        if len(self._seen) > _MAX_NONCES:
            self._seen.popitem(last=False)


def _need(condition: bool, code: str) -> None:
    """Refuse the request unless the condition holds."""
    if not condition:
        raise RefusedRequestError(code)
