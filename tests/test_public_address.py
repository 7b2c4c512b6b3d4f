"""Tests of the address that is handed to the platform for reports and replies."""

from collections.abc import Callable

from aiohttp.test_utils import TestClient
from hass_nabucasa import CloudError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from simulator.scenarios import Scenario
from simulator.server import Server

from .common import WEBHOOK_PATH, issues, make_entry, send_sms
from .const import OTHER_NUMBER, WEBHOOK_ID
from .fake_cloud import FakeCloud, install_cloud

EXTERNAL = "https://home.example.org"
HOOK = "https://hooks.example.org/1"


@pytest.fixture
def cloud(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> FakeCloud:
    """Sign in to the cloud."""
    return install_cloud(hass, monkeypatch)


async def address_of_next_sms(hass: HomeAssistant, platform: Server) -> str | None:
    """Send an SMS and return the address that was handed out with it.

    Nothing is pushed to it: most of them lead nowhere.
    """
    platform.platform.scenarios.for_number(OTHER_NUMBER, Scenario(report=None))
    (message,) = await send_sms(hass, OTHER_NUMBER)
    assert message["state"] == "accepted"
    return platform.platform.state.records.requests[-1].status_callback


async def test_external_url(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """The external URL serves, as it is at the time of the send."""
    await hass.config.async_update(external_url=EXTERNAL)
    assert await address_of_next_sms(hass, platform) == f"{EXTERNAL}{WEBHOOK_PATH}"
    await hass.config.async_update(external_url=f"{EXTERNAL}:8443")
    assert await address_of_next_sms(hass, platform) == f"{EXTERNAL}:8443{WEBHOOK_PATH}"


async def test_internal_url_is_no_address(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """An address in the home network is of no use to the platform."""
    await hass.config.async_update(
        external_url=None, internal_url="http://192.168.1.2:8123"
    )
    assert await address_of_next_sms(hass, platform) is None


async def test_override(
    hass: HomeAssistant, platform: Server, door: TestClient, cloud: FakeCloud
) -> None:
    """The person's own address comes before all others."""
    entry = make_entry(
        platform.url, options={"public_address": "https://sms.example.org/ha/"}
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert (
        await address_of_next_sms(hass, platform)
        == f"https://sms.example.org/ha{WEBHOOK_PATH}"
    )
    assert cloud.hooks == {}


async def test_issue(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """Without an address there is an issue, until one is set."""
    assert issues(hass) == {}
    for external_url, keys in ((None, {"no_public_address"}), (EXTERNAL, set())):
        await hass.config.async_update(external_url=external_url)
        await hass.async_block_till_done()
        assert set(issues(hass)) == keys
    # an application that is not loaded asks for nothing
    assert await hass.config_entries.async_unload(application.entry_id)
    await hass.config.async_update(external_url=None)
    await hass.async_block_till_done()
    assert issues(hass) == {}
    assert await hass.config_entries.async_setup(application.entry_id)
    assert set(issues(hass)) == {"no_public_address"}


async def test_cloud(
    hass: HomeAssistant,
    platform: Server,
    cloud: FakeCloud,
    application: MockConfigEntry,
) -> None:
    """The cloud's address comes before the external URL, and is made once."""
    for _ in range(2):
        assert await address_of_next_sms(hass, platform) == HOOK
    assert cloud.given == 1
    await hass.config_entries.async_remove(application.entry_id)
    assert cloud.deleted == [WEBHOOK_ID]


async def test_cloud_without_hook(
    hass: HomeAssistant, platform: Server, door: TestClient, cloud: FakeCloud
) -> None:
    """Removing an application that never had the cloud's address is no fault."""
    entry = make_entry(
        platform.url, options={"public_address": "https://sms.example.org"}
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    result = await hass.config_entries.async_remove(entry.entry_id)
    assert result == {"require_restart": False}
    assert cloud.deleted == []


def signed_out(cloud: FakeCloud) -> None:
    """Let the subscription end."""
    cloud.subscribed = False


def offline(cloud: FakeCloud) -> None:
    """Let the cloud be out of reach."""
    cloud.connected = False


@pytest.mark.parametrize("trouble", [signed_out, offline])
async def test_cloud_is_no_help(
    hass: HomeAssistant,
    platform: Server,
    door: TestClient,
    cloud: FakeCloud,
    trouble: Callable[[FakeCloud], None],
) -> None:
    """Without the cloud the external URL serves; without both there is an issue."""
    trouble(cloud)
    entry = make_entry(platform.url)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert issues(hass) == {}
    assert await address_of_next_sms(hass, platform) != HOOK
    await hass.config.async_update(external_url=None)
    await hass.async_block_till_done()
    assert set(issues(hass)) == {"no_public_address"}
    # it connects after the integration was set up, as at every start
    cloud.connected = cloud.subscribed = True
    await cloud.tell()
    await hass.async_block_till_done()
    assert issues(hass) == {}
    assert await address_of_next_sms(hass, platform) == HOOK
    # nobody listens for an application that is not loaded
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert cloud.listeners == []


async def test_cloud_is_away_for_a_while(
    hass: HomeAssistant,
    platform: Server,
    cloud: FakeCloud,
    application: MockConfigEntry,
) -> None:
    """An address that was handed out stays good while the cloud is out of reach."""
    assert await address_of_next_sms(hass, platform) == HOOK
    await hass.config.async_update(external_url=None)
    cloud.connected = False
    await cloud.tell()
    assert await address_of_next_sms(hass, platform) == HOOK
    assert issues(hass) == {}
    # with the subscription it is gone for good
    cloud.subscribed = False
    assert await address_of_next_sms(hass, platform) is None
    assert set(issues(hass)) == {"no_public_address"}


@pytest.mark.parametrize("failure", [TimeoutError, ValueError, CloudError])
async def test_cloud_fails(
    hass: HomeAssistant,
    platform: Server,
    door: TestClient,
    cloud: FakeCloud,
    failure: type[Exception],
) -> None:
    """However the cloud fails, the application is set up and sends."""
    cloud.failure = failure("the cloud's own words")
    entry = make_entry(platform.url)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    address = await address_of_next_sms(hass, platform)
    assert address is not None
    assert address.endswith(WEBHOOK_PATH)
    assert await hass.config_entries.async_remove(entry.entry_id)
