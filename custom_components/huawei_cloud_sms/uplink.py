"""Keeps the uplink address of an application: writes it, and gives the old one back."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from homeassistant.components import webhook
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.start import async_at_started
from homeassistant.util.hass_dict import HassKey

from .account.access import AccountAccess, AccountError, Right, create_client
from .application import Application, SmsConfigEntry
from .const import (
    CONF_ACCOUNT,
    CONF_KIND,
    CONF_MANAGE_REPLY_ADDRESS,
    CONF_PASTED_ADDRESS,
    CONF_PUBLIC_ADDRESS,
    CONF_REPLACED_ADDRESS,
    CONF_WRITTEN_ADDRESS,
    DOMAIN,
    Kind,
)
from .msgsms.management.models import Application as Record
from .msgsms.management.orders import ApplicationUpdate
from .public_address import async_listen_address_change, is_address_settled
from .sending import reactions
from .session import create_session

# All of it in seconds.
_LOOK_EVERY = 6 * 3600.0
_FIRST_PAUSE = 60.0
# Two that want different addresses take turns no faster than this.
_WRITE_PAUSE = 600.0
_LEAVE_WITHIN = 20.0

# The platform may be out of reach for a while without anybody being told.
_FAILURES_TOLD = 3

_ISSUE = "uplink"
NOT_GIVEN_BACK = "uplink_not_given_back"

# What is known of the platform's side, and is no setting.
_WRITTEN = frozenset({CONF_REPLACED_ADDRESS, CONF_WRITTEN_ADDRESS})
_MEMOS = _WRITTEN | {CONF_PASTED_ADDRESS}

# When each application's address was last written: it outlives a reload, too.
_WRITTEN_AT: HassKey[dict[str, float]] = HassKey(f"{DOMAIN}_{CONF_WRITTEN_ADDRESS}")


def can_be_managed(data: Mapping[str, Any]) -> bool:
    """Return whether an application has replies, and an account to set them up by."""
    return CONF_ACCOUNT in data and data[CONF_KIND] == Kind.MAINLAND


def is_managed(entry: ConfigEntry) -> bool:
    """Return whether the uplink address is to be kept right."""
    switched_on: bool = entry.options.get(CONF_MANAGE_REPLY_ADDRESS, False)
    return switched_on and can_be_managed(entry.data)


def settings_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry's data without what was only written down."""
    return {key: value for key, value in data.items() if key not in _MEMOS}


