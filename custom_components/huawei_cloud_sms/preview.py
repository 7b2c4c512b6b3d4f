"""The action that shows what would be sent, without sending it."""

from collections.abc import Iterator, Sequence

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv, service
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import async_get_platforms
from homeassistant.util.json import JsonObjectType, JsonValueType

from .action_orders import ATTR_NUMBERS, async_order_for_numbers, orders_for_recipients
from .application import Application
from .const import DOMAIN
from .message_parts import text_of
from .msgsms.client import BATCH_SEND_PATH
from .notify import RecipientNotifyEntity
from .orders import Order


async def async_preview(call: ServiceCall) -> ServiceResponse:
    """Return the requests that a call of one of the sending actions would make.

    It takes numbers as `send_sms` does, or recipients as `send_template` does: of an
    action that sends only the name has to be changed. Checks and errors are theirs.
    """
    has_numbers = call.data.get(ATTR_NUMBERS) is not None
    has_targets = any(call.data.get(str(field)) for field in cv.ENTITY_SERVICE_FIELDS)
    if has_numbers == has_targets:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="preview_targets"
        )
    if has_numbers:
        application, order = await async_order_for_numbers(call)
        orders = {application: [order]}
    else:
        orders = await _async_orders_for_targets(call)
    requests: list[JsonValueType] = [
        request
        for application, theirs in orders.items()
        for request in _requests(application, theirs)
    ]
    return {"requests": requests}


async def _async_orders_for_targets(
    call: ServiceCall,
) -> dict[Application, list[Order]]:
    """Return the orders for the recipients that a call may and does target."""
    hass = call.hass
    recipients = _recipients(hass)
    orders: dict[Application, list[Order]] = {}

    async def read(entities: list[Entity], call: ServiceCall) -> None:
        """Read the orders for the entities that were found."""
        mine = [recipients[entity.entity_id] for entity in entities]
        orders.update(orders_for_recipients(hass, mine, call))

    await service.batched_entity_service_call(hass, recipients, read, call)
    return orders


def _recipients(hass: HomeAssistant) -> dict[str, RecipientNotifyEntity]:
    """Return the recipients' entities of all applications."""
    return {
        entity.entity_id: entity
        for platform in async_get_platforms(hass, DOMAIN)
        for entity in platform.entities.values()
        if isinstance(entity, RecipientNotifyEntity)
    }


def _requests(
    application: Application, orders: Sequence[Order]
) -> Iterator[JsonObjectType]:
    """Return the requests that orders make, without anything secret.

    The address for reports is a secret: only whether there is one is told.
    """
    for order in orders:
        for request in application.prepare([order]):
            sms = request.sms
            yield {
                "path": BATCH_SEND_PATH,
                "channel_number": sms.channel_number,
                "template_id": sms.template_id,
                "variables": list(sms.variables),
                "signature": sms.signature,
                "numbers": list(sms.numbers),
                "message_count": len(sms.numbers),
                "status_callback": application.has_reply_address,
                "text": text_of(order.template, order.variables, application.kind),
            }
