"""What waits for its turn while others are sent does not leave too late."""

import asyncio
import random
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from simulator.server import Server
from tests.common import Events, send_sms, wait_until

from .outage import BUSY, Held, cut_off, restore, skip_time, states, wait_for_states

pytestmark = pytest.mark.usefixtures("long_pauses")

# Of requests with more numbers than this only one is under way at a time.
_MANY = 50

type Task = asyncio.Task[list[dict[str, Any]]]


def send(hass: HomeAssistant, kind: int, **terms: Any) -> Task:
    """Begin to send a large request."""
    numbers = [f"+86137{kind}{place:07}" for place in range(_MANY + 1)]
    return hass.async_create_task(
        send_sms(hass, *numbers, override_limit=True, **terms)
    )


async def begin(
    hass: HomeAssistant, platform: Server, held: Held, *, answered: bool, **terms: Any
) -> tuple[Task, Task]:
    """Begin to send a request, and a second one that waits for its turn.

    The first has been tried, but it is not known how that ended.
    """
    if not answered:
        await cut_off(platform)
    first = send(hass, 0, retry_for=0)
    await held.wait_for(1)
    second = send(hass, 1, **terms)
    await wait_until(lambda: states(hass).count("queued") == _MANY + 1)
    return first, second


def codes(messages: list[dict[str, Any]]) -> set[tuple[str, str | None]]:
    """Return the states and codes of messages."""
    return {(message["state"], message["code"]) for message in messages}


@pytest.mark.parametrize("retry_for", [0, 30, 100])
async def test_dead_network(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    held: Held,
    monkeypatch: pytest.MonkeyPatch,
    retry_for: int,
) -> None:
    """A message does not begin to leave later than its caller believes."""
    first, second = await begin(
        hass, platform, held, answered=False, retry_for=retry_for
    )
    skip_time(hass, monkeypatch, max(retry_for, 30) + 1)
    await restore(platform)
    held.end()
    assert codes(await first) == {("expired_unsent", "not_sent_connect")}
    assert codes(await second) == {("expired_unsent", "not_sent_timeout")}
    assert platform.platform.state.records.request_count == 0


@pytest.mark.parametrize("retry_for", [0, 100])
async def test_its_turn_comes(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    held: Held,
    monkeypatch: pytest.MonkeyPatch,
    retry_for: int,
) -> None:
    """Each message is tried once, also where it is not to be tried again."""
    _, second = await begin(hass, platform, held, answered=False, retry_for=retry_for)
    skip_time(hass, monkeypatch, 20)
    await restore(platform)
    held.end()
    assert codes(await second) == {("accepted", None)}


async def test_long_queue(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    held: Held,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """While the platform answers, who sends much gets all of it sent."""
    first, second = await begin(hass, platform, held, answered=True)
    skip_time(hass, monkeypatch, 300)
    held.end()
    assert codes([*await first, *await second]) == {("accepted", None)}


async def test_waits_on(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    held: Held,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What may wait for longer leaves by the outbox."""
    _, second = await begin(
        hass, platform, held, answered=False, retry_for=0, expires_after=3600
    )
    skip_time(hass, monkeypatch, 31)
    held.end()
    assert codes(await second) == {("queued", "queued")}
    await restore(platform)
    application.runtime_data.async_wake_outbox()
    await wait_until(lambda: states(hass)[-1] == "delivered")


@pytest.mark.parametrize("retry_for", [0, 30])
async def test_too_old(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
    held: Held,
    monkeypatch: pytest.MonkeyPatch,
    retry_for: int,
) -> None:
    """What is too old when its turn comes does not leave, answer or not."""
    _, second = await begin(
        hass, platform, held, answered=True, retry_for=retry_for, expires_after=0.001
    )
    held.end()
    await second
    await wait_until(lambda: states(hass)[-1] == "expired_unsent")
    assert platform.platform.state.records.request_count == 1


async def test_again(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    held: Held,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is to be tried again is not, when its turn comes after its time."""
    monkeypatch.setattr(random, "uniform", lambda *_: 0)
    platform.platform.scenarios.for_next_requests(BUSY, 1)
    first = send(hass, 0)
    await held.wait_for(1)
    second = send(hass, 1)
    await wait_until(lambda: states(hass).count("queued") == _MANY + 1)
    # the first one is queued again, behind the second one
    held.let_go()
    await held.wait_for(2)
    await wait_for_states(hass, *["queued"] * (_MANY + 1), *["sending"] * (_MANY + 1))
    skip_time(hass, monkeypatch, 31)
    held.end()
    assert codes(await second) == {("accepted", None)}
    assert codes(await first) == {("refused", "E200015")}
    assert platform.platform.state.records.request_count == 2
