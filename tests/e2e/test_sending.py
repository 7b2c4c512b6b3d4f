"""Nothing is sent twice, whatever happens while it is being sent."""

import asyncio
from contextlib import suppress

import aiohttp

from scripts.json_values import at, text

from .conftest import Scene
from .observer import Event

_BROKEN = "+8613700000011"
_KILLED = "+8613700000012"


async def test_accepted_but_not_answered(scene: Scene) -> None:
    """The platform takes an SMS and hangs up: one SMS, settled by its report."""
    requests = await scene.control.request_count()
    await scene.control.next_request({"preset": "broken_accepted", "report": None})

    response = await scene.api.act_with_response(
        "huawei_cloud_sms", "send_sms", {"numbers": [_BROKEN], "variables": ["门开着"]}
    )
    assert at(response, "messages", 0, "state") == "unconfirmed"
    reference = text(response, "messages", 0, "reference")

    (message,) = await scene.control.messages(_BROKEN)
    await scene.control.report(text(message, "message_id"))
    shown = await scene.observer.wait_for(2, lambda event: _is_of(event, _BROKEN))
    assert [event["event_type"] for event in shown] == ["unconfirmed", "delivered"]
    assert {event["reference"] for event in shown} == {reference}
    assert await scene.control.request_count() == requests + 1
    assert len(await scene.control.messages(_BROKEN)) == 1


async def test_killed_while_sending(scene: Scene) -> None:
    """Home Assistant is killed while it sends: never resent, settled by its report."""
    await wait_until_stored(scene)
    requests = await scene.control.request_count()
    await scene.control.next_request({"delay": 60, "report": None})

    sending = asyncio.create_task(
        scene.api.act(
            "huawei_cloud_sms",
            "send_sms",
            {"numbers": [_KILLED], "variables": ["水管漏水"]},
        )
    )
    (message,) = await scene.control.wait_for_messages(_KILLED, 1, 30)
    scene.stage.home.kill()
    with suppress(aiohttp.ClientError):
        await sending
    await scene.stage.restart()

    (unconfirmed,) = await scene.observer.wait_for(
        1, lambda event: _is_of(event, _KILLED)
    )
    assert unconfirmed["event_type"] == "unconfirmed"
    assert unconfirmed["late"] is True

    push = await scene.control.report(text(message, "message_id"))
    assert at(push, "push", "http_status") == 200
    shown = await scene.observer.wait_for(2, lambda event: _is_of(event, _KILLED))
    assert [event["event_type"] for event in shown] == ["unconfirmed", "delivered"]
    assert shown[1]["reference"] == unconfirmed["reference"]
    assert shown[1]["late"] is False
    assert await scene.control.request_count() == requests + 1
    assert len(await scene.control.messages(_KILLED)) == 1


def _is_of(event: Event, number: str) -> bool:
    """Say whether an event is about a message to a number."""
    return event.get("number") == number


async def wait_until_stored(scene: Scene) -> None:
    """Wait until Home Assistant has written down what the tests set up.

    It does so a second after a change, which is not what is tested here.
    """
    storage = scene.stage.home.folder / ".storage"
    wanted = {
        "core.config_entries": scene.application.entry_id,
        "auth": scene.stage.home.url,
    }
    async with asyncio.timeout(60):
        for name, part in wanted.items():
            file = storage / name
            while not file.exists() or part not in file.read_text("utf-8"):
                await asyncio.sleep(0.1)
