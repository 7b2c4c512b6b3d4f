"""What waits in the outbox leaves once, in order, or is dropped with an event."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
import random
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.huawei_cloud_sms import outbox
from custom_components.huawei_cloud_sms.component import DATA_COMPONENT
from custom_components.huawei_cloud_sms.const import DOMAIN
from custom_components.huawei_cloud_sms.ledger import queue
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryDisabler
from homeassistant.const import EVENT_HOMEASSISTANT_CLOSE, EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from simulator.scenarios import PRESETS, Scenario
from simulator.server import Server

from .common import Events, make_entry, send_sms, wait_until
from .const import OTHER_NUMBER, RECIPIENT_NUMBER, REPORT_EVENT
from .ledger.failing import restore as restore_storage, write_protect
from .outage import Tried, cut_off, restore, shorten_pauses, states, wait_for_states
from .test_init import restarted

type SetClock = Callable[[datetime], None]

SIGNS = "甲乙丙丁"
BUSY = Scenario(code="E200015", accepted=False)


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again soon."""
    shorten_pauses(monkeypatch)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """Return what sets the clock; it goes on, and that of the event loop as before."""
    now = dt_util.utcnow

    def set_clock(moment: datetime) -> None:
        """Let the clock show a time."""
        offset = moment - now()
        monkeypatch.setattr(dt_util, "utcnow", lambda: now() + offset)

    return set_clock


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> Tried:
    """Count the attempts to send."""
    return Tried(monkeypatch)


@pytest.fixture
def long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again only when there is a reason."""
    monkeypatch.setattr(outbox, "_SHORTEST_PAUSE", 1000)
    monkeypatch.setattr(outbox, "_LONGEST_PAUSE", 1000)


async def put(hass: HomeAssistant, *signs: str, expires_after: object = 3600) -> None:
    """Send messages that have to wait."""
    for sign in signs:
        (message,) = await send_sms(
            hass,
            OTHER_NUMBER,
            variables=[sign],
            retry_for=0,
            expires_after=expires_after,
        )
        assert (message["state"], message["code"]) == ("queued", "queued")


def texts(platform: Server) -> str:
    """Return what the platform sent, in order."""
    return "".join(
        sign
        for message in platform.platform.state.records.messages()
        for sign in message.text
        if sign in SIGNS
    )


async def wake_often(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Give the outbox reasons to try, and time to do so."""
    for _ in range(20):
        entry.runtime_data.async_wake_outbox()
        await hass.async_add_executor_job(states, hass)


async def test_in_order(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
) -> None:
    """What waits leaves in order as soon as the platform can be reached."""
    await cut_off(platform)
    await put(hass, *"甲乙丙")
    assert reports.states == []
    await restore(platform)
    await reports.wait_for(6)
    assert texts(platform) == "甲乙丙"
    assert sorted(reports.types) == ["accepted"] * 3 + ["delivered"] * 3
    assert states(hass) == ["delivered"] * 3


