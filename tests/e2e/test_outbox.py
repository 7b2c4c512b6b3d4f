"""What waits for the platform outlives Home Assistant and leaves once, in order."""

from collections.abc import AsyncGenerator

import pytest

from scripts.json_values import text

from .conftest import Scene
from .observer import Event
from .test_sending import wait_until_stored

_WAITING = "+8613700000021"
_DIRECT = "+8613700000022"
_TEXTS = ("第一", "第二", "第三")


@pytest.fixture
async def outage(scene: Scene) -> AsyncGenerator[None]:
    """End the platform's process; afterwards it is there again."""
    scene.stage.simulator.stop()
    yield
    if not await scene.control.answers():
        await _end_outage(scene)


async def _end_outage(scene: Scene) -> None:
    """Start the platform again, which has forgotten everything."""
    stage, settings = scene.stage, scene.stage.settings
    stage.simulator.start(
        app_key=settings.app_key,
        app_secret=settings.app_secret,
        push_ak=settings.push_ak,
        push_sk=settings.push_sk,
    )
    await stage.simulator.wait_until_answering(scene.control)
    await scene.control.push_replies_to(scene.application.reply_address)


async def _send(scene: Scene, number: str, words: str, **terms: object) -> str:
    """Send and return the state that the response tells."""
    response = await scene.api.act_with_response(
        "huawei_cloud_sms",
        "send_sms",
        {"numbers": [number], "variables": [words], **terms},
    )
    return text(response, "messages", 0, "state")


@pytest.mark.usefixtures("outage")
async def test_killed_during_an_outage(scene: Scene) -> None:
    """Home Assistant is killed while messages wait: they leave later, each once."""
    await wait_until_stored(scene)
    for words in _TEXTS:
        state = await _send(
            scene, _WAITING, words, retry_for=0, expires_after={"hours": 1}
        )
        assert state == "queued"
    # who lets nothing wait is told at once
    assert await _send(scene, _DIRECT, "x", retry_for=1) == "expired_unsent"
    scene.stage.home.kill()
    await scene.stage.restart()
    await _end_outage(scene)

    # that it can be reached again is noticed with the first message that leaves
    assert await _send(scene, _DIRECT, "y") == "accepted"
    messages = await scene.control.wait_for_messages(_WAITING, len(_TEXTS), 60)
    assert [text(it, "text").partition("：")[2] for it in messages] == list(_TEXTS)
    shown = await scene.observer.wait_for(
        2 * len(_TEXTS), lambda event: _is_of(event, _WAITING)
    )
    assert sorted(event["event_type"] for event in shown) == (
        ["accepted"] * len(_TEXTS) + ["delivered"] * len(_TEXTS)
    )
    assert not any(event["late"] for event in shown)
    assert await scene.control.request_count() == len(_TEXTS) + 1
    assert len(await scene.control.messages(_WAITING)) == len(_TEXTS)


@pytest.mark.usefixtures("outage")
async def test_batch_during_an_outage(scene: Scene) -> None:
    """Of a batch that waits each message leaves once, with its own text."""
    await wait_until_stored(scene)
    texts = {f"+86137000000{place}": f"第{place}条" for place in range(31, 36)}
    response = await scene.api.act_with_response(
        "huawei_cloud_sms",
        "send_batch",
        {
            "messages": [
                {"number": number, "variables": [words]}
                for number, words in texts.items()
            ],
            "retry_for": 0,
            "expires_after": {"hours": 1},
        },
    )
    for place in range(len(texts)):
        assert text(response, "messages", place, "state") == "queued"
    # by then no attempt is under way, of which nobody would know how it ended
    assert await _send(scene, _DIRECT, "x", retry_for=1) == "expired_unsent"
    scene.stage.home.kill()
    await scene.stage.restart()
    await _end_outage(scene)
    assert await _send(scene, _DIRECT, "y") == "accepted"
    for number, words in texts.items():
        (message,) = await scene.control.wait_for_messages(number, 1, 60)
        assert text(message, "text").endswith(words)
    shown = await scene.observer.wait_for(
        2 * len(texts), lambda event: any(_is_of(event, number) for number in texts)
    )
    assert sorted(event["event_type"] for event in shown) == (
        ["accepted"] * len(texts) + ["delivered"] * len(texts)
    )
    assert await scene.control.request_count() == 2


def _is_of(event: Event, number: str) -> bool:
    """Say whether an event is about a message to a number."""
    return event.get("number") == number
