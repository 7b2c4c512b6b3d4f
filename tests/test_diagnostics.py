"""Tests of the diagnostics: what helps, and nothing that is anybody's own."""

import json
from typing import Any

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from simulator.scenarios import Scenario
from simulator.server import Server

from .common import (
    WEBHOOK_PATH,
    block_storage,
    make_entry,
    recipient_data,
    reply,
    report,
    send_sms,
    template_data,
    variable,
)
from .const import (
    APP_KEY,
    APP_SECRET,
    CHANNEL_NUMBER,
    GENERAL_ID,
    OTHER_NUMBER,
    PUSH_KEY,
    PUSH_SECRET,
    RECIPIENT_NUMBER,
    SIGNATURE,
    TEMPLATE_ID,
    WEBHOOK_ID,
)


@pytest.fixture
def entry(platform: Server) -> MockConfigEntry:
    """Return an application that uses all there is; its address leads nowhere."""
    for number in (RECIPIENT_NUMBER, OTHER_NUMBER):
        platform.platform.scenarios.for_number(number, Scenario(report=None))
    return make_entry(
        platform.url,
        title="My secret title",
        data={"push_keys": [{"push_ak": PUSH_KEY, "push_sk": PUSH_SECRET}]},
        options={"public_address": "https://sms.example.org"},
        subentries=[
            template_data("Burglar"),
            template_data(
                "General",
                GENERAL_ID,
                "template-general",
                default=False,
                signature=SIGNATURE,
                variables=[
                    variable("lock", default="{{ states('lock.vault') }}"),
                    variable(),
                ],
            ),
            recipient_data("Mei"),
            recipient_data("Wei", OTHER_NUMBER, "recipient-wei", template=None),
            recipient_data("Li", "+8613700000003", "recipient-li", "deleted"),
        ],
    )


async def diagnostics(
    hass_client: ClientSessionGenerator, entry: MockConfigEntry
) -> dict[str, Any]:
    """Download the diagnostics of an application."""
    client = await hass_client()
    answer = await client.get(f"/api/diagnostics/config_entry/{entry.entry_id}")
    assert answer.status == 200
    data: dict[str, Any] = (await answer.json())["data"]
    return data


async def test_content(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    door: TestClient,
    hass_client: ClientSessionGenerator,
) -> None:
    """Counts and switches say how things stand."""
    platform.platform.scenarios.for_number(OTHER_NUMBER, Scenario(code="E000112"))
    await send_sms(hass, RECIPIENT_NUMBER, template="Burglar")
    await send_sms(hass, OTHER_NUMBER, template="Burglar")
    assert (await door.post(WEBHOOK_PATH, data=report("one"))).status == 401
    data = await diagnostics(hass_client, application)
    assert data == {
        "application": {
            "kind": "mainland",
            "auth": "ak_sk",
            "endpoint": "other",
            "push_key_pairs": 1,
            "own_public_address": True,
            "default_country": "CN",
        },
        "account": None,
        "uplink_address": {
            "managed": False,
            "was_written": False,
            "replaced_another": False,
            "was_pasted": False,
        },
        "approvals": None,
        "templates": [
            {
                "template_type": "notification",
                "variable_count": 1,
                "has_channel_number": True,
                "has_signature": False,
                "default": True,
            },
            {
                "template_type": "notification",
                "variable_count": 2,
                "has_channel_number": True,
                "has_signature": True,
                "default": False,
            },
        ],
        "recipients": [
            {"has_own_template": True, "template_exists": True},
            {"has_own_template": False, "template_exists": True},
            {"has_own_template": True, "template_exists": False},
        ],
        "messages": {"accepted": 1, "refused": 1},
        "counted": {"sent": 1, "delivered": 0, "failed": 0, "pushed": 0},
        "pushes": {"accepted": 0, "refused": 1},
        "storage": {"durable": True, "was_damaged": False},
    }


async def test_nothing_private(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    hass_client: ClientSessionGenerator,
) -> None:
    """Nothing that is anybody's own is in the file that people pass on."""
    hass.config_entries.async_update_entry(
        application, data={**application.data, "push_keys": []}
    )
    await hass.async_block_till_done()
    (sent,) = await send_sms(hass, RECIPIENT_NUMBER, template="Burglar")
    client = await hass_client()
    for fields in (report("foreign"), reply("reply-1")):
        assert (await client.post(WEBHOOK_PATH, data=fields)).status == 200
    answer = await client.get(f"/api/diagnostics/config_entry/{application.entry_id}")
    dump = json.dumps((await answer.json())["data"], ensure_ascii=False)
    assert '"accepted": 2' in dump
    for private in (
        APP_KEY,
        APP_SECRET,
        PUSH_KEY,
        PUSH_SECRET,
        WEBHOOK_ID,
        TEMPLATE_ID,
        GENERAL_ID,
        CHANNEL_NUMBER,
        SIGNATURE,
        RECIPIENT_NUMBER[-8:],
        "My secret title",
        "Burglar",
        "General",
        "Mei",
        "Wei",
        "vault",
        "门开着",
        "好的",
        "127.0.0.1",
        "example.org",
        platform.url,
        sent["reference"],
        sent["message_id"],
        application.entry_id,
        *application.subentries,
    ):
        assert private not in dump


@pytest.mark.parametrize(
    ("endpoint", "shown"),
    [
        (
            "https://smsapi.cn-north-4.myhuaweicloud.com:443",
            "smsapi.cn-north-4.myhuaweicloud.com",
        ),
        (
            "https://smsapi.eu-west-101.myhuaweicloud.eu",
            "smsapi.eu-west-101.myhuaweicloud.eu",
        ),
        ("https://proxy.example.org", "other"),
        ("https://myhuaweicloud.com.example.org", "other"),
    ],
)
async def test_endpoint(
    hass: HomeAssistant,
    door: TestClient,
    hass_client: ClientSessionGenerator,
    endpoint: str,
    shown: str,
) -> None:
    """The documented addresses say which region is in use, others stay private."""
    entry = make_entry(endpoint)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    data = await diagnostics(hass_client, entry)
    assert data["application"]["endpoint"] == shown


async def test_without_storage(
    hass: HomeAssistant,
    platform: Server,
    door: TestClient,
    hass_client: ClientSessionGenerator,
) -> None:
    """They say that nothing is written down."""
    block_storage(hass)
    entry = make_entry(platform.url)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    data = await diagnostics(hass_client, entry)
    assert data["storage"] == {"durable": False, "was_damaged": False}


async def test_of_a_disabled_application(
    hass: HomeAssistant,
    application: MockConfigEntry,
    door: TestClient,
    hass_client: ClientSessionGenerator,
) -> None:
    """They can be had of a disabled application, whose webhook stays closed."""
    await hass.config_entries.async_set_disabled_by(
        application.entry_id, ConfigEntryDisabler.USER
    )
    data = await diagnostics(hass_client, application)
    assert data["pushes"] is None
    # an unknown webhook takes everything
    assert (await door.put(WEBHOOK_PATH)).status == 200
