"""The whole way: an SMS goes out, its report comes back, the person replies."""

from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from simulator.server import Server

from .common import Events, reply_from_phone, wait_until
from .const import NOTIFY_ENTITY, RECIPIENT_NUMBER, REPLY_EVENT, REPORT_EVENT


async def test_conversation(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """An SMS is accepted, delivered and answered, each shown once."""
    reports, replies = Events(hass, REPORT_EVENT), Events(hass, REPLY_EVENT)
    await hass.services.async_call(
        "notify",
        "send_message",
        {"entity_id": NOTIFY_ENTITY, "message": "门开着"},
        blocking=True,
    )
    await reports.wait_for(2)
    assert reports.types == ["accepted", "delivered"]
    accepted, delivered = reports.states
    assert delivered.attributes["reference"] == accepted.attributes["reference"]
    assert delivered.attributes["recipient"] == "Mei"
    assert delivered.attributes["number"] == RECIPIENT_NUMBER
    assert delivered.attributes["parts_done"] == delivered.attributes["parts"] == 1

    (phone_message,) = platform.platform.state.records.messages(RECIPIENT_NUMBER)
    assert phone_message.text == "【晨光家园】家中提醒：门开着"

    await reply_from_phone(platform, RECIPIENT_NUMBER, "好的+1")
    await wait_until(lambda: replies.states)
    (reply,) = replies.states
    assert reply.attributes["text"] == "好的+1"
    assert reply.attributes["sender"] == RECIPIENT_NUMBER
    assert reply.attributes["recipient"] == "Mei"
    assert reply.attributes["reference"] == accepted.attributes["reference"]
