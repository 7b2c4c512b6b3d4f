"""The last steps: where status reports and replies come in, and who signs them."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, override

import voluptuous as vol

from homeassistant.components import webhook
from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import callback

from ..account.access import AccountError
from ..application import Application
from ..const import (
    CONF_ACCOUNT,
    CONF_KIND,
    CONF_MANAGE_REPLY_ADDRESS,
    CONF_PASTED_ADDRESS,
    CONF_PUBLIC_ADDRESS,
    CONF_PUSH_KEYS,
    CONF_REPLACED_ADDRESS,
    Kind,
)
from ..markup import code
from ..msgsms.management.models import Application as Record
from ..pasted_address import PASTED_ADDRESS
from ..public_address import (
    NoPublicAddressError,
    async_forget_reply_address,
    async_reply_address,
)
from ..sending import reactions
from ..uplink import can_be_managed, settings_of
from .account_form import form_error
from .connection_flow import ConnectionFlow
from .forms import FormError, show_form
from .push_keys_form import (
    FIRST_KEYS_SCHEMA,
    KEYS_SCHEMA,
    SWITCH,
    PushKeys,
    PushKeysReader,
    typed_push_keys,
)

_NONE = "–"


class ReplyAddressFlow(ConnectionFlow):
    """Show the address for pushes, ask for its keys, and whether to write it oneself.

    `account` is what the entry is to keep of an account that was entered here, `record`
    what that account says of the application.
    """

    account: Mapping[str, str] | None = None
    record: Record | None = None

    _push_keys: PushKeysReader | None = None
    _webhook_id: str | None = None
    _address: str | None = None
    _removed = False

    @abstractmethod
    def async_create(
        self, data: Mapping[str, Any], options: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Create the entry of a new application, with this beside its connection."""

    async def async_step_reply_address(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show where reports and replies come in; ask for the keys that sign them."""
        entry = self.changed_entry()
        stored: PushKeys = entry.data[CONF_PUSH_KEYS] if entry else []
        error = None
        if user_input is not None:
            self._push_keys = self._push_keys or PushKeysReader(stored)
            try:
                push_keys = self._push_keys.read(user_input)
            except FormError as err:
                error = err
            else:
                return self._async_end(push_keys, user_input)
        typed = user_input or typed_push_keys(stored)
        schema = FIRST_KEYS_SCHEMA if entry is None else KEYS_SCHEMA
        try:
            self._address = await self._async_reply_address(entry)
        except NoPublicAddressError:
            if entry is None:
                return await self.async_step_no_reply_address()
            return show_form(self, "push_keys", schema, typed, error, last_step=True)
        if can_be_managed(self._data()):
            return await self._async_show_replies(schema, typed, error)
        return show_form(
            self,
            "reply_address",
            schema,
            typed,
            error,
            last_step=True,
            address=self._address,
        )

    async def async_step_push_keys(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the keys where there is no address to show, if that is still so."""
        return await self.async_step_reply_address(user_input)

    async def async_step_replies(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the keys, and whether the account is to be used for the address."""
        return await self.async_step_reply_address(user_input)

    async def async_step_no_reply_address(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say that there will be no reports and replies, and how to get them."""
        if user_input is None:
            return show_form(self, "no_reply_address", vol.Schema({}), last_step=True)
        return self._async_end([], {})

    @callback
    @override
    def async_remove(self) -> None:
        """Leave no cloud hook behind if no entry came of it."""
        self._removed = True
        if self._webhook_id is not None and not any(
            entry.data[CONF_WEBHOOK_ID] == self._webhook_id
            for entry in self._async_current_entries(include_ignore=False)
        ):
            self.hass.async_create_task(
                async_forget_reply_address(self.hass, self._webhook_id)
            )

    @callback
    def changed_entry(self) -> ConfigEntry | None:
        """Return the entry that is being changed, None for a new application."""
        if self.source == SOURCE_RECONFIGURE:
            return self._get_reconfigure_entry()
        return None

    @callback
    def async_change_account(
        self, entry: ConfigEntry, data: Mapping[str, Any], options: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Change an entry and end.

        Where an account was entered again as it was, what was wrong is mended elsewhere:
        no update listener is told of that, so that the entry is loaded anew here.
        """
        same = (settings_of(data), options) == (settings_of(entry.data), entry.options)
        if same and self.account is not None:
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return self.async_update_and_abort(entry, data=data, options=options)

    async def _async_show_replies(
        self, schema: vol.Schema, typed: Mapping[str, Any], error: FormError | None
    ) -> ConfigFlowResult:
        """Show which address the platform has, and offer to write ours there."""
        entry = self.changed_entry()
        try:
            record = self.record or await self._async_record()
        except AccountError as err:
            record, error = None, error or form_error(err)
        current = (record.up_link_addr if record is not None else None) or ""
        # what somebody else put there is not to be replaced in passing
        usual = (
            record is not None and not record.unread and current in ("", self._address)
        )
        options = entry.options if entry is not None else {}
        switch = {
            CONF_MANAGE_REPLY_ADDRESS: options.get(CONF_MANAGE_REPLY_ADDRESS, usual)
        }
        return show_form(
            self,
            "replies",
            vol.Schema({**SWITCH, **schema.schema}),
            {**switch, **typed},
            error,
            last_step=True,
            address=self._address or _NONE,
            current=code(current) or _NONE,
            replaced=code(self._data().get(CONF_REPLACED_ADDRESS) or _NONE),
        )

    async def _async_record(self) -> Record | None:
        """Return what the account of the entry says; raises AccountError."""
        entry = self._get_reconfigure_entry()
        if entry.state is not ConfigEntryState.LOADED:
            return None
        application: Application = entry.runtime_data
        account = application.account
        return None if account is None else await account.async_application()

    async def _async_reply_address(self, entry: ConfigEntry | None) -> str:
        """Return the address for reports and replies of an entry, or of the new one."""
        if entry is not None:
            return await async_reply_address(
                self.hass,
                entry.data[CONF_WEBHOOK_ID],
                entry.options.get(CONF_PUBLIC_ADDRESS),
            )
        if self._webhook_id is None:
            self._webhook_id = webhook.async_generate_id()
        address = await async_reply_address(self.hass, self._webhook_id, None)
        if self._removed:
            # closed while the cloud was being asked
            await async_forget_reply_address(self.hass, self._webhook_id)
        return address

    def _data(self) -> dict[str, Any]:
        """Return what is known of the entry, with the account that was entered here."""
        entry = self.changed_entry()
        known = self.connection.as_data() if entry is None else entry.data
        account = {} if self.account is None else {CONF_ACCOUNT: self.account}
        return {**known, **account}

    @callback
    def _async_end(
        self, push_keys: PushKeys, user_input: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Keep all of it, and which address went into the console by hand."""
        entry = self.changed_entry()
        data = {**self._data(), CONF_PUSH_KEYS: push_keys}
        options: dict[str, bool] = {}
        managed = user_input.get(CONF_MANAGE_REPLY_ADDRESS, False)
        if CONF_MANAGE_REPLY_ADDRESS in user_input:
            options[CONF_MANAGE_REPLY_ADDRESS] = managed
        if managed:
            data.pop(CONF_PASTED_ADDRESS, None)
        elif self._address is not None and data[CONF_KIND] == Kind.MAINLAND:
            data[CONF_PASTED_ADDRESS] = self._address
        if entry is None:
            return self.async_create(
                {**data, CONF_WEBHOOK_ID: self._webhook_id}, options
            )
        # this is no setting: nothing is loaded anew for it
        reactions.clear_issue(self.hass, entry, PASTED_ADDRESS)
        return self.async_change_account(entry, data, {**entry.options, **options})