def without_written(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry's data without what is known of an address that was written."""
    return {key: value for key, value in data.items() if key not in _WRITTEN}


async def _async_give_back(entry: ConfigEntry, account: AccountAccess) -> None:
    """Write the replaced address if the platform still has ours.

    Raises AccountError.
    """
    if CONF_WRITTEN_ADDRESS in entry.data:
        record = await account.async_application()
        if _is_ours(entry, record):
            address = entry.data.get(CONF_REPLACED_ADDRESS, "")
            await _async_write(account, record.id, _with(account, record, address))


async def async_leave(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Give the address back before an entry, or its account, is removed.

    The entry is perhaps disabled: nothing else of it is running. Raises AccountError.
    """
    if CONF_ACCOUNT not in entry.data:
        return
    try:
        async with create_session() as session, asyncio.timeout(_LEAVE_WITHIN):
            client = create_client(session, entry.data[CONF_ACCOUNT])
            await _async_give_back(entry, AccountAccess(hass, entry, client))
    except TimeoutError as err:
        raise AccountError("unreachable", lasting=False, code="-") from err


class Uplink:
    """Writes our address where the platform has another, as long as that is wanted.

    Once it is not wanted any more, the address that was there before is given back.
    """

    def __init__(self, hass: HomeAssistant, entry: SmsConfigEntry) -> None:
        """Initialize the keeper of an application's uplink address."""
        self._hass = hass
        self._entry = entry
        self._application: Application = entry.runtime_data
        self._written_at = hass.data.setdefault(_WRITTEN_AT, {})
        self._wake = asyncio.Event()
        self._kept: str | None = None

    @callback
    def async_start(self) -> CALLBACK_TYPE:
        """Begin once Home Assistant has started; return what ends that."""
        account = self._application.account
        needed = is_managed(self._entry) or CONF_WRITTEN_ADDRESS in self._entry.data
        if account is None or not needed:
            reactions.clear_issue(self._hass, self._entry, _ISSUE)
            return lambda: None

        @callback
        def begin(_hass: HomeAssistant) -> None:
            """Keep nobody waiting for the platform."""
            self._entry.async_create_background_task(
                self._hass, self._async_run(account), f"{DOMAIN} uplink"
            )

        stops = [
            async_listen_address_change(self._hass, self._async_wake),
            async_at_started(self._hass, begin),
        ]

        @callback
        def stop() -> None:
            """Begin no more; the task ends with the entry."""
            for end in stops:
                end()

        return stop

    async def _async_wake(self) -> None:
        """Have a look whether the address is still the same."""
        self._wake.set()

    async def _async_run(self, account: AccountAccess) -> None:
        """Look from time to time, and when our address has changed."""
        failures = 0
        while True:
            self._wake.clear()
            try:
                pause = await self._async_look(account)
            except AccountError as err:
                failures += 1
                pause = self._pause_after(err, failures)
                self._tell(err, failures)
            else:
                failures = 0
                reactions.clear_issue(self._hass, self._entry, _ISSUE)
            if pause is None:
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._async_other_address()

    async def _async_look(self, account: AccountAccess) -> float | None:
        """Set the address right and return when to look again, None for never."""
        if not is_managed(self._entry):
            await _async_give_back(self._entry, account)
            self._hass.config_entries.async_update_entry(
                self._entry, data=without_written(self._entry.data)
            )
            return None
        self._kept = None
        if (address := await self._async_address()) is None:
            return _LOOK_EVERY
        record = await account.async_application()
        if record.up_link_addr != address:
            entry_id, now = self._entry.entry_id, self._hass.loop.time()
            early = self._written_at.get(entry_id, -_WRITE_PAUSE) + _WRITE_PAUSE - now
            if early > 0:
                return early
            update = _with(account, record, address)
            self._note(record, address)
            await _async_write(account, record.id, update)
            self._written_at[entry_id] = now
        self._kept = address
        return _LOOK_EVERY

    async def _async_other_address(self) -> None:
        """Wait until our address is not the one that the platform has."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            if await self._async_address() != self._kept:
                return

    async def _async_address(self) -> str | None:
        """Return our address, None while there is none or another is about to come."""
        override = self._entry.options.get(CONF_PUBLIC_ADDRESS)
        if not is_address_settled(self._hass, override):
            return None
        return await self._application.async_reply_address()

    @callback
    def _note(self, record: Record, address: str) -> None:
        """Write down what is replaced before it is: what was there must not be lost."""
        data = {**self._entry.data, CONF_WRITTEN_ADDRESS: address}
        if not _is_ours(self._entry, record):
            data[CONF_REPLACED_ADDRESS] = record.up_link_addr or ""
        self._hass.config_entries.async_update_entry(self._entry, data=data)

    @staticmethod
    def _pause_after(err: AccountError, failures: int) -> float:
        """Return how long to wait after so many failures in a row."""
        if err.lasting:
            return _LOOK_EVERY
        pause = min(_FIRST_PAUSE * 2.0 ** min(failures - 1, 10), _LOOK_EVERY)
        return max(pause, err.retry_after or 0)

    @callback
    def _tell(self, err: AccountError, failures: int) -> None:
        """Raise an issue, unless there is one about the account or it may pass."""
        if err.key == "account_refused":
            issue = "uplink_refused"
        elif not err.lasting and failures >= _FAILURES_TOLD:
            issue = "uplink_failed"
        else:
            return
        reactions.raise_issue(
            self._hass,
            self._entry,
            _ISSUE,
            issue,
            code=err.placeholders.get("code", "-"),
        )


def _is_ours(entry: ConfigEntry, record: Record) -> bool:
    """Return whether the platform has an address that leads here, or led here."""
    address = record.up_link_addr or ""
    own_path = webhook.async_generate_path(entry.data[CONF_WEBHOOK_ID])
    return address == entry.data.get(CONF_WRITTEN_ADDRESS) or address.endswith(own_path)


def _with(account: AccountAccess, record: Record, address: str) -> ApplicationUpdate:
    """Return a record with another address; its other fields are as they were read.

    Raises AccountError if one of them, or the address, could not be read.
    """
    with account.calls(Right.APPLICATIONS):
        return replace(ApplicationUpdate.of(record), up_link_addr=address)


async def _async_write(
    account: AccountAccess, record_id: str, update: ApplicationUpdate
) -> None:
    """Write a record."""
    with account.calls(Right.WRITE) as client:
        await client.update_application(record_id, update)
