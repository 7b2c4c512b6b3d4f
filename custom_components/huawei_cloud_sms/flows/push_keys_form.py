"""The form for the keys of the platform's pushes, and for where they go."""

from collections.abc import Mapping, Sequence
from typing import Any

import voluptuous as vol

from homeassistant.helpers.selector import (
    BooleanSelector,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from ..const import CONF_MANAGE_REPLY_ADDRESS, CONF_PUSH_AK, CONF_PUSH_SK
from .forms import CONF_PUSH_AK_2, CONF_PUSH_SK_2, FormError, is_token, read_text

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
# Only where the platform can be told the address by the account.
SWITCH = {vol.Required(CONF_MANAGE_REPLY_ADDRESS, default=False): BooleanSelector()}

type PushKeys = list[dict[str, str]]


class PushKeysReader:
    """Reads the pairs; nobody has to type a secret key twice, as no form shows it."""

    def __init__(self, stored: Sequence[Mapping[str, str]]) -> None:
        """Know the secret keys that are stored."""
        self._known = {pair[CONF_PUSH_AK]: pair[CONF_PUSH_SK] for pair in stored}
        self._typed: dict[str, str] = {}

    def read(self, user_input: Mapping[str, Any]) -> PushKeys:
        """Return the pairs that were typed; raises FormError.

        A secret key left empty is the one that was typed or stored with its access key.
        If there is none, it is the one typed into the same field before: its access key
        had an error.
        """
        self._remember(user_input)
        pairs: dict[str, str] = {}
        for access_field, secret_field in _PAIRS:
            access_key = read_text(user_input, access_field)
            secret_key = read_text(user_input, secret_field)
            if not access_key and not secret_key:
                continue
            if not access_key:
                raise FormError(access_field, "push_ak_missing")
            if not secret_key:
                secret_key = self._recall(access_key, secret_field)
            _check_pair(access_field, access_key, secret_field, secret_key)
            if access_key in pairs:
                raise FormError(access_field, "push_keys_same")
            pairs[access_key] = secret_key
        return [
            {CONF_PUSH_AK: access_key, CONF_PUSH_SK: secret_key}
            for access_key, secret_key in pairs.items()
        ]

    def _remember(self, user_input: Mapping[str, Any]) -> None:
        """Remember the secret keys that were typed, unless they are no keys."""
        seen = set()
        for access_field, secret_field in _PAIRS:
            access_key = read_text(user_input, access_field)
            secret_key = read_text(user_input, secret_field)
            if is_token(secret_key):
                self._typed[secret_field] = secret_key
                # the same access key again is an error, and its secret key another's
                if access_key not in seen:
                    self._known[access_key] = secret_key
            seen.add(access_key)

    def _recall(self, access_key: str, secret_field: str) -> str:
        """Return the secret key of a pair whose own was left empty, or nothing."""
        return self._known.get(access_key) or self._typed.get(secret_field, "")


def typed_push_keys(stored: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return the stored access keys as one would type them."""
    return {
        access_field: pair[CONF_PUSH_AK]
        for (access_field, _), pair in zip(_PAIRS, stored, strict=False)
    }


def _check_pair(
    access_field: str, access_key: str, secret_field: str, secret_key: str
) -> None:
    """Raise FormError if a pair cannot be one of the console's."""
    if not secret_key:
        raise FormError(secret_field, "push_sk_missing")
    for field, key in ((access_field, access_key), (secret_field, secret_key)):
        if not is_token(key):
            raise FormError(field, "push_key_characters")
    # it stands before a comma in the header of a push
    if "," in access_key:
        raise FormError(access_field, "push_ak_comma")
