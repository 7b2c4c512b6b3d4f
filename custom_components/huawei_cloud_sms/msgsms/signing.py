"""The two ways of signing a request: SDK-HMAC-SHA256 and X-WSSE (section 4)."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
import hashlib
import hmac
from urllib.parse import quote, unquote

from aiohttp import hdrs
from multidict import istr

ALGORITHM = "SDK-HMAC-SHA256"

# aiohttp takes names of this type as they are.
_X_SDK_DATE = istr("X-Sdk-Date")
_SDK_DATE = "%Y%m%dT%H%M%SZ"
_WSSE_CREATED = "%Y-%m-%dT%H:%M:%SZ"
_WSSE_AUTHORIZATION = 'WSSE realm="SDP",profile="UsernameToken",type="Appkey"'
_UNRESERVED = "~"


def hash_payload(body: bytes) -> str:
    """Return the lower-case hex SHA-256 of the very bytes of a body."""
    return hashlib.sha256(body).hexdigest()


def canonical_request(
    method: str,
    path: str,
    query: Sequence[tuple[str, str]],
    headers: Mapping[str, str],
    signed_headers: Sequence[str],
    payload_hash: str,
) -> str:
    """Return the canonical request of section 4.1, items 1 to 6.

    `path` is as it stands in the URL, percent-encoded or not; `query` holds decoded pairs;
    `headers` has lower-case names; `signed_headers` are lower-case and in the order in
    which they are signed (sorted, when signing). Raises KeyError for a signed header that
    is not there.
    """
    uri = _canonical_uri(path)
    pairs = "&".join(
        f"{quote(name, safe=_UNRESERVED)}={quote(value, safe=_UNRESERVED)}"
        for name, value in sorted(query)
    )
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in signed_headers)
    names = ";".join(signed_headers)
    return f"{method.upper()}\n{uri}\n{pairs}\n{lines}\n{names}\n{payload_hash}"


@lru_cache(maxsize=32)
def _canonical_uri(path: str) -> str:
    """Return a path as it is signed; the same few come again and again."""
    uri = quote(unquote(path), safe=f"/{_UNRESERVED}")
    return uri if uri.endswith("/") else f"{uri}/"


def sign(secret: str, date: str, canonical: str) -> str:
    """Return the signature in hex (section 4.1, items 2 and 3).

    `date` is the value of X-Sdk-Date.
    """
    # Headers of a push may hold what is no valid text; that must not raise here.
    hashed = hash_payload(canonical.encode("utf-8", "surrogatepass"))
    to_sign = f"{ALGORITHM}\n{date}\n{hashed}"
    keyed = _keyed(secret).copy()
    keyed.update(to_sign.encode())
    return keyed.hexdigest()


@lru_cache(maxsize=8)
def _keyed(secret: str) -> hmac.HMAC:
    """Return an HMAC that has taken in its key; the same few come again and again."""
    return hmac.new(secret.encode(), digestmod="sha256")


def sdk_headers(
    app_key: str,
    app_secret: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
) -> dict[str, str]:
    """Return the headers that sign a POST without query (section 4.1).

    `headers` are those to be signed, Host among them; their names may have any case.
    `now` is in UTC; the platform allows 15 minutes of difference.
    """
    date = _date(now.replace(microsecond=0))
    before, after, names = _frame(path, tuple(headers.items()))
    signature = sign(app_secret, date, f"{before}{date}{after}{hash_payload(body)}")
    return {
        _X_SDK_DATE: date,
        hdrs.AUTHORIZATION: f"{ALGORITHM} Access={app_key}, "
        f"SignedHeaders={names}, Signature={signature}",
    }


@lru_cache(maxsize=8)
def _date(now: datetime) -> str:
    """Return a time as it is signed; it is the same for all requests of a second."""
    return now.strftime(_SDK_DATE)


@lru_cache(maxsize=32)
def _frame(path: str, headers: tuple[tuple[str, str], ...]) -> tuple[str, str, str]:
    """Return what is signed before and after the date, and the names of the headers.

    The hash of the body follows; in nothing else do requests differ.
    """
    values = {name.lower(): value for name, value in headers}
    # No header can hold this.
    values["x-sdk-date"] = "\0"
    names = sorted(values)
    canonical = canonical_request("POST", path, (), values, names, "")
    before, _, after = canonical.partition("\0")
    return before, after, ";".join(names)


def wsse_headers(
    app_key: str, app_secret: str, nonce: str, now: datetime
) -> dict[str, str]:
    """Return the headers of X-WSSE (section 4.2), the digest in its hex form.

    `nonce` is 1 to 128 letters or digits, fresh for each request. `now` is in UTC; the
    platform allows 24 hours of difference.
    """
    created = now.strftime(_WSSE_CREATED)
    hashed = hash_payload(f"{nonce}{created}{app_secret}".encode())
    digest = b64encode(hashed.encode()).decode()
    return {
        "Authorization": _WSSE_AUTHORIZATION,
        "X-WSSE": f'UsernameToken Username="{app_key}",PasswordDigest="{digest}",'
        f'Nonce="{nonce}",Created="{created}"',
    }
