"""The form for a recipient, and the flow that adds or changes one."""

from collections.abc import Mapping
from typing import Any

import voluptuous as vol

from homeassistant.config_entries import (
    ConfigSubentry,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from ..const import (
    CONF_DEFAULT_COUNTRY,
    CONF_NUMBER,
    CONF_TEMPLATE,
    SUBENTRY_RECIPIENT,
    SUBENTRY_TEMPLATE,
)
from ..phone_number import PhoneNumberError, normalize_number
from .forms import FormError, other_subentries, read_name, read_text, show_form

_NUMBER = TextSelector(
    TextSelectorConfig(type=TextSelectorType.TEL, autocomplete="tel")
)

# Setting up an application goes on without a recipient.
FIRST_RECIPIENT_SCHEMA = vol.Schema(
    {vol.Optional(CONF_NAME): TextSelector(), vol.Optional(CONF_NUMBER): _NUMBER}
)

type RecipientData = dict[str, str]

# The name is the title of the subentry, which can be changed without any of our forms.
type NamedRecipient = tuple[str, RecipientData]


async def async_read_recipient(
    hass: HomeAssistant,
    user_input: Mapping[str, Any],
    others: Mapping[str, ConfigSubentry],
    default_country: str,
) -> NamedRecipient:
    """Return the name and the data of a recipient; raises FormError."""
    name = read_name(user_input, others)
    number = await _async_read_number(
        hass, read_text(user_input, CONF_NUMBER), default_country
    )
    for other in others.values():
        if other.data[CONF_NUMBER] == number:
            raise FormError(CONF_NUMBER, "number_taken", other=other.title)
    data = {CONF_NUMBER: number}
    if template := user_input.get(CONF_TEMPLATE):
        data[CONF_TEMPLATE] = template
    return name, data


def recipient_unique_id(number: str) -> str:
    """Return a unique ID that no template can have."""
    return f"{SUBENTRY_RECIPIENT}_{number}"


async def _async_read_number(
    hass: HomeAssistant, text: str, default_country: str
) -> str:
    """Return a number as E.164 text; raises FormError."""
    try:
        return await hass.async_add_executor_job(
            normalize_number, text, default_country
        )
    except PhoneNumberError as err:
        national, international = err.candidates or ("", "")
        raise FormError(
            CONF_NUMBER,
            f"number_{err.reason}",
            country=default_country,
            national=national,
            international=international,
        ) from err


class RecipientFlow(ConfigSubentryFlow):
    """Add or change a recipient."""

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Add a recipient."""
        error = None
        if user_input is not None:
            try:
                name, data = await self._async_read(user_input)
            except FormError as err:
                error = err
            else:
                return self.async_create_entry(
                    title=name,
                    data=data,
                    unique_id=recipient_unique_id(data[CONF_NUMBER]),
                )
        return show_form(self, "user", self._schema(), user_input, error)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change a recipient."""
        subentry = self._get_reconfigure_subentry()
        error = None
        if user_input is not None:
            try:
                name, data = await self._async_read(user_input, subentry.subentry_id)
            except FormError as err:
                error = err
            else:
                # the entry's update listener reloads it: a helper that reloads as
                # well is refused beside a listener
                return self.async_update_and_abort(
                    self._get_entry(),
                    subentry,
                    title=name,
                    data=data,
                    unique_id=recipient_unique_id(data[CONF_NUMBER]),
                )
        typed = user_input or self._typed(subentry)
        return show_form(self, "reconfigure", self._schema(), typed, error)

    async def _async_read(
        self, user_input: dict[str, Any], besides: str | None = None
    ) -> NamedRecipient:
        """Return what was typed, as a recipient of this application."""
        entry = self._get_entry()
        return await async_read_recipient(
            self.hass,
            user_input,
            other_subentries(entry, SUBENTRY_RECIPIENT, besides),
            entry.options[CONF_DEFAULT_COUNTRY],
        )

    def _typed(self, subentry: ConfigSubentry) -> dict[str, str]:
        """Return the recipient as one would type it, without a deleted template."""
        typed = {**subentry.data, CONF_NAME: subentry.title}
        if typed.get(CONF_TEMPLATE) not in self._get_entry().subentries:
            typed.pop(CONF_TEMPLATE, None)
        return typed

    def _schema(self) -> vol.Schema:
        """Return the fields of a recipient, with the templates there are."""
        fields: dict[vol.Marker, object] = {
            vol.Required(CONF_NAME): TextSelector(),
            vol.Required(CONF_NUMBER): _NUMBER,
        }
        templates = other_subentries(self._get_entry(), SUBENTRY_TEMPLATE)
        if templates:
            fields[vol.Optional(CONF_TEMPLATE)] = SelectSelector(
                SelectSelectorConfig(
                    options=[
                        SelectOptionDict(value=subentry_id, label=template.title)
                        for subentry_id, template in templates.items()
                    ],
                    mode=SelectSelectorMode.DROPDOWN,
                )
            )
        return vol.Schema(fields)
