"""The flow that sets up an application, and those that change one."""

from collections.abc import Mapping
from functools import partial
from typing import Any, override

from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntry,
    ConfigFlowContext,
    ConfigFlowResult,
    ConfigSubentryDataWithId,
    ConfigSubentryFlow,
)
from homeassistant.const import CONF_NAME
from homeassistant.core import callback
from homeassistant.util.ulid import ulid_now

from . import migration
from .account.calls import Calls, first_calls
from .const import (
    CONF_CHANNEL_NUMBER,
    CONF_DEFAULT_COUNTRY,
    CONF_NUMBER,
    CONF_TEMPLATE,
    DOMAIN,
    SUBENTRY_RECIPIENT,
    SUBENTRY_TEMPLATE,
    Kind,
)
from .flows.account_flow import AccountFlow
from .flows.forms import FormError, read_text, show_form
from .flows.options_flow import SmsOptionsFlow, first_options
from .flows.recipient_flow import (
    FIRST_RECIPIENT_SCHEMA,
    NamedRecipient,
    RecipientFlow,
    async_read_recipient,
    recipient_unique_id,
)
from .flows.template_flow import TemplateFlow
from .flows.template_form import NamedTemplate, template_schema
from .flows.template_picking import TemplatePicking


class HuaweiCloudSmsConfigFlow(
    TemplatePicking[ConfigFlowContext, ConfigFlowResult, str],
    AccountFlow,
    domain=DOMAIN,
):
    """Set up an application: credentials, template, recipient, reply address."""

    VERSION = migration.VERSION
    MINOR_VERSION = migration.MINOR_VERSION

    ends_with_template = False

    _recipient: NamedRecipient | None = None

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
            step_id="reconfigure",
            menu_options=["connection", "account", "reply_address"],
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
        if user_input is None and self.picks_template:
            return await self.async_step_pick_template()
        schema = template_schema(self.template_kind())
        known: dict[str, str] = {}
        if self.record is not None and self.record.intl_channel_num:
            # that of a mainland template is its signature's
            known[CONF_CHANNEL_NUMBER] = self.record.intl_channel_num
        return await self.async_ask_template("template", schema, user_input, known, {})

    @override
    def template_kind(self) -> Kind:
        """Return the kind of the new application."""
        return Kind(self.connection.kind)

    @override
    def price_per_part(self) -> None:
        """Return nothing: a new application has no options that say so."""

    @override
    def app_key(self) -> str:
        """Return the key of the new application."""
        return self.connection.app_key

    @override
    def account_calls(self) -> Calls | None:
        """Return how the account is asked that was entered, if one was."""
        return None if self.account is None else partial(first_calls, self.account)

    @override
    async def async_fill_in(self, typed: dict[str, Any]) -> ConfigFlowResult:
        """Go on with a template that was chosen from the account."""
        return await self.async_step_template(typed)

    @override
    async def async_change_template(self) -> ConfigFlowResult:
        """Show the form of the template again."""
        return await self.async_step_template()

    @override
    async def async_finish_template(self, template: NamedTemplate) -> ConfigFlowResult:
        """Go on to the first recipient."""
        self._template = template
        return await self.async_step_recipient()

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

    async def _async_read_recipient(
        self, user_input: dict[str, Any]
    ) -> NamedRecipient | None:
        """Return the first recipient, None if there is to be none."""
        if not any(read_text(user_input, field) for field in (CONF_NAME, CONF_NUMBER)):
            return None
        country = first_options(self.hass)[CONF_DEFAULT_COUNTRY]
        return await async_read_recipient(self.hass, user_input, {}, country)

    @callback
    @override
    def async_create(
        self, data: Mapping[str, Any], options: Mapping[str, Any]
    ) -> ConfigFlowResult:
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
            data=data,
            options={**first_options(self.hass), **options},
            subentries=subentries,
        )
