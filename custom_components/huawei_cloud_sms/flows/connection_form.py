"""The form for an application's credentials, and trying them on the platform."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import voluptuous as vol

from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from ..const import (
    CONF_APP_KEY,
    CONF_APP_SECRET,
    CONF_AUTH,
    CONF_ENDPOINT,
    CONF_KIND,
    Kind,
)
from ..endpoints import REGIONS, AddressError, normalize_endpoint, region_of
from ..msgsms.client import SmsClient
from ..msgsms.models import Authentication, Credentials
from ..msgsms.probe import ProbeResult, Verdict
from ..session import create_session
from .forms import FormError, read_text, read_token

SECTION_ADVANCED = "advanced"

# How long a person waits for the platform at most.
PROBE_SECONDS = 20

_APP_KEY = TextSelector(TextSelectorConfig(autocomplete="off"))
_APP_SECRET = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="current-password")
)
_CONNECTION_FIELDS = {
    vol.Required(CONF_ENDPOINT): SelectSelector(
        SelectSelectorConfig(
            options=list(REGIONS),
            custom_value=True,
            mode=SelectSelectorMode.DROPDOWN,
            translation_key="endpoint",
        )
    ),
    vol.Required(CONF_KIND): SelectSelector(
        SelectSelectorConfig(
            options=list(Kind),
            mode=SelectSelectorMode.LIST,
            translation_key="kind",
        )
    ),
    vol.Required(SECTION_ADVANCED): section(
        vol.Schema(
            {
                vol.Required(CONF_AUTH, default=Authentication.AK_SK): SelectSelector(
                    SelectSelectorConfig(
                        options=list(Authentication),
                        mode=SelectSelectorMode.DROPDOWN,
                        translation_key="auth",
                    )
                )
            }
        ),
        {"collapsed": True},
    ),
}
# None of them proves that something is wrong; the person may go on.
UNPROVEN = frozenset(
    {
        Verdict.CLIENT_FAULT,
        Verdict.INCONCLUSIVE,
        Verdict.IP_NOT_ALLOWED,
    }
)
_FIELDS = {
    Verdict.WRONG_KEY: CONF_APP_KEY,
    Verdict.WRONG_SECRET: CONF_APP_SECRET,
    Verdict.WRONG_ADDRESS: CONF_ENDPOINT,
    Verdict.TLS: CONF_ENDPOINT,
    Verdict.TIMEOUT: CONF_ENDPOINT,
    Verdict.CANNOT_CONNECT: CONF_ENDPOINT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Where and as whom an application talks to the platform."""

    app_key: str = field(repr=False)
    app_secret: str = field(repr=False)
    endpoint: str = field(repr=False)
    kind: str
    auth: str

    def as_data(self) -> dict[str, str]:
        """Return it as a config entry keeps it."""
        return asdict(self)


def connection_schema(secret_is_known: bool) -> vol.Schema:
    """Return the fields of a connection."""
    return vol.Schema(
        {
            vol.Required(CONF_APP_KEY): _APP_KEY,
            **_secret_field(secret_is_known),
            **_CONNECTION_FIELDS,
        }
    )


def application_schema(secret_is_known: bool) -> vol.Schema:
    """Return what is left to ask of an application that the account told of."""
    fields = {key: it for key, it in _CONNECTION_FIELDS.items() if key != CONF_KIND}
    return vol.Schema({**_secret_field(secret_is_known), **fields})


def reauth_schema(secret_is_known: bool) -> vol.Schema:
    """Return the field for another secret."""
    return vol.Schema(_secret_field(secret_is_known))


def _secret_field(secret_is_known: bool) -> dict[vol.Marker, TextSelector]:
    """Return the field for the secret; one that is known may be left empty."""
    marker = vol.Optional if secret_is_known else vol.Required
    return {marker(CONF_APP_SECRET): _APP_SECRET}


def read_connection(
    user_input: Mapping[str, Any], known: Mapping[str, Any]
) -> Connection:
    """Return what was typed, completed by what is known; raises FormError."""
    typed = {**user_input, **user_input.get(SECTION_ADVANCED, {})}
    if not read_text(typed, CONF_APP_SECRET):
        typed.pop(CONF_APP_SECRET, None)
    merged = {**known, **typed}
    app_key = read_token(merged, CONF_APP_KEY, rule="app_key_characters")
    # it stands in quotes in one header and before a comma in another
    if set('",') & set(app_key):
        raise FormError(CONF_APP_KEY, "app_key_characters")
    try:
        endpoint = normalize_endpoint(merged[CONF_ENDPOINT])
    except AddressError as err:
        raise FormError(CONF_ENDPOINT, f"address_{err.problem}") from err
    return Connection(
        app_key=app_key,
        app_secret=read_token(merged, CONF_APP_SECRET, rule="app_secret_characters"),
        endpoint=endpoint,
        kind=merged[CONF_KIND],
        auth=merged[CONF_AUTH],
    )


def typed_connection(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a config entry's connection as one would type it."""
    return {
        CONF_APP_KEY: data[CONF_APP_KEY],
        CONF_ENDPOINT: region_of(data[CONF_ENDPOINT]),
        CONF_KIND: data[CONF_KIND],
        SECTION_ADVANCED: {CONF_AUTH: data[CONF_AUTH]},
    }


async def async_probe(connection: Connection) -> ProbeResult:
    """Try the credentials on the platform; no SMS is sent."""
    async with create_session() as session:
        return await SmsClient(
            session,
            connection.endpoint,
            Credentials(
                connection.app_key,
                connection.app_secret,
                Authentication(connection.auth),
            ),
            connect_timeout=PROBE_SECONDS / 2,
            total_timeout=PROBE_SECONDS,
        ).probe()


def error_of(result: ProbeResult) -> FormError:
    """Return the message about a verdict, at the field that it concerns."""
    return FormError(
        _FIELDS.get(result.verdict, "base"),
        result.verdict.value,
        code=result.code or "-",
    )
