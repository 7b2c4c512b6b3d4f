"""The flow that sets up an application, and those that change one."""

from typing import Any, override

import voluptuous as vol

from homeassistant.components import webhook
from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    SOURCE_USER,
    ConfigEntry,
    ConfigFlowResult,
    ConfigSubentryDataWithId,
    ConfigSubentryFlow,
)
from homeassistant.const import CONF_NAME, CONF_WEBHOOK_ID
from homeassistant.core import callback
from homeassistant.util.ulid import ulid_now

from .connection_flow import ConnectionFlow
from .const import (
    CONF_DEFAULT_COUNTRY,
    CONF_NUMBER,
    CONF_PUBLIC_ADDRESS,
    CONF_PUSH_KEYS,
    CONF_TEMPLATE,
    DOMAIN,
    SUBENTRY_RECIPIENT,
    SUBENTRY_TEMPLATE,
)
from .forms import FormError, read_text, show_form
from .options_flow import SmsOptionsFlow, first_options
from .public_address import (
    NoPublicAddressError,
    async_forget_reply_address,
    async_reply_address,
)
from .push_keys_form import (
    FIRST_KEYS_SCHEMA,
    KEYS_SCHEMA,
    PushKeys,
    PushKeysReader,
    typed_push_keys,
)
from .recipient_flow import (
    FIRST_RECIPIENT_SCHEMA,
    NamedRecipient,
    RecipientFlow,
    async_read_recipient,
    recipient_unique_id,
)
from .template_flow import (
    FIRST_TEMPLATE,
    NamedTemplate,
    TemplateFlow,
    read_template,
    template_schema,
)


class HuaweiCloudSmsConfigFlow(ConnectionFlow, domain=DOMAIN):
    """Set up an application: credentials, template, recipient, reply address."""

    VERSION = 1
    MINOR_VERSION = 1

    _template: NamedTemplate
    _recipient: NamedRecipient | None = None
    _push_keys: PushKeysReader | None = None
    _webhook_id: str | None = None
    _removed = False

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> SmsOptionsFlow:
        """Return the flow for the options."""
        return SmsOptionsFlow()

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Return the flows for what an application has several of."""
        return {SUBENTRY_RECIPIENT: RecipientFlow, SUBENTRY_TEMPLATE: TemplateFlow}

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask what is to be changed or looked up."""
        return self.async_show_menu(
            step_id="reconfigure", menu_options=["connection", "reply_address"]
        )

    @override
    async def async_connected(self) -> ConfigFlowResult:
        """Go on to the template of a new application."""
        if self.source == SOURCE_USER:
            return await self.async_step_template()
        return await super().async_connected()

    async def async_step_template(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the application's first template."""
        error = None
        if user_input is not None:
            try:
                self._template = read_template(self.hass, user_input, {})
            except FormError as err:
                error = err
            else:
                return await self.async_step_recipient()
        schema = template_schema(self.connection.kind)
        typed = user_input or FIRST_TEMPLATE
        return show_form(self, "template", schema, typed, error, last_step=False)

    async def async_step_recipient(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for a first recipient; without name and number there is none."""
        error = None
        if user_input is not None:
            try:
                self._recipient = await self._async_read_recipient(user_input)
            except FormError as err:
                error = err
            else:
                return await self.async_step_reply_address()
        schema = FIRST_RECIPIENT_SCHEMA
        return show_form(self, "recipient", schema, user_input, error, last_step=False)

    async def async_step_reply_address(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show where reports and replies come in; ask for the keys that sign them."""
        entry = self._reconfigured_entry()
        stored: PushKeys = entry.data[CONF_PUSH_KEYS] if entry else []
        error = None
        if user_input is not None:
            self._push_keys = self._push_keys or PushKeysReader(stored)
            try:
                push_keys = self._push_keys.read(user_input)
            except FormError as err:
                error = err
            else:
                if entry is None:
                    return self._async_create(push_keys)
                return self.async_change(entry, {CONF_PUSH_KEYS: push_keys})
        typed = user_input or typed_push_keys(stored)
        try:
            address = await self._async_reply_address(entry)
        except NoPublicAddressError:
            if entry is None:
                return await self.async_step_no_reply_address()
            return show_form(
                self, "push_keys", KEYS_SCHEMA, typed, error, last_step=True
            )
        schema = FIRST_KEYS_SCHEMA if entry is None else KEYS_SCHEMA
        return show_form(
            self,
            "reply_address",
            schema,
            typed,
            error,
            last_step=True,
            address=address,
        )

    async def async_step_push_keys(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the keys where there is no address to show, if that is still so."""
        return await self.async_step_reply_address(user_input)

    async def async_step_no_reply_address(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say that there will be no reports and replies, and how to get them."""
        if user_input is None:
            return show_form(self, "no_reply_address", vol.Schema({}), last_step=True)
        return self._async_create([])

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

    async def _async_read_recipient(
        self, user_input: dict[str, Any]
    ) -> NamedRecipient | None:
        """Return the first recipient, None if there is to be none."""
        if not any(read_text(user_input, field) for field in (CONF_NAME, CONF_NUMBER)):
            return None
        country = first_options(self.hass)[CONF_DEFAULT_COUNTRY]
        return await async_read_recipient(self.hass, user_input, {}, country)

    @callback
    def _reconfigured_entry(self) -> ConfigEntry | None:
        """Return the entry that is being reconfigured, if one is."""
        if self.source == SOURCE_RECONFIGURE:
            return self._get_reconfigure_entry()
        return None

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

    @callback
    def _async_create(self, push_keys: PushKeys) -> ConfigFlowResult:
        """Create the entry with its template and its recipient."""
        template_id = ulid_now()
        name, template = self._template
        subentries = [
            ConfigSubentryDataWithId(
                subentry_id=template_id,
                subentry_type=SUBENTRY_TEMPLATE,
                title=name,
                unique_id=None,
                data=template,
            )
        ]
        if self._recipient is not None:
            name, recipient = self._recipient
            subentries.append(
                ConfigSubentryDataWithId(
                    subentry_id=ulid_now(),
                    subentry_type=SUBENTRY_RECIPIENT,
                    title=name,
                    unique_id=recipient_unique_id(recipient[CONF_NUMBER]),
                    data={**recipient, CONF_TEMPLATE: template_id},
                )
            )
        return self.async_create_entry(
            title=f"Huawei Cloud SMS …{self.connection.app_key[-4:]}",
            data={
                **self.connection.as_data(),
                CONF_WEBHOOK_ID: self._webhook_id,
                CONF_PUSH_KEYS: push_keys,
            },
            options=first_options(self.hass),
            subentries=subentries,
        )
