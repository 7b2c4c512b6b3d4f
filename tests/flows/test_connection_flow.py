"""Tests of entering the secret again, and of changing an application."""

from collections.abc import AsyncGenerator

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from tests.canned_platform import CannedPlatform, serve_canned
from tests.common import make_entry
from tests.const import APP_KEY, APP_SECRET

from .flow_inputs import choose, credentials, submit, suggested

NEW_SECRET = "AnotherSecret/0000+0001="


@pytest.fixture
async def canned(
    hass: HomeAssistant, socket_enabled: None
) -> AsyncGenerator[CannedPlatform]:
    """Start a platform that answers as it is told."""
    async with serve_canned() as platform:
        yield platform


@pytest.fixture
async def entry(
    hass: HomeAssistant, door: TestClient, canned: CannedPlatform
) -> AsyncGenerator[MockConfigEntry]:
    """Set an application up; in the end wait until it has reloaded."""
    entry = make_entry(canned.url)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    yield entry
    await hass.async_block_till_done()


async def assert_done(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    result: ConfigFlowResult,
    reason: str,
    before: object,
) -> None:
    """Check that the flow has ended, and that the application runs anew."""
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, reason)
    # Home Assistant has the words for this
    assert result["translation_domain"] == "homeassistant"
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert entry.runtime_data is not before


async def test_reauth(
    hass: HomeAssistant, entry: MockConfigEntry, canned: CannedPlatform
) -> None:
    """Only the secret is asked for, and tried with all that is known."""
    before = entry.runtime_data
    form = await entry.start_reauth_flow(hass)
    assert form["step_id"] == "reauth_confirm"
    assert form["description_placeholders"]["name"] == "SMS"
    assert list(form["data_schema"].schema) == ["app_secret"]

    form = await submit(hass, form, {"app_secret": "  "})
    assert form["errors"] == {"app_secret": "app_secret_characters"}
    canned.refuse(400, "E000045")
    form = await submit(hass, form, {"app_secret": "wrong"})
    assert form["errors"] == {"app_secret": "wrong_secret"}
    # the field with the key is not on this form
    canned.refuse(401, "E000102")
    form = await submit(hass, form, {"app_secret": "wrong"})
    assert form["errors"] == {"base": "wrong_key"}
    assert entry.data["app_secret"] == APP_SECRET

    canned.prove()
    result = await submit(hass, form, {"app_secret": f" {NEW_SECRET} "})
    await assert_done(hass, entry, result, "reauth_successful", before)
    assert entry.data == {**make_entry(canned.url).data, "app_secret": NEW_SECRET}


