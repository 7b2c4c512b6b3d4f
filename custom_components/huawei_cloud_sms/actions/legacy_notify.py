"""The action notify.huawei_cloud_sms, for `alert:` and older automations."""

import voluptuous as vol

from homeassistant.components.notify import (
    ATTR_DATA,
    ATTR_MESSAGE,
    ATTR_TARGET,
    ATTR_TITLE,
    DOMAIN as NOTIFY_DOMAIN,
)
from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.helpers import config_validation as cv, service

from ..application import SmsConfigEntry
from ..const import CONF_TEMPLATE, DOMAIN
from ..permissions import async_check_control
from ..recipients import async_targets
from ..responses import raise_for_refusals
from ..sending.orders import Order
from ..templates.filling import MESSAGE, TITLE, fill
from ..templates.template import by_name_or_id, default_template

_SCHEMA = vol.Schema(
    {
        vol.Required(ATTR_MESSAGE): cv.string,
        vol.Optional(ATTR_TITLE): cv.string,
        vol.Optional(ATTR_TARGET): object,
        # an alert gives all its notifiers the same data: what is theirs is left out
        vol.Optional(ATTR_DATA): vol.Any(
            None,
            vol.Schema(
                {
                    vol.Optional(ATTR_CONFIG_ENTRY_ID): vol.Any(None, cv.string),
                    vol.Optional(CONF_TEMPLATE): vol.Any(None, cv.string),
                    # `alert:` can pass nothing but data
                    vol.Optional(ATTR_TARGET): object,
                },
                extra=vol.REMOVE_EXTRA,
            ),
        ),
    }
)

# Home Assistant translates nothing in another integration's domain.
_DESCRIPTION = {
    "name": "Send an SMS to numbers with Huawei Cloud SMS",
    "description": "Fills a template with the message. For alerts and older automations;"
    " new ones send to a recipient's notify entity.",
    "fields": {
        ATTR_MESSAGE: {
            "name": "Message",
            "description": "Fills the template.",
            "required": True,
            "example": "The front door is open",
            "selector": {"text": {"multiline": True}},
        },
        ATTR_TITLE: {
            "name": "Title",
            "description": "Used only if the template has a place for it.",
            "selector": {"text": {}},
        },
        ATTR_TARGET: {
            "name": "Numbers",
            "description": "Phone numbers, best with a plus and the country code.",
            "example": '["+8613700000001"]',
            "selector": {"object": {}},
        },
        ATTR_DATA: {
            "name": "More",
            "description": "template, config_entry_id, and the numbers as target.",
            "example": '{"template": "Alarm"}',
            "selector": {"object": {}},
        },
    },
}


@callback
def async_setup_legacy_notify(hass: HomeAssistant) -> None:
    """Register the action once for all applications.

    The notify component's own way ties it to one entry, and unloading that entry
    would take it away from all.
    """
    hass.services.async_register(NOTIFY_DOMAIN, DOMAIN, _async_notify, schema=_SCHEMA)
    service.async_set_service_schema(hass, NOTIFY_DOMAIN, DOMAIN, _DESCRIPTION)


async def _async_notify(call: ServiceCall) -> None:
    """Send a template filled with a message to numbers."""
    hass = call.hass
    data = call.data.get(ATTR_DATA) or {}
    entry: SmsConfigEntry = service.async_get_config_entry(
        hass, DOMAIN, data.get(ATTR_CONFIG_ENTRY_ID)
    )
    # a removal or a reload while the numbers are read does not take it away
    application = entry.runtime_data
    await async_check_control(hass, call.context, entry)
    if (wanted := data.get(CONF_TEMPLATE)) is not None:
        template = by_name_or_id(entry, wanted)
    else:
        template = default_template(entry)
    values = {
        MESSAGE: call.data[ATTR_MESSAGE],
        TITLE: call.data.get(ATTR_TITLE, ""),
    }
    order = Order(
        targets=await async_targets(
            hass, entry, call.data.get(ATTR_TARGET) or data.get(ATTR_TARGET)
        ),
        template=template,
        variables=fill(hass, template, values),
    )
    sent = await application.async_send([order], call.context)
    raise_for_refusals(hass, sent)
