"""The action that sends messages of different texts in one call."""

import voluptuous as vol

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse
from homeassistant.helpers import service
from homeassistant.util.json import JsonObjectType

from ..application import SmsConfigEntry
from ..const import DOMAIN
from ..responses import as_response, is_good
from ..sending.batching import bundle
from ..sending.orders import Sent
from .batch_messages import ATTR_MESSAGES, async_read_batch
from .orders import TEXT
from .terms import (
    TERMS_FIELDS,
    async_wait_as_asked,
    end_of_wait,
    raise_as_asked,
    terms_of,
)

# What is wrong with a message is told with its position.
SEND_BATCH_SCHEMA = vol.Schema(
    {
        vol.Optional(ATTR_CONFIG_ENTRY_ID): TEXT,
        vol.Required(ATTR_MESSAGES): object,
        **TERMS_FIELDS,
    }
)


async def async_send_batch(call: ServiceCall) -> ServiceResponse:
    """Send messages, each with a text of its own, in as few requests as can be."""
    hass = call.hass
    until = end_of_wait(call)
    entry: SmsConfigEntry = service.async_get_config_entry(
        hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID)
    )
    # a reload while the messages are read does not take it away
    application = entry.runtime_data
    messages = await async_read_batch(
        call, entry, lambda order: application.prepare([order])
    )
    batch = bundle(message.made for message in messages)
    sent = await application.async_send_prepared(
        batch.requests, call.context, terms_of(call)
    )
    for message, places in zip(messages, batch.places, strict=True):
        if message.recipient is not None and is_good(sent[places[0]]):
            message.recipient.async_record_sent(call.context)
    sent = await async_wait_as_asked(application, sent, until)
    if not call.return_response:
        raise_as_asked(hass, call, sent)
        return None
    return {
        "messages": [
            _as_response(hass, entry, position, sent[place])
            for position, places in enumerate(batch.places, start=1)
            for place in places
        ]
    }


def _as_response(
    hass: HomeAssistant, entry: ConfigEntry, position: int, sent: Sent
) -> JsonObjectType:
    """Return what became of the message at a position of the call."""
    recipient = entry.subentries.get(sent.target.recipient_id or "")
    return {
        "position": position,
        "recipient": recipient.title if recipient else None,
        **as_response(sent, hass.config.language),
    }
