"""Tests of the watch over the address that a person pasted into the console."""

from typing import Any

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.huawei_cloud_sms.const import DOMAIN
from homeassistant.core import HomeAssistant
from simulator.server import Server
from tests.common import issues, make_entry
from tests.const import WEBHOOK_ID
from tests.fake_cloud import install_cloud
from tests.flows.flow_inputs import choose, submit

from .console import account_data

PATH = f"/api/webhook/{WEBHOOK_ID}"
NEW = "https://new.example.org"
FIX = "/api/repairs/issues/fix"


def pasted(door: TestClient, **more: Any) -> dict[str, Any]:
    """Return the data of an application whose address was pasted."""
    return {"pasted_address": str(door.make_url(PATH)), **more}


async def set_up(
    hass: HomeAssistant, platform: Server, data: dict[str, Any], **options: Any
) -> MockConfigEntry:
    """Set an application up."""
    entry = make_entry(platform.url, data=data, options=options)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


async def move(hass: HomeAssistant, url: str) -> None:
    """Give Home Assistant another external URL."""
    await hass.config.async_update(external_url=url)
    await hass.async_block_till_done()


async def test_changed(
    hass: HomeAssistant,
    platform: Server,
    door: TestClient,
    hass_client: ClientSessionGenerator,
) -> None:
    """Another address is told until it was looked up."""
    entry = await set_up(hass, platform, pasted(door))
    assert not issues(hass)
    await move(hass, NEW)
    issue = issues(hass)["pasted_address"]
    client = await hass_client()
    answer = await client.post(
        FIX, json={"handler": DOMAIN, "issue_id": issue.issue_id}
    )
    answer = await client.post(f"{FIX}/{(await answer.json())['flow_id']}", json={})
    _, flow_id = (await answer.json())["next_flow"]
    form = hass.config_entries.flow.async_get(flow_id)
    assert form["step_id"] == "reply_address"
    assert set(issues(hass)) == {"pasted_address"}
    await submit(hass, form, {})
    assert not issues(hass)
    assert entry.data["pasted_address"] == NEW + PATH
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert not issues(hass)
    await move(hass, "https://newer.example.org")
    assert set(issues(hass)) == {"pasted_address"}


async def test_changed_back(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """The address that was pasted is right again."""
    await set_up(hass, platform, pasted(door))
    await move(hass, NEW)
    await move(hass, str(door.make_url("")).rstrip("/"))
    assert not issues(hass)


async def test_after_a_restart(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """What changed while Home Assistant was away is told as well."""
    await set_up(hass, platform, pasted(door, pasted_address=NEW + PATH))
    assert set(issues(hass)) == {"pasted_address"}


@pytest.mark.parametrize(
    "data", [{}, {"kind": "international", "pasted_address": NEW + PATH}]
)
async def test_nothing_pasted(
    hass: HomeAssistant, platform: Server, door: TestClient, data: dict[str, Any]
) -> None:
    """Where nothing was pasted, nothing can be wrong."""
    await set_up(hass, platform, data)
    await move(hass, "https://newer.example.org")
    assert not issues(hass)


async def test_kept_by_the_account(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """The address that the account keeps right is nobody's concern."""
    data = pasted(door, pasted_address=NEW + PATH, account=account_data(platform))
    entry = await set_up(hass, platform, data)
    assert set(issues(hass)) == {"pasted_address"}
    options = {**entry.options, "manage_reply_address": True}
    hass.config_entries.async_update_entry(entry, options=options)
    await hass.async_block_till_done()
    assert not issues(hass)
    form = await choose(hass, entry, "reply_address")
    await submit(hass, form, {"manage_reply_address": True})
    assert "pasted_address" not in entry.data


async def test_cloud(
    hass: HomeAssistant,
    platform: Server,
    door: TestClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Before the cloud is connected, its address is not taken for another one."""
    cloud = install_cloud(hass, monkeypatch)
    cloud.connected = False
    data = pasted(door, pasted_address="https://hooks.example.org/1")
    await set_up(hass, platform, data)
    assert not issues(hass)
    cloud.connected = True
    await cloud.tell()
    assert not issues(hass)


async def test_no_address(hass: HomeAssistant, platform: Server) -> None:
    """Without any address that is what is told."""
    await set_up(hass, platform, {"pasted_address": NEW + PATH})
    assert set(issues(hass)) == {"no_public_address"}
