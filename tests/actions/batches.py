"""Batches: sending them, and what came of that at the platform."""

from typing import Any, cast

from custom_components.huawei_cloud_sms.const import DOMAIN
from homeassistant.core import Context, HomeAssistant
from simulator.server import Server
from tests.common import make_entry, recipient_data, template_data, variable
from tests.const import (
    GENERAL_ID,
    NO_VARIABLES_ID,
    OTHER_NUMBER,
    RECIPIENT_NUMBER,
    TWO_VARIABLES_ID,
)

CODE_ID = "0a1f5c2e9b6d4e73a8c05d1f2b3e4a05"
CODE_CHANNEL = "8824110600002"
PROMOTION_ID = "0a1f5c2e9b6d4e73a8c05d1f2b3e4a06"
PROMOTION_CHANNEL = "8824110600003"

TEMPLATES = [
    template_data(text="家中提醒：${1}", signature="晨光家园"),
    template_data(
        "Parcel",
        TWO_VARIABLES_ID,
        "parcel",
        variables=[
            variable("count", attribute="chardigit"),
            variable("place", attribute="text"),
        ],
        default=False,
    ),
    template_data("Doorbell", NO_VARIABLES_ID, "bell", variables=[], default=False),
    template_data(
        "Code",
        CODE_ID,
        "code",
        template_type="verification",
        channel_number=CODE_CHANNEL,
        default=False,
    ),
    template_data(
        "Offer",
        PROMOTION_ID,
        "offer",
        template_type="promotion",
        channel_number=PROMOTION_CHANNEL,
        default=False,
    ),
    template_data(
        "General",
        GENERAL_ID,
        "general",
        channel_number=None,
        signature="晨光家园",
        default=False,
    ),
]


def batch_entry(url: str, **more: Any) -> Any:
    """Return an application with templates of several channel numbers."""
    recipients = [
        recipient_data(),
        recipient_data("Wei", OTHER_NUMBER, "wei", "bell"),
    ]
    return make_entry(url, subentries=[*TEMPLATES, *recipients], **more)


async def send_batch(
    hass: HomeAssistant, *messages: object, context: Context | None = None, **data: Any
) -> list[dict[str, Any]]:
    """Send and return what the response says of each message."""
    response = await hass.services.async_call(
        DOMAIN,
        "send_batch",
        {"messages": list(messages), **data},
        blocking=True,
        context=context,
        return_response=True,
    )
    assert response is not None
    return cast("list[dict[str, Any]]", response["messages"])


def paths(platform: Server) -> list[str]:
    """Return by which calls requests came, without what is the same in all."""
    return [
        request.path.split("/")[2]
        for request in platform.platform.state.records.requests
    ]


def got(platform: Server) -> dict[str, list[str]]:
    """Return the texts that each number got, without the signature, in any order."""
    found: dict[str, list[str]] = {}
    for message in platform.platform.state.records.messages():
        text = message.text.partition("】")[2]
        found.setdefault(message.number, []).append(text)
    return {number: sorted(texts) for number, texts in found.items()}


def to(number: object = RECIPIENT_NUMBER, text: str = "门开着", **more: object) -> Any:
    """Return a message to a number."""
    return {"number": number, "variables": [text], **more}
