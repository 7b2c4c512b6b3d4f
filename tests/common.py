"""Helpers of the tests: an application's entry, and waiting for what is to come."""

import asyncio
from collections.abc import Callable
import json
from pathlib import Path
import re
from typing import Any, cast

from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components import huawei_cloud_sms
from custom_components.huawei_cloud_sms.const import DOMAIN
from homeassistant.config_entries import ConfigSubentryDataWithId
from homeassistant.core import (
    Context,
    Event,
    EventStateChangedData,
    HomeAssistant,
    State,
    callback,
)
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_track_state_change_event
from simulator.server import Server

from .const import (
    APP_KEY,
    APP_SECRET,
    CHANNEL_NUMBER,
    RECIPIENT_NUMBER,
    RECIPIENT_SUBENTRY,
    TEMPLATE_ID,
    TEMPLATE_SUBENTRY,
    WEBHOOK_ID,
)

WEBHOOK_PATH = f"/api/webhook/{WEBHOOK_ID}"

# Long enough for a slow and busy machine (seconds): only what fails takes as long.
_PATIENCE = 30

# What the steps of a repair's dialog give by themselves.
_GIVEN_BY_STEPS = {"problem", "refused", "status"}

_ISSUES: dict[str, object] = json.loads(
    Path(huawei_cloud_sms.__file__)
    .with_name("translations")
    .joinpath("en.json")
    .read_text("utf-8")
)["issues"]


def variable(name: str = "message", **more: Any) -> dict[str, Any]:
    """Return a variable of a template; by itself nothing is known of what fits in."""
    return {"name": name, "attribute": "other", "policy": "refuse", **more}


def template_data(
    name: str = "Alarm",
    template_id: str = TEMPLATE_ID,
    subentry_id: str = TEMPLATE_SUBENTRY,
    **more: Any,
) -> ConfigSubentryDataWithId:
    """Return a template's subentry."""
    return ConfigSubentryDataWithId(
        subentry_id=subentry_id,
        subentry_type="template",
        title=name,
        unique_id=f"template_{name.casefold()}",
        data={
            "name": name,
            "template_id": template_id,
            "template_type": "notification",
            "channel_number": CHANNEL_NUMBER,
            "variables": [variable()],
            "default": True,
            **more,
        },
    )


def recipient_data(
    name: str = "Mei",
    number: str = RECIPIENT_NUMBER,
    subentry_id: str = RECIPIENT_SUBENTRY,
    template: str | None = TEMPLATE_SUBENTRY,
) -> ConfigSubentryDataWithId:
    """Return a recipient's subentry."""
    data = {"name": name, "number": number}
    if template is not None:
        data["template"] = template
    return ConfigSubentryDataWithId(
        subentry_id=subentry_id,
        subentry_type="recipient",
        title=name,
        unique_id=f"recipient_{number}",
        data=data,
    )


def make_entry(
    endpoint: str,
    *,
    subentries: list[ConfigSubentryDataWithId] | None = None,
    data: dict[str, Any] | None = None,
    options: dict[str, Any] | None = None,
    title: str = "SMS",
    **more: Any,
) -> MockConfigEntry:
    """Return an application's entry."""
    return MockConfigEntry(
        domain=DOMAIN,
        title=title,
        unique_id=APP_KEY,
        data={
            "app_key": APP_KEY,
            "app_secret": APP_SECRET,
            "endpoint": endpoint,
            "kind": "mainland",
            "auth": "ak_sk",
            "webhook_id": WEBHOOK_ID,
            "push_keys": [],
            **(data or {}),
        },
        options={"default_country": "CN", **(options or {})},
        subentries_data=[template_data(), recipient_data()]
        if subentries is None
        else subentries,
        **{"minor_version": 2, **more},
    )


class Events:
    """Collects the events that an event entity shows, in order."""

    def __init__(self, hass: HomeAssistant, entity_id: str) -> None:
        """Begin to collect."""
        self.states: list[State] = []
        self._came = asyncio.Event()
        async_track_state_change_event(hass, entity_id, self._changed)

    @callback
    def _changed(self, event: Event[EventStateChangedData]) -> None:
        """Keep a state that an event made."""
        old, new = event.data["old_state"], event.data["new_state"]
        if new is None or old is None or "unavailable" in (old.state, new.state):
            return
        self.states.append(new)
        self._came.set()

    @property
    def types(self) -> list[str]:
        """Return the types of the events so far."""
        return [state.attributes["event_type"] for state in self.states]

    async def wait_for(self, count: int) -> list[State]:
        """Return the events once there are so many of them."""
        await wait_until(lambda: len(self.states) >= count)
        return self.states


def ledger_path(hass: HomeAssistant) -> Path:
    """Return where the ledger's file is."""
    return Path(hass.config.path(".storage", "huawei_cloud_sms.db"))


def block_storage(hass: HomeAssistant) -> None:
    """Put a folder where the ledger's file belongs."""
    ledger_path(hass).mkdir(parents=True)


async def wait_until(condition: Callable[[], object]) -> None:
    """Wait for something that other tasks bring about."""
    async with asyncio.timeout(_PATIENCE):
        while not condition():
            await asyncio.sleep(0.01)


async def send_sms(
    hass: HomeAssistant,
    *numbers: str | int,
    context: Context | None = None,
    **data: Any,
) -> list[dict[str, Any]]:
    """Send by the action for numbers and return what its response says of each."""
    response = await hass.services.async_call(
        DOMAIN,
        "send_sms",
        {"numbers": list(numbers), "variables": {"message": "门开着"}, **data},
        blocking=True,
        context=context,
        return_response=True,
    )
    assert response is not None
    return cast("list[dict[str, Any]]", response["messages"])


def issues(hass: HomeAssistant) -> dict[str, ir.IssueEntry]:
    """Return the repair issues there are, by the key of their text.

    Each must give all that its text leaves open.
    """
    found = {
        str(issue.translation_key): issue
        for (domain, _), issue in ir.async_get(hass).issues.items()
        if domain == DOMAIN
    }
    for key, issue in found.items():
        text = json.dumps(_ISSUES[key])
        assert set(re.findall(r"{(\w+)}", text)) - _GIVEN_BY_STEPS <= set(
            issue.translation_placeholders or ()
        ), key
    return found


def report(message_id: str, status: str = "DELIVRD", **more: object) -> dict[str, str]:
    """Return the fields of a status report."""
    fields = {"smsMsgId": message_id, "status": status, "sequence": 1, "total": 1}
    return {name: str(value) for name, value in {**fields, **more}.items()}


def reply(message_id: str = "reply-1", **more: object) -> dict[str, str]:
    """Return the fields of a reply."""
    fields = {
        "smsMsgId": message_id,
        "from": RECIPIENT_NUMBER,
        "to": CHANNEL_NUMBER,
        "body": "好的",
    }
    return {name: str(value) for name, value in {**fields, **more}.items()}


async def reply_from_phone(platform: Server, number: str, text: str) -> None:
    """Let a phone answer the last message it got; the platform pushes the reply."""
    state = platform.platform.state
    address = state.records.requests[-1].status_callback
    state.set_application({"uplink_url": address})
    await platform.platform.reporter.reply(number, text)
