"""Tests of the end of what was found about approvals, and of its diagnostics."""

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import entity_registry as er
from simulator.management_faults import Place
from simulator.server import Server
from tests.common import issues, wait_until
from tests.const import TEMPLATE_ID, TEMPLATE_SUBENTRY

from .console import SENSOR, Console, account_data, becomes, later, state
from .test_approvals import console, entry, set_up

__all__ = ["console", "entry"]


async def test_template_deleted_here(
    hass: HomeAssistant, application: MockConfigEntry, console: Console
) -> None:
    """With a template its issues go, even if the platform cannot be asked."""
    await becomes(hass, "approved")
    await console.change("template", template_id=TEMPLATE_ID, flow_status="Reject")
    await console.change("application", status="SUSPENDED")
    later(hass, hours=6, minutes=1)
    await becomes(hass, "rejected")
    assert set(issues(hass)) == {"application_suspended", "template_rejected"}
    await console.fail(100, http_status=500)
    hass.config_entries.async_remove_subentry(application, TEMPLATE_SUBENTRY)
    left = {"application_suspended", "template_deleted"}
    await wait_until(lambda: set(issues(hass)) == left)
    assert state(hass) is None
    assert er.async_get(hass).async_get(SENSOR) is None


async def test_template_deleted_meanwhile(
    hass: HomeAssistant,
    monkeypatch: pytest.MonkeyPatch,
    platform: Server,
    application: MockConfigEntry,
    console: Console,
) -> None:
    """A template that is deleted while the platform is asked is in nobody's way."""
    await becomes(hass, "approved")
    await console.change("template", template_id=TEMPLATE_ID, flow_status="Reject")
    await console.change("application", status="SUSPENDED")

    def delete(place: Place) -> None:
        """Delete the template, once that it is asked for."""
        last = platform.platform.calls.last[-1]
        if "templates" in last.path and TEMPLATE_SUBENTRY in application.subentries:
            hass.config_entries.async_remove_subentry(application, TEMPLATE_SUBENTRY)

    # the reload that follows comes too late
    monkeypatch.setattr(hass.config_entries, "async_schedule_reload", lambda _: None)
    monkeypatch.setattr(platform.platform.faults, "next", delete)
    later(hass, hours=6, minutes=1)
    await wait_until(lambda: "application_suspended" in issues(hass))
    assert TEMPLATE_SUBENTRY not in application.subentries
    assert "template_rejected" not in issues(hass)


async def test_account_taken_away(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    console: Console,
) -> None:
    """Without an account nothing is known any more, and there is no sensor."""
    await becomes(hass, "approved")
    await console.change("template", template_id=TEMPLATE_ID, flow_status="Reject")
    later(hass, hours=6, minutes=1)
    await becomes(hass, "rejected")
    data = {key: it for key, it in application.data.items() if key != "account"}
    hass.config_entries.async_update_entry(application, data=data)
    await wait_until(lambda: not issues(hass))
    await hass.async_block_till_done()
    assert state(hass) is None
    assert er.async_get(hass).async_get(SENSOR) is None
    # with the next one it is there again
    account = account_data(platform)
    data = {**application.data, "account": account}
    hass.config_entries.async_update_entry(application, data=data)
    await becomes(hass, "rejected")


@pytest.mark.parametrize("end", ["disable", "remove"])
async def test_entry_goes(
    hass: HomeAssistant, application: MockConfigEntry, console: Console, end: str
) -> None:
    """With the application all its issues go."""
    await becomes(hass, "approved")
    await console.change("template", template_id=TEMPLATE_ID, flow_status="Reject")
    later(hass, hours=6, minutes=1)
    await becomes(hass, "rejected")
    if end == "remove":
        await hass.config_entries.async_remove(application.entry_id)
    else:
        await hass.config_entries.async_set_disabled_by(
            application.entry_id, ConfigEntryDisabler.USER
        )
    await wait_until(lambda: not issues(hass))


async def test_diagnostics(
    hass: HomeAssistant,
    application: MockConfigEntry,
    console: Console,
    hass_client: ClientSessionGenerator,
) -> None:
    """Diagnostics say how all stands, without names and reasons."""
    await becomes(hass, "approved")
    await console.change(
        "template", template_id=TEMPLATE_ID, flow_status="Reject", review_desc="理由"
    )
    later(hass, hours=6, minutes=1)
    await becomes(hass, "rejected")
    client = await hass_client()
    answer = await client.get(f"/api/diagnostics/config_entry/{application.entry_id}")
    data = (await answer.json())["data"]
    assert data["approvals"] == {
        "succeeded": True,
        "looked": True,
        "suspended": False,
        "templates": ["rejected"],
        "signatures": ["approved"],
    }


async def test_diagnostics_before_the_first_look(
    hass: HomeAssistant,
    door: TestClient,
    entry: MockConfigEntry,
    hass_client: ClientSessionGenerator,
) -> None:
    """They can be had before anything was looked up."""
    hass.set_state(CoreState.starting)
    await set_up(hass, entry)
    client = await hass_client()
    answer = await client.get(f"/api/diagnostics/config_entry/{entry.entry_id}")
    approvals = (await answer.json())["data"]["approvals"]
    assert (approvals["looked"], approvals["templates"]) == (False, [])
