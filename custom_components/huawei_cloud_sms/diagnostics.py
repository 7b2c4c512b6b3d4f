"""Diagnostics: counts and switches, nothing that is anybody's own."""

from urllib.parse import urlsplit

from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.const import CONF_REGION
from homeassistant.core import HomeAssistant

from .application import SmsConfigEntry
from .component import DATA_COMPONENT
from .const import (
    CONF_ACCOUNT,
    CONF_AUTH,
    CONF_CHANNEL_NUMBER,
    CONF_DEFAULT,
    CONF_DEFAULT_COUNTRY,
    CONF_ENDPOINT,
    CONF_IAM_ADDRESS,
    CONF_KIND,
    CONF_MANAGEMENT_ADDRESS,
    CONF_PASTED_ADDRESS,
    CONF_PUBLIC_ADDRESS,
    CONF_PUSH_KEYS,
    CONF_REPLACED_ADDRESS,
    CONF_SIGNATURE,
    CONF_TEMPLATE,
    CONF_TEMPLATE_TYPE,
    CONF_VARIABLES,
    CONF_WRITTEN_ADDRESS,
    SUBENTRY_RECIPIENT,
    SUBENTRY_TEMPLATE,
)
from .ledger import tally
from .recipients import has_template
from .uplink import is_managed

# The documented addresses say which region is in use; another may be a private one.
_KNOWN_DOMAINS = (".myhuaweicloud.com", ".myhuaweicloud.eu")


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: SmsConfigEntry
) -> dict[str, object]:
    """Return what helps to find a fault without saying whose it is."""
    component = hass.data[DATA_COMPONENT]
    door = component.async_door(entry)
    host = urlsplit(entry.data[CONF_ENDPOINT]).hostname or ""
    return {
        "application": {
            CONF_KIND: entry.data[CONF_KIND],
            CONF_AUTH: entry.data[CONF_AUTH],
            CONF_ENDPOINT: host if host.endswith(_KNOWN_DOMAINS) else "other",
            "push_key_pairs": len(entry.data[CONF_PUSH_KEYS]),
            "own_public_address": CONF_PUBLIC_ADDRESS in entry.options,
            CONF_DEFAULT_COUNTRY: entry.options[CONF_DEFAULT_COUNTRY],
        },
        "account": _account(entry),
        "uplink_address": {
            "managed": is_managed(entry),
            "was_written": CONF_WRITTEN_ADDRESS in entry.data,
            "replaced_another": bool(entry.data.get(CONF_REPLACED_ADDRESS)),
            "was_pasted": CONF_PASTED_ADDRESS in entry.data,
        },
        "approvals": _approvals(entry),
        "templates": [
            _template(subentry)
            for subentry in entry.get_subentries_of_type(SUBENTRY_TEMPLATE)
        ],
        "recipients": [
            {
                "has_own_template": CONF_TEMPLATE in subentry.data,
                "template_exists": has_template(entry, subentry),
            }
            for subentry in entry.get_subentries_of_type(SUBENTRY_RECIPIENT)
        ],
        "messages": await component.ledger.count_states(entry.entry_id),
        "counted": await component.ledger.run(
            lambda db: tally.read_totals(db, entry.entry_id)
        ),
        "pushes": door and {"accepted": door.accepted, "refused": door.refused},
        "storage": {
            "durable": component.ledger.durable,
            "was_damaged": component.ledger.damaged_file is not None,
        },
    }


def _account(entry: SmsConfigEntry) -> dict[str, object] | None:
    """Return by which way and where the account is asked, None if there is none."""
    if (account := entry.data.get(CONF_ACCOUNT)) is None:
        return None
    return {
        CONF_AUTH: account[CONF_AUTH],
        CONF_REGION: account[CONF_REGION],
        "other_addresses": bool(
            {CONF_MANAGEMENT_ADDRESS, CONF_IAM_ADDRESS} & set(account)
        ),
    }


def _approvals(entry: SmsConfigEntry) -> dict[str, object] | None:
    """Return what the platform thought of what is in use, None if nobody looks."""
    if entry.state is not ConfigEntryState.LOADED:
        return None
    if (approvals := entry.runtime_data.approvals) is None:
        return None
    standing = approvals.data
    templates = () if standing is None else tuple(standing.templates.values())
    return {
        "succeeded": approvals.last_update_success,
        "looked": standing is not None,
        "suspended": standing is not None and standing.suspended,
        "templates": [it.approval for it in templates],
        "signatures": [it.signature and it.signature.approval for it in templates],
    }


def _template(subentry: ConfigSubentry) -> dict[str, object]:
    """Return the outline of a template."""
    return {
        CONF_TEMPLATE_TYPE: subentry.data[CONF_TEMPLATE_TYPE],
        "variable_count": len(subentry.data[CONF_VARIABLES]),
        "has_channel_number": CONF_CHANNEL_NUMBER in subentry.data,
        "has_signature": CONF_SIGNATURE in subentry.data,
        CONF_DEFAULT: bool(subentry.data.get(CONF_DEFAULT)),
    }
