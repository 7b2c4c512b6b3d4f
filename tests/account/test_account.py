"""Tests of what is wrong with an account: told once, never tried in vain, kept private."""

from aiohttp.test_utils import TestClient
from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.huawei_cloud_sms.account import access as account
from custom_components.huawei_cloud_sms.const import DOMAIN
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from simulator.server import Server
from tests.common import issues, make_entry, wait_until
from tests.const import APP_KEY, WEBHOOK_ID
from tests.flows.flow_inputs import choose, submit, suggested

from .console import Console, account_data

FIX = "/api/repairs/issues/fix"


@pytest.fixture
def console(platform: Server) -> Console:
    """Return the platform's console."""
    return Console(platform)


def with_account(platform: Server, **changes: str) -> MockConfigEntry:
    """Return an application whose uplink address is kept right by an account."""
    return make_entry(
        platform.url,
        data={"account": account_data(platform, **changes)},
        options={"manage_reply_address": True},
    )


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set an application up."""
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


async def told(hass: HomeAssistant, key: str) -> ir.IssueEntry:
    """Wait for an issue and return it."""
    await wait_until(lambda: key in issues(hass))
    return issues(hass)[key]


def uplink_address(platform: Server) -> str | None:
    """Return where replies go."""
    return platform.platform.state.applications[APP_KEY].uplink_url


async def moved(hass: HomeAssistant, name: str) -> str:
    """Give Home Assistant another address, so that the account is asked."""
    await hass.config.async_update(external_url=f"https://{name}.example.org")
    await hass.async_block_till_done()
    return f"https://{name}.example.org/api/webhook/{WEBHOOK_ID}"


async def test_credentials(
    hass: HomeAssistant,
    platform: Server,
    door: TestClient,
    console: Console,
    hass_client: ClientSessionGenerator,
) -> None:
    """Wrong credentials are left alone, and put right in the form that opens."""
    entry = with_account(platform, secret_key="wrong")
    await set_up(hass, entry)
    issue = await told(hass, "account_credentials")
    assert set(issues(hass)) == {"account_credentials"}
    assert not hass.config_entries.flow.async_progress()
    calls = console.calls
    await moved(hass, "second")
    assert await hass.config_entries.async_reload(entry.entry_id)
    await moved(hass, "third")
    assert console.calls == calls

    client = await hass_client()
    answer = await client.post(
        FIX, json={"handler": DOMAIN, "issue_id": issue.issue_id}
    )
    step = await answer.json()
    assert step["step_id"] == "confirm"
    assert step["description_placeholders"]["application"] == "SMS"
    answer = await client.post(f"{FIX}/{step['flow_id']}", json={})
    step = await answer.json()
    assert (step["type"], step["reason"]) == ("abort", "form_opened")
    kind, flow_id = step["next_flow"]
    assert kind == "config_flow"
    # it is not mended yet
    assert set(issues(hass)) == {"account_credentials"}
    form = await hass.config_entries.flow.async_configure(
        flow_id, {"next_step_id": "access_key"}
    )
    right = {"secret_key": account_data(platform)["secret_key"]}
    form = await submit(hass, form, {**suggested(form), **right})
    assert form["step_id"] == "replies"
    await submit(hass, form, suggested(form))
    await wait_until(lambda: uplink_address(platform) is not None)
    await wait_until(lambda: not issues(hass))


async def test_mended_meanwhile(
    hass: HomeAssistant,
    platform: Server,
    door: TestClient,
    hass_client: ClientSessionGenerator,
) -> None:
    """A notice that is mended while it is read just closes."""
    entry = with_account(platform, secret_key="wrong")
    await set_up(hass, entry)
    issue = await told(hass, "account_credentials")
    client = await hass_client()
    answer = await client.post(
        FIX, json={"handler": DOMAIN, "issue_id": issue.issue_id}
    )
    step = await answer.json()
    data = {**entry.data, "account": account_data(platform)}
    hass.config_entries.async_update_entry(entry, data=data)
    await wait_until(lambda: uplink_address(platform) is not None)
    await wait_until(lambda: not issues(hass))
    answer = await client.post(f"{FIX}/{step['flow_id']}", json={})
    assert (await answer.json())["type"] == "create_entry"
    assert not hass.config_entries.flow.async_progress()


async def test_tried_again(
    hass: HomeAssistant,
    monkeypatch: pytest.MonkeyPatch,
    platform: Server,
    door: TestClient,
    console: Console,
) -> None:
    """After a while they are tried again: the password may be right by now."""
    await console.change("account", secret_key="another")
    await set_up(hass, with_account(platform, secret_key="ExampleIamSk"))
    await told(hass, "account_credentials")
    await console.change("account", secret_key="ExampleIamSk")
    monkeypatch.setattr(account, "_REFUSED_FOR", 0)
    address = await moved(hass, "second")
    await wait_until(lambda: uplink_address(platform) == address)
    await wait_until(lambda: not issues(hass))


async def test_forbidden(
    hass: HomeAssistant, platform: Server, door: TestClient, console: Console
) -> None:
    """The permission that is missing is named, until it is there."""
    await console.change("account", allowed=False)
    await set_up(hass, with_account(platform))
    issue = await told(hass, "account_forbidden")
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["right"].startswith("msgsms:")
    await console.change("account", allowed=True)
    address = await moved(hass, "second")
    await wait_until(lambda: uplink_address(platform) == address)


async def test_refused_for_a_while(
    hass: HomeAssistant,
    platform: Server,
    door: TestClient,
    console: Console,
    freezer: FrozenDateTimeFactory,
) -> None:
    """What was refused stays that: the time since then is no fault of the clock."""
    await set_up(hass, with_account(platform, secret_key="wrong"))
    await told(hass, "account_credentials")
    calls = console.calls
    freezer.tick(1800)
    with pytest.raises(HomeAssistantError) as err:
        await hass.services.async_call(
            DOMAIN, "list_templates", blocking=True, return_response=True
        )
    assert err.value.translation_key == "account_credentials"
    assert console.calls == calls


async def test_refused_before_it_was_disabled(
    hass: HomeAssistant, platform: Server, door: TestClient, console: Console
) -> None:
    """Whoever enables an application again is told at once what is wrong."""
    entry = with_account(platform, secret_key="wrong")
    await set_up(hass, entry)
    await told(hass, "account_credentials")
    calls = console.calls
    await hass.config_entries.async_set_disabled_by(
        entry.entry_id, ConfigEntryDisabler.USER
    )
    assert not issues(hass)
    await hass.config_entries.async_set_disabled_by(entry.entry_id, None)
    await told(hass, "account_credentials")
    assert console.calls == calls


async def test_mended_elsewhere(
    hass: HomeAssistant, platform: Server, door: TestClient, console: Console
) -> None:
    """The same credentials, entered again, are tried at once."""
    await console.change("account", allowed=False)
    entry = with_account(platform)
    # what an access key has no use for would be gone
    del entry.data["account"]["iam_address"]
    await set_up(hass, entry)
    await told(hass, "account_forbidden")
    await console.change("account", allowed=True)
    form = await choose(hass, entry, "account")
    form = await submit(hass, form, {"next_step_id": "access_key"})
    form = await submit(hass, form, suggested(form))
    before = entry.data
    await submit(hass, form, suggested(form))
    assert entry.data == before
    await wait_until(lambda: uplink_address(platform) is not None)
    await wait_until(lambda: not issues(hass))


@pytest.mark.parametrize("step", ["access_key", "remove_account"])
async def test_disabled_since_the_start(
    hass: HomeAssistant, platform: Server, step: str
) -> None:
    """The account can be changed and removed where nothing of ours has run yet."""
    entry = make_entry(
        platform.url,
        data={"account": account_data(platform)},
        disabled_by=ConfigEntryDisabler.USER,
    )
    entry.add_to_hass(hass)
    form = await choose(hass, entry, "account")
    form = await submit(hass, form, {"next_step_id": step})
    if step == "access_key":
        form = await submit(hass, form, suggested(form))
    result = await submit(hass, form, suggested(form))
    assert result["reason"] == "reconfigure_successful"
    assert ("account" in entry.data) is (step == "access_key")
    assert DOMAIN not in hass.config.components


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"project_id": "other"}, "account_project"),
        (
            {
                "auth": "password",
                "iam_domain": "a",
                "iam_user": "b",
                "iam_password": "c",
            },
            "account_credentials",
        ),
    ],
)
async def test_lasting(
    hass: HomeAssistant,
    platform: Server,
    door: TestClient,
    changes: dict[str, str],
    key: str,
) -> None:
    """What only a person can mend is told; it goes with the account."""
    entry = with_account(platform, **changes)
    await set_up(hass, entry)
    issue = await told(hass, key)
    if key != "account_credentials":
        assert issue.translation_placeholders is not None
        assert issue.translation_placeholders["region"] == "cn-north-4"
    data = {name: it for name, it in entry.data.items() if name != "account"}
    hass.config_entries.async_update_entry(entry, data=data)
    await hass.async_block_till_done()
    assert not issues(hass)


@pytest.mark.parametrize(
    ("code", "key"),
    [
        ("APIGW.0802", "account_region"),
        ("APIGW.0101", "account_project_or_region"),
    ],
)
async def test_wrong_region(
    hass: HomeAssistant,
    platform: Server,
    door: TestClient,
    console: Console,
    code: str,
    key: str,
) -> None:
    """A region that is wrong, or may be, is told, once for all calls."""
    await console.fail(times=20, code=code)
    await set_up(hass, with_account(platform))
    issue = await told(hass, key)
    assert set(issues(hass)) == {key}
    assert issue.translation_placeholders is not None
    named = {"code": code, "region": "cn-north-4"}
    assert named.items() <= issue.translation_placeholders.items()


async def test_not_in_account(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """An application that the account does not have is told."""
    entry = with_account(platform)
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, "app_key": "SomebodyElses"}
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    await told(hass, "account_application_missing")


async def test_token_outlives_reload(
    hass: HomeAssistant, platform: Server, door: TestClient, console: Console
) -> None:
    """A token that was fetched is used again after a reload."""
    known = platform.platform.state.console.account
    assert known is not None
    user = {
        "auth": "password",
        "iam_domain": known.domain,
        "iam_user": known.user,
        "iam_password": known.password,
    }
    entry = with_account(platform, **user)
    await set_up(hass, entry)
    await wait_until(lambda: uplink_address(platform) is not None)
    await hass.async_block_till_done()
    calls = console.calls
    assert await hass.config_entries.async_reload(entry.entry_id)
    await console.asked(calls + 1)
    fetched = [it for it in platform.platform.calls.last if "/v3/" in it.path]
    assert len(fetched) == 1
