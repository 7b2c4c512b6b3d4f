"""Turns what is to be sent into the platform's requests, checked before any leaves."""

from collections.abc import Sequence
from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError

from ..const import CONF_KIND, DOMAIN, Kind
from ..msgsms.client import SmsClient
from ..msgsms.errors import InvalidRequestError
from ..msgsms.models import Sms, TemplatedSms
from ..templates.drafting import Draft, draft
from ..templates.problems import problem_texts
from .orders import Order, Plan, Target


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedText:
    """The target of each number that gets a text, in their order.

    `parts` is what the text is likely to be cut into, or at least the variables of it.
    """

    targets: tuple[Target, ...]
    parts: int
    plan: Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedRequest:
    """A request, with what is known of each of its contents, in their order."""

    sms: Sms
    template_type: str | None
    texts: tuple[PreparedText, ...]


def draft_order(entry: ConfigEntry, order: Order) -> Draft:
    """Return what an order makes, and which rules that breaks."""
    return draft(order.template, order.variables, Kind(entry.data[CONF_KIND]))


def prepare(
    hass: HomeAssistant,
    entry: ConfigEntry,
    client: SmsClient,
    orders: Sequence[Order],
) -> list[PreparedRequest]:
    """Check orders and cut them into requests; nothing leaves and nothing is written.

    The requests lack what only a send gives them: extend and status callback. Raises
    ServiceValidationError if an order breaks rules, which names all of them.
    """
    drafts = [draft_order(entry, order) for order in orders]
    for order, made in zip(orders, drafts, strict=True):
        _check(hass, order, made)
    return [
        request
        for order, made in zip(orders, drafts, strict=True)
        for request in _requests(client, order, made)
    ]


def _check(hass: HomeAssistant, order: Order, made: Draft) -> None:
    """Refuse an order that breaks rules."""
    template = order.template
    if made.problems:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="variable_rules",
            translation_placeholders={
                "template": template.name,
                "problems": " ".join(problem_texts(hass, made.problems)),
            },
        )
    if template.channel_number is None and template.signature is None:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="channel_number_missing",
            translation_placeholders={"template": template.name},
        )


def _requests(client: SmsClient, order: Order, made: Draft) -> list[PreparedRequest]:
    """Cut an order into requests."""
    template = order.template
    try:
        requests = client.prepare(
            TemplatedSms(
                numbers=tuple(target.number for target in order.targets),
                template_id=template.template_id,
                variables=made.variables,
                channel_number=template.channel_number,
                signature=template.signature,
            )
        )
    except InvalidRequestError as err:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key=f"invalid_{err.field}"
        ) from err
    targets = {target.number: target for target in order.targets}
    likely = made.estimate
    plan = Plan(text=made.text, parts=None if likely is None else likely.parts)
    return [
        PreparedRequest(
            sms=sms,
            template_type=template.type,
            texts=(
                PreparedText(
                    targets=tuple(targets[number] for number in sms.numbers),
                    parts=made.parts,
                    plan=plan,
                ),
            ),
        )
        for sms in requests
    ]
