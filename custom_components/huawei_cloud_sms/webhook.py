"""The HTTP door: size, authenticity, read and store, answer."""

import asyncio
from datetime import datetime, timedelta
from functools import cache, partial
from http import HTTPStatus
import logging

from aiohttp import StreamReader, hdrs, web
from multidict import CIMultiDict, CIMultiDictProxy

from homeassistant.components import webhook
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_WEBHOOK_ID, CONTENT_TYPE_JSON
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from .const import (
    CONF_DEFAULT_COUNTRY,
    CONF_PUSH_AK,
    CONF_PUSH_KEYS,
    CONF_PUSH_SK,
    DOMAIN,
)
from .ledger.ledger import Ledger
from .ledger.models import LedgerBusyError
from .msgsms.errors import PushFormatError, PushRejectedError, PushRejection
from .msgsms.push import FORM_LIMIT, JSON_LIMIT, parse_push, weigh
from .msgsms.push_signature import PushKey, PushVerifier
from .reachability import Probe
from .sending import reactions

_LOGGER = logging.getLogger(__name__)

# All that the webhook component can route: it logs the id when others come in.
_METHODS = (hdrs.METH_GET, hdrs.METH_HEAD, hdrs.METH_POST, hdrs.METH_PUT)

_READ_TIMEOUT = 10

# Whoever knows the address can send rubbish: the log must not fill with it.
_WARN_EVERY = timedelta(hours=1)

_CHUNK = 16 * 1024

# So many pushes refused one after the other are no accident.
_REFUSED_IN_A_ROW = 3


