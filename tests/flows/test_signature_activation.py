"""Tests of the repair that activates a signature."""

from typing import Any

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.huawei_cloud_sms.const import DOMAIN
from homeassistant.core import HomeAssistant
from simulator.server import Server
from tests.account.console import Console, becomes, later
from tests.account.test_approvals import console, entry
from tests.common import issues, wait_until
from tests.const import SIGNATURE

__all__ = ["console", "entry"]

KEY = "signature_to_activate"
PATH = "/api/repairs/issues/fix"


@pytest.fixture
async def waiting(
    hass: HomeAssistant, application: MockConfigEntry, console: Console
) -> MockConfigEntry:
    """Set an application up whose signature waits to be activated."""
    await becomes(hass, "approved")
    await console.change("signature", name=SIGNATURE, status="TO_BE_ACTIVATED")
    later(hass, hours=6, minutes=1)
    await wait_until(lambda: KEY in issues(hass))
    return application


@pytest.fixture
async def client(
    waiting: MockConfigEntry, hass_client: ClientSessionGenerator
) -> TestClient:
    """Return what an administrator's browser is."""
    return await hass_client()


async def post(client: TestClient, path: str, **data: str) -> dict[str, Any]:
    """Post and return what is answered."""
    answer = await client.post(path, json=data)
    assert answer.ok
    result: dict[str, Any] = await answer.json()
    return result


async def test_activate(
    hass: HomeAssistant, client: TestClient, platform: Server
) -> None:
    """One click activates the signature and takes the issue back."""
    path = await open_dialog(hass, client)
    result = await post(client, path)
    assert result["type"] == "create_entry"
    assert not issues(hass)
    signature = platform.platform.state.console.signature_named(SIGNATURE)
    assert signature is not None
    assert signature.usable


async def test_activated_in_the_console(
    hass: HomeAssistant, client: TestClient, console: Console
) -> None:
    """Who was there before us has mended it."""
    path = await open_dialog(hass, client)
    await console.change("signature", name=SIGNATURE, status="REVIEW_PASSED")
    assert (await post(client, path))["type"] == "create_entry"
    assert not issues(hass)


async def test_seen_to_be_mended(
    hass: HomeAssistant, client: TestClient, console: Console
) -> None:
    """What was mended while the question stood there needs no call."""
    path = await open_dialog(hass, client)
    await console.change("signature", name=SIGNATURE, status="REVIEW_PASSED")
    later(hass, hours=6, minutes=1)
    await wait_until(lambda: not issues(hass))
    calls = console.calls
    assert (await post(client, path))["type"] == "create_entry"
    assert console.calls == calls


async def test_refused(
    hass: HomeAssistant, client: TestClient, console: Console
) -> None:
    """A refusal is explained, and the issue stays."""
    path = await open_dialog(hass, client)
    await console.fail(code="MSGSMS.0029")
    result = await post(client, path)
    assert result["type"] == "abort"
    assert result["reason"] == "not_activated"
    assert "MSGSMS.0029" in result["description_placeholders"]["problem"]
    assert set(issues(hass)) == {KEY}
    # and once more, with success
    path = await open_dialog(hass, client)
    assert (await post(client, path))["type"] == "create_entry"


async def test_not_seen_yet(
    hass: HomeAssistant, client: TestClient, console: Console
) -> None:
    """What the platform took but does not show yet stays an issue."""
    path = await open_dialog(hass, client)
    await console.fail(http_status=200)
    result = await post(client, path)
    assert result["reason"] == "still_waiting"
    assert set(issues(hass)) == {KEY}


async def test_application_stopped(
    hass: HomeAssistant, client: TestClient, waiting: MockConfigEntry
) -> None:
    """Without a running application nothing can be done."""
    path = await open_dialog(hass, client)
    await hass.config_entries.async_unload(waiting.entry_id)
    result = await post(client, path)
    assert result["type"] == "abort"
    assert result["reason"] == "not_loaded"


async def test_account_taken_away(
    hass: HomeAssistant, client: TestClient, waiting: MockConfigEntry
) -> None:
    """With the account the question goes as well."""
    path = await open_dialog(hass, client)
    data = {key: it for key, it in waiting.data.items() if key != "account"}
    hass.config_entries.async_update_entry(waiting, data=data)
    await wait_until(lambda: not issues(hass))
    assert (await post(client, path))["type"] == "create_entry"


async def open_dialog(hass: HomeAssistant, client: TestClient) -> str:
    """Open the dialog of the issue; return the path that its form goes to."""
    issue_id = issues(hass)[KEY].issue_id
    step = await post(client, PATH, handler=DOMAIN, issue_id=issue_id)
    assert step["step_id"] == "confirm"
    assert step["description_placeholders"]["signature"] == SIGNATURE
    return f"{PATH}/{step['flow_id']}"
