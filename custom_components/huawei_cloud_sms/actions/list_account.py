"""The actions that list the templates and signatures of an application's account."""

import voluptuous as vol

from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv, service
from homeassistant.util.json import JsonObjectType, JsonValueType

from ..account.access import AccountAccess, Right
from ..account.records import async_signatures, own_signature
from ..application import SmsConfigEntry
from ..const import CONF_APP_KEY, CONF_KIND, CONF_VARIABLES, DOMAIN, Kind
from ..msgsms.management.models import Signature, Template, TemplateVariable
from .orders import TEXT

ATTR_LIMIT = "limit"
ATTR_SEARCH = "search"

_DEFAULT_LIMIT = 50
_HIGHEST_LIMIT = 500

LIST_SIGNATURES_SCHEMA = vol.Schema(
    {
        vol.Optional(ATTR_CONFIG_ENTRY_ID): TEXT,
        vol.Optional(ATTR_SEARCH): TEXT,
        vol.Optional(ATTR_LIMIT, default=_DEFAULT_LIMIT): vol.All(
            vol.Coerce(int), vol.Range(min=1, max=_HIGHEST_LIMIT)
        ),
    }
)
LIST_TEMPLATES_SCHEMA = LIST_SIGNATURES_SCHEMA.extend(
    {vol.Optional(CONF_VARIABLES): vol.Any(None, cv.boolean)}
)


async def async_list_signatures(call: ServiceCall) -> ServiceResponse:
    """Return signatures of an application as the platform has them."""
    entry, account = _account(call)
    with account.calls(Right.SIGNATURES) as client:
        found = await async_signatures(client, entry.data[CONF_APP_KEY])
    wanted = [it for it in found if _fits(call, it.signature_name, it.signature_id)]
    limit: int = call.data[ATTR_LIMIT]
    return {
        "signatures": [_signature(it) for it in wanted[:limit]],
        "more": len(wanted) > limit,
    }


async def async_list_templates(call: ServiceCall) -> ServiceResponse:
    """Return templates of an application as the platform has them.

    `more` of the response says that there are others which fit.
    """
    entry, account = _account(call)
    app_key = entry.data[CONF_APP_KEY]
    signatures: list[Signature] = []
    channel: str | None = None
    if entry.data[CONF_KIND] == Kind.MAINLAND:
        with account.calls(Right.SIGNATURES) as client:
            signatures = await async_signatures(client, app_key)
    else:
        channel = (await account.async_application()).intl_channel_num
    limit: int = call.data[ATTR_LIMIT]
    templates: list[Template] = []
    variables: dict[str, tuple[TemplateVariable, ...]] = {}
    with account.calls(Right.TEMPLATES) as client:
        async for it in client.templates(app_key=app_key):
            if _fits(call, it.template_name, it.template_id, it.template_content):
                templates.append(it)
            if len(templates) > limit:
                break
        if call.data.get(CONF_VARIABLES):
            for it in templates[:limit]:
                variables[it.id] = await client.template_variables(it.id)
    return {
        "templates": [
            _template(it, own_signature(it, signatures), channel, variables.get(it.id))
            for it in templates[:limit]
        ],
        "more": len(templates) > limit,
    }


def _account(call: ServiceCall) -> tuple[SmsConfigEntry, AccountAccess]:
    """Return the application that a call means, and its account.

    Raises ServiceValidationError when it has none.
    """
    entry: SmsConfigEntry = service.async_get_config_entry(
        call.hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID)
    )
    if (account := entry.runtime_data.account) is None:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="no_account",
            translation_placeholders={"application": entry.title},
        )
    return entry, account


def _fits(call: ServiceCall, *texts: str | None) -> bool:
    """Tell whether a call that searches means what has these texts."""
    wanted = (call.data.get(ATTR_SEARCH) or "").casefold()
    return any(wanted in (it or "").casefold() for it in texts)


def _signature(signature: Signature) -> JsonObjectType:
    """Return a signature as the response has it."""
    return {
        "name": signature.signature_name,
        "signature_id": signature.signature_id,
        "type": signature.signature_type,
        "status": signature.status,
        "channel_number": signature.channel_num,
        "review_desc": signature.review_desc,
    }


def _template(
    template: Template,
    signature: Signature | None,
    channel: str | None,
    variables: tuple[TemplateVariable, ...] | None,
) -> JsonObjectType:
    """Return a template as the response has it.

    `channel` is that of an international application: there are no signatures abroad.
    """
    response: JsonObjectType = {
        "name": template.template_name,
        "template_id": template.template_id,
        "type": template.template_type,
        "text": template.template_content,
        "status": template.flow_status,
        "general": template.is_general,
        "signature": signature.signature_name if signature else None,
        "channel_number": signature.channel_num if signature else channel,
        "review_desc": template.review_desc,
    }
    if variables is not None:
        response["variables"] = [_variable(it) for it in variables]
    return response


def _variable(variable: TemplateVariable) -> JsonValueType:
    """Return a variable as the response has it."""
    return {
        "index": variable.variable_index,
        "type": variable.variable_type,
        "length": variable.variable_length,
        "description": variable.variable_desc,
    }
