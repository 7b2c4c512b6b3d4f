"""What all applications share: the ledger, the HTTP session, the doors."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
    ConfigEntryState,
)
from homeassistant.const import EVENT_HOMEASSISTANT_CLOSE, EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, issue_registry as ir
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from . import clock
from .account.access import AccountAccess, async_clear_account_issues, create_client
from .application import Application
from .clock_watch import ClockWatch
from .const import (
    CONF_ACCOUNT,
    CONF_KEEP_TEXTS,
    CONF_NUMBER,
    CONF_RETENTION_DAYS,
    DEFAULT_RETENTION_DAYS,
    DOMAIN,
    SUBENTRY_RECIPIENT,
)
from .ledger.ledger import Ledger
from .ledger.models import KeepingRules
from .sending import reactions
from .session import create_session
from .webhook import Door

DATA_COMPONENT: HassKey[Component] = HassKey(DOMAIN)

_LEDGER_FILE = "huawei_cloud_sms.db"
_TIDY_EVERY = timedelta(hours=1)
_RESTORE_EVERY = timedelta(minutes=1)

# A report comes within 72 hours or never. Once the clock was set it takes as long until
# all messages that were sent before that are overdue.
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
        self.stopping = asyncio.Event()
        self.session = create_session()
        self._clock = ClockWatch()
        self._doors: dict[str, Door] = {}
        self._accounts: dict[str, AccountAccess] = {}
        self._damage_told: Path | None = None

    async def async_start(self) -> None:
        """Open the ledger and see to what has to be done from time to time."""
        hass = self._hass
        await self.ledger.open(clock.now())
        for entry in hass.config_entries.async_entries(DOMAIN):
            if entry.disabled_by is not None:
                await self._async_drop_waiting(entry)
        for work, interval in (
            (self._async_tidy, _TIDY_EVERY),
            (self._async_restore, _RESTORE_EVERY),
        ):
            async_track_time_interval(hass, work, interval, cancel_on_shutdown=True)
        async_dispatcher_connect(
            hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._async_entry_changed
        )
        # nothing else tells that one is disabled which is not loaded
        hass.bus.async_listen(
            dr.EVENT_DEVICE_REGISTRY_UPDATED, self._async_device_changed
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
    def async_account(self, entry: ConfigEntry) -> AccountAccess | None:
        """Return an application's way to its account, None if it has none.

        It outlives reloads: a token that was fetched stays in use, and credentials that
        were refused are not tried at once again.
        """
        data = entry.data.get(CONF_ACCOUNT)
        known = self._accounts.get(entry.entry_id)
        if known is not None and known.data == data:
            return known
        self.async_forget_account(entry)
        if data is None:
            return None
        access = AccountAccess(self._hass, entry, create_client(self.session, data))
        self._accounts[entry.entry_id] = access
        return access

    @callback
    def async_forget_account(self, entry: ConfigEntry) -> None:
        """Forget what was found out about an account that is not in use any more."""
        if (access := self._accounts.pop(entry.entry_id, None)) is not None:
            access.async_renew()
        async_clear_account_issues(self._hass, entry)

    @callback
    def _async_entry_changed(
        self, change: ConfigEntryChange, entry: ConfigEntry
    ) -> None:
        """Close the door of an application that is disabled, loaded or not."""
        if (
            entry.domain == DOMAIN
            and entry.disabled_by is not None
            # what its removal has to say stays
            and change is not ConfigEntryChange.REMOVED
        ):
            self.async_close_door(entry)
            reactions.clear_all_issues(self._hass, entry)
            self._hass.async_create_task(
                self._async_drop_waiting(entry), f"{DOMAIN} drop"
            )

    @callback
    def _async_device_changed(
        self, event: Event[dr.EventDeviceRegistryUpdatedData]
    ) -> None:
        """Look for applications that were disabled, and their devices with them."""
        data = event.data
        if data["action"] == "update" and "disabled_by" in data["changes"]:
            for entry in self._hass.config_entries.async_entries(DOMAIN):
                self._async_entry_changed(ConfigEntryChange.UPDATED, entry)

    async def _async_drop_waiting(self, entry: ConfigEntry) -> None:
        """See that nothing leaves later of what waits for an application."""
        await self.ledger.outbox.drop(entry.entry_id, clock.now())

    def _applications(self) -> Iterator[Application]:
        """Return the applications that run."""
        for entry in self._hass.config_entries.async_loaded_entries(DOMAIN):
            yield entry.runtime_data

    @property
    def _clock_is_good(self) -> bool:
        """Return whether what is too old by the clock really is."""
        return self._clock.unset_for(_REPORT_DUE.total_seconds())

    async def async_keep(self, entry: ConfigEntry) -> None:
        """Keep of an application what its options say, and nothing of who is gone."""
        now = dt_util.utcnow()
        days = entry.options.get(CONF_RETENTION_DAYS, DEFAULT_RETENTION_DAYS)
        since = (now - timedelta(days=days)).timestamp()
        rules = KeepingRules(
            # nothing is deleted for a clock that may be put right again
            since=since if self._clock_is_good else 0,
            texts=entry.options.get(CONF_KEEP_TEXTS, True),
            recipients=frozenset(
                (recipient.subentry_id, recipient.data[CONF_NUMBER])
                for recipient in entry.get_subentries_of_type(SUBENTRY_RECIPIENT)
            ),
        )
        await self.ledger.tidy(entry.entry_id, rules, now.timestamp())

    async def _async_tidy(self, now: datetime) -> None:
        """Close what waits too long, delete what is old, renew the addresses."""
        due = (now - _REPORT_DUE).timestamp()
        for entry in self._hass.config_entries.async_entries(DOMAIN):
            if entry.state is ConfigEntryState.LOADED and self._clock_is_good:
                await self.ledger.give_up_waiting(entry.entry_id, due, now.timestamp())
            await self.async_keep(entry)
            # it may have been unloaded meanwhile
            if entry.state is ConfigEntryState.LOADED:
                application: Application = entry.runtime_data
                await application.async_keep_reply_address()

    async def _async_restore(self, _now: datetime) -> None:
        """Try to return to the ledger's file."""
        await self.ledger.restore()

    async def _async_retire(self, _event: Event) -> None:
        """Show nothing more, wait for nothing more: automations are about to end."""
        self.stopping.set()
        self.ledger.end_waits()
        for application in self._applications():
            application.async_hand_over()
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
            for application in self._applications():
                # the file may have what its stand-in did not know of
                application.async_wake_outbox()
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
