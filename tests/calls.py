"""The calls by which an SMS is sent, in one form."""

from collections.abc import Awaitable, Callable

from custom_components.huawei_cloud_sms.const import DOMAIN
from homeassistant.core import HomeAssistant

from .const import NOTIFY_ENTITY, RECIPIENT_NUMBER

type Call = Callable[[HomeAssistant], Awaitable[object]]


async def call_send_sms(hass: HomeAssistant) -> object:
    """Send by the action for numbers."""
    return await hass.services.async_call(
        DOMAIN,
        "send_sms",
        {"numbers": [RECIPIENT_NUMBER], "variables": ["门开着"]},
        blocking=True,
    )


async def call_send_template(hass: HomeAssistant) -> object:
    """Send by the action for recipients."""
    return await hass.services.async_call(
        DOMAIN,
        "send_template",
        {"entity_id": NOTIFY_ENTITY, "variables": {"message": "门开着"}},
        blocking=True,
    )


async def call_send_batch(hass: HomeAssistant) -> object:
    """Send by the action for different texts."""
    message = {"number": RECIPIENT_NUMBER, "variables": ["门开着"]}
    return await hass.services.async_call(
        DOMAIN, "send_batch", {"messages": [message]}, blocking=True
    )


async def call_notify(hass: HomeAssistant) -> object:
    """Send by the notify entity."""
    return await hass.services.async_call(
        "notify",
        "send_message",
        {"entity_id": NOTIFY_ENTITY, "message": "门开着"},
        blocking=True,
    )


async def call_legacy_notify(hass: HomeAssistant) -> object:
    """Send by the action at component level."""
    return await hass.services.async_call(
        "notify",
        DOMAIN,
        {"target": [RECIPIENT_NUMBER], "message": "门开着"},
        blocking=True,
    )


CALLS: list[Call] = [
    call_send_sms,
    call_send_template,
    call_send_batch,
    call_notify,
    call_legacy_notify,
]
