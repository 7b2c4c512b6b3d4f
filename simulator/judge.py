"""Decides about each number of a request, after the request itself was good."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from .config import Application, Kind, MessageType, Signature, Template
from .console import Console
from .errors import ACCEPTED, RefusedRequestError
from .frequency import FrequencyLimits
from .numbers import country_of, international_form, is_mainland
from .options import Options
from .orders import BAD_FIELD, Content, Order
from .segments import count_parts
from .templates import compose, too_long, values_fit

WRONG_CHANNEL = "E200018"
NO_INTERNATIONAL_RIGHT = "E200024"
WRONG_VARIABLES = "E200028"
WRONG_TYPE = "E200029"
NOT_ACTIVE = "E200030"
WRONG_TEMPLATE = "E200033"
DUPLICATE = "E200041"
TOO_OFTEN = "E200048"


@dataclass(frozen=True, slots=True)
class Draft:
    """A template filled for sending, or why it cannot be."""

    status: str
    channel_number: str
    template_id: str
    message_type: MessageType = MessageType.NOTIFICATION
    text: str = field(default="", repr=False)
    parts: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one number; `number` is none if it is ill-formed."""

    origin_to: str = field(repr=False)
    number: str | None = field(repr=False)
    country: str | None
    status: str
    draft: Draft

    @property
    def accepted(self) -> bool:
        """Whether the platform sends."""
        return self.status == ACCEPTED


class Judge:
    """Judges by the templates and signatures of a console."""

    def __init__(self, console: Console) -> None:
        """Take the console, as it is at this moment."""
        self._console = console

    def check_channel_and_signature(
        self, order: Order, application: Application
    ) -> None:
        """Check the fields that only a general template makes optional or mandatory.

        Raises:
            RefusedRequestError: E000503, `from` or `signature` is missing.
        """
        for content in order.contents:
            template = self._find(content.template_id, application)
            general = template is not None and template.general
            if order.channel_number is None and not general:
                raise RefusedRequestError(BAD_FIELD)
            mainland = application.kind is Kind.MAINLAND
            if general and mainland and content.signature is None:
                raise RefusedRequestError(BAD_FIELD)

    def decide(
        self,
        order: Order,
        application: Application,
        options: Options,
        *,
        limits: FrequencyLimits,
        refusal_of: Callable[[str], str | None],
        now: datetime,
    ) -> tuple[Decision, ...]:
        """Decide about every number, in the order of the request.

        `refusal_of` tells whether a scenario has a number refused.
        """
        seen: set[tuple[str, str]] = set()
        decisions = []
        for content in order.contents:
            draft = self._draft(content, order.channel_number, application, options)
            for origin_to in content.to:
                number = international_form(origin_to, application.kind)
                status = draft.status
                if status == ACCEPTED:
                    status = _number_status(number, application.kind, options)
                if status == ACCEPTED and number is not None:
                    if (number, draft.text) in seen:
                        status = DUPLICATE
                    elif (refusal := refusal_of(number)) is not None:
                        status = refusal
                    elif is_mainland(number) and not limits.allows(
                        number, draft.message_type, draft.text, options.frequency, now
                    ):
                        status = TOO_OFTEN
                    seen.add((number, draft.text))
                country = country_of(number) if number else None
                decisions.append(Decision(origin_to, number, country, status, draft))
        return tuple(decisions)

    def _find(self, template_id: str, application: Application) -> Template | None:
        """Return a template of this application."""
        template = self._console.templates.get(template_id)
        if template is None or template.kind is not application.kind:
            return None
        if template.app_keys and application.app_key not in template.app_keys:
            return None
        return template

    def _draft(
        self,
        content: Content,
        channel_number: str | None,
        application: Application,
        options: Options,
    ) -> Draft:
        """Fill a template."""
        template = self._find(content.template_id, application)
        channel = channel_number or ""
        if template is None:
            return Draft(WRONG_TEMPLATE, channel, content.template_id)
        if not template.active:
            return Draft(NOT_ACTIVE, channel, template.id)
        signature: Signature | None = None
        if application.kind is Kind.MAINLAND:
            status, signature = self._signature(template, content, channel_number)
            channel = channel or (signature.channel_number if signature else "")
        else:
            channel = channel or application.channel_number
            known = channel == application.channel_number
            status = ACCEPTED if known else WRONG_CHANNEL
        if status != ACCEPTED:
            return Draft(status, channel, template.id)
        if not values_fit(
            template, content.values, check_text_length=options.check_text_length
        ):
            return Draft(WRONG_VARIABLES, channel, template.id)
        text = compose(template, content.values, signature.name if signature else None)
        if too_long(text):
            return Draft(WRONG_VARIABLES, channel, template.id)
        parts = count_parts(
            text,
            application.kind,
            gsm_extension_length=options.gsm_extension_length,
        )
        return Draft(ACCEPTED, channel, template.id, template.type, text, parts)

    def _signature(
        self, template: Template, content: Content, channel_number: str | None
    ) -> tuple[str, Signature | None]:
        """Find the signature of a mainland message and whether all fits together."""
        signatures = [one for one in self._console.signatures.values() if one.usable]
        by_channel = {signature.channel_number: signature for signature in signatures}
        by_name = {signature.name: signature for signature in signatures}
        of_channel = by_channel.get(channel_number or "")
        if channel_number is not None and of_channel is None:
            return WRONG_CHANNEL, None
        wanted = content.signature if template.general else template.signature
        owner = by_name.get(wanted or "")
        signature = owner if template.general else of_channel
        if signature is None or signature.type is not template.type:
            return WRONG_TYPE, signature
        if of_channel not in (None, owner):
            return WRONG_TEMPLATE, signature
        return ACCEPTED, signature


def _number_status(number: str | None, kind: Kind, options: Options) -> str:
    """Judge a number by itself."""
    if number is None:
        return options.invalid_number_status
    if kind is Kind.MAINLAND and not is_mainland(number):
        return NO_INTERNATIONAL_RIGHT
    return ACCEPTED
