"""Telling the platform's own pushes from forged and repeated ones (section 6)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
import heapq
import hmac
from itertools import product
import re
from urllib.parse import SplitResult, parse_qsl, urlsplit

from .errors import PushRejectedError, PushRejection
from .reading import lower_names
from .signing import ALGORITHM, canonical_request, hash_payload, sign

_WINDOW = timedelta(minutes=15)
# Far more than arrive in the half hour for which a signature is remembered.
_MAX_REMEMBERED = 50_000
_MAX_HEADER = 4096
_DATE = re.compile(r"[0-9]{8}T[0-9]{6}Z")
_SIGNATURE = re.compile(r"[0-9a-fA-F]{64}")
_HEADER_NAME = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+")
_MUST_BE_SIGNED = frozenset({"host", "x-sdk-date"})
_CONTENT_HASH = "x-sdk-content-sha256"
_UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class PushKey:
    """A push AK and its SK, as both are set in the console."""

    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Authorization:
    """The three parts of the header; names are lower-case, in the order signed."""

    access_key: str
    signed_headers: tuple[str, ...]
    signature: str


class PushVerifier:
    """Verifies pushes with up to a few keys, and remembers them against replay.

    Where a push went to is taken from the addresses that were handed to the platform: host,
    path and query of the request itself are what a proxy made of them. Its Connection
    header is hop-by-hop, so the values that the platform may have signed are tried.
    """

    def __init__(
        self,
        keys: Sequence[PushKey],
        *,
        connection_values: Sequence[str] = ("close", "keep-alive", "Keep-Alive", ""),
    ) -> None:
        """Keep the keys, the old one beside the new one while they change."""
        # With an empty secret anybody could sign.
        self._keys = [key for key in keys if key.access_key and key.secret_key]
        self._connection_values = tuple(connection_values)
        self._seen: set[str] = set()
        self._expiries: list[tuple[datetime, str]] = []

    def verify(
        self,
        headers: Mapping[str, str],
        body: bytes,
        addresses: Iterable[str],
        *,
        now: datetime,
    ) -> str:
        """Return the signature of a push that is the platform's own (section 6).

        `addresses` are complete addresses that were handed to the platform, `now` is aware.
        The signature covers the body, unless the platform itself signed that it does not
        (X-Sdk-Content-Sha256 among the signed headers). From now on the signature counts
        as a replay. Raises PushRejectedError.
        """
        lowered = lower_names(headers)
        authorization = _parse_authorization(lowered.get("authorization"))
        secrets = [
            key.secret_key
            for key in self._keys
            if key.access_key == authorization.access_key
        ]
        if not secrets:
            raise PushRejectedError(PushRejection.UNKNOWN_KEY)
        date = lowered.get("x-sdk-date", "").strip()
        made_at = _parse_date(date)
        if abs(now - made_at) > _WINDOW:
            raise PushRejectedError(PushRejection.DATE)
        if not any(
            hmac.compare_digest(sign(secret, date, canonical), authorization.signature)
            for canonical in self._candidates(lowered, authorization, body, addresses)
            for secret in secrets
        ):
            raise PushRejectedError(PushRejection.SIGNATURE)
        self._remember(authorization.signature, made_at + _WINDOW, now)
        return authorization.signature

    def forget(self, signature: str) -> None:
        """Let an honest repetition pass: the push could not be stored."""
        self._seen.discard(signature)

    def _remember(self, signature: str, expiry: datetime, now: datetime) -> None:
        """Remember a signature for as long as its date would be accepted."""
        while self._expiries and self._expiries[0][0] < now:
            self._drop_oldest()
        if signature in self._seen:
            raise PushRejectedError(PushRejection.REPLAY)
        if len(self._expiries) >= _MAX_REMEMBERED:
            self._drop_oldest()
        self._seen.add(signature)
        heapq.heappush(self._expiries, (expiry, signature))

    def _drop_oldest(self) -> None:
        """Drop the signature whose date is out of the window first."""
        self._seen.discard(heapq.heappop(self._expiries)[1])

    def _candidates(
        self,
        headers: Mapping[str, str],
        authorization: _Authorization,
        body: bytes,
        addresses: Iterable[str],
    ) -> Iterator[str]:
        """Return the canonical requests that the platform may have signed."""
        names = authorization.signed_headers
        body_hash = hash_payload(body)
        payload_hash = body_hash
        if _CONTENT_HASH in names:
            payload_hash = headers.get(_CONTENT_HASH, "").strip()
            if payload_hash not in (body_hash, _UNSIGNED_PAYLOAD):
                return
        connections = [headers.get("connection", "")]
        if "connection" in names:
            connections = list(dict.fromkeys([*connections, *self._connection_values]))
        values = {**dict.fromkeys(names, ""), **headers}
        values["content-length"] = str(len(body))
        for address in addresses:
            url = urlsplit(address)
            query = parse_qsl(url.query, keep_blank_values=True)
            for host, connection in product(_hosts(url), connections):
                values["host"] = host
                values["connection"] = connection
                yield canonical_request(
                    "POST", url.path, query, values, names, payload_hash
                )


def _hosts(url: SplitResult) -> list[str]:
    """Return the forms of Host under which an address may be called."""
    written = url.netloc.rpartition("@")[2]
    name = written.removesuffix(f":{url.port}").lower()
    default = _DEFAULT_PORTS.get(url.scheme)
    port = url.port or default
    usual = name if port == default else f"{name}:{port}"
    return list(dict.fromkeys([usual, written, f"{name}:{port}"]))


def _parse_authorization(header: str | None) -> _Authorization:
    """Return the parts of an Authorization header, in any order, blanks or none."""
    if header is None:
        raise PushRejectedError(PushRejection.UNSIGNED)
    scheme, _, rest = header.strip().partition(" ")
    if len(header) > _MAX_HEADER or scheme != ALGORITHM:
        raise PushRejectedError(PushRejection.MALFORMED)
    pairs = [part.strip().partition("=") for part in rest.split(",")]
    parts = {name: value for name, _, value in pairs}
    if len(pairs) != len(parts) or parts.keys() != {
        "Access",
        "SignedHeaders",
        "Signature",
    }:
        raise PushRejectedError(PushRejection.MALFORMED)
    names = tuple(parts["SignedHeaders"].lower().split(";"))
    if (
        not _SIGNATURE.fullmatch(parts["Signature"])
        or len(set(names)) != len(names)
        or not _MUST_BE_SIGNED.issubset(names)
        or not all(map(_HEADER_NAME.fullmatch, names))
    ):
        raise PushRejectedError(PushRejection.MALFORMED)
    return _Authorization(parts["Access"], names, parts["Signature"].lower())


def _parse_date(date: str) -> datetime:
    """Return the time of X-Sdk-Date, aware and in UTC."""
    try:
        if _DATE.fullmatch(date):
            return datetime.fromisoformat(date)
    except ValueError:
        pass
    raise PushRejectedError(PushRejection.MALFORMED)
