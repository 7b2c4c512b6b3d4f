"""Sees what automations see: each event that is shown, in order."""

import asyncio
from collections.abc import Callable
import json
from typing import Any

from scripts.home_assistant_api import Api
from scripts.json_values import items, text
from scripts.sms_application import Application

# Long enough for a slow and busy machine: only what fails takes as long.
_PATIENCE = 60.0
_POLL = 0.1

# The word before it keeps templates from making something else than text of it.
_PREFIX = "shown "
_MESSAGE = (
    _PREFIX + "{{ dict(trigger.to_state.attributes,"
    " entity=trigger.entity_id) | to_json }}"
)

type Event = dict[str, Any]


class Observer:
    """An automation that writes down every event of an application.

    What it wrote does not survive Home Assistant's end: after a start there is only
    what was shown since.
    """

    def __init__(self, api: Api, application: Application) -> None:
        """Take the interface and the application."""
        self._api = api
        self._application = application

    async def install(self) -> None:
        """Load the automation."""
        application = self._application
        await self._api.add_automation(
            "observer",
            {
                "alias": "Observer",
                "mode": "queued",
                "max": 2000,
                "triggers": [
                    {
                        "trigger": "event.received",
                        "target": {"entity_id": application.reports},
                        "options": {
                            "event_type": [
                                "accepted",
                                "refused",
                                "unconfirmed",
                                "delivered",
                                "failed",
                                "no_report",
                                "expired_unsent",
                            ]
                        },
                    },
                    {
                        "trigger": "event.received",
                        "target": {"entity_id": application.replies},
                        "options": {"event_type": ["received"]},
                    },
                ],
                "actions": [
                    {
                        "action": "persistent_notification.create",
                        "data": {"message": _MESSAGE},
                    }
                ],
            },
        )

    async def shown(self, wanted: Callable[[Event], bool]) -> list[Event]:
        """Return the events that are wanted, oldest first."""
        async with self._api.socket() as socket:
            notifications = items(await socket.command("persistent_notification/get"))
        notifications.sort(key=lambda notification: text(notification, "created_at"))
        messages = [text(notification, "message") for notification in notifications]
        events: list[Event] = [
            json.loads(message.removeprefix(_PREFIX))
            for message in messages
            if message.startswith(_PREFIX)
        ]
        return [event for event in events if wanted(event)]

    async def wait_for(
        self, count: int, wanted: Callable[[Event], bool]
    ) -> list[Event]:
        """Return the events that are wanted once there are so many of them.

        Fewer are returned when no more have come in time: the test shows which.
        """
        events = await self.shown(wanted)
        end = asyncio.get_running_loop().time() + _PATIENCE
        while len(events) < count and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(_POLL)
            events = await self.shown(wanted)
        return events