async def test_reauth_of_a_name_with_markup(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """What a person called the application is no markup."""
    hass.config_entries.async_update_entry(entry, title="*SMS*")
    await hass.async_block_till_done()
    form = await entry.start_reauth_flow(hass)
    assert form["description_placeholders"]["name"] == r"\*SMS\*"


async def test_reauth_unproven(
    hass: HomeAssistant, entry: MockConfigEntry, canned: CannedPlatform
) -> None:
    """An answer that proves nothing can be overruled here as well."""
    before = entry.runtime_data
    canned.refuse(403, "E000620")
    form = await entry.start_reauth_flow(hass)
    form = await submit(hass, form, {"app_secret": "wrong"})
    assert form["errors"] == {"base": "ip_not_allowed"}
    form = await submit(hass, form, {"decision": "back"})
    assert form["step_id"] == "reauth_confirm"
    form = await submit(hass, form, {"app_secret": NEW_SECRET})
    # whoever goes back a second time need not type it again
    form = await submit(hass, form, {"decision": "back"})
    form = await submit(hass, form, {})
    result = await submit(hass, form, {"decision": "go_on"})
    await assert_done(hass, entry, result, "reauth_successful", before)
    assert entry.data["app_secret"] == NEW_SECRET


async def test_reauth_accepted(
    hass: HomeAssistant, entry: MockConfigEntry, canned: CannedPlatform
) -> None:
    """A test that was not refused proves the secret."""
    before = entry.runtime_data
    canned.refuse(200, "000000")
    form = await entry.start_reauth_flow(hass)
    form = await submit(hass, form, {"app_secret": NEW_SECRET})
    assert (form["step_id"], form["last_step"]) == ("accepted", True)
    result = await submit(hass, form, {})
    await assert_done(hass, entry, result, "reauth_successful", before)
    assert entry.data["app_secret"] == NEW_SECRET


async def test_connection(
    hass: HomeAssistant, entry: MockConfigEntry, canned: CannedPlatform
) -> None:
    """Everything but the key can be changed; errors are recovered from."""
    before = entry.runtime_data
    form = await choose(hass, entry, "connection")
    assert form["step_id"] == "connection"
    assert suggested(form) == {
        "app_key": APP_KEY,
        "endpoint": canned.url,
        "kind": "mainland",
        "advanced": {"auth": "ak_sk"},
    }
    typed = credentials(
        canned.url,
        app_secret=NEW_SECRET,
        kind="international",
        advanced={"auth": "wsse"},
    )
    form = await submit(hass, form, {**typed, "endpoint": "http://sms.example.org"})
    assert form["errors"] == {"endpoint": "address_insecure"}
    assert suggested(form)["kind"] == "international"
    canned.refuse(404, "")
    form = await submit(hass, form, typed)
    assert form["errors"] == {"endpoint": "wrong_address"}

    canned.prove()
    result = await submit(hass, form, typed)
    await assert_done(hass, entry, result, "reconfigure_successful", before)
    assert entry.data == {
        **make_entry(canned.url).data,
        "app_secret": NEW_SECRET,
        "kind": "international",
        "auth": "wsse",
    }
    assert len(entry.subentries) == 2


async def test_connection_keeps_the_secret(
    hass: HomeAssistant, entry: MockConfigEntry, canned: CannedPlatform
) -> None:
    """An empty secret means the one there is; going back shows what was typed."""
    before = entry.runtime_data
    form = await choose(hass, entry, "connection")
    typed = credentials(canned.url, kind="international")
    del typed["app_secret"]
    canned.refuse(500, "E000000")
    form = await submit(hass, form, typed)
    form = await submit(hass, form, {"decision": "back"})
    assert form["step_id"] == "connection"
    assert suggested(form) == typed
    form = await submit(hass, form, {**typed, "app_secret": " "})
    result = await submit(hass, form, {"decision": "go_on"})
    await assert_done(hass, entry, result, "reconfigure_successful", before)
    assert entry.data["app_secret"] == APP_SECRET
    assert entry.data["kind"] == "international"


async def test_connection_keeps_the_new_secret(
    hass: HomeAssistant, entry: MockConfigEntry, canned: CannedPlatform
) -> None:
    """A secret that was typed comes before the stored one, whatever else was wrong."""
    before = entry.runtime_data
    form = await choose(hass, entry, "connection")
    typed = credentials(canned.url, app_secret=NEW_SECRET)
    form = await submit(hass, form, {**typed, "endpoint": "http://sms.example.org"})
    assert form["errors"] == {"endpoint": "address_insecure"}
    assert NEW_SECRET not in str(suggested(form))
    del typed["app_secret"]
    canned.refuse(500, "E000000")
    form = await submit(hass, form, typed)
    form = await submit(hass, form, {"decision": "back"})
    canned.prove()
    result = await submit(hass, form, typed)
    await assert_done(hass, entry, result, "reconfigure_successful", before)
    assert entry.data["app_secret"] == NEW_SECRET


async def test_connection_drops_a_wrong_secret(
    hass: HomeAssistant, entry: MockConfigEntry, canned: CannedPlatform
) -> None:
    """After a secret that was refused, an empty one means the stored one again."""
    form = await choose(hass, entry, "connection")
    typed = credentials(canned.url, app_secret="wrong", kind="international")
    canned.refuse(400, "E000045")
    form = await submit(hass, form, typed)
    assert form["errors"] == {"app_secret": "wrong_secret"}
    canned.prove()
    del typed["app_secret"]
    result = await submit(hass, form, typed)
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["app_secret"] == APP_SECRET
    assert entry.data["kind"] == "international"


async def test_connection_shows_the_region(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """A regional address is shown as its region."""
    hass.config_entries.async_update_entry(
        entry,
        data={
            **entry.data,
            "endpoint": "https://smsapi.cn-north-4.myhuaweicloud.com",
        },
    )
    form = await choose(hass, entry, "connection")
    assert suggested(form)["endpoint"] == "cn-north-4"


async def test_connection_of_another_application(
    hass: HomeAssistant, entry: MockConfigEntry, canned: CannedPlatform
) -> None:
    """Another key is another application: nothing is tried, nothing changed."""
    form = await choose(hass, entry, "connection")
    result = await submit(hass, form, credentials(canned.url, app_key="Another"))
    assert (result["type"], result["reason"]) == (
        FlowResultType.ABORT,
        "unique_id_mismatch",
    )
    assert not canned.asked
    assert entry.data["app_key"] == entry.unique_id == APP_KEY
