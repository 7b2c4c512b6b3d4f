"""Tests of the uplink address that the integration keeps right by the account."""

from dataclasses import replace
from typing import Any

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.huawei_cloud_sms import uplink
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, HomeAssistant
from simulator.management_faults import Fault, Place
from simulator.server import Server
from tests.common import issues, make_entry, wait_until
from tests.const import APP_KEY, WEBHOOK_ID
from tests.fake_cloud import FakeCloud, install_cloud

from .console import Console, account_data

OLD = "https://old.example.org/replies"
APPROVAL = "sensor.sms_approval_of_alarm"
PATH = f"/api/webhook/{WEBHOOK_ID}"


class Uplink:
    """The uplink address as the platform has it."""

    def __init__(self, platform: Server) -> None:
        """Take a platform."""
        self._platform = platform

    @property
    def address(self) -> str | None:
        """Return the address."""
        return self._platform.platform.state.applications[APP_KEY].uplink_url

    @address.setter
    def address(self, address: str | None) -> None:
        """Set the address, as somebody does in the console."""
        self._platform.platform.state.set_application(
            {"app_key": APP_KEY, "uplink_url": address}
        )

    @property
    def writes(self) -> int:
        """Return how often the record was written."""
        calls = self._platform.platform.calls.last
        return sum(call.method == "PUT" for call in calls)

    @property
    def reads(self) -> int:
        """Return how often the applications were listed."""
        calls = self._platform.platform.calls.last
        return sum(call.path.endswith("/apps") for call in calls)

    async def becomes(self, address: str | None) -> None:
        """Wait for an address."""
        await wait_until(lambda: self.address == address)


@pytest.fixture
def at_platform(platform: Server) -> Uplink:
    """Return the platform's side; somebody has set an address there."""
    at_platform = Uplink(platform)
    at_platform.address = OLD
    return at_platform


@pytest.fixture
def console(platform: Server) -> Console:
    """Return the platform's console."""
    return Console(platform)


@pytest.fixture
def entry(platform: Server) -> MockConfigEntry:
    """Return an application whose uplink address is to be kept right."""
    return managed(platform)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the address be written as often as it changes."""
    monkeypatch.setattr(uplink, "_WRITE_PAUSE", 0.0)


@pytest.fixture
def cloud(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> FakeCloud:
    """Sign in to the cloud."""
    return install_cloud(hass, monkeypatch)


def managed(platform: Server, *, on: bool = True, **data: Any) -> MockConfigEntry:
    """Return an application with an account."""
    return make_entry(
        platform.url,
        data={"account": account_data(platform), **data},
        options={"manage_reply_address": on},
    )


def ours(door: TestClient) -> str:
    """Return our address."""
    return str(door.make_url(PATH))


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set an application up."""
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


async def others_are_done(hass: HomeAssistant) -> None:
    """Wait until nobody else asks the account just now."""
    await wait_until(lambda: hass.states.is_state(APPROVAL, "approved"))


def switch(hass: HomeAssistant, entry: MockConfigEntry, *, on: bool) -> None:
    """Turn the option on or off."""
    options = {**entry.options, "manage_reply_address": on}
    hass.config_entries.async_update_entry(entry, options=options)


async def test_written(
    hass: HomeAssistant,
    platform: Server,
    at_platform: Uplink,
    entry: MockConfigEntry,
    door: TestClient,
) -> None:
    """The address gets there by itself, and all other fields stay."""
    project = {"enterprise_project_id": "7", "enterprise_project_name": "Home"}
    platform.platform.state.set_application({"app_key": APP_KEY, **project})
    record = platform.platform.state.applications[APP_KEY]
    await set_up(hass, entry)
    before = entry.runtime_data
    await at_platform.becomes(ours(door))
    after = platform.platform.state.applications[APP_KEY]
    assert replace(after, uplink_url=OLD, update_time=record.update_time) == replace(
        record, uplink_url=OLD
    )
    assert entry.data["replaced_address"] == OLD
    assert entry.data["written_address"] == ours(door)
    # what was written down on the way is no reason to load anew
    await hass.async_block_till_done()
    assert entry.runtime_data is before
    assert not issues(hass)


async def test_set_up_does_not_wait(
    hass: HomeAssistant,
    platform: Server,
    at_platform: Uplink,
    console: Console,
    entry: MockConfigEntry,
    door: TestClient,
) -> None:
    """Nothing is asked before Home Assistant has started."""
    hass.set_state(CoreState.starting)
    await set_up(hass, entry)
    assert not console.calls
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await at_platform.becomes(ours(door))


async def test_right_already(
    hass: HomeAssistant,
    platform: Server,
    at_platform: Uplink,
    entry: MockConfigEntry,
    door: TestClient,
    console: Console,
) -> None:
    """What is right is not written, and not given back in the end."""
    at_platform.address = ours(door)
    await set_up(hass, entry)
    await console.asked(1)
    await hass.config_entries.async_reload(entry.entry_id)
    await console.asked(2)
    assert at_platform.writes == 0
    assert "written_address" not in entry.data
    await hass.config_entries.async_remove(entry.entry_id)
    assert at_platform.address == ours(door)


