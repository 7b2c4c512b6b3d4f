"""The SDK-HMAC-SHA256 signature, as the platform checks and makes it."""

from collections.abc import Iterable
import hashlib
import hmac
from urllib.parse import parse_qsl, quote, unquote

ALGORITHM = "SDK-HMAC-SHA256"
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
DATE_FORMAT = "%Y%m%dT%H%M%SZ"


def sha256_hex(data: bytes) -> str:
    """Return the lower-case hexadecimal SHA-256 of the data."""
    return hashlib.sha256(data).hexdigest()


def _escape(text: str) -> str:
    """Percent-encode everything but the unreserved characters."""
    return quote(text, safe="-_.~")


def _canonical_path(path: str) -> str:
    """Encode each segment once and end in a slash."""
    escaped = "/".join(_escape(unquote(segment)) for segment in path.split("/"))
    return escaped if escaped.endswith("/") else f"{escaped}/"


def _canonical_query(query: str) -> str:
    """Encode names and values, sorted by name and then by value."""
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    return "&".join(f"{_escape(name)}={_escape(value)}" for name, value in pairs)


def canonical_request(
    method: str,
    path: str,
    query: str,
    headers: Iterable[tuple[str, str]],
    payload_hash: str,
) -> str:
    """Return the canonical request; `headers` are those that are signed."""
    signed = sorted((name.lower(), value.strip()) for name, value in headers)
    return "\n".join(
        (
            method.upper(),
            _canonical_path(path),
            _canonical_query(query),
            *(f"{name}:{value}" for name, value in signed),
            "",
            ";".join(name for name, _ in signed),
            payload_hash,
        )
    )


def signature(secret: str, date: str, canonical: str) -> str:
    """Return the hexadecimal signature of a canonical request."""
    text = "\n".join((ALGORITHM, date, sha256_hex(canonical.encode())))
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
