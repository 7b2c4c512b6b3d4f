"""The flow for an application's options."""

from collections.abc import Mapping
from typing import Any

import phonenumbers
import voluptuous as vol

from homeassistant.config_entries import ConfigEntry, ConfigFlowResult, OptionsFlow
from homeassistant.const import UnitOfTime
from homeassistant.core import HomeAssistant
from homeassistant.generated.countries import COUNTRIES
from homeassistant.helpers.selector import (
    BooleanSelector,
    CountrySelector,
    CountrySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from ..const import (
    CONF_DEFAULT_COUNTRY,
    CONF_KEEP_TEXTS,
    CONF_MANAGE_REPLY_ADDRESS,
    CONF_MAX_PARTS_PER_DAY,
    CONF_MAX_PARTS_PER_HOUR,
    CONF_PRICE_PER_PART,
    CONF_PUBLIC_ADDRESS,
    CONF_RETENTION_DAYS,
    DEFAULT_MAX_PARTS_PER_DAY,
    DEFAULT_MAX_PARTS_PER_HOUR,
    DEFAULT_RETENTION_DAYS,
)
from ..endpoints import AddressError, normalize_public_address
from ..uplink import can_be_managed
from .forms import FormError, read_text, show_form
from .push_keys_form import SWITCH

_FALLBACK_COUNTRY = "CN"

# A country without telephone numbers of its own would help nobody.
_COUNTRIES = sorted(COUNTRIES & phonenumbers.SUPPORTED_REGIONS)

# A report may come for 73 hours, and people take days to reply: both have to find their
# message. In ten years nobody asks any more, and the file has to have an end.
_FEWEST_DAYS = 7
_MOST_DAYS = 3650

# Without any limit a loop could empty an account.
_MOST_PARTS = 100_000

_PARTS = NumberSelector(
    NumberSelectorConfig(min=1, max=_MOST_PARTS, step=1, mode=NumberSelectorMode.BOX)
)


def options_schema(currency: str) -> vol.Schema:
    """Return the fields of the options; what a part costs is in a currency."""
    price = NumberSelectorConfig(
        min=0,
        step="any",
        mode=NumberSelectorMode.BOX,
        unit_of_measurement=currency,
    )
    return vol.Schema(
        {
            vol.Required(CONF_DEFAULT_COUNTRY): CountrySelector(
                CountrySelectorConfig(countries=_COUNTRIES)
            ),
            vol.Optional(CONF_PUBLIC_ADDRESS): TextSelector(
                TextSelectorConfig(type=TextSelectorType.URL, autocomplete="url")
            ),
            vol.Required(
                CONF_MAX_PARTS_PER_HOUR, default=DEFAULT_MAX_PARTS_PER_HOUR
            ): _PARTS,
            vol.Required(
                CONF_MAX_PARTS_PER_DAY, default=DEFAULT_MAX_PARTS_PER_DAY
            ): _PARTS,
            vol.Optional(CONF_PRICE_PER_PART): NumberSelector(price),
            vol.Required(
                CONF_RETENTION_DAYS, default=DEFAULT_RETENTION_DAYS
            ): NumberSelector(
                NumberSelectorConfig(
                    min=_FEWEST_DAYS,
                    max=_MOST_DAYS,
                    step=1,
                    mode=NumberSelectorMode.BOX,
                    unit_of_measurement=UnitOfTime.DAYS,
                    translation_key=CONF_RETENTION_DAYS,
                )
            ),
            vol.Required(CONF_KEEP_TEXTS, default=True): BooleanSelector(),
        }
    )


def _schema(hass: HomeAssistant, entry: ConfigEntry) -> vol.Schema:
    """Return the fields that an application has."""
    schema = options_schema(hass.config.currency)
    return schema.extend(SWITCH) if can_be_managed(entry.data) else schema


def first_options(hass: HomeAssistant) -> dict[str, str]:
    """Return the options of a new application."""
    country = hass.config.country
    return {
        CONF_DEFAULT_COUNTRY: country if country in _COUNTRIES else _FALLBACK_COUNTRY
    }


def _read_options(user_input: Mapping[str, Any]) -> dict[str, str | float | bool]:
    """Return what was typed; raises FormError."""
    options = {
        CONF_DEFAULT_COUNTRY: user_input[CONF_DEFAULT_COUNTRY],
        # the fields make floats of numbers
        CONF_MAX_PARTS_PER_HOUR: int(user_input[CONF_MAX_PARTS_PER_HOUR]),
        CONF_MAX_PARTS_PER_DAY: int(user_input[CONF_MAX_PARTS_PER_DAY]),
        CONF_RETENTION_DAYS: int(user_input[CONF_RETENTION_DAYS]),
        CONF_KEEP_TEXTS: user_input[CONF_KEEP_TEXTS],
    }
    if CONF_MANAGE_REPLY_ADDRESS in user_input:
        options[CONF_MANAGE_REPLY_ADDRESS] = user_input[CONF_MANAGE_REPLY_ADDRESS]
    if (price := user_input.get(CONF_PRICE_PER_PART)) is not None:
        options[CONF_PRICE_PER_PART] = price
    if address := read_text(user_input, CONF_PUBLIC_ADDRESS):
        try:
            options[CONF_PUBLIC_ADDRESS] = normalize_public_address(address)
        except AddressError as err:
            raise FormError(CONF_PUBLIC_ADDRESS, f"address_{err.problem}") from err
    return options


class SmsOptionsFlow(OptionsFlow):
    """Change what is a matter of preference.

    The entry's update listener reloads it: a flow that reloads as well is refused
    beside a listener.
    """

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the options."""
        error = None
        if user_input is not None:
            try:
                options = _read_options(user_input)
            except FormError as err:
                error = err
            else:
                return self.async_create_entry(data=options)
        typed = user_input or self.config_entry.options
        schema = _schema(self.hass, self.config_entry)
        return show_form(self, "init", schema, typed, error)
