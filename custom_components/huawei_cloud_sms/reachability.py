"""Finds out whether Home Assistant can be reached by the address it hands out."""

from dataclasses import dataclass
from enum import StrEnum
import hmac
import secrets
import ssl

import aiohttp
from yarl import URL

from homeassistant.core import HomeAssistant
from homeassistant.util.ssl import create_client_context

from .endpoints import is_private

# Nobody waits longer for one request (seconds), and not much for a connection.
_TIMEOUT = aiohttp.ClientTimeout(total=10)

# What the platform offers where its pushes come by TLS (section 5): version 1.2 and
# these.
_PLATFORM_CIPHERS = (
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384"
    ":ECDHE-RSA-AES128-GCM-SHA256"
)


class Finding(StrEnum):
    """What the check of an address can find."""

    REACHED = "reached"
    REACHED_WITHIN = "reached_within"
    NOT_RESOLVED = "not_resolved"
    NOT_CONNECTED = "not_connected"
    NO_ANSWER = "no_answer"
    CERTIFICATE = "certificate"
    TLS_TOO_NEW = "tls_too_new"
    TLS = "tls"
    OTHER_ANSWER = "other_answer"


@dataclass(frozen=True, slots=True)
class Result:
    """What a check found, and the status of an answer that was not ours."""

    finding: Finding
    status: int | None = None


_REACHED = frozenset({Finding.REACHED, Finding.REACHED_WITHIN})

# These may come of a server that does not take the platform's TLS.
_MAYBE_TLS = frozenset({Finding.TLS, Finding.NOT_CONNECTED})


class Probe:
    """Recognises a request of our own among those that come in.

    Each is known by a body that nobody can guess, is expected for as long as its check
    lasts and recognised once.
    """

    def __init__(self) -> None:
        """Begin with no check under way."""
        self._expected: set[bytes] = set()

    def recognises(self, body: bytes) -> bool:
        """Return whether a request is one that is expected, and expect it no more."""
        known = [it for it in self._expected if hmac.compare_digest(body, it)]
        self._expected.difference_update(known)
        return bool(known)

    async def check(self, hass: HomeAssistant, address: str) -> Result:
        """Return what becomes of a request to an address that should lead back here.

        It goes out as those of the platform do. It follows no redirect, and nothing of
        an answer but its status is read. The address stays out of what is returned,
        raised and logged.
        """
        result = await self._try(hass, address, like_platform=True)
        if result.finding in _MAYBE_TLS:
            other = await self._try(hass, address, like_platform=False)
            if other.finding in _REACHED:
                return Result(Finding.TLS_TOO_NEW)
        return result

    async def _try(
        self, hass: HomeAssistant, address: str, *, like_platform: bool
    ) -> Result:
        """Send one request and return what became of it."""
        context = await hass.async_add_executor_job(_tls_context, like_platform)
        body = secrets.token_hex(32).encode()
        self._expected.add(body)
        try:
            result = await _post(address, body, context)
            came = body not in self._expected
        finally:
            self._expected.discard(body)
        if not came:
            return result
        within = is_private(URL(address).host or "")
        return Result(Finding.REACHED_WITHIN if within else Finding.REACHED)


async def _post(address: str, body: bytes, context: ssl.SSLContext) -> Result:
    """Post a body and return what comes of it where it is not recognised."""
    try:
        # a session of its own, without a memory of connections or names
        async with (
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    ssl=context, force_close=True, use_dns_cache=False
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=_TIMEOUT,
            ) as session,
            session.post(address, data=body, allow_redirects=False) as answer,
        ):
            return Result(Finding.OTHER_ANSWER, answer.status)
    except aiohttp.ClientConnectorDNSError:
        return Result(Finding.NOT_RESOLVED)
    except aiohttp.ClientConnectorCertificateError:
        return Result(Finding.CERTIFICATE)
    except aiohttp.ClientSSLError:
        return Result(Finding.TLS)
    except TimeoutError:
        return Result(Finding.NO_ANSWER)
    except aiohttp.ClientError, OSError:
        return Result(Finding.NOT_CONNECTED)


def _tls_context(like_platform: bool) -> ssl.SSLContext:
    """Return a context for TLS, if need be no better than the platform's own."""
    context = create_client_context()
    if like_platform:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(_PLATFORM_CIPHERS)
    return context