async def test_no_error(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """Whoever lets a message wait is not told of an error."""
    await cut_off(platform)
    await hass.services.async_call(
        DOMAIN,
        "send_sms",
        {
            "numbers": [OTHER_NUMBER],
            "variables": ["x"],
            "retry_for": 0,
            "expires_after": 60,
        },
        blocking=True,
    )
    assert states(hass) == ["queued"]


async def test_after_the_attempts(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """While it is tried by its own call a message is not taken by the outbox."""
    await cut_off(platform)
    waiting = {"retry_for": {"milliseconds": 200}, "expires_after": 3600}
    (message,) = await send_sms(hass, OTHER_NUMBER, **waiting)
    assert message["state"] == "queued"
    await restore(platform)
    await wait_for_states(hass, "delivered")
    assert platform.platform.state.records.request_count == 1


async def test_left_to_its_call(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    tried: Tried,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The outbox does not take what its own call will try again."""
    monkeypatch.setattr(random, "uniform", lambda *_: 600)
    platform.platform.scenarios.for_next_requests(BUSY, 1)
    terms: dict[str, Any] = {"retry_for": {"hours": 1}, "expires_after": 3600}
    task = hass.async_create_task(send_sms(hass, OTHER_NUMBER, **terms))
    # it is queued before its first attempt, too
    await tried.wait_for(1)
    await wait_for_states(hass, "queued")
    await wake_often(hass, application)
    assert states(hass) == ["queued"]
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=601))
    (message,) = await task
    assert message["state"] == "accepted"
    assert platform.platform.state.records.request_count == 2


async def test_first_attempt_by_its_call(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """A call that lets its messages wait returns when they could leave meanwhile."""
    platform.platform.scenarios.for_next_requests(BUSY, 3)
    (message,) = await send_sms(hass, OTHER_NUMBER, expires_after=3600)
    assert message["state"] == "accepted"
    assert platform.platform.state.records.request_count == 4


@pytest.mark.usefixtures("long_pauses")
async def test_in_line(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
    tried: Tried,
) -> None:
    """Who lets messages wait does not overtake; who does not is not held up."""
    await cut_off(platform)
    await put(hass, "甲")
    await tried.wait_for(2)
    await restore(platform)
    await put(hass, "乙")
    await reports.wait_for(4)
    assert texts(platform) == "甲乙"

    await cut_off(platform)
    await put(hass, "丙")
    await tried.wait_for(6)
    await restore(platform)
    (message,) = await send_sms(hass, RECIPIENT_NUMBER, variables=["丁"])
    assert message["state"] == "accepted"
    # that the platform was reached is reason enough to try again
    await reports.wait_for(8)
    assert texts(platform) == "甲乙丁丙"


async def test_too_old(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
    clock: SetClock,
) -> None:
    """What has waited too long is dropped, with an event, and never leaves."""
    await cut_off(platform)
    await put(hass, "甲", expires_after={"minutes": 10})
    await put(hass, "乙", expires_after={"minutes": 20})
    clock(dt_util.utcnow() + timedelta(minutes=10))
    await reports.wait_for(1)
    assert reports.states[0].attributes["event_type"] == "expired_unsent"
    assert reports.states[0].attributes["code"] == "not_sent_expired"
    assert reports.states[0].attributes["late"] is False
    await restore(platform)
    await reports.wait_for(3)
    assert texts(platform) == "乙"


@pytest.mark.parametrize("passed", [timedelta(minutes=-30), timedelta(days=2)])
async def test_clock_jumps(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
    clock: SetClock,
    passed: timedelta,
) -> None:
    """When nobody can tell any more how old a message is, it does not leave."""
    await cut_off(platform)
    await put(hass, "甲", expires_after={"minutes": 10})
    clock(dt_util.utcnow() + passed)
    await reports.wait_for(1)
    assert reports.types == ["expired_unsent"]
    await restore(platform)
    assert texts(platform) == ""


async def test_unconfirmed(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
) -> None:
    """What may have been taken is not sent again; what is behind it waits a while."""
    await cut_off(platform)
    await put(hass, *"甲乙")
    platform.platform.scenarios.for_next_requests(PRESETS["broken_accepted"], 1)
    await restore(platform)
    await reports.wait_for(4)
    assert texts(platform) == "甲乙"
    assert reports.types[0] == "unconfirmed"
    assert states(hass) == ["delivered"] * 2


@pytest.mark.parametrize(
    ("scenario", "first"),
    [
        (BUSY, "accepted"),
        (Scenario(code="E000620", accepted=False), "refused"),
        (Scenario(status="E200028"), "refused"),
    ],
)
async def test_refused(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
    scenario: Scenario,
    first: str,
) -> None:
    """A busy platform is asked again, another refusal is an end."""
    await cut_off(platform)
    await put(hass, *"甲乙")
    platform.platform.scenarios.for_next_requests(scenario, 1)
    if scenario.status:
        platform.platform.scenarios.clear()
        platform.platform.scenarios.for_number(OTHER_NUMBER, scenario)
    await restore(platform)
    await reports.wait_for(2)
    assert reports.types[0] == first
    await wait_until(lambda: "queued" not in states(hass))


async def test_wrong_secret(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
) -> None:
    """While somebody has to enter the secret again nothing else is refused for it."""
    await cut_off(platform)
    await put(hass, *"甲乙丙")
    platform.platform.scenarios.for_next_requests(
        Scenario(code="E000045", accepted=False), 1
    )
    await restore(platform)
    await reports.wait_for(1)
    assert reports.types == ["refused"]
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == SOURCE_REAUTH
    await wake_often(hass, application)
    assert platform.platform.state.records.request_count == 1
    hass.config_entries.flow.async_abort(flow["flow_id"])
    assert await hass.config_entries.async_reload(application.entry_id)
    await reports.wait_for(5)
    assert states(hass) == ["refused", "delivered", "delivered"]


@pytest.mark.usefixtures("long_pauses")
async def test_full(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
    tried: Tried,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """When too much waits more is refused, tried first or standing in line."""
    monkeypatch.setattr(queue, "_MOST_WAITING", 1)
    await cut_off(platform)
    numbers = [OTHER_NUMBER, RECIPIENT_NUMBER]
    many = await send_sms(hass, *numbers, retry_for=0, expires_after=60)
    assert {message["code"] for message in many} == {"outbox_full"}
    await put(hass, "甲")
    await tried.wait_for(3)
    (message,) = await send_sms(hass, OTHER_NUMBER, retry_for=0, expires_after=60)
    assert (message["state"], message["code"]) == ("refused", "outbox_full")
    await reports.wait_for(3)
    assert reports.types == ["refused"] * 3
    await restore(platform)
    application.runtime_data.async_wake_outbox()
    await reports.wait_for(5)
    assert texts(platform) == "甲"


async def test_promotion_that_waited(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
    clock: SetClock,
) -> None:
    """A promotion whose hours are over does not leave."""
    subentry = next(iter(application.subentries.values()))
    hass.config_entries.async_update_subentry(
        application, subentry, data={**subentry.data, "template_type": "promotion"}
    )
    await hass.async_block_till_done()
    await cut_off(platform)
    evening = datetime.fromisoformat("2026-11-20T21:50:00+08:00")
    clock(evening)
    await put(hass, "甲")
    clock(evening + timedelta(minutes=10))
    await restore(platform)
    await reports.wait_for(1)
    assert reports.states[0].attributes["event_type"] == "refused"
    assert reports.states[0].attributes["code"] == "limit_promotion_hours"
    assert platform.platform.state.records.request_count == 0


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


async def test_reload_while_it_leaves(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
) -> None:
    """A reload cuts nothing off that is just leaving."""
    platform.platform.scenarios.for_number(
        OTHER_NUMBER, Scenario(delay=0.3, report_delay=0.6)
    )
    await cut_off(platform)
    await put(hass, "甲")
    await restore(platform)
    await wait_until(lambda: platform.platform.state.records.request_count)
    assert await hass.config_entries.async_reload(application.entry_id)
    await reports.wait_for(2)
    assert reports.types == ["accepted", "delivered"]
    assert platform.platform.state.records.request_count == 1


async def begin_in_vain(
    hass: HomeAssistant, platform: Server, entry: MockConfigEntry, waits: bool
) -> None:
    """Begin to send, by the outbox or by a call, what a busy platform will refuse."""
    if waits:
        await cut_off(platform)
        await put(hass, "甲")
    platform.platform.scenarios.for_next_requests(replace(BUSY, delay=0.5), 1)
    if waits:
        await restore(platform)
        entry.runtime_data.async_wake_outbox()
    else:
        terms: dict[str, Any] = {"retry_for": 0, "expires_after": 3600}
        hass.async_create_task(send_sms(hass, OTHER_NUMBER, **terms))
    await wait_until(lambda: platform.platform.state.records.request_count)


@pytest.mark.usefixtures("long_pauses")
@pytest.mark.parametrize("waits", [False, True])
async def test_refused_after_a_reload(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
    waits: bool,
) -> None:
    """What an attempt from before a reload could not send leaves after it."""
    await begin_in_vain(hass, platform, application, waits)
    assert await hass.config_entries.async_reload(application.entry_id)
    await reports.wait_for(2)
    assert reports.types == ["accepted", "delivered"]


async def disable(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Disable an application, and enable it again."""
    await hass.config_entries.async_set_disabled_by(
        entry.entry_id, ConfigEntryDisabler.USER
    )
    await hass.config_entries.async_set_disabled_by(entry.entry_id, None)


async def test_disabled(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
) -> None:
    """What waits when an application is disabled never leaves."""
    await cut_off(platform)
    await put(hass, "甲")
    await disable(hass, application)
    await restore(platform)
    await hass.async_block_till_done()
    await wait_for_states(hass, "expired_unsent")
    (message,) = await send_sms(hass, OTHER_NUMBER, variables=["乙"])
    assert message["state"] == "accepted"
    assert texts(platform) == "乙"


@pytest.mark.parametrize("waits", [False, True])
async def test_disabled_while_it_is_tried(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry, waits: bool
) -> None:
    """What could not leave by the time it is disabled does not wait to be enabled."""
    await begin_in_vain(hass, platform, application, waits)
    await hass.config_entries.async_set_disabled_by(
        application.entry_id, ConfigEntryDisabler.USER
    )
    assert states(hass) == ["sending"]
    await wait_for_states(hass, "expired_unsent")
    await hass.config_entries.async_set_disabled_by(application.entry_id, None)
    (message,) = await send_sms(hass, OTHER_NUMBER, variables=["乙"])
    assert message["state"] == "accepted"
    assert texts(platform) == "乙"


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


async def stop(hass: HomeAssistant) -> None:
    """End the integration as Home Assistant's end does."""
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    hass.bus.async_fire(EVENT_HOMEASSISTANT_CLOSE)
    await hass.async_block_till_done()


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
async def test_pause(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
    tried: Tried,
) -> None:
    """Without another reason it is tried again after a pause."""
    await cut_off(platform)
    await put(hass, "甲")
    await tried.wait_for(2)
    await restore(platform)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=1001))
    await reports.wait_for(2)
    assert texts(platform) == "甲"


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
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """What comes back when the ledger is closed does not wait any more."""
    platform.platform.scenarios.for_next_requests(replace(BUSY, delay=0.3), 1)
    task = hass.async_create_task(send_sms(hass, OTHER_NUMBER, expires_after=3600))
    await wait_until(lambda: platform.platform.state.records.request_count)
    await hass.data[DATA_COMPONENT].ledger.close()
    (message,) = await task
    assert (message["state"], message["code"]) == ("refused", "E200015")
    assert platform.platform.state.records.request_count == 1


async def test_usual_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two attempts are 15 to 60 seconds."""
    monkeypatch.undo()
    assert (outbox._SHORTEST_PAUSE, outbox._LONGEST_PAUSE) == (15, 60)  # noqa: SLF001


async def test_unforeseen_trouble(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A fault of ours keeps nothing in the outbox for ever."""
    await cut_off(platform)
    await put(hass, "甲")
    with monkeypatch.context() as fault:
        fault.setattr(queue, "find_oldest", lambda *_: 1 / 0)
        await wait_until(lambda: "ZeroDivisionError" in caplog.text)
    await restore(platform)
    await wait_for_states(hass, "delivered")
