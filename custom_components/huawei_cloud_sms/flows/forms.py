"""What the forms of all flows have in common."""

from collections.abc import Mapping
from typing import Any

import voluptuous as vol

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_NAME
from homeassistant.data_entry_flow import FlowContext, FlowHandler, FlowResult

from ..const import CONF_APP_SECRET, CONF_IAM_PASSWORD, CONF_PUSH_SK, CONF_SECRET_KEY

CONF_PUSH_AK_2 = "push_ak_2"
CONF_PUSH_SK_2 = "push_sk_2"

# Nothing in the console is longer.
TOKEN_LIMIT = 256

# Never sent back to the browser.
_SECRETS = frozenset(
    {
        CONF_APP_SECRET,
        CONF_IAM_PASSWORD,
        CONF_PUSH_SK,
        CONF_PUSH_SK_2,
        CONF_SECRET_KEY,
    }
)


class FormError(Exception):
    """What was typed cannot be taken.

    `rule` is the key of a translated message, `placeholders` fill it.
    """

    def __init__(self, field: str, rule: str, **placeholders: str) -> None:
        """Keep what the form shows; values stay out of the text."""
        super().__init__(f"{field} breaks the rule {rule}")
        self.field = field
        self.rule = rule
        self.placeholders = placeholders


def show_form[
    ContextT: FlowContext,
    ResultT: FlowResult[Any, Any],
    HandlerT,
](
    flow: FlowHandler[ContextT, ResultT, HandlerT],
    step_id: str,
    schema: vol.Schema,
    typed: Mapping[str, Any] | None = None,
    error: FormError | None = None,
    *,
    last_step: bool | None = None,
    **placeholders: str,
) -> ResultT:
    """Show a form, after an error with what was typed into it."""
    errors: dict[str, str] = {}
    if error is not None:
        # a form that lacks the field shows the error above all fields
        errors[error.field if error.field in schema.schema else "base"] = error.rule
        placeholders |= error.placeholders
    suggested = {
        field: value for field, value in (typed or {}).items() if field not in _SECRETS
    }
    return flow.async_show_form(
        step_id=step_id,
        data_schema=flow.add_suggested_values_to_schema(schema, suggested),
        errors=errors,
        description_placeholders=placeholders,
        last_step=last_step,
    )


def read_text(user_input: Mapping[str, Any], field: str) -> str:
    """Return what a text field holds, without blanks around it."""
    return str(user_input.get(field, "")).strip()


def read_name(
    user_input: Mapping[str, Any], others: Mapping[str, ConfigSubentry]
) -> str:
    """Return a name that no other subentry has; raises FormError."""
    name = read_text(user_input, CONF_NAME)
    if not name:
        raise FormError(CONF_NAME, "name_empty")
    for other in others.values():
        if other.title.casefold() == name.casefold():
            raise FormError(CONF_NAME, "name_taken", other=other.title)
    return name


def read_token(
    user_input: Mapping[str, Any], field: str, *, rule: str, limit: int = TOKEN_LIMIT
) -> str:
    """Return a key, secret or ID as it was copied from the console.

    Blanks and invisible marks in it come from copying: raises FormError with the rule.
    """
    text = read_text(user_input, field)
    if not is_token(text, limit):
        raise FormError(field, rule)
    return text


def is_token(text: str, limit: int = TOKEN_LIMIT) -> bool:
    """Tell whether a text can be a key, a secret or an ID."""
    return 0 < len(text) <= limit and all("!" <= char <= "~" for char in text)


def other_subentries(
    entry: ConfigEntry, subentry_type: str, besides: str | None = None
) -> dict[str, ConfigSubentry]:
    """Return the subentries of a type by their ids, without the one being changed."""
    return {
        subentry.subentry_id: subentry
        for subentry in entry.get_subentries_of_type(subentry_type)
        if subentry.subentry_id != besides
    }
