"""Turns what is to be sent into the platform's requests, checked before any leaves."""

from collections.abc import Sequence
from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntry
from homeassistant.exceptions import ServiceValidationError

from .const import CONF_KIND, DOMAIN, Kind
from .message_parts import plan_parts
from .msgsms.client import SmsClient
from .msgsms.errors import InvalidRequestError
from .msgsms.models import TemplatedSms
from .orders import Order, Target
from .templates import check


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedRequest:
    """A request, and the target of each of its numbers, in their order.

    `parts` is what each of its messages is likely to be cut into.
    """

    sms: TemplatedSms
    targets: tuple[Target, ...]
    template_type: str | None
    parts: int


def prepare(
    entry: ConfigEntry, client: SmsClient, orders: Sequence[Order]
) -> list[PreparedRequest]:
    """Check orders and cut them into requests; nothing leaves and nothing is written.

    The requests lack what only a send gives them: extend and status callback. Raises
    ServiceValidationError if an order breaks a rule.
    """
    return [request for order in orders for request in _prepare(entry, client, order)]


def _prepare(
    entry: ConfigEntry, client: SmsClient, order: Order
) -> list[PreparedRequest]:
    """Check an order and cut it into requests."""
    template = order.template
    check(entry, template, order.variables)
    if template.channel_number is None and template.signature is None:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="channel_number_missing",
            translation_placeholders={"template": template.name},
        )
    try:
        requests = client.prepare(
            TemplatedSms(
                numbers=tuple(target.number for target in order.targets),
                template_id=template.template_id,
                variables=order.variables,
                channel_number=template.channel_number,
                signature=template.signature,
            )
        )
    except InvalidRequestError as err:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key=f"invalid_{err.field}"
        ) from err
    targets = {target.number: target for target in order.targets}
    parts = plan_parts(template, order.variables, Kind(entry.data[CONF_KIND]))
    return [
        PreparedRequest(
            sms=sms,
            targets=tuple(targets[number] for number in sms.numbers),
            template_type=template.type,
            parts=parts,
        )
        for sms in requests
    ]
