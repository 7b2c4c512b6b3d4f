"""The flow for an application's options."""

from collections.abc import Mapping
from typing import Any

import phonenumbers
import voluptuous as vol

from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.core import HomeAssistant
from homeassistant.generated.countries import COUNTRIES
from homeassistant.helpers.selector import (
    CountrySelector,
    CountrySelectorConfig,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from .const import CONF_DEFAULT_COUNTRY, CONF_PUBLIC_ADDRESS
from .endpoints import AddressError, normalize_public_address
from .forms import FormError, read_text, show_form

_FALLBACK_COUNTRY = "CN"

# A country without telephone numbers of its own would help nobody.
_COUNTRIES = sorted(COUNTRIES & phonenumbers.SUPPORTED_REGIONS)

OPTIONS_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_DEFAULT_COUNTRY): CountrySelector(
            CountrySelectorConfig(countries=_COUNTRIES)
        ),
        vol.Optional(CONF_PUBLIC_ADDRESS): TextSelector(
            TextSelectorConfig(type=TextSelectorType.URL, autocomplete="url")
        ),
    }
)


def first_options(hass: HomeAssistant) -> dict[str, str]:
    """Return the options of a new application."""
    country = hass.config.country
    return {
        CONF_DEFAULT_COUNTRY: country if country in _COUNTRIES else _FALLBACK_COUNTRY
    }


def _read_options(user_input: Mapping[str, Any]) -> dict[str, str]:
    """Return what was typed; raises FormError."""
    options = {CONF_DEFAULT_COUNTRY: user_input[CONF_DEFAULT_COUNTRY]}
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
        return show_form(self, "init", OPTIONS_SCHEMA, typed, error)
