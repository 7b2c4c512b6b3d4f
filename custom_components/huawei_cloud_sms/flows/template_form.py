"""The form for an approved template, all but its variables."""

from collections.abc import Mapping
from typing import Any

import voluptuous as vol

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_NAME
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
)

from ..const import (
    CONF_CHANNEL_NUMBER,
    CONF_DEFAULT,
    CONF_MAX_PARTS,
    CONF_SIGNATURE,
    CONF_TEMPLATE_ID,
    CONF_TEMPLATE_TYPE,
    CONF_TEXT,
    Kind,
)
from ..ledger.limits import TemplateType
from ..templates.text import (
    FORBIDDEN_IN_TEXT,
    MAX_TEXT,
    count_variables,
    has_clear_places,
)
from ..templates.variables import MAX_VARIABLES
from .forms import FormError, read_name, read_text, read_token

# Section 2.1 of the platform's reference
_ID_LIMIT = 32
_CHANNEL_NUMBER_LIMIT = 21
_SIGNATURE_LIMIT = 32

# The longest message that the platform takes has fewer (section 8.4).
_MOST_PARTS = 10

type TemplateData = dict[str, str | int | bool | list[dict[str, str | int]]]

# The name is the title of the subentry, which can be changed without any of our forms.
type NamedTemplate = tuple[str, TemplateData]


def template_schema(kind: Kind) -> vol.Schema:
    """Return the fields of a template; only the mainland has signatures."""
    fields: dict[vol.Marker, object] = {
        vol.Required(CONF_NAME): TextSelector(),
        vol.Required(CONF_TEMPLATE_ID): TextSelector(),
        vol.Required(
            CONF_TEMPLATE_TYPE, default=TemplateType.NOTIFICATION
        ): SelectSelector(
            SelectSelectorConfig(
                options=list(TemplateType),
                mode=SelectSelectorMode.LIST,
                translation_key="template_type",
            )
        ),
        vol.Optional(CONF_TEXT): TextSelector(TextSelectorConfig(multiline=True)),
        vol.Optional(CONF_CHANNEL_NUMBER): TextSelector(),
    }
    if kind is Kind.MAINLAND:
        fields[vol.Optional(CONF_SIGNATURE)] = TextSelector()
    fields[vol.Optional(CONF_MAX_PARTS)] = NumberSelector(
        NumberSelectorConfig(
            min=1, max=_MOST_PARTS, step=1, mode=NumberSelectorMode.BOX
        )
    )
    return vol.Schema(fields)


def read_template(
    user_input: Mapping[str, Any], others: Mapping[str, ConfigSubentry]
) -> NamedTemplate:
    """Return the name of a template and its data without variables; raises FormError.

    The first template of an application is not asked whether it is the default.
    """
    name = read_name(user_input, others)
    data: TemplateData = {
        CONF_TEMPLATE_ID: read_token(
            user_input, CONF_TEMPLATE_ID, rule="template_id_characters", limit=_ID_LIMIT
        ),
        CONF_TEMPLATE_TYPE: user_input[CONF_TEMPLATE_TYPE],
        CONF_DEFAULT: user_input.get(CONF_DEFAULT, True),
    }
    if text := _read_template_text(user_input):
        data[CONF_TEXT] = text
    # copied with its brackets it would stand in two pairs of them
    signature = read_text(user_input, CONF_SIGNATURE).strip("【】").strip()
    if len(signature) > _SIGNATURE_LIMIT:
        raise FormError(CONF_SIGNATURE, "signature_length")
    if signature:
        data[CONF_SIGNATURE] = signature
    if read_text(user_input, CONF_CHANNEL_NUMBER):
        data[CONF_CHANNEL_NUMBER] = read_token(
            user_input,
            CONF_CHANNEL_NUMBER,
            rule="channel_number_characters",
            limit=_CHANNEL_NUMBER_LIMIT,
        )
    elif not signature:
        raise FormError(CONF_CHANNEL_NUMBER, "channel_number_missing")
    if CONF_MAX_PARTS in user_input:
        # the field makes a float of it
        data[CONF_MAX_PARTS] = int(user_input[CONF_MAX_PARTS])
    return name, data


def _read_template_text(user_input: Mapping[str, Any]) -> str:
    """Return the approved text, empty if it was not given; raises FormError."""
    text = read_text(user_input, CONF_TEXT)
    if len(text) > MAX_TEXT:
        raise FormError(
            CONF_TEXT, "text_length", count=str(len(text)), limit=str(MAX_TEXT)
        )
    if set(FORBIDDEN_IN_TEXT) & set(text):
        raise FormError(CONF_TEXT, "text_brackets")
    if not has_clear_places(text):
        raise FormError(CONF_TEXT, "text_places", number="${1}", word="${TEXT}")
    if (places := count_variables(text)) > MAX_VARIABLES:
        raise FormError(
            CONF_TEXT, "text_variables", count=str(places), limit=str(MAX_VARIABLES)
        )
    return text
