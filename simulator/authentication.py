"""Checks who calls: the order of checks, and the SDK-HMAC-SHA256 mode."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
import hashlib
import hmac
import re

from multidict import CIMultiDictProxy

from . import signing
from .config import Application
from .errors import RefusedRequestError
from .options import AllowListPlace, Options
from .times import read_time
from .wsse import NonceMemory, WsseToken, check_token, read_token

_WINDOW = timedelta(minutes=15)
_AUTHORIZATION = re.compile(
    rf"{signing.ALGORITHM} Access=(?P<access>[^,\s]+), ?"
    r"SignedHeaders=(?P<signed>[^,\s]+), ?Signature=(?P<signature>[^,\s]+)"
)
_ACCOUNT_BEFORE_SIGNATURE = "E000103"
_SUSPENDED = "SUSPENDED"


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it came over the wire."""

    method: str
    path: str
    query: str
    headers: CIMultiDictProxy[str] = field(repr=False)
    body: bytes = field(repr=False)
    remote: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignedHeaderForm:
    """What the headers of the SDK-HMAC-SHA256 mode say."""

    access_key: str
    signed_headers: tuple[str, ...]
    signature: str = field(repr=False)
    date: datetime


class Authenticator:
    """Checks requests against the applications that exist."""

    def __init__(self) -> None:
        """Start with no nonce seen."""
        self._nonces = NonceMemory()

    def authenticate(
        self,
        call: Call,
        applications: Mapping[str, Application],
        options: Options,
        now: datetime,
    ) -> Application:
        """Return the application that calls.

        Raises:
            RefusedRequestError: with the code of the first check that fails.
        """
        form = _read_headers(call)
        key = form.username if isinstance(form, WsseToken) else form.access_key
        application = applications.get(key)
        if application is None:
            raise RefusedRequestError("E000102")
        if application.account_code == _ACCOUNT_BEFORE_SIGNATURE:
            raise RefusedRequestError(_ACCOUNT_BEFORE_SIGNATURE)
        if options.allow_list_place is AllowListPlace.BEFORE_SIGNATURE:
            _check_address(call, application)
        if isinstance(form, WsseToken):
            check_token(form, application.app_secret, options, now)
            self._nonces.remember(form, options)
        else:
            check_signature(call, form, application.app_secret, options, now)
        if application.account_code is not None:
            raise RefusedRequestError(application.account_code)
        if application.status == _SUSPENDED:
            raise RefusedRequestError(_ACCOUNT_BEFORE_SIGNATURE)
        _check_address(call, application)
        return application


def mode_of(headers: CIMultiDictProxy[str]) -> str | None:
    """Return which mode the Authorization header claims to be."""
    scheme = headers.get("Authorization", "").partition(" ")[0]
    return {signing.ALGORITHM: "ak_sk", "WSSE": "wsse"}.get(scheme)


def _read_headers(call: Call) -> WsseToken | SignedHeaderForm:
    """Read the headers of either mode."""
    authorization = call.headers.get("Authorization", "").strip()
    if not authorization:
        raise RefusedRequestError("E000001")
    if not authorization.startswith(signing.ALGORITHM):
        return read_token(authorization, call.headers.get("X-WSSE"))
    return read_signed_form(call)


def read_signed_form(call: Call) -> SignedHeaderForm:
    """Read the headers of the SDK-HMAC-SHA256 mode."""
    authorization = call.headers.get("Authorization", "").strip()
    text = call.headers.get("X-Sdk-Date", "").strip()
    if not text:
        raise RefusedRequestError("E000041")
    date = read_time(text, signing.DATE_FORMAT)
    if date is None:
        raise RefusedRequestError("E000042")
    match = _AUTHORIZATION.fullmatch(authorization)
    if match is None:
        raise RefusedRequestError("E000043")
    signed = tuple(match["signed"].lower().split(";"))
    return SignedHeaderForm(match["access"], signed, match["signature"], date)


def _check_address(call: Call, application: Application) -> None:
    """Check the caller's address against the allow-list."""
    if application.allowed_ips and call.remote not in application.allowed_ips:
        raise RefusedRequestError("E000620")


def _payload_hashes(call: Call, options: Options) -> tuple[str, ...]:
    """Return the payload hashes that a right signature may be made of."""
    announced = call.headers.get("X-Sdk-Content-Sha256")
    body_hash = hashlib.sha256(call.body).hexdigest()
    if announced == signing.UNSIGNED_PAYLOAD and options.unsigned_payload:
        # Huawei's Python SDK hashes an empty body in spite of its own header.
        return (announced, *(() if call.body else (body_hash,)))
    return (body_hash,)


def check_signature(
    call: Call, form: SignedHeaderForm, secret: str, options: Options, now: datetime
) -> None:
    """Check time window and signature.

    Raises:
        RefusedRequestError: E000044 or E000045.
    """
    if abs(now - form.date) > _WINDOW:
        raise RefusedRequestError("E000044")
    signed = form.signed_headers
    if not {"host", "x-sdk-date"} <= set(signed):
        raise RefusedRequestError("E000045")
    if any(name not in call.headers for name in signed):
        raise RefusedRequestError("E000045")
    headers = [(name, call.headers[name]) for name in signed]
    date = call.headers["X-Sdk-Date"].strip()
    for payload_hash in _payload_hashes(call, options):
        canonical = signing.canonical_request(
            call.method, call.path, call.query, headers, payload_hash
        )
        expected = signing.signature(secret, date, canonical)
        if hmac.compare_digest(expected.encode(), form.signature.encode()):
            return
    raise RefusedRequestError("E000045")
