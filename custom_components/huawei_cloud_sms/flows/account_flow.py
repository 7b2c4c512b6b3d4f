"""The steps about the account that an application belongs to."""

from typing import Any, override

import voluptuous as vol

from homeassistant.config_entries import SOURCE_USER, ConfigFlowResult

from ..account.access import AccountError
from ..component import DATA_COMPONENT
from ..const import (
    CONF_ACCOUNT,
    CONF_APP_KEY,
    CONF_AUTH,
    CONF_ENDPOINT,
    CONF_KIND,
    CONF_MANAGE_REPLY_ADDRESS,
    CONF_REPLACED_ADDRESS,
    AccountAuth,
    Kind,
)
from ..endpoints import AddressError, normalize_endpoint, region_of
from ..markup import code, escape
from ..msgsms.management.models import Application as Record
from ..uplink import async_leave, without_written
from .account_form import (
    CONF_APPLICATION,
    account_schema,
    async_application_schema,
    async_list_applications,
    form_error,
    kind_of,
    read_account,
    typed_account,
    typed_secret,
)
from .connection_form import application_schema
from .forms import FormError, show_form
from .reply_address_flow import ReplyAddressFlow


class AccountFlow(ReplyAddressFlow):
    """Ask for an account, and take from it what it knows of the application."""

    _typed_account: dict[str, Any] | None = None
    _typed_account_secret = ""
    _offered: list[Record]
    _gave_up = False

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask where the data of a new application comes from."""
        return self.async_show_menu(step_id="user", menu_options=["account", "by_hand"])

    async def async_step_account(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask how to prove to be the account."""
        ways = ["access_key", "iam_user"]
        entry = self.changed_entry()
        if entry is not None and CONF_ACCOUNT in entry.data:
            ways.append("remove_account")
        return self.async_show_menu(step_id="account", menu_options=ways)

    async def async_step_access_key(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for an access key."""
        return await self._async_ask_account(
            "access_key", AccountAuth.ACCESS_KEY, user_input
        )

    async def async_step_iam_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for an IAM user and its password."""
        return await self._async_ask_account(
            "iam_user", AccountAuth.PASSWORD, user_input
        )

    async def async_step_application(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Offer the applications of the account."""
        if user_input is None:
            schema = await async_application_schema(self.hass, self._offered)
            return show_form(self, "application", schema, last_step=False)
        self.record = next(
            it for it in self._offered if it.id == user_input[CONF_APPLICATION]
        )
        try:
            endpoint = normalize_endpoint(self.record.app_access_addr or "")
        except AddressError:
            # the form asks for it
            self.suggest({})
        else:
            self.suggest({CONF_ENDPOINT: region_of(endpoint)})
        return await self.async_step_app_secret()

    async def async_step_app_secret(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for what the account does not tell."""
        assert self.record is not None
        known = {CONF_APP_KEY: self.record.app_key, CONF_KIND: kind_of(self.record)}
        return await self.async_ask(
            "app_secret",
            application_schema,
            user_input,
            known,
            application=escape(self.record.app_name or "–"),
        )

    async def async_step_remove_account(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Forget the credentials, once the earlier reply address is given back."""
        entry = self._get_reconfigure_entry()
        error = None
        if user_input is not None:
            try:
                # if that failed before, it goes without
                if not self._gave_up:
                    await async_leave(self.hass, entry)
            except AccountError as err:
                error = form_error(err)
                self._gave_up = True
            else:
                data = without_written(entry.data)
                data.pop(CONF_ACCOUNT, None)
                options = {**entry.options, CONF_MANAGE_REPLY_ADDRESS: False}
                return self.async_update_and_abort(entry, data=data, options=options)
        return show_form(
            self,
            "remove_account",
            vol.Schema({}),
            error=error,
            last_step=True,
            replaced=code(entry.data.get(CONF_REPLACED_ADDRESS) or "–"),
        )

    async def _async_ask_account(
        self, step_id: str, auth: AccountAuth, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        """Ask for credentials and list the applications that they open."""
        stored = self._stored_account(auth)
        known = self._typed_account_secret or typed_secret(auth, stored)
        error = None
        if user_input is not None:
            self._typed_account = user_input
            known = self._typed_account_secret = typed_secret(auth, user_input) or known
            try:
                self.account = read_account(auth, user_input, known)
                self._offered = await async_list_applications(self.account)
                return await self._async_applications_known()
            except FormError as err:
                error = err
        return show_form(
            self,
            step_id,
            account_schema(auth, secret_is_known=bool(known)),
            self._typed_account or typed_account(stored),
            error,
            last_step=False if self.source == SOURCE_USER else None,
        )

    async def _async_applications_known(self) -> ConfigFlowResult:
        """Look for the application among those of the account; raises FormError."""
        entry = self.changed_entry()
        if entry is not None:
            app_key = entry.data[CONF_APP_KEY]
            mine = (it for it in self._offered if it.app_key == app_key)
            if (record := next(mine, None)) is None:
                raise FormError("base", "account_application_missing")
            self.record = record
            # they may be the same as before, and right again
            if (component := self.hass.data.get(DATA_COMPONENT)) is not None:
                component.async_forget_account(entry)
            if entry.data[CONF_KIND] == Kind.MAINLAND:
                return await self.async_step_reply_address()
            data = {**entry.data, CONF_ACCOUNT: self.account}
            return self.async_change_account(entry, data, entry.options)
        present = self._async_current_ids(include_ignore=False)
        self._offered = [
            it for it in self._offered if it.app_key and it.app_key not in present
        ]
        if not self._offered:
            raise FormError("base", "account_no_applications")
        return await self.async_step_application()

    def _stored_account(self, auth: AccountAuth) -> dict[str, str]:
        """Return the entry's credentials if they are of this sort."""
        entry = self.changed_entry()
        stored = entry.data.get(CONF_ACCOUNT, {}) if entry is not None else {}
        return dict(stored) if stored.get(CONF_AUTH) == auth else {}
