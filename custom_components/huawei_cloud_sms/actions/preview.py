"""The action that shows what would be sent, without sending it."""

from collections.abc import Iterator, Sequence

from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv, service
from homeassistant.helpers.entity import Entity
from homeassistant.util.json import JsonObjectType, JsonValueType

from ..application import Application, SmsConfigEntry
from ..const import DOMAIN
from ..msgsms.client import BATCH_SEND_PATH
from ..notify import recipient_entities
from ..sending.batching import bundle
from ..sending.orders import Order
from ..sending.preparing import PreparedRequest
from ..templates.drafting import Draft
from ..templates.problems import as_response, problem_texts
from .batch_messages import ATTR_MESSAGES, async_read_batch
from .orders import (
    ATTR_NUMBERS,
    TEMPLATE_FIELDS,
    async_order_for_numbers,
    orders_for_recipients,
)


async def async_preview(call: ServiceCall) -> ServiceResponse:
    """Return what a call of one of the sending actions would send.

    It takes numbers as `send_sms` does, recipients as `send_template` does, or messages
    as `send_batch` does: of an action that sends only the name has to be changed. Checks
    and errors are theirs, but for the rules on values and texts: those that are broken
    are in the response.
    """
    has_numbers = call.data.get(ATTR_NUMBERS) is not None
    has_targets = any(call.data.get(str(field)) for field in cv.ENTITY_SERVICE_FIELDS)
    has_messages = call.data.get(ATTR_MESSAGES) is not None
    # each message has fields of its own
    has_own = has_messages and any(call.data.get(str(it)) for it in TEMPLATE_FIELDS)
    if has_numbers + has_targets + has_messages != 1 or has_own:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="preview_targets"
        )
    if has_messages:
        return await _async_preview_batch(call)
    if has_numbers:
        application, order = await async_order_for_numbers(call)
        orders = {application: [order]}
    else:
        orders = await _async_orders_for_targets(call)
    requests: list[JsonValueType] = [
        request
        for application, theirs in orders.items()
        for request in _requests(call.hass, application, theirs)
    ]
    return {"requests": requests, "currency": call.hass.config.currency}


async def _async_preview_batch(call: ServiceCall) -> ServiceResponse:
    """Return what a batch would send, message by message.

    There would be no request at all if one of them broke a rule.
    """
    hass = call.hass
    entry: SmsConfigEntry = service.async_get_config_entry(
        hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID)
    )
    application = entry.runtime_data

    def look(order: Order) -> tuple[Order, Draft, Sequence[PreparedRequest]]:
        """Return an order with what it makes, and its requests if it breaks no rule."""
        made = application.draft(order)
        return order, made, () if made.problems else application.prepare([order])

    messages = await async_read_batch(call, entry, look)
    prepared = [message.made[2] for message in messages]
    return {
        "messages": [
            {
                "position": position,
                "recipient": it.recipient.recipient_name if it.recipient else None,
                **_shown(hass, application, *it.made[:2], _numbers(it.made[0])),
            }
            for position, it in enumerate(messages, start=1)
        ],
        "request_count": len(bundle(prepared).requests) if all(prepared) else None,
        "currency": hass.config.currency,
    }


async def _async_orders_for_targets(
    call: ServiceCall,
) -> dict[Application, list[Order]]:
    """Return the orders for the recipients that a call may and does target."""
    hass = call.hass
    recipients = recipient_entities(hass)
    orders: dict[Application, list[Order]] = {}

    async def read(entities: list[Entity], call: ServiceCall) -> None:
        """Read the orders for the entities that were found."""
        mine = [recipients[entity.entity_id] for entity in entities]
        orders.update(orders_for_recipients(hass, mine, call))

    await service.batched_entity_service_call(hass, recipients, read, call)
    return orders


def _requests(
    hass: HomeAssistant, application: Application, orders: Sequence[Order]
) -> Iterator[JsonObjectType]:
    """Return the requests that orders make, without anything secret.

    One that breaks rules would not be made; it is shown whole, with the rules. The
    address for reports is a secret: only whether there is one is told.
    """
    for order in orders:
        made = application.draft(order)
        if made.problems:
            groups = [_numbers(order)]
        else:
            groups = [it.sms.numbers for it in application.prepare([order])]
        for numbers in groups:
            shown = _shown(hass, application, order, made, numbers)
            yield {"path": BATCH_SEND_PATH, **shown}


def _numbers(order: Order) -> tuple[str, ...]:
    """Return the numbers that an order is for."""
    return tuple(target.number for target in order.targets)


def _shown(
    hass: HomeAssistant,
    application: Application,
    order: Order,
    made: Draft,
    numbers: Sequence[str],
) -> JsonObjectType:
    """Return what an order would send to some of its numbers."""
    return {
        "channel_number": order.template.channel_number,
        "template_id": order.template.template_id,
        "variables": [_readable(value) for value in made.variables],
        "signature": order.template.signature,
        "numbers": list[JsonValueType](numbers),
        "message_count": len(numbers),
        "status_callback": application.has_reply_address,
        "text": None if made.text is None else _readable(made.text),
        **_estimate(made, application.price_per_part, len(numbers)),
        "broken_rules": [
            as_response(problem, text)
            for problem, text in zip(
                made.problems, problem_texts(hass, made.problems), strict=True
            )
        ],
    }


def _readable(text: str) -> str:
    """Return a text that can be written: half of an emoji is what no JSON can hold."""
    return text.encode(errors="replace").decode()


def _estimate(made: Draft, price: float | None, count: int) -> JsonObjectType:
    """Return what some messages are likely to be billed as, as far as that is known.

    Characters, parts and cost are those of one message, `cost_of_all` that of all.
    """
    likely = made.estimate
    if likely is None:
        keys = ("characters", "encoding", "parts", "cost", "cost_of_all")
        return dict.fromkeys(keys)
    return {
        "characters": likely.characters,
        "encoding": likely.encoding.value,
        "parts": likely.parts,
        "cost": None if price is None else likely.cost(price),
        "cost_of_all": None if price is None else likely.cost(price, count),
    }
