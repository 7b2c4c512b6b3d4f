"""What an account offers for a new template, and how it fills in the forms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from homeassistant.const import CONF_NAME

from ..account.access import Right, async_find_application
from ..account.calls import Calls
from ..account.records import async_signatures, own_signature
from ..account.states import Approval, signature_approval
from ..const import (
    CONF_CHANNEL_NUMBER,
    CONF_SIGNATURE,
    CONF_TEMPLATE_ID,
    CONF_TEMPLATE_TYPE,
    CONF_TEXT,
    Kind,
)
from ..ledger.limits import TemplateType
from ..msgsms.management.models import (
    ContentType,
    FlowStatus,
    Signature,
    Template,
    TemplateVariable,
)
from ..templates.rules import longest
from ..templates.text import count_variables, variables_of
from ..templates.variables import ATTRIBUTES, Attribute, Variable

_TYPES: Mapping[str | None, TemplateType] = {
    ContentType.VERIFICATION: TemplateType.VERIFICATION,
    ContentType.NOTIFICATION: TemplateType.NOTIFICATION,
    ContentType.PROMOTION: TemplateType.PROMOTION,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The approved templates of an application, and what belongs to them.

    `channel_number` is that of an international application.
    """

    templates: Sequence[Template]
    signatures: Sequence[Signature] = ()
    channel_number: str | None = None

    def found(self, wanted: str) -> list[Template]:
        """Return the templates whose name, ID or text contains what is wanted."""
        wanted = wanted.casefold()
        return [
            it
            for it in self.templates
            if wanted
            in f"{it.template_name}\n{it.template_id}\n{it.template_content}".casefold()
        ]

    def signatures_for(self, template: Template) -> list[Signature]:
        """Return the signatures that messages with a template may bear."""
        if (own := own_signature(template, self.signatures)) is not None:
            return [own]
        if not template.is_general:
            return []
        return [
            it
            for it in self.signatures
            if it.signature_type == template.template_type
            and signature_approval(it) is Approval.APPROVED
        ]


async def async_load_offer(calls: Calls, app_key: str, kind: Kind) -> Offer:
    """Return what there is to choose from, by name; raises AccountError."""
    async with calls(Right.TEMPLATES) as client:
        templates = [
            it
            async for it in client.templates(
                app_key=app_key, flow_status=FlowStatus.ADOPTED
            )
            if it.template_id
        ]
    templates.sort(key=lambda it: (it.template_name or "").casefold())
    if kind is Kind.MAINLAND:
        async with calls(Right.SIGNATURES) as client:
            signatures = await async_signatures(client, app_key)
        return Offer(templates=templates, signatures=signatures)
    async with calls(Right.APPLICATIONS) as client:
        application = await async_find_application(client, app_key)
    return Offer(templates=templates, channel_number=application.intl_channel_num)


async def async_load_variables(
    calls: Calls, template: Template, kind: Kind
) -> tuple[Variable, ...] | None:
    """Return the variables of a template, None where its text says all of them.

    Raises AccountError.
    """
    text = template.template_content or ""
    if kind is Kind.INTERNATIONAL or not count_variables(text):
        return None
    async with calls(Right.TEMPLATES) as client:
        found = await client.template_variables(template.id)
    # should they not agree, the text is right
    return tuple(
        _variable(named, of_platform)
        for named, of_platform in zip(variables_of(text, kind), found, strict=False)
    )


def fill_in(
    offer: Offer, template: Template, signature: Signature | None
) -> dict[str, Any]:
    """Return what a person would type into the form of a template."""
    typed: dict[str, Any] = {
        CONF_NAME: template.template_name or template.template_id,
        CONF_TEMPLATE_ID: template.template_id,
        CONF_TEMPLATE_TYPE: _TYPES.get(
            template.template_type, TemplateType.NOTIFICATION
        ),
        CONF_TEXT: template.template_content or "",
    }
    channel = offer.channel_number
    if signature is not None:
        typed[CONF_SIGNATURE] = signature.signature_name or ""
        channel = signature.channel_num
    if channel:
        typed[CONF_CHANNEL_NUMBER] = channel
    return typed


def _variable(named: Variable, found: TemplateVariable) -> Variable:
    """Return a variable with the name that is suggested for it."""
    written = (found.variable_type or "").lower()
    known = written in ATTRIBUTES[Kind.MAINLAND]
    attribute = Attribute(written) if known else Attribute.OTHER
    variable = Variable(name=named.name, attribute=attribute)
    # only what differs from the attribute's own limit is worth to be shown
    length = found.variable_length
    if length is None or length == longest(variable):
        return variable
    return Variable(name=named.name, attribute=attribute, length=length)
