"""What all applications share: the ledger, the HTTP session, the doors."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
    ConfigEntryState,
)
from homeassistant.const import EVENT_HOMEASSISTANT_CLOSE, EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey
from homeassistant.util.ssl import SSL_ALPN_HTTP11, client_context

from . import reactions
from .application import Application
from .const import DOMAIN
from .ledger.ledger import Ledger
from .msgsms.client import create_connector
from .webhook import Door

DATA_COMPONENT: HassKey[Component] = HassKey(DOMAIN)

_LEDGER_FILE = "huawei_cloud_sms.db"
_TIDY_EVERY = timedelta(hours=1)
_RESTORE_EVERY = timedelta(minutes=1)

# Huawei keeps sending details for 90 days; a report comes within 72 hours or never.
_KEPT = timedelta(days=90)
_REPORT_DUE = timedelta(hours=73)

_STORAGE_FAILED = "storage_failed"
_STORAGE_DAMAGED = "storage_damaged"


def ledger_path(hass: HomeAssistant) -> Path:
    """Return where the ledger is kept."""
    return Path(hass.config.path(".storage", _LEDGER_FILE))


class Component:
    """The integration as a whole, from the first application to the last."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Initialize what the applications share."""
        self._hass = hass
        self.ledger = Ledger(ledger_path(hass))
        self.ledger.on_storage_change = self._async_storage_changed
        # a session of its own: the shared one keeps connections so long that a
        # send could meet one that the platform is just closing
        self.session = aiohttp.ClientSession(
            connector=create_connector(
                ssl=client_context(alpn_protocols=SSL_ALPN_HTTP11)
            ),
            # the platform sets none, and nothing may pass between applications
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        self._doors: dict[str, Door] = {}
        self._damage_told: Path | None = None

    async def async_start(self) -> None:
        """Open the ledger and see to what has to be done from time to time."""
        hass = self._hass
        await self.ledger.open(dt_util.utcnow().timestamp())
        for work, interval in (
            (self._async_tidy, _TIDY_EVERY),
            (self._async_restore, _RESTORE_EVERY),
        ):
            async_track_time_interval(hass, work, interval, cancel_on_shutdown=True)
        async_dispatcher_connect(
            hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._async_entry_changed
        )
        hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, self._async_retire)
        # entries are not unloaded at the end: what has threads is closed here
        hass.bus.async_listen_once(EVENT_HOMEASSISTANT_CLOSE, self._async_close)

    @callback
    def async_open_door(self, entry: ConfigEntry) -> Door:
        """Take pushes for an application from now on, by its present settings."""
        if (door := self._doors.get(entry.entry_id)) is None:
            door = self._doors[entry.entry_id] = Door(self._hass, entry, self.ledger)
            door.async_open()
        else:
            door.async_update()
        return door

    @callback
    def async_door(self, entry: ConfigEntry) -> Door | None:
        """Return the door of an application, None if it takes no pushes."""
        return self._doors.get(entry.entry_id)

    @callback
    def async_close_door(self, entry: ConfigEntry) -> None:
        """Take no more pushes for an application."""
        if (door := self._doors.pop(entry.entry_id, None)) is not None:
            door.async_close()

    @callback
    def _async_entry_changed(
        self, _change: ConfigEntryChange, entry: ConfigEntry
    ) -> None:
        """Close the door of an application that is disabled, loaded or not."""
        if entry.domain == DOMAIN and entry.disabled_by is not None:
            self.async_close_door(entry)
            reactions.clear_all_issues(self._hass, entry)

    async def _async_tidy(self, now: datetime) -> None:
        """Delete what is old, close what waits too long, renew the addresses."""
        await self.ledger.tidy((now - _KEPT).timestamp())
        for entry in self._hass.config_entries.async_entries(DOMAIN):
            if entry.state is not ConfigEntryState.LOADED:
                continue
            application: Application = entry.runtime_data
            await self.ledger.give_up_waiting(
                entry.entry_id, (now - _REPORT_DUE).timestamp(), now.timestamp()
            )
            await application.async_keep_reply_address()

    async def _async_restore(self, _now: datetime) -> None:
        """Try to return to the ledger's file."""
        await self.ledger.restore()

    async def _async_retire(self, _event: Event) -> None:
        """Show nothing more: automations are about to end."""
        await asyncio.gather(
            *(self.ledger.retire(entry_id) for entry_id in self._doors)
        )

    async def _async_close(self, _event: Event) -> None:
        """Close the session and the ledger."""
        await self.session.close()
        await self.ledger.close()

    @callback
    def _async_storage_changed(self) -> None:
        """Say where storage stands."""
        if self.ledger.durable:
            ir.async_delete_issue(self._hass, DOMAIN, _STORAGE_FAILED)
        else:
            ir.async_create_issue(
                self._hass,
                DOMAIN,
                _STORAGE_FAILED,
                is_fixable=False,
                severity=ir.IssueSeverity.ERROR,
                translation_key=_STORAGE_FAILED,
            )
        file = self.ledger.damaged_file
        if file is not None and file != self._damage_told:
            self._damage_told = file
            ir.async_create_issue(
                self._hass,
                DOMAIN,
                _STORAGE_DAMAGED,
                is_fixable=True,
                severity=ir.IssueSeverity.WARNING,
                translation_key=_STORAGE_DAMAGED,
                translation_placeholders={"file": file.name},
            )
