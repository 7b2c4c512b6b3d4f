"""No push is lost, and none is shown twice, while Home Assistant is not at rest."""

import asyncio
from collections import Counter
from itertools import batched

from scripts.json_values import at, items, number, text

from .conftest import Scene

_PUSHES = 500
_CONNECTIONS = 8
_RELOADS = 5
_OFFLINE = "+8613700000013"


async def test_reload_while_pushes_arrive(scene: Scene) -> None:
    """The entry is reloaded again and again while reports come in: all are stored."""
    before = await _delivered(scene)
    await scene.control.next_request({"report": None})
    response = await scene.api.act_with_response(
        "huawei_cloud_sms",
        "send_sms",
        {
            "numbers": [f"+86137001{index:05}" for index in range(_PUSHES)],
            "variables": ["停电"],
        },
    )
    messages = items(response, "messages")
    references = {text(message, "reference") for message in messages}
    ids = [text(message, "message_id") for message in messages]
    statuses: Counter[object] = Counter()

    async def report(waiting: list[str]) -> None:
        """Report on one message after the other."""
        while waiting:
            push = await scene.control.report(waiting.pop())
            statuses[at(push, "push", "http_status")] += 1

    async def reload() -> None:
        """Reload the entry."""
        await scene.api.call(
            "POST",
            f"/api/config/config_entries/entry/{scene.application.entry_id}/reload",
        )

    for some in batched(ids, _PUSHES // _RELOADS, strict=True):
        waiting = list(some)
        reports = (report(waiting) for _ in range(_CONNECTIONS))
        await asyncio.gather(reload(), *reports)
    assert statuses == {200: _PUSHES}
    assert await _delivered(scene) == before + _PUSHES

    shown = await scene.observer.wait_for(
        _PUSHES,
        lambda event: (
            event["event_type"] == "delivered" and event["reference"] in references
        ),
    )
    assert Counter(event["reference"] for event in shown) == dict.fromkeys(
        references, 1
    )


async def test_pushes_around_a_restart(scene: Scene) -> None:
    """A push during the start is shown late, once; while it is down it is lost."""
    await scene.control.next_request({"report": None})
    response = await scene.api.act_with_response(
        "huawei_cloud_sms", "send_sms", {"numbers": [_OFFLINE], "variables": ["燃气"]}
    )
    reference = text(response, "messages", 0, "reference")
    message_id = text(response, "messages", 0, "message_id")

    scene.stage.home.stop()
    lost = await scene.control.report(message_id)
    assert at(lost, "push", "http_status") is None

    scene.brake.pull()
    scene.stage.home.start()
    await scene.stage.home.wait_until_answering(scene.api, 60)
    async with asyncio.timeout(60):
        while "huawei_cloud_sms" not in await scene.api.components():
            await asyncio.sleep(0.05)
    report = await scene.control.report(message_id)
    assert at(report, "push", "http_status") == 200
    reply = await scene.control.reply(_OFFLINE, "马上回来")
    assert at(reply, "push", "http_status") == 200
    assert await scene.api.core_state() != "RUNNING"
    scene.brake.release()
    await scene.stage.home.wait_until_running(scene.api, 60)

    shown = await scene.observer.wait_for(
        2, lambda event: event["reference"] == reference
    )
    assert {event["event_type"]: event["late"] for event in shown} == {
        "delivered": True,
        "received": True,
    }
    assert len(shown) == 2
    replied = next(event for event in shown if event["event_type"] == "received")
    assert replied["text"] == "马上回来"
    assert replied["sender"] == _OFFLINE

    # what comes after is shown at once, and nothing of the above again
    await scene.control.reply(_OFFLINE, "到了")
    shown = await scene.observer.wait_for(
        3, lambda event: event["reference"] == reference
    )
    assert [event["late"] for event in shown] == [True, True, False]


async def _delivered(scene: Scene) -> int:
    """Return how many messages are delivered, as diagnostics have it."""
    diagnostics = await scene.api.call(
        "GET", f"/api/diagnostics/config_entry/{scene.application.entry_id}"
    )
    counts = at(diagnostics, "data", "messages")
    assert isinstance(counts, dict)
    return number({"delivered": 0, **counts}, "delivered")
