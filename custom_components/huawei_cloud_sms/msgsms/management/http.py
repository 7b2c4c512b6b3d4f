"""Calls to the management API and IAM over HTTP: bounded in size and time."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import aiohttp
from yarl import URL

from .errors import UnavailableError, UnavailableReason

_MAX_ANSWER = 4 * 1024 * 1024
# Tokens come in a header and have up to 32 KB, aiohttp takes 8 without being told.
_MAX_HEADER = 64 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """A call before it is signed; `path` and `query` are percent-encoded by the sender.

    `headers` holds Host and all else that is to be signed.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def is_read(self) -> bool:
        """Tell whether it changes nothing."""
        return self.method == "GET"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; names of headers may be asked for in any case."""

    http_status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


async def fetch(
    session: aiohttp.ClientSession,
    url: URL,
    request: Request,
    proof: Mapping[str, str],
    timeout: aiohttp.ClientTimeout,
) -> Answer:
    """Make a call and return its answer, whatever it says; `proof` are further headers.

    Raises UnavailableError.
    """
    if session.closed:
        raise UnavailableError(UnavailableReason.CONNECT)
    try:
        async with session.request(
            request.method,
            url,
            data=request.body or None,
            headers={**request.headers, **proof},
            allow_redirects=False,
            timeout=timeout,
            max_field_size=_MAX_HEADER,
            middlewares=None if request.is_read else (_Once(),),
        ) as response:
            body = await _read(response)
            return Answer(response.status, response.headers, body)
    # No cause is kept: aiohttp's texts name addresses and headers.
    except (aiohttp.ClientError, OSError) as err:
        raise UnavailableError(_reason(err)) from None


class _Once:
    """Has aiohttp not repeat a write, as it does when a connection was lost."""

    def __init__(self) -> None:
        """Let one attempt pass."""
        self._used = False

    async def __call__(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        """Pass the first attempt on."""
        if self._used:
            raise aiohttp.ClientConnectionError
        self._used = True
        return await handler(request)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """Return the body of an answer, nothing if it is longer than any real one."""
    content = bytearray()
    async for chunk in response.content.iter_any():
        content += chunk
        if len(content) > _MAX_ANSWER:
            return b""
    return bytes(content)


def _reason(err: Exception) -> UnavailableReason:
    """Return why there is no answer."""
    match err:
        case aiohttp.ClientConnectorDNSError():
            return UnavailableReason.DNS
        case aiohttp.ClientSSLError():
            return UnavailableReason.TLS
        case aiohttp.ConnectionTimeoutError() | aiohttp.ClientConnectorError():
            return UnavailableReason.CONNECT
        case TimeoutError():
            return UnavailableReason.TIMEOUT
        case aiohttp.ClientResponseError() | aiohttp.ClientPayloadError():
            return UnavailableReason.UNREADABLE
        case _:
            return UnavailableReason.CONNECTION
