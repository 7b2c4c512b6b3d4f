"""Tests of what the integration does about codes, besides telling the caller."""

import asyncio
from asyncio import StreamReader, StreamWriter

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.huawei_cloud_sms.const import DOMAIN
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from simulator.scenarios import PRESETS, Scenario
from simulator.server import Server
from tests.common import (
    WEBHOOK_PATH,
    Events,
    issues,
    make_entry,
    recipient_data,
    report,
    send_sms,
    template_data,
)
from tests.const import OTHER_NUMBER, RECIPIENT_NUMBER, REPORT_EVENT, TEMPLATE_SUBENTRY

REFUSING = "+8613700005555"


async def refuse(hass: HomeAssistant, platform: Server, code: str) -> None:
    """Let the platform refuse one request with a code."""
    platform.platform.scenarios.for_number(REFUSING, Scenario(code=code))
    (message,) = await send_sms(hass, REFUSING)
    assert (message["state"], message["code"]) == ("refused", code)


@pytest.mark.parametrize("code", ["E000102", "E000045", "E000104"])
async def test_reauthentication(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry, code: str
) -> None:
    """Refused credentials are asked for again, once."""
    for _ in range(2):
        await refuse(hass, platform, code)
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == SOURCE_REAUTH
    assert flow["context"]["entry_id"] == application.entry_id
    assert flow["step_id"] == "reauth_confirm"
    assert issues(hass) == {}


