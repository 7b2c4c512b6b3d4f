"""Tests that nothing tells the account's secrets: forms, errors, logs, diagnostics."""

from dataclasses import is_dataclass
import gc
import json
import logging
import traceback
from typing import Any

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.huawei_cloud_sms.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from simulator.server import Server
from tests.common import issues, make_entry, wait_until
from tests.flows.account_inputs import fill_in, typed
from tests.flows.flow_inputs import begin, submit

from .console import Console, account_data, becomes
from .test_account import set_up, told, uplink_address, with_account

FAULTS: list[dict[str, Any]] = [
    {"code": "APIGW.0301"},
    {"code": "APIGW.0302"},
    {"code": "APIGW.0307"},
    {"code": "APIGW.0308", "retry_after": "3"},
    {"code": "APIGW.0310"},
    {"code": "APIGW.0802"},
    {"code": "MSGSMS.0001"},
    {"code": "MSGSMS.0076"},
    {"http_status": 502, "body": "html"},
    {"body": "broken"},
]


def secrets_of(platform: Server) -> set[str]:
    """Return what nobody but the platform may get to see."""
    account = platform.platform.state.console.account
    assert account is not None
    tokens = set(platform.platform.tokens._ends)  # noqa: SLF001
    return {account.secret_key, account.password, *tokens}


@pytest.mark.parametrize("way", ["access_key", "iam_user"])
async def test_forms(
    hass: HomeAssistant,
    platform: Server,
    caplog: pytest.LogCaptureFixture,
    way: str,
) -> None:
    """What is typed into the form is not in what it shows next, nor in any log."""
    caplog.set_level(logging.DEBUG)
    console = Console(platform)
    await console.fail(times=2, **FAULTS[0])
    form = await fill_in(hass, await begin(hass, "account"), platform, way)
    shown = [form]
    for fault in FAULTS[1:]:
        await platform.platform.reset()
        await console.fail(times=2, **fault)
        form = await submit(hass, form, typed(platform, way))
        shown.append(form)
        assert form["errors"]
    await platform.platform.reset()
    form = await submit(hass, form, typed(platform, way))
    assert form["step_id"] == "application"
    shown.append(form)
    said = [
        caplog.text,
        str(hass.config_entries.flow.async_progress()),
        *(str({**it, "data_schema": _suggested(it)}) for it in shown),
    ]
    for secret in secrets_of(platform):
        assert not [it for it in said if secret in it]


def _suggested(form: Any) -> list[object]:
    """Return what a form shows beside its fields."""
    schema = form["data_schema"].schema
    return [(str(marker), marker.description, marker.default) for marker in schema]


@pytest.mark.parametrize("auth", ["access_key", "password"])
async def test_reprs(
    hass: HomeAssistant, platform: Server, door: TestClient, auth: str
) -> None:
    """No value of ours that is in memory shows a secret when it is looked at."""
    known = platform.platform.state.console.account
    assert known is not None
    user = {
        "auth": auth,
        "iam_domain": known.domain,
        "iam_user": known.user,
        "iam_password": known.password,
    }
    entry = make_entry(platform.url, data={"account": account_data(platform, **user)})
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await becomes(hass, "approved")
    secrets = secrets_of(platform) | {known.access_key, known.project_id, known.domain}
    # of passwords there is a token as well
    assert len(secrets) == (6 if auth == "password" else 5)
    seen = set()
    for it in gc.get_objects():
        ours = type(it).__module__.startswith(f"custom_components.{DOMAIN}")
        if ours and is_dataclass(it):
            seen.add(type(it).__name__)
            assert not [secret for secret in secrets if secret in repr(it)]
    assert ({"IamUser", "_Token"} if auth == "password" else {"AccessKey"}) <= seen


@pytest.mark.parametrize("auth", ["access_key", "password"])
@pytest.mark.parametrize("fault", FAULTS)
async def test_errors_of_actions(
    hass: HomeAssistant,
    platform: Server,
    door: TestClient,
    caplog: pytest.LogCaptureFixture,
    auth: str,
    fault: dict[str, Any],
) -> None:
    """An error of an action says what is wrong, with nothing secret in all it holds."""
    known = platform.platform.state.console.account
    assert known is not None
    user = {
        "auth": auth,
        "iam_domain": known.domain,
        "iam_user": known.user,
        "iam_password": known.password,
    }
    entry = make_entry(platform.url, data={"account": account_data(platform, **user)})
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    await Console(platform).fail(times=4, **fault)
    caplog.set_level(logging.DEBUG)
    with pytest.raises(HomeAssistantError) as caught:
        await hass.services.async_call(
            DOMAIN, "list_templates", {}, blocking=True, return_response=True
        )
    chain: list[BaseException] = []
    err: BaseException | None = caught.value
    while err is not None:
        chain.append(err)
        err = err.__cause__ or err.__context__
    said = [
        caplog.text,
        "".join(traceback.format_exception(caught.value)),
        *(f"{it!s} {it!r} {it.args} {vars(it)}" for it in chain),
    ]
    hidden = secrets_of(platform) | {known.project_id, known.access_key}
    for secret in hidden:
        # the simulator writes down what is asked of it
        assert not [it for it in said[1:] if secret in it]
    for secret in secrets_of(platform):
        assert secret not in said[0]


@pytest.mark.parametrize("auth", ["access_key", "password"])
@pytest.mark.parametrize("right", [True, False])
async def test_private(
    hass: HomeAssistant,
    platform: Server,
    door: TestClient,
    hass_client: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
    auth: str,
    right: bool,
) -> None:
    """No secret, user or token is in logs, diagnostics, states or notices."""
    known = platform.platform.state.console.account
    assert known is not None
    secrets: dict[str, Any] = {
        "auth": auth,
        "iam_domain": known.domain,
        "iam_user": known.user,
        "iam_password": known.password if right else "Wrong-Passw0rd",
        "secret_key": known.secret_key if right else "WrongSecret",
    }
    entry = with_account(platform, **secrets)
    await set_up(hass, entry)
    if right:
        await wait_until(lambda: uplink_address(platform) is not None)
    else:
        await told(hass, "account_credentials")
    await hass.async_block_till_done()
    client = await hass_client()
    answer = await client.get(f"/api/diagnostics/config_entry/{entry.entry_id}")
    diagnostics = (await answer.json())["data"]
    assert diagnostics["account"] == {
        "auth": auth,
        "region": "cn-north-4",
        "other_addresses": True,
    }
    assert diagnostics["uplink_address"]["managed"] is True
    assert diagnostics["uplink_address"]["was_written"] is right
    seen = [
        json.dumps(diagnostics),
        str(
            [(state.state, dict(state.attributes)) for state in hass.states.async_all()]
        ),
        str(issues(hass)),
        str([entry.runtime_data.account, entry.runtime_data]),
        # the simulator writes down what is asked of it; we must not
        "\n".join(
            record.getMessage()
            for record in caplog.records
            if record.name.startswith(f"custom_components.{DOMAIN}")
        ),
    ]
    private = {*secrets.values(), known.access_key, known.project_id, platform.url}
    tokens = set(platform.platform.tokens._ends)  # noqa: SLF001
    assert bool(tokens) == (right and auth == "password")
    for text in seen:
        for value in (private | tokens) - {auth}:
            assert value not in text
    # nor does anybody else write down what proves who we are
    for value in tokens | {secrets["secret_key"], secrets["iam_password"]}:
        assert value not in caplog.text
