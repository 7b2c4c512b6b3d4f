"""What a call of an action asks for: whom to send which text, checked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import voluptuous as vol

from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import config_validation as cv, service

from ..application import Application, SmsConfigEntry
from ..const import (
    CONF_CHANNEL_NUMBER,
    CONF_SIGNATURE,
    CONF_TEMPLATE,
    CONF_VARIABLES,
    DOMAIN,
)
from ..notify import RecipientNotifyEntity
from ..permissions import async_check_control
from ..recipients import async_targets
from ..sending.orders import Order, Target
from ..templates.filling import fill, read_values
from ..templates.template import SmsTemplate, by_name_or_id, default_template
from .fields import text

ATTR_NUMBERS = "numbers"

# A template may leave a field without a value.
TEXT = vol.Any(None, cv.string)

# Numbers and variables are read by ourselves: what a schema says is not translated.
TEMPLATE_FIELDS = {
    vol.Optional(CONF_TEMPLATE): text(CONF_TEMPLATE),
    vol.Optional(CONF_VARIABLES): object,
    vol.Optional(CONF_CHANNEL_NUMBER): text(CONF_CHANNEL_NUMBER),
    vol.Optional(CONF_SIGNATURE): text(CONF_SIGNATURE),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What a call, or a message of one, says of the text it wants to be sent."""

    template: str | None
    variables: Mapping[str, object] | Sequence[object] | None
    channel_number: str | None
    signature: str | None

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Wish:
        """Read the data of a call, or of one of its messages."""
        return cls(
            data.get(CONF_TEMPLATE),
            read_values(data.get(CONF_VARIABLES)),
            data.get(CONF_CHANNEL_NUMBER),
            data.get(CONF_SIGNATURE),
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


async def async_order_for_numbers(call: ServiceCall) -> tuple[Application, Order]:
    """Return the order of a call that names numbers, and the application for it.

    Raises ServiceValidationError when a rule is broken, and Unauthorized or UnknownUser
    for who may not send to any number.
    """
    hass = call.hass
    entry: SmsConfigEntry = service.async_get_config_entry(
        hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID)
    )
    # a removal or a reload while the numbers are read does not take it away
    application = entry.runtime_data
    await async_check_control(hass, call.context, entry)
    wish = Wish.of(call.data)
    template = wish.choose(entry, lambda: default_template(entry))
    targets = await async_targets(hass, entry, call.data[ATTR_NUMBERS])
    return application, wish.order(hass, template, targets)


def orders_for_recipients(
    hass: HomeAssistant, entities: Sequence[RecipientNotifyEntity], call: ServiceCall
) -> dict[Application, list[Order]]:
    """Return the orders of a call that names recipients, by application.

    Recipients of the same application and text are in one order. Raises
    ServiceValidationError when a rule is broken.
    """
    wish = Wish.of(call.data)
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
