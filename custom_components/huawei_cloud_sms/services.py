"""The integration's actions."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

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

from .application import Application, SmsConfigEntry
from .const import (
    CONF_CHANNEL_NUMBER,
    CONF_SIGNATURE,
    CONF_TEMPLATE,
    CONF_VARIABLES,
    DOMAIN,
)
from .notify import RecipientNotifyEntity
from .orders import Order, Target
from .permissions import async_check_control
from .recipients import async_targets
from .responses import as_response, is_good, raise_for_refusals
from .templates import SmsTemplate, by_name_or_id, default_template, fill, read_values

SERVICE_SEND_SMS = "send_sms"
SERVICE_SEND_TEMPLATE = "send_template"

ATTR_NUMBERS = "numbers"

# A template may leave a field without a value.
_TEXT = vol.Any(None, cv.string)

# Numbers and variables are read by ourselves: what a schema says is not translated.
_TEMPLATE_FIELDS = {
    vol.Optional(CONF_TEMPLATE): _TEXT,
    vol.Optional(CONF_VARIABLES): object,
    vol.Optional(CONF_CHANNEL_NUMBER): _TEXT,
    vol.Optional(CONF_SIGNATURE): _TEXT,
}

SEND_SMS_SCHEMA = vol.Schema(
    {
        vol.Optional(ATTR_CONFIG_ENTRY_ID): _TEXT,
        vol.Required(ATTR_NUMBERS): object,
        **_TEMPLATE_FIELDS,
    }
)
SEND_TEMPLATE_SCHEMA = cv.make_entity_service_schema(_TEMPLATE_FIELDS)


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


@dataclass(frozen=True, slots=True)
class _Wish:
    """What a call says of the text it wants to be sent."""

    template: str | None
    variables: Mapping[str, object] | Sequence[object] | None
    channel_number: str | None
    signature: str | None

    @classmethod
    def of(cls, call: ServiceCall) -> _Wish:
        """Read a call."""
        return cls(
            call.data.get(CONF_TEMPLATE),
            read_values(call.data.get(CONF_VARIABLES)),
            call.data.get(CONF_CHANNEL_NUMBER),
            call.data.get(CONF_SIGNATURE),
        )

    def choose(
        self, entry: SmsConfigEntry, usual: Callable[[], SmsTemplate]
    ) -> SmsTemplate:
        """Return the template that is wanted, or else the usual one."""
        if self.template is None:
            return usual()
        return by_name_or_id(entry, self.template)

    def order(
        self, hass: HomeAssistant, template: SmsTemplate, targets: tuple[Target, ...]
    ) -> Order:
        """Return the order for a template to some targets."""
        values = self.variables
        if values is None:
            # a template that is known by its ID only may have no variables
            values = () if template.variables is None else {}
        return Order(
            targets=targets,
            template=replace(
                template,
                channel_number=self.channel_number or template.channel_number,
                signature=self.signature or template.signature,
            ),
            variables=fill(hass, template, values),
        )


async def _async_send_sms(call: ServiceCall) -> ServiceResponse:
    """Send a template to numbers."""
    hass = call.hass
    entry: SmsConfigEntry = service.async_get_config_entry(
        hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID)
    )
    await async_check_control(hass, call.context, entry)
    wish = _Wish.of(call)
    template = wish.choose(entry, lambda: default_template(entry))
    targets = await async_targets(hass, entry, call.data[ATTR_NUMBERS])
    sent = await entry.runtime_data.async_send(
        [wish.order(hass, template, targets)], call.context
    )
    if not call.return_response:
        raise_for_refusals(hass, sent)
        return None
    language = hass.config.language
    return {"messages": [as_response(message, language) for message in sent]}


async def _async_send_template(
    entities: list[RecipientNotifyEntity], call: ServiceCall
) -> EntityServiceResponse | None:
    """Send a template to recipients, those with the same text in one request."""
    hass = call.hass
    orders = _orders(hass, entities, _Wish.of(call))
    for application, theirs in orders.items():
        # nothing leaves by any application while a rule is broken in another
        application.check(theirs)
    results = await asyncio.gather(
        *(
            application.async_send(theirs, call.context)
            for application, theirs in orders.items()
        )
    )
    sent = [message for messages in results for message in messages]
    by_recipient = {message.target.recipient_id: message for message in sent}
    for entity in entities:
        if is_good(by_recipient[entity.target.recipient_id]):
            entity.async_set_context(call.context)
            entity.async_record_sent()
    if not call.return_response:
        raise_for_refusals(hass, sent)
        return None
    language = hass.config.language
    return {
        entity.entity_id: as_response(
            by_recipient[entity.target.recipient_id], language
        )
        for entity in entities
    }


def _orders(
    hass: HomeAssistant, entities: Sequence[RecipientNotifyEntity], wish: _Wish
) -> dict[Application, list[Order]]:
    """Put recipients of the same application and text into one order."""
    orders: dict[Application, dict[tuple[SmsTemplate, tuple[str, ...]], Order]] = {}
    for entity in entities:
        template = wish.choose(entity.entry, entity.template)
        order = wish.order(hass, template, (entity.target,))
        mine = orders.setdefault(entity.entry.runtime_data, {})
        text = (order.template, order.variables)
        if (same := mine.get(text)) is not None:
            order = replace(order, targets=(*same.targets, *order.targets))
        mine[text] = order
    return {
        application: list(theirs.values()) for application, theirs in orders.items()
    }
