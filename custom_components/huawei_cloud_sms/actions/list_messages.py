"""The action that lists what was sent and what became of it."""

from collections.abc import Collection
from datetime import datetime
import sqlite3

import voluptuous as vol

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import (
    config_validation as cv,
    entity_registry as er,
    service,
)
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType

from ..component import DATA_COMPONENT
from ..const import CONF_TEMPLATE_ID, DOMAIN, SUBENTRY_RECIPIENT, SUBENTRY_TEMPLATE
from ..ledger import listing
from ..ledger.listing import UnknownReferenceError, Wanted
from ..ledger.models import LedgerBusyError, Message, State
from ..permissions import async_check_control
from .fields import moment, text

ATTR_BEFORE = "before"
ATTR_LIMIT = "limit"
ATTR_RECIPIENT = "recipient"
ATTR_REFERENCE = "reference"
ATTR_SINCE = "since"
ATTR_STATE = "state"
ATTR_UNTIL = "until"

_DEFAULT_LIMIT = 50
_HIGHEST_LIMIT = 500

# A template may leave a field without a value.
_TEXT = vol.Any(None, cv.string)

LIST_MESSAGES_SCHEMA = vol.Schema(
    {
        vol.Optional(ATTR_CONFIG_ENTRY_ID): _TEXT,
        vol.Optional(ATTR_REFERENCE): text(ATTR_REFERENCE),
        vol.Optional(ATTR_RECIPIENT): vol.Any(
            None, vol.All(cv.ensure_list, [cv.string])
        ),
        vol.Optional(ATTR_STATE): vol.Any(
            None, vol.All(cv.ensure_list, [vol.Coerce(State)])
        ),
        vol.Optional(ATTR_SINCE): moment(ATTR_SINCE),
        vol.Optional(ATTR_UNTIL): moment(ATTR_UNTIL),
        vol.Optional(ATTR_LIMIT, default=_DEFAULT_LIMIT): vol.All(
            vol.Coerce(int), vol.Range(min=1, max=_HIGHEST_LIMIT)
        ),
        vol.Optional(ATTR_BEFORE): text(ATTR_BEFORE),
    }
)


async def async_list_messages(call: ServiceCall) -> ServiceResponse:
    """Return messages of an application, the newest first.

    `before` of the response, given to the next call, leads to older ones; it is None
    when there are no more.
    """
    hass = call.hass
    entry: ConfigEntry = service.async_get_config_entry(
        hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID)
    )
    await async_check_control(hass, call.context, entry)
    limit: int = call.data[ATTR_LIMIT]
    wanted = Wanted(
        # one more tells whether there are more
        limit=limit + 1,
        reference=call.data.get(ATTR_REFERENCE),
        recipients=_recipients(hass, entry, call.data.get(ATTR_RECIPIENT)),
        states=call.data.get(ATTR_STATE),
        since=_timestamp(call.data.get(ATTR_SINCE)),
        until=_timestamp(call.data.get(ATTR_UNTIL)),
        before=call.data.get(ATTR_BEFORE),
    )

    def look_up(db: sqlite3.Connection) -> tuple[list[Message], dict[str, str]]:
        """Look the messages up, with the texts that are kept of them."""
        found = listing.find(db, entry.entry_id, wanted)
        return found, listing.texts(db, found)

    try:
        found, texts = await hass.data[DATA_COMPONENT].ledger.run(look_up)
    except UnknownReferenceError as err:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="page_unknown"
        ) from err
    except LedgerBusyError as err:
        raise HomeAssistantError(
            translation_domain=DOMAIN, translation_key="list_busy"
        ) from err
    page = found[:limit]
    return {
        "messages": [
            _as_response(entry, message, texts.get(message.reference))
            for message in page
        ],
        "before": page[-1].reference if len(found) > limit else None,
    }


def _recipients(
    hass: HomeAssistant, entry: ConfigEntry, written: Collection[str] | None
) -> list[str] | None:
    """Return the ids of recipients that are named, or by one of their entities.

    Raises ServiceValidationError for one that is not this application's.
    """
    if written is None:
        return None
    recipients = entry.get_subentries_of_type(SUBENTRY_RECIPIENT)
    by_name: dict[str, list[str]] = {}
    for recipient in recipients:
        title = recipient.title.casefold()
        by_name.setdefault(title, []).append(recipient.subentry_id)
    registry = er.async_get(hass)
    ids: list[str] = []
    for name in written:
        entity = registry.async_get(name)
        if entity is not None and entity.config_entry_id == entry.entry_id:
            named = [entity.config_subentry_id] if entity.config_subentry_id else []
        else:
            named = by_name.get(name.strip().casefold(), [])
        if not named:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="recipient_unknown",
                translation_placeholders={
                    "recipient": name,
                    "names": ", ".join(recipient.title for recipient in recipients),
                },
            )
        ids += named
    return ids


def _timestamp(time: datetime | None) -> float | None:
    """Return a time as the ledger writes it."""
    return None if time is None else time.timestamp()


def _as_response(
    entry: ConfigEntry, message: Message, text: str | None
) -> JsonObjectType:
    """Return a message as the response has it."""
    recipient = entry.subentries.get(message.recipient_id or "")
    return {
        "reference": message.reference,
        "message_id": message.message_id,
        "number": message.number,
        "recipient": recipient.title if recipient else None,
        "template": _template(entry, message.template_id),
        "state": message.state.value,
        "code": message.code,
        "text": text,
        "planned_parts": message.planned_parts,
        "parts": message.parts,
        "parts_as_planned": message.as_planned,
        "parts_done": message.parts_done,
        "created": _iso(message.created_at),
        "sent": None if message.sent_at is None else _iso(message.sent_at),
        "changed": _iso(message.changed_at),
    }


def _template(entry: ConfigEntry, template_id: str | None) -> str | None:
    """Return the name of the only template with an id, otherwise the id."""
    names = [
        template.title
        for template in entry.get_subentries_of_type(SUBENTRY_TEMPLATE)
        if template.data[CONF_TEMPLATE_ID] == template_id
    ]
    return names[0] if len(names) == 1 else template_id


def _iso(timestamp: float) -> str:
    """Return a time in the person's time zone."""
    return dt_util.as_local(dt_util.utc_from_timestamp(timestamp)).isoformat()
