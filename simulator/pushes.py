"""Sends pushes over HTTP, signed if the application has push keys."""

import asyncio
import hashlib
import ssl
from urllib.parse import urlsplit, urlunsplit

import aiohttp
from yarl import URL

from . import signing
from .config import Application
from .options import Options
from .records import PushRecord

_CONCURRENT = 50
_DEFAULT_PORTS = {"http": 80, "https": 443}
_CIPHERS = (
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384"
)
_MAX_ANSWER = 64 * 1024
_SIGNED_HEADERS = ("Connection", "Content-Length", "Content-Type", "Host", "X-Sdk-Date")


def _tls() -> ssl.SSLContext:
    """Return what the platform offers: TLS 1.2 with four cipher suites."""
    # Certificates of the machines this is tried on are mostly self-signed.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    return context


def host_header(address: str) -> str:
    """Return the Host of an address, its port only if it is not the usual one."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    if ":" in host:
        host = f"[{host}]"
    if parts.port in (None, _DEFAULT_PORTS.get(parts.scheme)):
        return host
    return f"{host}:{parts.port}"


def push_headers(
    address: str,
    body: bytes,
    content_type: str,
    *,
    application: Application,
    options: Options,
    date: str,
) -> dict[str, str]:
    """Return all headers of a push; `date` is used if it is signed."""
    headers = {
        "Host": host_header(address),
        "Connection": options.push_connection,
        "Content-Type": content_type,
        "Content-Length": str(len(body)),
    }
    if not application.push_ak or not application.push_sk:
        return headers
    headers["X-Sdk-Date"] = date
    parts = urlsplit(address)
    hashed = body if options.push_body_hashed else b""
    canonical = signing.canonical_request(
        "POST",
        parts.path,
        parts.query,
        [(name, headers[name]) for name in _SIGNED_HEADERS],
        hashlib.sha256(hashed).hexdigest(),
    )
    headers["Authorization"] = options.push_separator.join(
        (
            f"{signing.ALGORITHM} Access={application.push_ak}",
            f"SignedHeaders={';'.join(name.lower() for name in _SIGNED_HEADERS)}",
            f"Signature={signing.signature(application.push_sk, date, canonical)}",
        )
    )
    return headers


class Pusher:
    """Posts pushes once each and takes note of the answer."""

    def __init__(self, callback_base: str | None) -> None:
        """Take the base that all pushes really go to, if any."""
        self._base = callback_base
        self._session: aiohttp.ClientSession | None = None
        self._slots = asyncio.Semaphore(_CONCURRENT)

    async def start(self) -> None:
        """Open the HTTP client."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=_tls(), limit=_CONCURRENT),
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
        )

    async def stop(self) -> None:
        """Close the HTTP client."""
        if self._session is not None:
            await self._session.close()

    async def post(
        self, record: PushRecord, body: bytes, headers: dict[str, str], timeout: float
    ) -> None:
        """Post a push and write the outcome into its record; never raises."""
        if self._session is None:
            record.error = "NotStarted"
            return
        try:
            async with (
                self._slots,
                self._session.post(
                    URL(self._target(record.address), encoded=True),
                    data=body,
                    headers=headers,
                    allow_redirects=False,
                    timeout=aiohttp.ClientTimeout(total=timeout),
                ) as response,
            ):
                await response.content.read(_MAX_ANSWER)
                record.http_status = response.status
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            record.error = type(error).__name__

    def _target(self, address: str) -> str:
        """Return where a push for an address really goes."""
        if self._base is None:
            return address
        base, parts = urlsplit(self._base), urlsplit(address)
        return urlunsplit((base.scheme, base.netloc, parts.path, parts.query, ""))