async def test_wrong_secret(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """The platform's own check of the signature leads to it."""
    entry = make_entry(platform.url, data={"app_secret": "AnotherSecret"})
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    (message,) = await send_sms(hass, OTHER_NUMBER)
    assert message["code"] == "E000045"
    assert len(hass.config_entries.flow.async_progress()) == 1


@pytest.mark.parametrize(
    ("code", "key"),
    [
        ("E000620", "ip_not_allowed"),
        ("E000112", "account_blocked"),
        ("E000103", "account_blocked"),
        ("E000623", "volume_limit"),
        ("E000630", "volume_limit"),
    ],
)
async def test_console_issues(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    code: str,
    key: str,
) -> None:
    """What is to be mended in the console is an issue until an SMS is accepted."""
    await refuse(hass, platform, code)
    assert set(issues(hass)) == {key}
    placeholders = issues(hass)[key].translation_placeholders
    assert placeholders is not None
    assert placeholders["application"] == "SMS"
    assert placeholders["code"] == code
    assert placeholders["meaning"].endswith(".")
    assert placeholders["remedy"]
    # a refusal for another reason proves nothing
    await refuse(hass, platform, "E000503")
    assert set(issues(hass)) == {key}
    await send_sms(hass, OTHER_NUMBER)
    assert issues(hass) == {}


@pytest.mark.parametrize(
    ("code", "options"),
    [("E000623", {"volume_limit": 0}), ("E000630", {"blocked_countries": ["CN"]})],
)
async def test_limits_of_the_platform(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    code: str,
    options: dict[str, object],
) -> None:
    """The platform's own limits lead to the issue, and it ends with them."""
    before = platform.platform.state.options
    platform.platform.state.set_options(options)
    (message,) = await send_sms(hass, OTHER_NUMBER)
    assert message["code"] == code
    assert set(issues(hass)) == {"volume_limit"}
    platform.platform.state.options = before
    await send_sms(hass, OTHER_NUMBER)
    assert issues(hass) == {}


async def test_allow_list(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """An address that is not on the allow-list leads to its issue."""
    platform.platform.state.set_application({"allowed_ips": ["203.0.113.1"]})
    await send_sms(hass, OTHER_NUMBER)
    assert set(issues(hass)) == {"ip_not_allowed"}


async def test_code_of_a_report(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """A report may say that the account cannot send."""
    reports = Events(hass, REPORT_EVENT)
    platform.platform.scenarios.for_number(OTHER_NUMBER, Scenario(report="E000629"))
    await send_sms(hass, OTHER_NUMBER)
    await reports.wait_for(2)
    assert set(issues(hass)) == {"volume_limit"}


@pytest.mark.parametrize("code", ["E000040", "E000503", "E987654"])
async def test_no_reaction(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    code: str,
) -> None:
    """What nobody can mend in a setting is told to the caller only."""
    await refuse(hass, platform, code)
    assert issues(hass) == {}
    assert hass.config_entries.flow.async_progress() == []


@pytest.mark.parametrize("sign", [1, -1])
async def test_clock(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry, sign: int
) -> None:
    """A clock that is off is an issue before the platform refuses it."""
    number = OTHER_NUMBER
    for minutes, expected in (
        (9, set()),
        (11, {"clock_off"}),
        # not mended yet, but not bad either
        (7, {"clock_off"}),
        (4, set()),
        (16, {"clock_off"}),
        (0, set()),
    ):
        platform.platform.state.set_options({"clock_offset": sign * minutes * 60.0})
        (message,) = await send_sms(hass, number)
        assert message["state"] == ("refused" if minutes > 15 else "accepted")
        assert set(issues(hass)) == expected


async def test_clock_by_code(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """The platform's word counts too, whatever the Date header says."""
    await refuse(hass, platform, "E000044")
    assert set(issues(hass)) == {"clock_off"}
    await send_sms(hass, OTHER_NUMBER)
    assert issues(hass) == {}


async def test_clock_without_date(hass: HomeAssistant, socket_enabled: None) -> None:
    """An answer without a date says nothing about the clock either."""
    body = b'{"code":"000000","result":[]}'
    answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"

    async def handle(reader: StreamReader, writer: StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer % (len(body), body))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(handle, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        entry = make_entry(f"http://127.0.0.1:{port}")
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)
        (message,) = await send_sms(hass, OTHER_NUMBER)
    assert message["code"] == "unconfirmed_unmentioned"
    assert set(issues(hass)) == {"no_public_address"}


async def test_clock_without_answer(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """No answer says nothing about the clock."""
    await refuse(hass, platform, "E000044")
    platform.platform.scenarios.for_number(OTHER_NUMBER, PRESETS["broken"])
    await send_sms(hass, OTHER_NUMBER)
    assert set(issues(hass)) == {"clock_off"}


async def test_each_application_has_its_own(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """What one application mends is not mended for another."""
    other = make_entry(
        platform.url,
        title="Other",
        data={"webhook_id": "f" * 64},
        subentries=[template_data(subentry_id="other")],
    )
    other.add_to_hass(hass)
    assert await hass.config_entries.async_setup(other.entry_id)
    platform.platform.scenarios.for_number(REFUSING, Scenario(code="E000112"))
    entries = (application.entry_id, other.entry_id)
    for entry_id in entries:
        await send_sms(hass, REFUSING, config_entry_id=entry_id)
    registry = ir.async_get(hass)
    left = list(entries)
    for entry_id in entries:
        for it in entries:
            issue = registry.async_get_issue(DOMAIN, f"account_blocked_{it}")
            assert (issue is not None) == (it in left)
        await send_sms(hass, OTHER_NUMBER, config_entry_id=entry_id)
        left.remove(entry_id)
    assert issues(hass) == {}


@pytest.mark.parametrize("way", ["removed", "disabled"])
async def test_gone_application(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry, way: str
) -> None:
    """Nothing has to be mended of an application that is gone."""
    for code in ("E000620", "E000112", "E000623", "E000044"):
        await refuse(hass, platform, code)
    await hass.config.async_update(external_url=None)
    await hass.async_block_till_done()
    assert len(issues(hass)) == 5
    if way == "removed":
        await hass.config_entries.async_remove(application.entry_id)
    else:
        await hass.config_entries.async_set_disabled_by(
            application.entry_id, ConfigEntryDisabler.USER
        )
    await hass.async_block_till_done()
    assert issues(hass) == {}


@pytest.mark.parametrize(
    "mend", ["other template", "no template", "recipient removed", "entry removed"]
)
async def test_deleted_template(
    hass: HomeAssistant, platform: Server, door: TestClient, mend: str
) -> None:
    """A recipient whose template was deleted is an issue until that is mended."""
    entry = make_entry(
        platform.url,
        subentries=[
            template_data(),
            template_data("Other", subentry_id="other", default=False),
            recipient_data("*Mei*"),
            recipient_data("Wei", OTHER_NUMBER, "wei", "other"),
        ],
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert issues(hass) == {}
    hass.config_entries.async_remove_subentry(entry, TEMPLATE_SUBENTRY)
    await hass.async_block_till_done()
    (issue,) = issues(hass).values()
    assert issue.translation_key == "template_deleted"
    assert issue.translation_placeholders == {
        "application": "SMS",
        "recipient": "*Mei*",
        "shown_recipient": r"\*Mei\*",
    }
    ir.async_ignore_issue(hass, DOMAIN, issue.issue_id, True)
    # what a person chose to ignore stays so, as long as it is the same
    assert await hass.config_entries.async_reload(entry.entry_id)
    (issue,) = issues(hass).values()
    assert issue.dismissed_version is not None

    recipient = next(it for it in entry.subentries.values() if it.title == "*Mei*")
    if mend == "recipient removed":
        hass.config_entries.async_remove_subentry(entry, recipient.subentry_id)
    elif mend == "entry removed":
        await hass.config_entries.async_remove(entry.entry_id)
    else:
        data = {**recipient.data, "template": "other"}
        if mend == "no template":
            del data["template"]
        hass.config_entries.async_update_subentry(entry, recipient, data=data)
    await hass.async_block_till_done()
    assert issues(hass) == {}


async def test_issue_texts_have_no_secrets(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """What the issues show names the application and the platform's words only."""
    for code in ("E000620", "E000112", "E000623"):
        await refuse(hass, platform, code)
    shown = str([issue.translation_placeholders for issue in issues(hass).values()])
    assert REFUSING[-8:] not in shown


async def test_mixed_answer(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """What was accepted does not hide what one number was refused for."""
    platform.platform.scenarios.for_number(OTHER_NUMBER, Scenario(status="E000623"))
    states = [
        it["state"] for it in await send_sms(hass, RECIPIENT_NUMBER, OTHER_NUMBER)
    ]
    assert states == ["accepted", "refused"]
    assert set(issues(hass)) == {"volume_limit"}
    await send_sms(hass, RECIPIENT_NUMBER)
    assert issues(hass) == {}


async def test_invented_report(
    hass: HomeAssistant, door: TestClient, application: MockConfigEntry
) -> None:
    """What a report says of a message that is not ours raises nothing."""
    reports = Events(hass, REPORT_EVENT)
    await door.post(WEBHOOK_PATH, data=report("invented", "E000629"))
    await reports.wait_for(1)
    assert reports.types == ["failed"]
    assert issues(hass) == {}
