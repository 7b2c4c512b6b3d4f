"""Tests of the webhook while applications come and go, and while storage fails."""

import asyncio
import json
import sqlite3
from urllib.parse import urlencode

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.huawei_cloud_sms.const import DOMAIN
from custom_components.huawei_cloud_sms.ledger import batches
from homeassistant.components import webhook
from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util.aiohttp import MockRequest
from simulator.server import Server

from .common import (
    WEBHOOK_PATH,
    Events,
    block_storage,
    issues,
    ledger_path,
    make_entry,
    reply,
    report,
    send_sms,
    wait_until,
)
from .const import OTHER_NUMBER, REPLY_EVENT, REPORT_EVENT, WEBHOOK_ID
from .pushing import FORM, JSON, Post, batch, post_directly


async def test_while_unloaded(
    hass: HomeAssistant, application: MockConfigEntry, post: Post, reports: Events
) -> None:
    """A push is stored while the application is not loaded, and shown later."""
    assert await hass.config_entries.async_unload(application.entry_id)
    assert await post(urlencode(report("one")).encode(), FORM) == 200
    assert reports.states == []
    assert await hass.config_entries.async_setup(application.entry_id)
    await reports.wait_for(1)
    assert reports.states[0].attributes["late"] is True


async def test_set_up_failed(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """A push is stored while the application cannot be set up, and shown later."""
    entry = make_entry("not an address")
    entry.add_to_hass(hass)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    answer = await door.post(WEBHOOK_PATH, data=report("one"))
    assert answer.status == 200
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, "endpoint": platform.url}
    )
    reports = Events(hass, REPORT_EVENT)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert hass.states.get(REPORT_EVENT).attributes["message_id"] == "one"
    assert len(reports.states) <= 1


async def test_none_lost_in_a_reload(
    hass: HomeAssistant,
    application: MockConfigEntry,
    post: Post,
    reports: Events,
) -> None:
    """All of many pushes that arrive during reloads are stored and shown once."""

    statuses: list[int] = []
    reloads = 0

    async def push() -> None:
        while reloads < 3 or len(statuses) < 200:
            fields = report(f"message-{len(statuses)}")
            statuses.append(await post(urlencode(fields).encode(), FORM))
            await asyncio.sleep(0.001)

    pushing = hass.async_create_task(push())
    while not pushing.done():
        assert await hass.config_entries.async_reload(application.entry_id)
        reloads += 1
    await pushing
    assert set(statuses) == {200}
    await reports.wait_for(len(statuses))
    shown = sorted(state.attributes["message_id"] for state in reports.states)
    assert shown == sorted(f"message-{place}" for place in range(len(statuses)))


async def test_disabled(
    hass: HomeAssistant,
    door: TestClient,
    application: MockConfigEntry,
    reports: Events,
) -> None:
    """A disabled application takes nothing; enabled again it does."""
    for disabled_by, name in ((ConfigEntryDisabler.USER, "one"), (None, "two")):
        await hass.config_entries.async_set_disabled_by(
            application.entry_id, disabled_by
        )
        await hass.async_block_till_done()
        # an unknown webhook takes everything and does nothing
        assert (await door.put(WEBHOOK_PATH)).status == (200 if disabled_by else 405)
        assert (await door.post(WEBHOOK_PATH, data=report(name))).status == 200
    assert [state.attributes["message_id"] for state in reports.states] == ["two"]


async def test_disabled_after_set_up_failed(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """An application that was never loaded takes nothing either once it is disabled."""
    entry = make_entry("not an address")
    entry.add_to_hass(hass)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert (await door.put(WEBHOOK_PATH)).status == 405
    await hass.config_entries.async_set_disabled_by(
        entry.entry_id, ConfigEntryDisabler.USER
    )
    await hass.async_block_till_done()
    assert (await door.put(WEBHOOK_PATH)).status == 200


async def test_not_stored(
    hass: HomeAssistant, platform: Server, door: TestClient, entry: MockConfigEntry
) -> None:
    """Without storage a push is shown as not recorded, and refused."""
    block_storage(hass)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert "storage_failed" in issues(hass)
    reports, replies = Events(hass, REPORT_EVENT), Events(hass, REPLY_EVENT)
    for _ in range(2):
        for fields in (report("one"), reply("two")):
            answer = await door.post(WEBHOOK_PATH, data=fields)
            assert answer.status == 503
    assert reports.types == ["delivered"]
    assert reports.states[0].attributes["recorded"] is False
    assert len(replies.states) == 1
    assert replies.states[0].attributes["recorded"] is False
    # sending goes on
    (sent,) = await send_sms(hass, OTHER_NUMBER)
    assert sent["state"] == "accepted"


async def test_too_many_at_once(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """What cannot wait for its commit any more is refused, and so is sending."""

    request = MockRequest(
        batch(*(report(f"message-{place}") for place in range(500))),
        headers={"Content-Type": JSON},
        method="POST",
        mock_source="cloud",
    )
    ledger = sqlite3.connect(ledger_path(hass))
    # while another program writes into the file, nothing is committed
    ledger.execute("BEGIN IMMEDIATE")
    tasks = [
        hass.async_create_task(webhook.async_handle_webhook(hass, WEBHOOK_ID, request))
        for _ in range(30)
    ]
    # the first to be answered is one that there was no room for
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    numbers = [f"+8613700{place:06}" for place in range(501)]
    with pytest.raises(HomeAssistantError) as err:
        await send_sms(hass, *numbers, override_limit=True)
    assert err.value.translation_key == "ledger_busy"
    assert platform.platform.state.records.request_count == 0
    ledger.close()
    statuses = [answer.status for answer in await asyncio.gather(*tasks)]
    assert set(statuses) == {200, 503}
    # and it is over as soon as the commits have caught up
    (sent,) = await send_sms(hass, OTHER_NUMBER)
    assert sent["state"] == "accepted"


@pytest.mark.parametrize(("size", "status"), [(50_000, 200), (60_000, 503)])
async def test_room_for_size(
    door: TestClient,
    application: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    size: int,
    status: int,
) -> None:
    """What is not read yet takes room by its size, however few reports it shows."""
    monkeypatch.setattr(batches, "_QUEUE_LIMIT", 100)
    body = json.dumps({**report("one"), "source": "x" * size}).encode()
    assert await post_directly(door, body, JSON) == status


async def test_registered_name(
    hass: HomeAssistant, application: MockConfigEntry
) -> None:
    """A removed application's webhook is gone."""
    await hass.config_entries.async_remove(application.entry_id)
    await hass.async_block_till_done()
    answer = await webhook.async_handle_webhook(
        hass, WEBHOOK_ID, MockRequest(b"", mock_source="cloud", method="PUT")
    )
    assert answer.status == 200
    assert DOMAIN in hass.config.components
    await wait_until(lambda: not issues(hass))