async def test_follows(
    hass: HomeAssistant,
    hasty: None,
    at_platform: Uplink,
    application: MockConfigEntry,
    door: TestClient,
) -> None:
    """Another external URL, and another public address, are written as well."""
    await at_platform.becomes(ours(door))
    await others_are_done(hass)
    reads, writes = at_platform.reads, at_platform.writes
    # what has nothing to do with the address is no reason to ask
    await hass.config.async_update(elevation=1)
    await hass.async_block_till_done()
    await hass.config.async_update(external_url="https://new.example.org")
    await at_platform.becomes(f"https://new.example.org{PATH}")
    assert at_platform.reads == reads + 1
    options = {**application.options, "public_address": "https://own.example.org"}
    hass.config_entries.async_update_entry(application, options=options)
    await at_platform.becomes(f"https://own.example.org{PATH}")
    assert at_platform.writes == writes + 2
    # the first address is the one that was replaced
    assert application.data["replaced_address"] == OLD
    await hass.config_entries.async_remove(application.entry_id)
    assert at_platform.address == OLD
    assert not issues(hass)


async def test_not_too_often(
    hass: HomeAssistant,
    at_platform: Uplink,
    application: MockConfigEntry,
    door: TestClient,
) -> None:
    """An address that keeps changing is written only from time to time."""
    await at_platform.becomes(ours(door))
    await others_are_done(hass)
    reads = at_platform.reads
    # once the second look has begun, the first is over
    await hass.config.async_update(external_url="https://new.example.org")
    await wait_until(lambda: at_platform.reads == reads + 1)
    await hass.config.async_update(external_url="https://newer.example.org")
    await wait_until(lambda: at_platform.reads == reads + 2)
    assert at_platform.address == ours(door)
    assert at_platform.writes == 1


async def test_looks_again(
    hass: HomeAssistant,
    hasty: None,
    monkeypatch: pytest.MonkeyPatch,
    at_platform: Uplink,
    entry: MockConfigEntry,
    door: TestClient,
) -> None:
    """What somebody put there meanwhile is replaced, and is what is given back."""
    monkeypatch.setattr(uplink, "_LOOK_EVERY", 0.05)
    await set_up(hass, entry)
    await at_platform.becomes(ours(door))
    at_platform.address = "https://other.example.org/replies"
    await at_platform.becomes(ours(door))
    assert entry.data["replaced_address"] == "https://other.example.org/replies"
    await hass.config_entries.async_unload(entry.entry_id)


async def test_waits_for_the_cloud(
    hass: HomeAssistant,
    cloud: FakeCloud,
    at_platform: Uplink,
    entry: MockConfigEntry,
    door: TestClient,
    console: Console,
) -> None:
    """While the cloud is away, the external URL is not written in its place."""
    cloud.connected = False
    await set_up(hass, entry)
    assert at_platform.writes == 0
    cloud.connected = True
    await cloud.tell()
    await at_platform.becomes("https://hooks.example.org/1")
    assert at_platform.writes == 1
    cloud.connected = False
    await cloud.tell()
    cloud.connected = True
    await cloud.tell()
    await hass.async_block_till_done()
    assert at_platform.writes == 1


async def test_no_address(
    hass: HomeAssistant, platform: Server, at_platform: Uplink, console: Console
) -> None:
    """Without an address there is nothing to write, until there is one."""
    entry = managed(platform)
    await set_up(hass, entry)
    assert set(issues(hass)) == {"no_public_address"}
    await hass.config.async_update(external_url="https://home.example.org")
    await at_platform.becomes(f"https://home.example.org{PATH}")


async def test_switched_off(
    hass: HomeAssistant,
    at_platform: Uplink,
    application: MockConfigEntry,
    door: TestClient,
) -> None:
    """Switched off, the earlier address is back, and all is as if it never was on."""
    await at_platform.becomes(ours(door))
    switch(hass, application, on=False)
    await at_platform.becomes(OLD)
    await wait_until(lambda: "written_address" not in application.data)
    assert "replaced_address" not in application.data
    before = application.runtime_data
    await hass.async_block_till_done()
    assert application.runtime_data is before
    at_platform.address = ours(door)
    await hass.config_entries.async_remove(application.entry_id)
    assert at_platform.address == ours(door)


@pytest.mark.parametrize("disabled", [False, True])
async def test_removed(
    hass: HomeAssistant,
    at_platform: Uplink,
    application: MockConfigEntry,
    door: TestClient,
    disabled: bool,
) -> None:
    """With the application goes its address."""
    await at_platform.becomes(ours(door))
    if disabled:
        await hass.config_entries.async_set_disabled_by(
            application.entry_id, ConfigEntryDisabler.USER
        )
    await hass.config_entries.async_remove(application.entry_id)
    assert at_platform.address == OLD
    assert not issues(hass)


async def test_removed_where_there_was_none(
    hass: HomeAssistant,
    platform: Server,
    at_platform: Uplink,
    entry: MockConfigEntry,
    door: TestClient,
) -> None:
    """Where there was no address, there is none again."""
    at_platform.address = None
    await set_up(hass, entry)
    await at_platform.becomes(ours(door))
    await hass.config_entries.async_remove(entry.entry_id)
    assert at_platform.address is None


