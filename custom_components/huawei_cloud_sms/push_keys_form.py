"""The form for the keys with which the platform signs its pushes."""

from collections.abc import Mapping, Sequence
from typing import Any

import voluptuous as vol

from homeassistant.helpers.selector import (
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from .const import CONF_PUSH_AK, CONF_PUSH_SK
from .forms import CONF_PUSH_AK_2, CONF_PUSH_SK_2, FormError, read_text, read_token

_PAIRS = ((CONF_PUSH_AK, CONF_PUSH_SK), (CONF_PUSH_AK_2, CONF_PUSH_SK_2))

_ACCESS_KEY = TextSelector(TextSelectorConfig(autocomplete="off"))
_SECRET_KEY = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off")
)

FIRST_KEYS_SCHEMA = vol.Schema(
    {
        vol.Optional(CONF_PUSH_AK): _ACCESS_KEY,
        vol.Optional(CONF_PUSH_SK): _SECRET_KEY,
    }
)
# While the console's keys are being changed, pushes come with the old and the new ones.
KEYS_SCHEMA = FIRST_KEYS_SCHEMA.extend(
    {
        vol.Optional(CONF_PUSH_AK_2): _ACCESS_KEY,
        vol.Optional(CONF_PUSH_SK_2): _SECRET_KEY,
    }
)

type PushKeys = list[dict[str, str]]


def read_push_keys(
    user_input: Mapping[str, Any], stored: Sequence[Mapping[str, str]]
) -> PushKeys:
    """Return the pairs that were typed; raises FormError.

    A secret key left empty is kept if its access key is stored.
    """
    secrets = {pair[CONF_PUSH_AK]: pair[CONF_PUSH_SK] for pair in stored}
    pairs: dict[str, str] = {}
    for access_field, secret_field in _PAIRS:
        access_key = read_text(user_input, access_field)
        secret_key = read_text(user_input, secret_field) or secrets.get(access_key, "")
        if not access_key and not secret_key:
            continue
        if not access_key:
            raise FormError(access_field, "push_ak_missing")
        if not secret_key:
            raise FormError(secret_field, "push_sk_missing")
        typed = {access_field: access_key, secret_field: secret_key}
        for field in typed:
            read_token(typed, field, rule="push_key_characters")
        if access_key in pairs:
            raise FormError(access_field, "push_keys_same")
        pairs[access_key] = secret_key
    return [{CONF_PUSH_AK: key, CONF_PUSH_SK: secret} for key, secret in pairs.items()]


def typed_push_keys(stored: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return the stored access keys as one would type them."""
    return {
        access_field: pair[CONF_PUSH_AK]
        for (access_field, _), pair in zip(_PAIRS, stored, strict=False)
    }
