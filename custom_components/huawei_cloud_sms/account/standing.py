"""Asks the platform how an application and what it uses stand."""

from collections.abc import Sequence

from homeassistant.config_entries import ConfigEntry

from ..const import (
    CONF_APP_KEY,
    CONF_KIND,
    CONF_SIGNATURE,
    CONF_TEMPLATE_ID,
    SUBENTRY_TEMPLATE,
    Kind,
)
from ..msgsms.management.client import ManagementClient
from ..msgsms.management.models import AppStatus, Signature, Template
from .access import AccountAccess, Right
from .records import async_signatures, own_signature, signature_named
from .states import (
    Approval,
    SignatureStanding,
    Standing,
    TemplateStanding,
    read_reason,
    signature_approval,
    template_approval,
)


async def async_read_standing(entry: ConfigEntry, account: AccountAccess) -> Standing:
    """Return how an application and its templates stand; raises AccountError."""
    application = await account.async_application()
    subentries = list(entry.get_subentries_of_type(SUBENTRY_TEMPLATE))
    signatures: list[Signature] = []
    if subentries and entry.data[CONF_KIND] == Kind.MAINLAND:
        with account.calls(Right.SIGNATURES) as client:
            signatures = await async_signatures(client, entry.data[CONF_APP_KEY])
    with account.calls(Right.TEMPLATES) as client:
        templates = {
            template_id: await _async_find(client, template_id)
            for template_id in {it.data[CONF_TEMPLATE_ID] for it in subentries}
        }
    return Standing(
        suspended=application.status == AppStatus.SUSPENDED,
        templates={
            it.subentry_id: _stands(
                templates[it.data[CONF_TEMPLATE_ID]],
                signatures,
                it.data.get(CONF_SIGNATURE),
            )
            for it in subentries
        },
    )


async def _async_find(client: ManagementClient, template_id: str) -> Template | None:
    """Return the template with an id, None if there is none."""
    found = [
        it
        async for it in client.templates(template_id=template_id)
        # how exactly the platform searches is not documented
        if it.template_id == template_id
    ]
    return found[0] if found else None


def _stands(
    template: Template | None, signatures: Sequence[Signature], named: str | None
) -> TemplateStanding:
    """Return how a template stands whose messages are to bear a named signature."""
    if template is None:
        return TemplateStanding(approval=Approval.NOT_FOUND)
    signature: SignatureStanding | None = None
    if template.is_general and named is not None:
        signature = _stands_named(named, template, signatures)
    elif (own := own_signature(template, signatures)) is not None:
        signature = _signature_stands(own)
    return TemplateStanding(
        approval=template_approval(template),
        reason=read_reason(template),
        signature=signature,
    )


def _stands_named(
    name: str, template: Template, signatures: Sequence[Signature]
) -> SignatureStanding:
    """Return how the signature with a name stands."""
    if (found := signature_named(name, template, signatures)) is None:
        return SignatureStanding(name=name, approval=Approval.NOT_FOUND)
    return _signature_stands(found)


def _signature_stands(signature: Signature) -> SignatureStanding:
    """Return how a signature stands."""
    return SignatureStanding(
        record_id=signature.id,
        name=signature.signature_name,
        approval=signature_approval(signature),
        reason=read_reason(signature),
    )
