"""The sending calls of the platform (sections 2 and 3)."""

from collections.abc import Iterable
from datetime import UTC, datetime
import re
import secrets
from ssl import SSLContext

import aiohttp
from aiohttp import hdrs
from aiohttp.abc import AbstractResolver
from yarl import URL

from . import probe
from .checks import check_diff, check_templated, split
from .connection import Body, Connector
from .errors import (
    InvalidRequestError,
    MsgSmsError,
    NotSentError,
    NotSentReason,
    UnconfirmedError,
    UnconfirmedReason,
)
from .models import Authentication, Credentials, DiffSms, SendResponse, TemplatedSms
from .probe import ProbeResult
from .signing import sdk_headers, wsse_headers
from .wire import form_body, json_body, read_answer

BATCH_SEND_PATH = "/sms/batchSendSms/v1"
BATCH_SEND_DIFF_PATH = "/sms/batchSendDiffSms/v1"
_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"
_MAX_ANSWER = 1024 * 1024
_HOST = re.compile(r"[a-zA-Z0-9._\-:\[\]]+")
# It stands in quotes in one header and before a comma in another.
_APP_KEY = re.compile(r"[!#-+\--~]+")
_APP_SECRET = re.compile(r"[ -~]+")


def create_connector(
    *, ssl: SSLContext | bool = True, resolver: AbstractResolver | None = None
) -> aiohttp.TCPConnector:
    """Return a connector for sending, to be made inside a running event loop.

    It uses a connection again within two seconds, if the last answer was understood and
    nothing arrived unasked. `ssl` is a context for TLS; without one the system's
    certificates are checked.
    """
    return Connector(ssl=ssl, resolver=resolver)


class SmsClient:
    """Sends SMS of one application."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        endpoint: str,
        credentials: Credentials,
        *,
        connect_timeout: float = 10,
        total_timeout: float = 30,
    ) -> None:
        """Keep the application's address and credentials; times are in seconds.

        The session should use the connector of `create_connector` and must not take
        proxies from the environment. `endpoint` is scheme, host and perhaps port (section
        1.1). Raises InvalidRequestError for `endpoint` (url), `app_key` or `app_secret`
        (empty, characters).
        """
        self._session = session
        base, self._host = _address(endpoint)
        # What a URL works out about itself it keeps.
        self._urls = {
            path: base.with_path(path)
            for path in (BATCH_SEND_PATH, BATCH_SEND_DIFF_PATH)
        }
        self._credentials = _checked(credentials)
        self._timeout = aiohttp.ClientTimeout(
            total=total_timeout, connect=connect_timeout
        )

    def prepare(self, sms: TemplatedSms) -> tuple[TemplatedSms, ...]:
        """Return the requests that send an SMS to all its numbers (section 2.1).

        Blanks around numbers, empty and repeated numbers are dropped; each request has at
        most 500. Raises InvalidRequestError.
        """
        return split(sms)

    async def send(self, sms: TemplatedSms) -> SendResponse:
        """Send one request of at most 500 numbers, once (section 2).

        Raises InvalidRequestError and NotSentError if nothing was sent, RefusedError if
        the platform took none of it, UnconfirmedError if that is not known.
        """
        check_templated(sms)
        return await self._post(BATCH_SEND_PATH, _FORM, form_body(sms), sms.numbers)

    async def send_diff(self, sms: DiffSms) -> SendResponse:
        """Send several templates in one request, once (section 3); raises as `send`.

        At most 500 numbers in all, and 64 KB.
        """
        check_diff(sms)
        body = json_body(sms)
        return await self._post(BATCH_SEND_DIFF_PATH, _JSON, body, sms.numbers)

    async def probe(self) -> ProbeResult:
        """Check the credentials with a request that cannot send (section 10).

        Never raises an error of this package; the verdict says what was found.
        """
        authentication = self._credentials.authentication
        try:
            response = await self.send(probe.PROBE)
        except MsgSmsError as err:
            return probe.judge_error(err, authentication)
        return probe.judge_response(response)

    async def _post(
        self, path: str, content_type: str, content: bytes, numbers: Iterable[str]
    ) -> SendResponse:
        """Send a body to the platform and read its answer."""
        if self._session.closed:
            raise NotSentError(NotSentReason.CONNECT)
        body = Body(content)
        http_status: int | None = None
        try:
            async with self._session.post(
                self._urls[path],
                data=body,
                headers=self._headers(path, content_type, content),
                # To follow would be to send a second time.
                allow_redirects=False,
                timeout=self._timeout,
            ) as response:
                http_status = response.status
                date = response.headers.get(hdrs.DATE)
                answer = read_answer(http_status, date, await _read(response))
            # One that speaks of others may have been meant for another request.
            body.understood = {it.number for it in answer.results}.issubset(numbers)
        # No cause is kept: aiohttp's texts name addresses and headers.
        except (aiohttp.ClientError, OSError) as err:
            if body.begun:
                raise UnconfirmedError(_unconfirmed(err), http_status) from None
            raise NotSentError(_not_sent(err)) from None
        finally:
            body.end()
        return answer

    def _headers(self, path: str, content_type: str, body: bytes) -> dict[str, str]:
        """Return the headers of a request, signed (section 4)."""
        headers: dict[str, str] = {
            hdrs.HOST: self._host,
            hdrs.CONTENT_TYPE: content_type,
        }
        key, secret = self._credentials.app_key, self._credentials.app_secret
        now = datetime.now(UTC)
        if self._credentials.authentication is Authentication.WSSE:
            proof = wsse_headers(key, secret, secrets.token_hex(16), now)
        else:
            proof = sdk_headers(key, secret, path, headers, body, now)
        return headers | proof


def _address(endpoint: str) -> tuple[URL, str]:
    """Return the address of an application, and Host as HTTP libraries write it.

    They leave a default port out. It is set explicitly, so that what is signed goes out.
    """
    try:
        url = URL(endpoint.strip())
    except ValueError:
        raise InvalidRequestError("endpoint", "url") from None
    host = url.host_port_subcomponent
    if (
        not host
        or not _HOST.fullmatch(host)
        or url.scheme not in ("http", "https")
        or url != url.origin()
    ):
        raise InvalidRequestError("endpoint", "url")
    return url, host


def _checked(credentials: Credentials) -> Credentials:
    """Return credentials that can be put into headers."""
    for field, value, allowed in (
        ("app_key", credentials.app_key, _APP_KEY),
        ("app_secret", credentials.app_secret, _APP_SECRET),
    ):
        if not value:
            raise InvalidRequestError(field, "empty")
        if not allowed.fullmatch(value):
            raise InvalidRequestError(field, "characters")
    return credentials


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """Return the body of an answer, nothing if it is longer than any real one."""
    content = b""
    while not response.content.at_eof():
        content += await response.content.readany()
        if len(content) > _MAX_ANSWER:
            return b""
    return content


def _not_sent(err: Exception) -> NotSentReason:
    """Return why no connection was made."""
    match err:
        case aiohttp.ClientConnectorDNSError():
            return NotSentReason.DNS
        case aiohttp.ClientSSLError():
            return NotSentReason.TLS
        case TimeoutError():
            return NotSentReason.TIMEOUT
        case _:
            return NotSentReason.CONNECT


def _unconfirmed(err: Exception) -> UnconfirmedReason:
    """Return why the answer is missing."""
    match err:
        case TimeoutError():
            return UnconfirmedReason.TIMEOUT
        case aiohttp.ClientResponseError() | aiohttp.ClientPayloadError():
            return UnconfirmedReason.UNREADABLE
        case _:
            return UnconfirmedReason.CONNECTION