class Door:
    """Takes the pushes of one application, whether it is loaded or not."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, ledger: Ledger) -> None:
        """Initialize the door of an application."""
        self._hass = hass
        self._entry = entry
        self._ledger = ledger
        self._webhook_id: str = entry.data[CONF_WEBHOOK_ID]
        self._keys: tuple[PushKey, ...] = ()
        self._verifier: PushVerifier | None = None
        self._refused = 0
        self._warned_at: datetime | None = None
        self.probe = Probe()
        self.accepted = 0
        self.refused = 0

    @callback
    def async_open(self) -> None:
        """Begin to take pushes."""
        self.async_update()
        webhook.async_register(
            self._hass,
            DOMAIN,
            self._entry.title,
            self._webhook_id,
            self._async_handle,
            allowed_methods=_METHODS,
        )

    @callback
    def async_update(self) -> None:
        """Use the push keys as they are set now."""
        keys = tuple(
            PushKey(pair[CONF_PUSH_AK], pair[CONF_PUSH_SK])
            for pair in self._entry.data[CONF_PUSH_KEYS]
        )
        if keys != self._keys:
            # otherwise the memory of what was seen must last, against replays
            self._keys = keys
            self._verifier = PushVerifier(keys) if keys else None
            self._end_of_refusals()

    @callback
    def async_close(self) -> None:
        """Take no more pushes."""
        webhook.async_unregister(self._hass, self._webhook_id)

    async def _async_handle(
        self, _hass: HomeAssistant, _webhook_id: str, request: web.Request
    ) -> web.Response:
        """Answer one request, whatever happens.

        What is raised from here Home Assistant would log with the webhook's id, and
        answer with 200.
        """
        try:
            return await self._async_answer(request)
        except Exception as err:  # noqa: BLE001
            _LOGGER.error("A push could not be handled: %s", type(err).__name__)
            return _answer(HTTPStatus.SERVICE_UNAVAILABLE, "not stored")

    async def _async_answer(self, request: web.Request) -> web.Response:
        """Answer one request; 200 only when everything in it is stored.

        Whether it can be read turns out when it would be stored; until then it needs
        room in the ledger's queue like any other.
        """
        if request.method != hdrs.METH_POST:
            return web.Response(
                status=HTTPStatus.METHOD_NOT_ALLOWED, headers={hdrs.ALLOW: "POST"}
            )
        content_type = request.headers.get(hdrs.CONTENT_TYPE, "")
        limit = JSON_LIMIT if "json" in content_type.lower() else FORM_LIMIT
        try:
            body = _read_at_once(request)
            if body is None:
                async with asyncio.timeout(_READ_TIMEOUT):
                    body = await _read(request, limit)
        except TimeoutError:
            return _answer(HTTPStatus.REQUEST_TIMEOUT, "too slow")
        except ConnectionError, web.RequestPayloadError:
            # it broke off or is garbled; raised on, it would be answered with 200
            return _answer(HTTPStatus.BAD_REQUEST, "not readable")
        if len(body) > limit:
            return _answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too large")
        if self.probe.recognises(body):
            return _answer(HTTPStatus.OK, "recognised")
        try:
            signature = self._verify(request, body)
        except PushRejectedError as err:
            self._async_refuse(err.reason)
            return _answer(HTTPStatus.UNAUTHORIZED, "not authentic")
        stored = False
        try:
            stored = await self._async_store(body, content_type)
        except PushFormatError as err:
            self._async_note_unreadable(err)
            return _answer(HTTPStatus.BAD_REQUEST, "not understood")
        finally:
            if not stored and signature is not None and self._verifier is not None:
                # an honest repetition of it must pass
                self._verifier.forget(signature)
        if not stored:
            return _answer(HTTPStatus.SERVICE_UNAVAILABLE, "not stored")
        self.accepted += 1
        return _answer(HTTPStatus.OK, "stored")

    def _verify(self, request: web.Request, body: bytes) -> str | None:
        """Return the signature of an authentic push; None where no keys are set."""
        if self._verifier is None:
            return None
        now = dt_util.utcnow()
        signature = self._verifier.verify(
            request.headers,
            body,
            self._ledger.addresses(self._entry.entry_id, now.timestamp()),
            now=now,
        )
        self._end_of_refusals()
        return signature

    async def _async_store(self, body: bytes, content_type: str) -> bool:
        """Store a push; return whether it is in durable storage.

        Raises PushFormatError when it cannot be read.
        """
        try:
            await self._ledger.pushes.apply(
                self._entry.entry_id,
                partial(parse_push, body, content_type),
                self._entry.options[CONF_DEFAULT_COUNTRY],
                dt_util.utcnow().timestamp(),
                weigh(body),
            )
        except LedgerBusyError, TimeoutError:
            return False
        return self._ledger.durable

    @callback
    def _async_note_unreadable(self, err: PushFormatError) -> None:
        """Log what is wrong with a push, now and then and without its values."""
        now = dt_util.utcnow()
        if self._warned_at is None or now - self._warned_at > _WARN_EVERY:
            self._warned_at = now
            _LOGGER.warning("A push could not be read: %s %s", err.field, err.rule)

    @callback
    def _async_refuse(self, reason: PushRejection) -> None:
        """Count a push that is not authentic; several in a row are an issue."""
        self.refused += 1
        if reason is PushRejection.REPLAY:
            # somebody repeats what we have: no sign of a wrong setting
            return
        self._refused += 1
        if self._refused == _REFUSED_IN_A_ROW:
            reactions.raise_issue(
                self._hass,
                self._entry,
                reactions.PUSHES_REFUSED,
                f"{reactions.PUSHES_REFUSED}_{reason}",
            )

    @callback
    def _end_of_refusals(self) -> None:
        """Take the issue back once a push is authentic, or the keys are others."""
        if self._refused:
            self._refused = 0
            reactions.clear_issue(self._hass, self._entry, reactions.PUSHES_REFUSED)


def _read_at_once(request: web.Request) -> bytes | None:
    """Return the body if all of it has come already, as is usual."""
    # of the cloud hook's stand-in it is something else
    stream: object = request.content
    if isinstance(stream, StreamReader) and stream.is_eof():
        return stream.read_nowait()
    return None


async def _read(request: web.Request, limit: int) -> bytes:
    """Return the body, or no more of it than shows that it is too large.

    Only what the cloud hook's stand-in for a request has as well is used; that one
    makes a new stream each time it is asked for one.
    """
    stream = request.content
    body = bytearray()
    while len(body) <= limit and (chunk := await stream.read(_CHUNK)):
        body += chunk
    return bytes(body)


def _answer(status: HTTPStatus, result: str) -> web.Response:
    """Return a small answer: the platform does not read it, people do.

    It tells what is stored from the empty 200 that an unknown address gives.
    """
    body, headers = _ready(result)
    return web.Response(status=status, body=body, headers=headers)


@cache
def _ready(result: str) -> tuple[bytes, CIMultiDictProxy[str]]:
    """Return the body of an answer and its headers; of each there is only one."""
    body = f'{{"result": "{result}"}}'.encode()
    headers = {
        hdrs.CONTENT_TYPE: CONTENT_TYPE_JSON,
        hdrs.CONTENT_LENGTH: f"{len(body)}",
    }
    return body, CIMultiDictProxy(CIMultiDict(headers))
