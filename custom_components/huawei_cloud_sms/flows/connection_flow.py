"""The steps that end with credentials which the platform has judged."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

import voluptuous as vol

from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_USER,
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
)
from homeassistant.core import callback
from homeassistant.helpers.selector import (
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..const import CONF_APP_SECRET
from ..markup import escape
from ..msgsms.probe import ProbeResult, Verdict
from .connection_form import (
    UNPROVEN,
    Connection,
    async_probe,
    connection_schema,
    error_of,
    read_connection,
    reauth_schema,
    typed_connection,
)
from .forms import FormError, read_text, show_form

_CONF_DECISION = "decision"
_BACK = "back"

UNPROVEN_SCHEMA = vol.Schema(
    {
        vol.Required(_CONF_DECISION, default=_BACK): SelectSelector(
            SelectSelectorConfig(
                options=[_BACK, "go_on"],
                mode=SelectSelectorMode.LIST,
                translation_key="decision",
            )
        )
    }
)


class ConnectionFlow(ConfigFlow):
    """Ask for a connection, for a new application or for one that is set up."""

    connection: Connection

    _ask_again: Callable[[], Awaitable[ConfigFlowResult]]
    _found: ProbeResult
    _typed_connection: Mapping[str, Any] | None = None
    # no form shows it again, so nobody should have to type it again
    _typed_secret = ""

    async def async_step_by_hand(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the credentials of a new application."""
        return await self.async_ask("by_hand", connection_schema, user_input)

    async def async_step_reauth(
        self, entry_data: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Begin when the platform refused the credentials."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the secret again."""
        entry = self._get_reauth_entry()
        known = {**entry.data, CONF_APP_SECRET: ""}
        return await self.async_ask(
            "reauth_confirm",
            reauth_schema,
            user_input,
            known,
            name=escape(entry.title),
        )

    async def async_step_connection(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for another secret, address, kind or authentication."""
        known = self._get_reconfigure_entry().data
        self._typed_connection = self._typed_connection or typed_connection(known)
        return await self.async_ask("connection", connection_schema, user_input, known)

    async def async_step_accepted(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say that the credentials are right, but that the test was not refused."""
        if user_input is not None:
            return await self.async_connected()
        return show_form(
            self,
            "accepted",
            vol.Schema({}),
            last_step=self.source != SOURCE_USER,
            code=str(self._found.code),
        )

    async def async_step_confirm_unproven(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Name what kept the credentials from being proved; let the person decide."""
        if user_input is None:
            return show_form(
                self,
                "confirm_unproven",
                UNPROVEN_SCHEMA,
                error=error_of(self._found),
                last_step=False,
            )
        if user_input[_CONF_DECISION] != _BACK:
            return await self.async_connected()
        return await self._ask_again()

    async def async_connected(self) -> ConfigFlowResult:
        """Go on with credentials that are proved, or that the person stands for."""
        entry = (
            self._get_reauth_entry()
            if self.source == SOURCE_REAUTH
            else self._get_reconfigure_entry()
        )
        return self.async_change(entry, self.connection.as_data())

    @callback
    def suggest(self, typed: Mapping[str, Any]) -> None:
        """Show values as if they had been typed."""
        self._typed_connection = typed

    @callback
    def async_change(
        self, entry: ConfigEntry, data_updates: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Change an entry and end.

        The entry's update listener reloads it: a helper that reloads as well is refused
        beside a listener.
        """
        return self.async_update_and_abort(entry, data_updates=data_updates)

    async def async_ask(
        self,
        step_id: str,
        schema: Callable[[bool], vol.Schema],
        user_input: dict[str, Any] | None,
        known: Mapping[str, Any] = MappingProxyType({}),
        **placeholders: str,
    ) -> ConfigFlowResult:
        """Ask for what is not known of a connection, and try it."""
        self._ask_again = partial(
            self.async_ask, step_id, schema, None, known, **placeholders
        )
        error = None
        if user_input is not None:
            self._typed_connection = user_input
            self._typed_secret = (
                read_text(user_input, CONF_APP_SECRET) or self._typed_secret
            )
            try:
                self.connection = read_connection(
                    {**user_input, CONF_APP_SECRET: self._typed_secret}, known
                )
            except FormError as err:
                error = err
            else:
                await self._async_check_app_key()
                self._found = await async_probe(self.connection)
                if self._found.verdict is Verdict.VALID:
                    return await self.async_connected()
                if self._found.verdict is Verdict.ACCEPTED:
                    return await self.async_step_accepted()
                if self._found.verdict in UNPROVEN:
                    return await self.async_step_confirm_unproven()
                error = error_of(self._found)
        if error is not None and error.field == CONF_APP_SECRET:
            self._typed_secret = ""
        secret_is_known = bool(self._typed_secret or known.get(CONF_APP_SECRET))
        return show_form(
            self,
            step_id,
            schema(secret_is_known),
            self._typed_connection,
            error,
            last_step=False if self.source == SOURCE_USER else None,
            **placeholders,
        )

    async def _async_check_app_key(self) -> None:
        """Abort if the app key is another entry's, or not the one of this entry."""
        # a flow left open in another tab does not count: the one that ends first
        # ends the others
        await self.async_set_unique_id(self.connection.app_key, raise_on_progress=False)
        if self.source == SOURCE_USER:
            self._abort_if_unique_id_configured()
        else:
            self._abort_if_unique_id_mismatch()
