"""The form for an approved template, and the flow that adds or changes one."""

from collections.abc import Mapping
from typing import Any

import voluptuous as vol

from homeassistant.config_entries import (
    ConfigSubentry,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import TemplateError
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
)
from homeassistant.helpers.template import Template

from .const import (
    CONF_CHANNEL_NUMBER,
    CONF_DEFAULT,
    CONF_KIND,
    CONF_SIGNATURE,
    CONF_TEMPLATE_ID,
    CONF_TEMPLATE_TYPE,
    CONF_TEXT,
    CONF_VARIABLES,
    SUBENTRY_TEMPLATE,
    Kind,
)
from .forms import (
    FormError,
    other_subentries,
    read_name,
    read_text,
    read_token,
    show_form,
)
from .ledger.limits import TemplateType
from .template_text import (
    FORBIDDEN_IN_TEXT,
    MAX_TEXT,
    count_variables,
    has_clear_places,
)
from .templates import MAX_VARIABLES

# Section 2.1 of the platform's reference
_ID_LIMIT = 32
_CHANNEL_NUMBER_LIMIT = 21
_SIGNATURE_LIMIT = 32

# Shown before anything is typed, and no default of the form: the browser leaves a list
# without lines out, and then there are no variables.
FIRST_TEMPLATE = {CONF_VARIABLES: ["{{ message }}"]}

type TemplateData = dict[str, str | list[str] | bool]

# The name is the title of the subentry, which can be changed without any of our forms.
type NamedTemplate = tuple[str, TemplateData]


def template_schema(kind: str) -> vol.Schema:
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
        vol.Optional(CONF_CHANNEL_NUMBER): TextSelector(),
    }
    if kind == Kind.MAINLAND:
        fields[vol.Optional(CONF_SIGNATURE)] = TextSelector()
    fields[vol.Optional(CONF_VARIABLES)] = TextSelector(
        TextSelectorConfig(multiple=True)
    )
    fields[vol.Optional(CONF_TEXT)] = TextSelector(TextSelectorConfig(multiline=True))
    return vol.Schema(fields)


def read_template(
    hass: HomeAssistant,
    user_input: Mapping[str, Any],
    others: Mapping[str, ConfigSubentry],
) -> NamedTemplate:
    """Return the name and the data of a template; raises FormError.

    The first template of an application is not asked whether it is the default.
    """
    name = read_name(user_input, others)
    data: TemplateData = {
        CONF_TEMPLATE_ID: read_token(
            user_input, CONF_TEMPLATE_ID, rule="template_id_characters", limit=_ID_LIMIT
        ),
        CONF_TEMPLATE_TYPE: user_input[CONF_TEMPLATE_TYPE],
        CONF_VARIABLES: _read_variables(hass, user_input.get(CONF_VARIABLES, [])),
        CONF_DEFAULT: user_input.get(CONF_DEFAULT, True),
    }
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
    if text := _read_template_text(user_input):
        data[CONF_TEXT] = text
    return name, data


def _read_variables(hass: HomeAssistant, texts: list[str]) -> list[str]:
    """Return the variables in order; raises FormError."""
    if len(texts) > MAX_VARIABLES:
        raise FormError(
            CONF_VARIABLES,
            "variables_too_many",
            count=str(len(texts)),
            limit=str(MAX_VARIABLES),
        )
    for position, text in enumerate(texts, start=1):
        if not text.strip():
            raise FormError(CONF_VARIABLES, "variable_empty", position=str(position))
        try:
            Template(text, hass).ensure_valid()
        except TemplateError as err:
            raise FormError(
                CONF_VARIABLES,
                "variable_invalid",
                position=str(position),
                error=str(err),
            ) from err
    return [text.strip() for text in texts]


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
    lines = len(user_input.get(CONF_VARIABLES, []))
    if text and (places := count_variables(text)) != lines:
        raise FormError(CONF_TEXT, "text_count", places=str(places), lines=str(lines))
    return text


class TemplateFlow(ConfigSubentryFlow):
    """Add or change a template."""

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Add a template."""
        others = other_subentries(self._get_entry(), SUBENTRY_TEMPLATE)
        error = None
        if user_input is not None:
            try:
                name, data = read_template(self.hass, user_input, others)
            except FormError as err:
                error = err
            else:
                self._async_move_default(data, others)
                return self.async_create_entry(title=name, data=data)
        typed = user_input or {**FIRST_TEMPLATE, CONF_DEFAULT: not others}
        return show_form(self, "user", self._schema(), typed, error)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change a template."""
        entry, subentry = self._get_entry(), self._get_reconfigure_subentry()
        others = other_subentries(entry, SUBENTRY_TEMPLATE, subentry.subentry_id)
        error = None
        if user_input is not None:
            try:
                name, data = read_template(self.hass, user_input, others)
            except FormError as err:
                error = err
            else:
                self._async_move_default(data, others)
                # the entry's update listener reloads it: a helper that reloads as
                # well is refused beside a listener
                return self.async_update_and_abort(
                    entry, subentry, title=name, data=data
                )
        typed = user_input or {**subentry.data, CONF_NAME: subentry.title}
        return show_form(self, "reconfigure", self._schema(), typed, error)

    def _schema(self) -> vol.Schema:
        """Return the fields of this application's templates."""
        return template_schema(self._get_entry().data[CONF_KIND]).extend(
            {vol.Required(CONF_DEFAULT, default=False): BooleanSelector()}
        )

    @callback
    def _async_move_default(
        self, data: TemplateData, others: Mapping[str, ConfigSubentry]
    ) -> None:
        """Take the mark from the template that had it: only one can be the default.

        To refuse instead would ask for a detour through the other template.
        """
        for other in others.values():
            if data[CONF_DEFAULT] and other.data[CONF_DEFAULT]:
                self.hass.config_entries.async_update_subentry(
                    self._get_entry(), other, data={**other.data, CONF_DEFAULT: False}
                )
