"""The examples of both READMEs do what is said of them."""

from dataclasses import replace
from pathlib import Path
import re
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_mock_service,
)
import yaml

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from simulator.config import Config, Variable
from simulator.server import Server

from .common import (
    Events,
    make_entry,
    recipient_data,
    reply_from_phone,
    template_data,
    variable,
    wait_until,
)
from .const import RECIPIENT_NUMBER, REPORT_EVENT, TEMPLATE_ID, TWO_VARIABLES_ID

READMES = ("README.md", "README.zh-Hans.md")
# The simulated network cannot reach numbers that end like these
WANG = "+8613700009001"
NEIGHBOUR = "+8613800009001"
# How a message stands that the platform took; a report may be fast
TAKEN = {"accepted", "delivered", "failed"}

type Blocks = list[dict[str, Any]]


@pytest.fixture(params=READMES)
def readme(request: pytest.FixtureRequest) -> str:
    """Return a README."""
    return (Path(__file__).parent.parent / request.param).read_text("utf-8")


@pytest.fixture
def blocks(readme: str) -> Blocks:
    """Return the examples of a README."""
    found = re.findall(r"^```yaml\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    return [yaml.safe_load(block) for block in found]


def only(blocks: Blocks, text: str) -> dict[str, Any]:
    """Return the example that has a text somewhere."""
    (found,) = (block for block in blocks if text in str(block))
    return found


@pytest.fixture
def platform_config(platform_config: Config) -> Config:
    """Let variables be as long as the platform allows everybody."""
    return replace(
        platform_config,
        templates=tuple(
            replace(template, variables=(Variable(),))
            if template.id == TEMPLATE_ID
            else template
            for template in platform_config.templates
        ),
    )


@pytest.fixture
def entry(platform: Server, blocks: Blocks) -> MockConfigEntry:
    """Return an application that has what the examples name."""
    parcels = only(blocks, "huawei_cloud_sms.send_template")["data"]["template"]
    return make_entry(
        platform.url,
        title="Huawei Cloud SMS …0001",
        subentries=[
            template_data(
                only(blocks, "freezer")["alert"]["freezer"]["data"]["template"]
            ),
            template_data(
                parcels,
                TWO_VARIABLES_ID,
                "parcels",
                variables=[variable("count"), variable("place")],
                default=False,
                text="${1}, ${2}",
            ),
            recipient_data(),
            recipient_data("Wang", WANG, "wang", None),
            recipient_data("Neighbour", NEIGHBOUR, "neighbour", None),
        ],
    )


async def texts(platform: Server, number: str, count: int = 1) -> list[str]:
    """Return the texts that a phone was sent, once there are so many."""
    records = platform.platform.state.records
    await wait_until(lambda: len(records.messages(number)) >= count)
    return [message.text for message in records.messages(number)]


async def run(hass: HomeAssistant, block: dict[str, Any], **variables: Any) -> Any:
    """Run an example as a script does and return what it keeps of the response."""
    response = block.get("response_variable")
    stop = {"stop": "", "response_variable": response} if response else {"stop": ""}
    assert await async_setup_component(
        hass, "script", {"script": {"example": {"sequence": [block, stop]}}}
    )
    return await hass.services.async_call(
        "script",
        "example",
        variables,
        blocking=True,
        return_response=response is not None,
    )


@pytest.mark.parametrize(
    ("action", "arrived"),
    [
        ("notify.send_message", 1),
        ("huawei_cloud_sms.send_template", 2),
        ("huawei_cloud_sms.send_sms", 1),
        ("huawei_cloud_sms.send_batch", 3),
        ("huawei_cloud_sms.preview", 0),
        ("huawei_cloud_sms.list_messages", 0),
    ],
)
async def test_actions(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    blocks: Blocks,
    action: str,
    arrived: int,
) -> None:
    """The platform takes what the actions send, and the response says so."""
    (block,) = (it for it in blocks if it.get("action") == action)
    answer = await run(hass, block)
    sent = platform.platform.state.records.messages()
    assert len(sent) == arrived
    match answer:
        case {"requests": [{"text": text, "broken_rules": rules, "parts": parts}]}:
            assert text == ", ".join(map(str, block["data"]["variables"].values()))
            assert (rules, parts) == ([], 1)
        case {"before": before, "messages": messages}:
            assert not messages
            assert before is None
        case {"messages": messages}:
            assert len(messages) == arrived
            assert {message["state"] for message in messages} <= TAKEN
        case dict():
            assert set(answer) == set(block["target"]["entity_id"])
            assert {message["state"] for message in answer.values()} <= TAKEN


@pytest.mark.parametrize("number", [12345, "12345"])
async def test_code(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    readme: str,
    blocks: Blocks,
    number: int | str,
) -> None:
    """The advice on codes keeps their leading zero."""
    (advice,) = re.findall(r"`\"({{ '%06d'.+?}})\"`", readme)
    block = only(blocks, "'huawei_cloud_sms.send_sms', 'data': {'numbers': ['+")
    block["data"]["variables"][0] = advice.replace("\\|", "|")
    await run(hass, block, code=number)
    (text,) = await texts(platform, RECIPIENT_NUMBER)
    assert "012345" in text


async def add_automation(hass: HomeAssistant, block: dict[str, Any]) -> None:
    """Set an automation up."""
    assert await async_setup_component(hass, "automation", {"automation": [block]})
    await hass.async_block_till_done()


async def notify(hass: HomeAssistant, entity_id: str) -> None:
    """Send a message to a recipient."""
    await hass.services.async_call(
        "notify",
        "send_message",
        {"entity_id": entity_id, "message": "门开着"},
        blocking=True,
    )


async def test_failure(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    blocks: Blocks,
) -> None:
    """Somebody else is told whom an SMS did not reach, and nobody that this failed."""
    reports = Events(hass, REPORT_EVENT.replace("sms", "huawei_cloud_sms_0001"))
    await add_automation(hass, only(blocks, "notify.neighbour"))
    await notify(hass, "notify.wang")
    (text,) = await texts(platform, NEIGHBOUR)
    assert "Wang" in text
    await reports.wait_for(4)
    await hass.async_block_till_done()
    assert reports.types == ["accepted", "failed"] * 2
    assert len(platform.platform.state.records.messages()) == 2


async def test_reply(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    blocks: Blocks,
) -> None:
    """The right reply of the right person closes the valve and is answered."""
    calls = async_mock_service(hass, "valve", "close_valve")
    block = only(blocks, "close_valve")
    await add_automation(hass, block)
    await notify(hass, "notify.neighbour")
    await reply_from_phone(platform, NEIGHBOUR, "1")
    await notify(hass, "notify.mei")
    await reply_from_phone(platform, RECIPIENT_NUMBER, "2")
    await reply_from_phone(platform, RECIPIENT_NUMBER, " 1 ")
    *_, answer = await texts(platform, RECIPIENT_NUMBER, 2)
    assert answer.endswith(block["actions"][1]["data"]["variables"]["message"])
    (call,) = calls
    assert call.data["entity_id"] == ["valve.water"]


async def test_alert(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    blocks: Blocks,
) -> None:
    """The alert goes out by the template that it names."""
    block = only(blocks, "freezer")
    assert await async_setup_component(hass, "alert", block)
    hass.states.async_set("binary_sensor.freezer_warm", "on")
    (text,) = await texts(platform, RECIPIENT_NUMBER)
    assert text.endswith(block["alert"]["freezer"]["name"])
    # or it would be repeated
    hass.states.async_set("binary_sensor.freezer_warm", "off")
    await hass.async_block_till_done()