async def test_removed_after_a_change(
    hass: HomeAssistant,
    at_platform: Uplink,
    application: MockConfigEntry,
    door: TestClient,
) -> None:
    """What somebody else set meanwhile stays."""
    await at_platform.becomes(ours(door))
    at_platform.address = "https://other.example.org/replies"
    await hass.config_entries.async_remove(application.entry_id)
    assert at_platform.address == "https://other.example.org/replies"


@pytest.mark.parametrize("fault", ["forbidden", "late"])
async def test_removed_in_vain(
    hass: HomeAssistant,
    monkeypatch: pytest.MonkeyPatch,
    at_platform: Uplink,
    application: MockConfigEntry,
    console: Console,
    door: TestClient,
    fault: str,
) -> None:
    """Where it cannot be given back, the person learns what it was."""
    await at_platform.becomes(ours(door))
    if fault == "late":
        monkeypatch.setattr(uplink, "_LEAVE_WITHIN", 0.0)
    else:
        await console.change("account", allowed=False)
    await hass.config_entries.async_remove(application.entry_id)
    (issue,) = issues(hass).values()
    assert issue.translation_key == "uplink_not_given_back"
    assert issue.translation_placeholders == {"application": "SMS", "address": OLD}
    assert at_platform.address == ours(door)


async def test_removed_in_vain_while_disabled(
    hass: HomeAssistant,
    at_platform: Uplink,
    application: MockConfigEntry,
    console: Console,
    door: TestClient,
) -> None:
    """What is said of an application that was disabled stays as well."""
    await at_platform.becomes(ours(door))
    hass.config_entries.async_update_entry(
        application,
        data={**application.data, "replaced_address": "https://example.org/`*x*`"},
    )
    await console.change("account", allowed=False)
    await hass.config_entries.async_set_disabled_by(
        application.entry_id, ConfigEntryDisabler.USER
    )
    await hass.config_entries.async_remove(application.entry_id)
    await hass.async_block_till_done()
    assert set(issues(hass)) == {"uplink_not_given_back"}
    given = issues(hass)["uplink_not_given_back"].translation_placeholders
    # the text shows it between backticks
    assert given is not None
    assert given["address"] == "https://example.org/%60*x*%60"


@pytest.mark.parametrize("change", [{"name": ""}, {"record_id": "a b"}])
async def test_refused(
    hass: HomeAssistant,
    hasty: None,
    platform: Server,
    at_platform: Uplink,
    entry: MockConfigEntry,
    door: TestClient,
    change: dict[str, str],
) -> None:
    """What the platform does not take is an issue until it takes it."""
    state = platform.platform.state
    state.set_application({"app_key": APP_KEY, **change})
    await set_up(hass, entry)
    await wait_until(lambda: "uplink_refused" in issues(hass))
    assert at_platform.address == OLD
    # had it been taken after all, this would be known
    assert entry.data["replaced_address"] == OLD
    state.set_application({"app_key": APP_KEY, "name": "Home", "record_id": "77"})
    await hass.config.async_update(external_url="https://new.example.org")
    await at_platform.becomes(f"https://new.example.org{PATH}")
    await wait_until(lambda: not issues(hass))


@pytest.mark.parametrize(
    "fault", [{"code": "MSGSMS.0001"}, {"code": "APIGW.0308", "retry_after": "0"}]
)
async def test_passing_trouble(
    hass: HomeAssistant,
    monkeypatch: pytest.MonkeyPatch,
    platform: Server,
    at_platform: Uplink,
    console: Console,
    entry: MockConfigEntry,
    door: TestClient,
    fault: dict[str, str],
) -> None:
    """Trouble that goes on for a while is told, and goes by itself."""
    monkeypatch.setattr(uplink, "_FIRST_PAUSE", 0.01)
    await console.fail(times=1000, **fault)
    await set_up(hass, entry)
    await wait_until(lambda: "uplink_failed" in issues(hass))
    platform.platform.faults.clear()
    await at_platform.becomes(ours(door))
    await wait_until(lambda: not issues(hass))


async def test_only_writing_fails(
    hass: HomeAssistant,
    monkeypatch: pytest.MonkeyPatch,
    platform: Server,
    at_platform: Uplink,
    entry: MockConfigEntry,
    door: TestClient,
) -> None:
    """An address that was not written is tried again, and told after a while."""

    def fault(place: Place) -> Fault | None:
        """Let writing fail and nothing else."""
        writes = platform.platform.calls.last[-1].method == "PUT"
        return Fault(code="MSGSMS.0001") if writes else None

    monkeypatch.setattr(uplink, "_FIRST_PAUSE", 0.01)
    with monkeypatch.context() as patch:
        patch.setattr(platform.platform.faults, "next", fault)
        await set_up(hass, entry)
        await wait_until(lambda: "uplink_failed" in issues(hass))
    await at_platform.becomes(ours(door))
    await wait_until(lambda: not issues(hass))
