"""The demo's conversation: an SMS, its delivery report, a reply, and the answer to it."""

from collections.abc import Awaitable, Callable
from pathlib import Path
import shutil

from .home_assistant import PROJECT
from .home_assistant_api import Api
from .json_values import at, text
from .simulator_process import Control
from .sms_application import Application, notify_entity
from .stage import MEI

CONFIGURATION = {
    "history": {},
    "logbook": {},
    "input_boolean": {"porch_light": {"name": "Porch light"}},
}

_BLUEPRINTS = PROJECT / "blueprints" / "automation" / "huawei_cloud_sms"
_WITHIN = 15.0
_LIGHT = "input_boolean.porch_light"


class ConversationError(Exception):
    """Something that belongs to the conversation did not come."""


def add_blueprints(config_folder: Path) -> None:
    """Give a configuration folder this project's blueprints."""
    shutil.copytree(
        _BLUEPRINTS, config_folder / "blueprints" / "automation" / _BLUEPRINTS.name
    )


async def load_automation(api: Api, application: Application, notify: str) -> None:
    """Load an automation that answers a reply by SMS."""
    await api.add_automation(
        "demo_answer",
        {
            "alias": "Switch on the porch light when Mei says yes",
            "use_blueprint": {
                "path": f"{_BLUEPRINTS.name}/act_on_reply.yaml",
                "input": {
                    "replies": application.replies,
                    "recipients": [notify],
                    "keywords": ["yes", "好"],
                    "actions": [
                        {
                            "action": "input_boolean.turn_on",
                            "target": {"entity_id": _LIGHT},
                        }
                    ],
                    "answer": "The light is on",
                },
            },
        },
    )


async def converse(
    api: Api, control: Control, application: Application, say: Callable[[str], None]
) -> None:
    """Have the conversation; raises ConversationError where it stops."""
    notify = await notify_entity(api, application.entry_id, MEI)
    await load_automation(api, application, notify)
    async with api.socket() as socket:
        await socket.watch_states()

        await api.act(
            "notify",
            "send_message",
            {
                "entity_id": notify,
                "message": "Somebody is at the door, switch on the light?",
            },
        )
        (first,) = await _expect(
            "the first SMS", control.wait_for_messages(MEI.number, 1, _WITHIN)
        )
        say(f"  Home Assistant to {MEI.name}: {text(first, 'text')}")
        report = await _expect(
            "the delivery report",
            socket.next_state(_event(application.reports, "delivered"), _WITHIN),
        )
        seconds = at(report, "attributes", "seconds")
        say(f"  Delivery report: delivered after {seconds} s")

        await control.reply(MEI.number, "Yes")
        reply = await _expect(
            "the reply",
            socket.next_state(_event(application.replies, "received"), _WITHIN),
        )
        sender = text(reply, "attributes", "recipient")
        say(f"  {sender} to Home Assistant: {text(reply, 'attributes', 'text')}")
        await _expect(
            "the light",
            socket.next_state(
                lambda state: (
                    at(state, "entity_id") == _LIGHT and at(state, "state") == "on"
                ),
                _WITHIN,
            ),
        )
        say("  The automation switched on the porch light")
        messages = await _expect(
            "the answer", control.wait_for_messages(MEI.number, 2, _WITHIN)
        )
        say(f"  Home Assistant to {MEI.name}: {text(messages[1], 'text')}")
        await _expect(
            "the second delivery report",
            socket.next_state(_event(application.reports, "delivered"), _WITHIN),
        )
        say("  Delivery report: delivered")


def _event(entity_id: str, event_type: str) -> Callable[[object], bool]:
    """Return what recognizes an event of an entity."""

    def wanted(state: object) -> bool:
        """Say whether a state is that event."""
        return (
            at(state, "entity_id") == entity_id
            and at(state, "attributes", "event_type") == event_type
        )

    return wanted


async def _expect[T](what: str, coming: Awaitable[T]) -> T:
    """Wait for something; raises ConversationError when it does not come."""
    try:
        return await coming
    except TimeoutError:
        raise ConversationError(f"{what} did not come") from None
