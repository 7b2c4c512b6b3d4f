"""The flow that adds or changes an approved template."""

from collections.abc import Mapping
from functools import partial
from typing import Any, override

import voluptuous as vol

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntryState,
    ConfigSubentry,
    ConfigSubentryFlow,
    SubentryFlowContext,
    SubentryFlowResult,
)
from homeassistant.const import CONF_NAME
from homeassistant.core import callback
from homeassistant.helpers.selector import BooleanSelector

from ..account.calls import Calls, calls_of
from ..application import SmsConfigEntry
from ..const import (
    CONF_APP_KEY,
    CONF_DEFAULT,
    CONF_KIND,
    CONF_PRICE_PER_PART,
    SUBENTRY_TEMPLATE,
    Kind,
)
from ..migration import async_migrate
from ..templates.template import from_subentry
from .forms import other_subentries
from .template_form import NamedTemplate, TemplateData, template_schema
from .template_picking import TemplatePicking


class TemplateFlow(
    TemplatePicking[SubentryFlowContext, SubentryFlowResult, tuple[str, str]],
    ConfigSubentryFlow,
):
    """Add or change a template."""

    ends_with_template = True

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Add a template."""
        # an entry that is disabled has not been migrated
        async_migrate(self.hass, self._get_entry())
        if user_input is None and self.picks_template:
            return await self.async_step_pick_template()
        first = {CONF_DEFAULT: not self._others()}
        return await self._async_ask("user", user_input, first)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change a template."""
        async_migrate(self.hass, self._get_entry())
        subentry = self._get_reconfigure_subentry()
        if self.known_variables is None:
            self.known_variables = from_subentry(subentry).variables
        typed = {**subentry.data, CONF_NAME: subentry.title}
        return await self._async_ask("reconfigure", user_input, typed)

    @override
    def template_kind(self) -> Kind:
        """Return the kind of the application."""
        return Kind(self._get_entry().data[CONF_KIND])

    @override
    def price_per_part(self) -> float | None:
        """Return what a part costs, if the options say so."""
        price: float | None = self._get_entry().options.get(CONF_PRICE_PER_PART)
        return price

    @override
    def app_key(self) -> str:
        """Return the key of the application."""
        key: str = self._get_entry().data[CONF_APP_KEY]
        return key

    @override
    def account_calls(self) -> Calls | None:
        """Return how the account is asked while the application runs with one."""
        entry: SmsConfigEntry = self._get_entry()
        if entry.state is not ConfigEntryState.LOADED:
            return None
        account = entry.runtime_data.account
        return None if account is None else partial(calls_of, account)

    @override
    async def async_fill_in(self, typed: dict[str, Any]) -> SubentryFlowResult:
        """Go on with a template that was chosen from the account."""
        return await self.async_step_user({**typed, CONF_DEFAULT: not self._others()})

    @override
    async def async_change_template(self) -> SubentryFlowResult:
        """Show the first form again, as it was filled in."""
        if self.source == SOURCE_RECONFIGURE:
            return await self.async_step_reconfigure()
        return await self.async_step_user()

    @override
    async def async_finish_template(
        self, template: NamedTemplate
    ) -> SubentryFlowResult:
        """Store the template."""
        name, data = template
        self._async_move_default(data)
        if self.source != SOURCE_RECONFIGURE:
            return self.async_create_entry(title=name, data=data)
        # the entry's update listener reloads it: a helper that reloads as well is
        # refused beside a listener
        return self.async_update_and_abort(
            self._get_entry(), self._get_reconfigure_subentry(), title=name, data=data
        )

    async def _async_ask(
        self,
        step_id: str,
        user_input: dict[str, Any] | None,
        suggested: Mapping[str, Any],
    ) -> SubentryFlowResult:
        """Ask for the template, and whether it is the default."""
        schema = template_schema(self.template_kind()).extend(
            {vol.Required(CONF_DEFAULT, default=False): BooleanSelector()}
        )
        return await self.async_ask_template(
            step_id, schema, user_input, suggested, self._others()
        )

    @callback
    def _others(self) -> dict[str, ConfigSubentry]:
        """Return the other templates of the application."""
        own = None
        if self.source == SOURCE_RECONFIGURE:
            own = self._get_reconfigure_subentry().subentry_id
        return other_subentries(self._get_entry(), SUBENTRY_TEMPLATE, own)

    @callback
    def _async_move_default(self, data: TemplateData) -> None:
        """Take the mark from the template that had it: only one can be the default.

        To refuse instead would ask for a detour through the other template.
        """
        for other in self._others().values():
            if data[CONF_DEFAULT] and other.data[CONF_DEFAULT]:
                self.hass.config_entries.async_update_subentry(
                    self._get_entry(), other, data={**other.data, CONF_DEFAULT: False}
                )
