"""What waits in the outbox outlives reloads and restarts, and nothing else."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.huawei_cloud_sms.component import DATA_COMPONENT
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from simulator.scenarios import PRESETS
from simulator.server import Server
from tests.common import Events, make_entry, send_sms, wait_until
from tests.const import OTHER_NUMBER, RECIPIENT_NUMBER, REPORT_EVENT
from tests.ledger.failing import restore as restore_storage, write_protect
from tests.test_init import restarted

from .outage import (
    BUSY,
    Held,
    Tried,
    cut_off,
    put,
    restore,
    states,
    stop,
    texts,
    wait_for_states,
    wake_often,
)

pytestmark = pytest.mark.usefixtures("short_pauses")


async def test_reload(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
) -> None:
    """What waits goes on to wait over a reload, also what was just being tried."""
    await cut_off(platform)
    await put(hass, "甲")
    task = hass.async_create_task(
        send_sms(
            hass,
            RECIPIENT_NUMBER,
            variables=["乙"],
            retry_for={"hours": 1},
            expires_after=3600,
        )
    )
    await wait_for_states(hass, "queued", "queued")
    assert await hass.config_entries.async_reload(application.entry_id)
    (message,) = await task
    assert message["state"] == "queued"
    await restore(platform)
    await reports.wait_for(4)
    assert texts(platform) == "甲乙"


async def test_reload_while_trying(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
) -> None:
    """A call that still tries leaves its message to the outbox of the next run."""
    await cut_off(platform)
    task = hass.async_create_task(
        send_sms(hass, OTHER_NUMBER, retry_for={"hours": 1}, expires_after=3600)
    )
    await wait_until(lambda: "queued" in states(hass))
    assert await hass.config_entries.async_reload(application.entry_id)
    (message,) = await task
    assert message["state"] == "queued"
    await restore(platform)
    await reports.wait_for(2)
    assert platform.platform.state.records.request_count == 1


async def begin(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    platform: Server,
    monkeypatch: pytest.MonkeyPatch,
    *,
    waits: bool,
) -> Held:
    """Begin to send, by the outbox or by a call; how that ends is kept back."""
    if waits:
        tried = Tried(monkeypatch)
        await cut_off(platform)
        await put(hass, "甲")
        await tried.wait_for(2)
        await restore(platform)
    held = Held(monkeypatch)
    if waits:
        entry.runtime_data.async_wake_outbox()
    else:
        terms: dict[str, Any] = {"retry_for": 0, "expires_after": 3600}
        hass.async_create_task(send_sms(hass, OTHER_NUMBER, **terms))
    await held.wait_for(1)
    return held


@pytest.mark.usefixtures("long_pauses")
@pytest.mark.parametrize("waits", [False, True])
async def test_reload_while_it_leaves(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
    monkeypatch: pytest.MonkeyPatch,
    waits: bool,
) -> None:
    """A reload cuts nothing off that is just leaving."""
    platform.platform.scenarios.for_number(OTHER_NUMBER, PRESETS["no_report"])
    held = await begin(hass, application, platform, monkeypatch, waits=waits)
    assert await hass.config_entries.async_reload(application.entry_id)
    assert states(hass) == ["sending"]
    held.end()
    await reports.wait_for(1)
    assert reports.types == ["accepted"]
    assert platform.platform.state.records.request_count == 1


@pytest.mark.usefixtures("long_pauses")
@pytest.mark.parametrize("waits", [False, True])
async def test_refused_after_a_reload(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
    monkeypatch: pytest.MonkeyPatch,
    waits: bool,
) -> None:
    """What an attempt from before a reload could not send leaves after it."""
    platform.platform.scenarios.for_next_requests(BUSY, 1)
    held = await begin(hass, application, platform, monkeypatch, waits=waits)
    assert await hass.config_entries.async_reload(application.entry_id)
    held.end()
    await reports.wait_for(2)
    assert reports.types == ["accepted", "delivered"]


async def set_disabled(
    hass: HomeAssistant, entry: MockConfigEntry, disabled: bool
) -> None:
    """Disable an application, or enable it again."""
    await hass.config_entries.async_set_disabled_by(
        entry.entry_id, ConfigEntryDisabler.USER if disabled else None
    )


async def send_another(hass: HomeAssistant, platform: Server) -> None:
    """Send another message: it is the only one that leaves."""
    (message,) = await send_sms(hass, RECIPIENT_NUMBER, variables=["乙"])
    assert message["state"] == "accepted"
    assert texts(platform) == "乙"


@pytest.mark.parametrize("unloaded", [False, True])
async def test_disabled(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    unloaded: bool,
) -> None:
    """What waits when an application is disabled, loaded or not, never leaves."""
    await cut_off(platform)
    await put(hass, "甲")
    if unloaded:
        assert await hass.config_entries.async_unload(application.entry_id)
    await set_disabled(hass, application, True)
    await set_disabled(hass, application, False)
    await restore(platform)
    await wait_for_states(hass, "expired_unsent")
    await send_another(hass, platform)


@pytest.mark.usefixtures("long_pauses")
async def test_unloaded(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
    tried: Tried,
) -> None:
    """What waits while an application is unloaded leaves when it is set up again."""
    await cut_off(platform)
    await put(hass, "甲")
    await tried.wait_for(2)
    assert await hass.config_entries.async_unload(application.entry_id)
    await restore(platform)
    await wait_for_states(hass, "queued")
    assert texts(platform) == ""
    assert await hass.config_entries.async_setup(application.entry_id)
    await reports.wait_for(2)
    assert texts(platform) == "甲"


@pytest.mark.usefixtures("long_pauses")
@pytest.mark.parametrize("waits", [False, True])
async def test_disabled_while_it_is_tried(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    waits: bool,
) -> None:
    """What could not leave by the time it is disabled does not wait to be enabled."""
    platform.platform.scenarios.for_next_requests(BUSY, 1)
    held = await begin(hass, application, platform, monkeypatch, waits=waits)
    await set_disabled(hass, application, True)
    assert states(hass) == ["sending"]
    held.end()
    await wait_for_states(hass, "expired_unsent")
    await set_disabled(hass, application, False)
    await send_another(hass, platform)


async def test_removed(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """What waits when an application is removed never leaves."""
    await cut_off(platform)
    await put(hass, "甲")
    await hass.config_entries.async_remove(application.entry_id)
    await restore(platform)
    await hass.async_block_till_done()
    assert states(hass) == []
    assert platform.platform.state.records.request_count == 0


async def test_restart(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """What waits, or is just being tried, leaves after a restart, once."""
    await cut_off(platform)
    tried = hass.async_create_task(
        send_sms(
            hass,
            RECIPIENT_NUMBER,
            variables=["甲"],
            retry_for={"hours": 1},
            expires_after=3600,
        )
    )
    await wait_until(lambda: "queued" in states(hass))
    await put(hass, *"乙丙")
    assert not tried.done()
    await stop(hass)
    (message,) = await tried
    assert message["state"] == "queued"
    async with restarted(hass.config.config_dir) as again:
        entry = make_entry(platform.url, entry_id=application.entry_id)
        entry.add_to_hass(again)
        assert await again.config_entries.async_setup(entry.entry_id)
        reports = Events(again, REPORT_EVENT)
        await restore(platform)
        await reports.wait_for(3)
        assert reports.types == ["accepted"] * 3
        assert reports.states[0].attributes["late"] is False
        assert texts(platform) == "甲乙丙"


async def test_disabled_meanwhile(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """What waits for an application that is disabled at the start is dropped."""
    await cut_off(platform)
    await put(hass, "甲")
    await stop(hass)
    async with restarted(hass.config.config_dir) as again:
        entry = make_entry(
            platform.url,
            entry_id=application.entry_id,
            disabled_by=ConfigEntryDisabler.USER,
        )
        entry.add_to_hass(again)
        other = make_entry(platform.url, data={"webhook_id": "f" * 64})
        other.add_to_hass(again)
        assert await again.config_entries.async_setup(other.entry_id)
        await again.async_block_till_done()
        assert states(again) == ["expired_unsent"]


@pytest.mark.usefixtures("long_pauses")
async def test_file_that_works_again(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
    tried: Tried,
) -> None:
    """What only the file has leaves when that works again, and not before."""
    ledger = hass.data[DATA_COMPONENT].ledger
    await cut_off(platform)
    await put(hass, "甲")
    await tried.wait_for(2)
    await ledger.run(write_protect)
    await restore(platform)
    (message,) = await send_sms(hass, RECIPIENT_NUMBER, variables=["乙"])
    assert message["state"] == "accepted"
    assert not ledger.durable
    await wake_often(hass, application)
    assert texts(platform) == "乙"
    await restore_storage(ledger)
    await wait_for_states(hass, "delivered", "delivered")
    assert texts(platform) == "乙甲"


async def test_end_of_the_ledger(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """When the ledger is closed nothing leaves any more."""
    await cut_off(platform)
    await put(hass, "甲")
    await hass.data[DATA_COMPONENT].ledger.close()
    await restore(platform)
    await wake_often(hass, application)
    assert platform.platform.state.records.request_count == 0
    assert states(hass) == ["queued"]


async def test_end_while_trying(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry, held: Held
) -> None:
    """What comes back when the ledger is closed does not wait any more."""
    platform.platform.scenarios.for_next_requests(BUSY, 1)
    task = hass.async_create_task(send_sms(hass, OTHER_NUMBER, expires_after=3600))
    await held.wait_for(1)
    await hass.data[DATA_COMPONENT].ledger.close()
    held.end()
    (message,) = await task
    assert (message["state"], message["code"]) == ("refused", "E200015")
    assert platform.platform.state.records.request_count == 1
