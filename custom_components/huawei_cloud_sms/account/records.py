"""What of an account's records belongs to an application, and to each other."""

from collections.abc import Iterable

from ..msgsms.management.client import ManagementClient
from ..msgsms.management.models import Signature, Template


async def async_signatures(client: ManagementClient, app_key: str) -> list[Signature]:
    """Return all signatures of an application; raises ManagementError.

    They are few, and no filter finds those of one application.
    """
    return [it async for it in client.signatures() if it.app_key == app_key]


def own_signature(
    template: Template, signatures: Iterable[Signature]
) -> Signature | None:
    """Return the signature that a template belongs to, None for a general one."""
    if template.is_general:
        return None
    return next((it for it in signatures if it.id == template.sign_id), None)


def signature_named(
    name: str, template: Template, signatures: Iterable[Signature]
) -> Signature | None:
    """Return the signature with a name, best that of the template's own type."""
    named = [it for it in signatures if it.signature_name == name]
    # each type may have one of the same name
    of_type = [it for it in named if it.signature_type == template.template_type]
    return next(iter(of_type or named), None)
