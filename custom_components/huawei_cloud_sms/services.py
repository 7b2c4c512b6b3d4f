"""The integration's actions."""

import asyncio
from itertools import starmap

import voluptuous as vol

from homeassistant.components.notify import DOMAIN as NOTIFY_DOMAIN
from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import (
    EntityServiceResponse,
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers import config_validation as cv, service

from .actions.batch_messages import ATTR_MESSAGES
from .actions.list_account import (
    LIST_SIGNATURES_SCHEMA,
    LIST_TEMPLATES_SCHEMA,
    async_list_signatures,
    async_list_templates,
)
from .actions.list_messages import LIST_MESSAGES_SCHEMA, async_list_messages
from .actions.orders import (
    ATTR_NUMBERS,
    TEMPLATE_FIELDS,
    TEXT,
    async_order_for_numbers,
    orders_for_recipients,
)
from .actions.preview import async_preview
from .actions.send_batch import SEND_BATCH_SCHEMA, async_send_batch
from .actions.terms import (
    TERMS_FIELDS,
    async_wait_as_asked,
    end_of_wait,
    raise_as_asked,
    terms_of,
)
from .application import Application
from .const import DOMAIN
from .notify import RecipientNotifyEntity
from .responses import as_response, is_good
from .sending.orders import Order, Sent

SERVICE_LIST_MESSAGES = "list_messages"
SERVICE_LIST_SIGNATURES = "list_signatures"
SERVICE_LIST_TEMPLATES = "list_templates"
SERVICE_PREVIEW = "preview"
SERVICE_SEND_BATCH = "send_batch"
SERVICE_SEND_SMS = "send_sms"
SERVICE_SEND_TEMPLATE = "send_template"

SEND_SMS_SCHEMA = vol.Schema(
    {
        vol.Optional(ATTR_CONFIG_ENTRY_ID): TEXT,
        vol.Required(ATTR_NUMBERS): object,
        **TEMPLATE_FIELDS,
        **TERMS_FIELDS,
    }
)
SEND_TEMPLATE_SCHEMA = cv.make_entity_service_schema(
    {**TEMPLATE_FIELDS, **TERMS_FIELDS}
)

# What any of the others takes: the terms make no difference to what goes out.
PREVIEW_SCHEMA = vol.Schema(
    {
        vol.Optional(ATTR_CONFIG_ENTRY_ID): TEXT,
        vol.Optional(ATTR_NUMBERS): object,
        vol.Optional(ATTR_MESSAGES): object,
        **TEMPLATE_FIELDS,
        **TERMS_FIELDS,
        **cv.ENTITY_SERVICE_FIELDS,
    }
)


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    hass.services.async_register(
        DOMAIN,
        SERVICE_SEND_SMS,
        _async_send_sms,
        schema=SEND_SMS_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )
    service.async_register_batched_platform_entity_service(
        hass,
        DOMAIN,
        SERVICE_SEND_TEMPLATE,
        entity_domain=NOTIFY_DOMAIN,
        func=_async_send_template,
        schema=SEND_TEMPLATE_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )
    hass.services.async_register(
        DOMAIN,
        SERVICE_SEND_BATCH,
        async_send_batch,
        schema=SEND_BATCH_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )
    hass.services.async_register(
        DOMAIN,
        SERVICE_PREVIEW,
        async_preview,
        schema=PREVIEW_SCHEMA,
        supports_response=SupportsResponse.ONLY,
    )
    hass.services.async_register(
        DOMAIN,
        SERVICE_LIST_MESSAGES,
        async_list_messages,
        schema=LIST_MESSAGES_SCHEMA,
        supports_response=SupportsResponse.ONLY,
    )
    # what the account holds is nobody's but the administrators'
    service.async_register_admin_service(
        hass,
        DOMAIN,
        SERVICE_LIST_SIGNATURES,
        async_list_signatures,
        schema=LIST_SIGNATURES_SCHEMA,
        supports_response=SupportsResponse.ONLY,
    )
    service.async_register_admin_service(
        hass,
        DOMAIN,
        SERVICE_LIST_TEMPLATES,
        async_list_templates,
        schema=LIST_TEMPLATES_SCHEMA,
        supports_response=SupportsResponse.ONLY,
    )


async def _async_send_sms(call: ServiceCall) -> ServiceResponse:
    """Send a template to numbers."""
    hass = call.hass
    until = end_of_wait(call)
    application, order = await async_order_for_numbers(call)
    sent = await application.async_send([order], call.context, terms_of(call))
    sent = await async_wait_as_asked(application, sent, until)
    if not call.return_response:
        raise_as_asked(hass, call, sent)
        return None
    language = hass.config.language
    return {"messages": [as_response(message, language) for message in sent]}


async def _async_send_template(
    entities: list[RecipientNotifyEntity], call: ServiceCall
) -> EntityServiceResponse | None:
    """Send a template to recipients, those with the same text in one request."""
    hass = call.hass
    until = end_of_wait(call)
    orders = orders_for_recipients(hass, entities, call)
    for application, theirs in orders.items():
        # nothing leaves by any application while a rule is broken in another
        application.prepare(theirs)
    by_id = {entity.target.recipient_id: entity for entity in entities}

    async def send(application: Application, theirs: list[Order]) -> list[Sent]:
        """Send by one application, and wait if that is asked for."""
        sent = await application.async_send(theirs, call.context, terms_of(call))
        for message in filter(is_good, sent):
            entity = by_id[message.target.recipient_id]
            entity.async_record_sent(call.context)
        return await async_wait_as_asked(application, sent, until)

    results = await asyncio.gather(*starmap(send, orders.items()))
    sent = [message for messages in results for message in messages]
    by_recipient = {message.target.recipient_id: message for message in sent}
    if not call.return_response:
        raise_as_asked(hass, call, sent)
        return None
    language = hass.config.language
    return {
        entity.entity_id: as_response(
            by_recipient[entity.target.recipient_id], language
        )
        for entity in entities
    }
