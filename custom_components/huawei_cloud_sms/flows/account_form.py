"""The forms for the credentials of an account, and trying them."""

from collections.abc import Mapping
from typing import Any

import voluptuous as vol

from homeassistant.const import CONF_REGION
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from ..account.access import AccountError, Right, account_error, create_client
from ..const import (
    CONF_ACCESS_KEY,
    CONF_AUTH,
    CONF_IAM_ADDRESS,
    CONF_IAM_DOMAIN,
    CONF_IAM_PASSWORD,
    CONF_IAM_USER,
    CONF_MANAGEMENT_ADDRESS,
    CONF_PROJECT_ID,
    CONF_SECRET_KEY,
    AccountAuth,
    Kind,
)
from ..endpoints import AddressError, normalize_origin
from ..msgsms.errors import InvalidRequestError
from ..msgsms.management.errors import ManagementError
from ..msgsms.management.models import Application, AppRegion
from ..msgsms.management.regions import REGIONS
from ..session import create_session
from .connection_form import SECTION_ADVANCED
from .forms import FormError, read_text
from .words import async_words

CONF_APPLICATION = "application"

_TEXT = TextSelector(TextSelectorConfig(autocomplete="off"))
_ADDRESS = TextSelector(TextSelectorConfig(type=TextSelectorType.URL))
_PASSWORD = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="current-password")
)
_REGION = SelectSelector(
    SelectSelectorConfig(
        options=list(REGIONS),
        mode=SelectSelectorMode.DROPDOWN,
        translation_key="endpoint",
    )
)
_SECRETS = {
    AccountAuth.ACCESS_KEY: CONF_SECRET_KEY,
    AccountAuth.PASSWORD: CONF_IAM_PASSWORD,
}
_IDENTITIES = {
    AccountAuth.ACCESS_KEY: (CONF_ACCESS_KEY,),
    AccountAuth.PASSWORD: (CONF_IAM_DOMAIN, CONF_IAM_USER),
}
_ADDRESSES = {
    AccountAuth.ACCESS_KEY: (CONF_MANAGEMENT_ADDRESS,),
    AccountAuth.PASSWORD: (CONF_MANAGEMENT_ADDRESS, CONF_IAM_ADDRESS),
}
# Where the client's name for a field is another.
_FIELDS = {
    "domain": CONF_IAM_DOMAIN,
    "name": CONF_IAM_USER,
    "password": CONF_IAM_PASSWORD,
}

_FIELDS_OF_ERRORS = {
    "account_project": CONF_PROJECT_ID,
    "account_region": CONF_REGION,
}


def account_schema(auth: AccountAuth, secret_is_known: bool) -> vol.Schema:
    """Return the fields of credentials; a secret that is known may be left empty."""
    secret = vol.Optional if secret_is_known else vol.Required
    return vol.Schema(
        {
            **{vol.Required(field): _TEXT for field in _IDENTITIES[auth]},
            secret(_SECRETS[auth]): _PASSWORD,
            vol.Required(CONF_PROJECT_ID): _TEXT,
            vol.Required(CONF_REGION): _REGION,
            vol.Required(SECTION_ADVANCED): section(
                vol.Schema({vol.Optional(key): _ADDRESS for key in _ADDRESSES[auth]}),
                {"collapsed": True},
            ),
        }
    )


def read_account(
    auth: AccountAuth, user_input: Mapping[str, Any], secret: str
) -> dict[str, str]:
    """Return what was typed as a config entry keeps it; raises FormError.

    `secret` is taken if none was typed.
    """
    fields = (*_IDENTITIES[auth], CONF_PROJECT_ID, CONF_REGION)
    data = {
        CONF_AUTH: auth.value,
        **{field: read_text(user_input, field) for field in fields},
        _SECRETS[auth]: typed_secret(auth, user_input) or secret,
    }
    for field in _ADDRESSES[auth]:
        if address := read_text(user_input[SECTION_ADVANCED], field):
            try:
                data[field] = normalize_origin(address)
            except AddressError as err:
                raise FormError(field, f"address_{err.problem}") from err
    return data


def typed_secret(auth: AccountAuth, values: Mapping[str, Any]) -> str:
    """Return the secret there is among values, nothing if there is none."""
    return read_text(values, _SECRETS[auth])


def typed_account(data: Mapping[str, str]) -> dict[str, Any]:
    """Return stored credentials as one would type them."""
    addresses = {
        key: data[key]
        for key in (CONF_MANAGEMENT_ADDRESS, CONF_IAM_ADDRESS)
        if key in data
    }
    return {**data, SECTION_ADVANCED: addresses}


async def async_list_applications(data: Mapping[str, str]) -> list[Application]:
    """Return the applications of an account; raises FormError."""
    try:
        async with create_session() as session:
            client = create_client(session, data)
            return [application async for application in client.applications()]
    except InvalidRequestError as err:
        field = _FIELDS.get(err.field, err.field)
        raise FormError(field, f"account_{err.rule}") from err
    except ManagementError as err:
        error = account_error(err, Right.APPLICATIONS, data[CONF_REGION])
        raise form_error(error) from err


def form_error(error: AccountError) -> FormError:
    """Return what a form says of an error, at the field that it concerns."""
    field = _FIELDS_OF_ERRORS.get(error.key, "base")
    return FormError(field, error.key, **error.placeholders)


def kind_of(application: Application) -> Kind:
    """Return the kind of an application."""
    if application.region == AppRegion.INTERNATIONAL:
        return Kind.INTERNATIONAL
    return Kind.MAINLAND


async def async_application_schema(
    hass: HomeAssistant, applications: list[Application]
) -> vol.Schema:
    """Return the field that offers applications by name, kind and state."""
    texts = await async_words(hass, "selector")

    def word(selector: str, option: str) -> str:
        """Return the text of an option; one that is not known stays as it is."""
        return texts.get(f"{selector}.options.{option.lower()}", option)

    options = [
        SelectOptionDict(
            value=application.id,
            label=" · ".join(
                filter(
                    None,
                    (
                        application.app_name,
                        word("kind", kind_of(application)),
                        word("application_status", application.status or ""),
                    ),
                )
            ),
        )
        for application in applications
    ]
    return vol.Schema(
        {
            vol.Required(CONF_APPLICATION): SelectSelector(
                SelectSelectorConfig(options=options, mode=SelectSelectorMode.LIST)
            )
        }
    )
