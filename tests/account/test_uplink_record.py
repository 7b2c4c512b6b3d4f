"""Tests of the record that an uplink address is written into: nothing of it is lost."""

from typing import Any

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.huawei_cloud_sms import uplink
from homeassistant.core import HomeAssistant
from simulator import management_apps
from simulator.server import Server
from tests.common import issues, make_entry, wait_until
from tests.const import APP_KEY
from tests.flows.flow_inputs import choose, submit, suggested

from .console import account_data
from .test_uplink import Uplink, at_platform, entry, ours, set_up, switch

__all__ = ["at_platform", "entry"]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Return fields in which the platform shows applications differently."""
    changes: dict[str, Any] = {}
    view = management_apps.application_view

    def changed(*args: Any) -> dict[str, Any]:
        """Return an application with the changes."""
        return {**view(*args), **changes}

    monkeypatch.setattr(management_apps, "application_view", changed)
    monkeypatch.setattr(uplink, "_FIRST_PAUSE", 0.01)
    return changes


ODD = [
    ("up_link_addr", ["https://a.example.org", "https://b.example.org"]),
    ("up_link_addr", {"url": "https://a.example.org"}),
    ("app_name", ["Home"]),
    ("region", {"name": "cn"}),
    ("enterprise_project_id", []),
    ("enterprise_project_name", "half \ud83d"),
]


@pytest.mark.parametrize(("field", "value"), ODD)
async def test_unread(
    hass: HomeAssistant,
    at_platform: Uplink,
    entry: MockConfigEntry,
    door: TestClient,
    shown: dict[str, Any],
    field: str,
    value: object,
) -> None:
    """A record that could not be read whole is not written, as that part would go."""
    shown[field] = value
    await set_up(hass, entry)
    await wait_until(lambda: "uplink_failed" in issues(hass))
    assert at_platform.writes == 0
    assert "written_address" not in entry.data
    shown.clear()
    await at_platform.becomes(ours(door))
    await wait_until(lambda: not issues(hass))


async def test_not_given_back(
    hass: HomeAssistant,
    at_platform: Uplink,
    entry: MockConfigEntry,
    door: TestClient,
    shown: dict[str, Any],
) -> None:
    """Before the earlier address is given back the record is read again, and whole."""
    earlier = at_platform.address
    await set_up(hass, entry)
    await at_platform.becomes(ours(door))
    shown["app_name"] = ["Home"]
    switch(hass, entry, on=False)
    await wait_until(lambda: "uplink_failed" in issues(hass))
    assert at_platform.writes == 1
    shown.clear()
    assert earlier is not None
    await at_platform.becomes(earlier)


@pytest.mark.parametrize(
    ("field", "value"), [("industry", "x"), ("tenant", []), ("omp_app_name", [1])]
)
async def test_others_may_be_odd(
    hass: HomeAssistant,
    at_platform: Uplink,
    entry: MockConfigEntry,
    door: TestClient,
    shown: dict[str, Any],
    field: str,
    value: object,
) -> None:
    """Fields that are never written are in nobody's way."""
    shown[field] = value
    await set_up(hass, entry)
    await at_platform.becomes(ours(door))


async def test_number(
    hass: HomeAssistant,
    platform: Server,
    at_platform: Uplink,
    entry: MockConfigEntry,
    door: TestClient,
    shown: dict[str, Any],
) -> None:
    """What comes as a number goes back as the text that it has to be."""
    shown["enterprise_project_id"] = 42
    await set_up(hass, entry)
    await at_platform.becomes(ours(door))
    application = platform.platform.state.applications[APP_KEY]
    assert application.enterprise_project_id == "42"


async def test_switch(
    hass: HomeAssistant, platform: Server, door: TestClient, shown: dict[str, Any]
) -> None:
    """Where it is not known what is there, nobody is led to replace it."""
    entry = make_entry(platform.url, data={"account": account_data(platform)})
    await set_up(hass, entry)
    for value, usual in ((["https://a.example.org"], False), (None, True)):
        shown["up_link_addr"] = value
        form = await choose(hass, entry, "reply_address")
        assert suggested(form)["manage_reply_address"] is usual
    await submit(hass, form, {"manage_reply_address": False})
