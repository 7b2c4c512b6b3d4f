"""Handler and ledger as a bare process, which may be killed at any moment."""

import asyncio
from http import HTTPStatus
import os
from pathlib import Path
import time
from types import MappingProxyType

import aiohttp
from aiohttp import web

from custom_components.huawei_cloud_sms.const import (
    CONF_DEFAULT_COUNTRY,
    CONF_PUSH_KEYS,
    DOMAIN,
)
from custom_components.huawei_cloud_sms.ledger.ledger import Ledger
from custom_components.huawei_cloud_sms.ledger.models import (
    Message,
    NewMessage,
    NewRequest,
    NewText,
    Outcome,
    Shown,
    State,
)
from custom_components.huawei_cloud_sms.webhook import Door
from homeassistant.components import webhook
from homeassistant.config_entries import SOURCE_USER, ConfigEntry
from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import HomeAssistant
from homeassistant.helpers.http import KEY_HASS

from .processes import LOOPBACK

ENTRY_ID = "application"
LEDGER_FILE = "ledger.db"
SHOWN_FILE = "shown"
PARTS = 2

_WEBHOOK_ID = "0a1b" * 16


def serve(folder: str, port: int, platform: str) -> None:
    """Take pushes at /push and send what is asked for at /send, until it is killed.

    `platform` is the address that a message leaves to. What is shown is written, line
    by line, into a file that outlives the process.
    """

    async def live() -> None:
        await _Server(Path(folder), platform).run(port)

    asyncio.run(live())


class _Server:
    """One life of the process."""

    def __init__(self, folder: Path, platform: str) -> None:
        """Take where the files are and where messages leave to."""
        self._ledger = Ledger(folder / LEDGER_FILE)
        self._hass = HomeAssistant(str(folder))
        self._platform = platform
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        self._shown = os.open(folder / SHOWN_FILE, flags, 0o600)

    async def run(self, port: int) -> None:
        """Serve for ever."""
        await self._ledger.open(time.time())
        await self._ledger.go_live(ENTRY_ID, self._show, time.time())
        Door(self._hass, _entry(), self._ledger).async_open()
        app = web.Application()
        # Home Assistant 2026.11 asks there who serves
        app[KEY_HASS] = self._hass
        app.router.add_post("/push", self._push)
        app.router.add_post("/send", self._send)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, LOOPBACK, port).start()
        await asyncio.Event().wait()

    def _show(self, shown: Shown) -> None:
        """Write down what is shown, at once and whole."""
        subject = shown.subject
        if isinstance(subject, Message):
            line = f"{subject.reference} {subject.state}\n"
        else:
            line = f"{subject.message_id} received\n"
        os.write(self._shown, line.encode())

    async def _push(self, request: web.Request) -> web.StreamResponse:
        """Hand a push to the webhook's handler, as Home Assistant does."""
        answer: web.Response = await webhook.async_handle_webhook(
            self._hass, _WEBHOOK_ID, request
        )
        return answer

    async def _send(self, request: web.Request) -> web.StreamResponse:
        """Send one message, as an application does, and tell how it ended."""
        name, number = request.query["name"], request.query["number"]
        message = NewMessage(reference=name, number=number, recipient_id=None)
        new = NewRequest(
            entry_id=ENTRY_ID,
            extend=f"extend-{name}",
            channel_number=None,
            origin=None,
            texts=(NewText(template_id="template", messages=(message,)),),
        )
        await self._ledger.create_all([new], None, time.time())
        if not await self._ledger.mark_sending(new.extend, time.time()):
            return web.Response(status=HTTPStatus.CONFLICT)
        outcome = await self._leave(name)
        await self._ledger.settle(ENTRY_ID, [outcome], time.time())
        return web.json_response({"state": outcome.state})

    async def _leave(self, name: str) -> Outcome:
        """Let a message leave; without an answer nobody knows what became of it."""
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.post(self._platform, params={"name": name}) as response,
            ):
                return Outcome(
                    reference=name,
                    state=State.ACCEPTED,
                    message_id=await response.text(),
                    parts=PARTS,
                )
        except aiohttp.ClientError:
            return Outcome(reference=name, state=State.UNCONFIRMED)


def _entry() -> ConfigEntry:
    """Return the application that the pushes are for."""
    return ConfigEntry(
        data={CONF_WEBHOOK_ID: _WEBHOOK_ID, CONF_PUSH_KEYS: []},
        disabled_by=None,
        discovery_keys=MappingProxyType({}),
        domain=DOMAIN,
        entry_id=ENTRY_ID,
        minor_version=1,
        options={CONF_DEFAULT_COUNTRY: "CN"},
        source=SOURCE_USER,
        subentries_data=None,
        title="SMS",
        unique_id=None,
        version=1,
    )
