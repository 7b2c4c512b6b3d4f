"""Tests of choosing a template and of filling its variables, through the actions."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.huawei_cloud_sms.const import DOMAIN
from homeassistant.config_entries import ConfigSubentryDataWithId
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from simulator.server import Server
from tests.common import make_entry, recipient_data, send_sms, template_data, variable
from tests.const import (
    GENERAL_ID,
    NO_VARIABLES_ID,
    OTHER_NUMBER,
    SIGNATURE,
    TEMPLATE_ID,
    TWO_VARIABLES_ID,
    UNKNOWN_ID,
)

ALARM = template_data()
PARCEL = template_data(
    "Parcel",
    TWO_VARIABLES_ID,
    "parcel",
    variables=[variable("count"), variable("place")],
    default=False,
)
DOORBELL = template_data(
    "Doorbell", NO_VARIABLES_ID, "doorbell", variables=[], default=False
)
GENERAL = template_data(
    "General",
    GENERAL_ID,
    "general",
    channel_number=None,
    signature=SIGNATURE,
    default=False,
)


async def set_up(
    hass: HomeAssistant, platform: Server, *templates: ConfigSubentryDataWithId
) -> MockConfigEntry:
    """Set an application with some templates up."""
    entry = make_entry(platform.url, subentries=list(templates))
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    return entry


def text_at_phone(platform: Server) -> str:
    """Return what stands on the phone."""
    (message,) = platform.platform.state.records.messages()
    return message.text.removeprefix(f"【{SIGNATURE}】")


@pytest.mark.parametrize(
    ("templates", "data", "text"),
    [
        ([ALARM], {"variables": ["A"]}, "家中提醒：A"),
        ([ALARM, PARCEL], {"variables": ["A"]}, "家中提醒：A"),
        ([PARCEL], {"variables": [3, "东门"]}, "您有3件包裹，请到东门领取。"),
        (
            [ALARM, PARCEL],
            {"template": "parcel", "variables": {"count": 3, "place": "东门"}},
            "您有3件包裹，请到东门领取。",
        ),
        (
            [ALARM, PARCEL],
            {"template": TWO_VARIABLES_ID, "variables": ["3", "东门"]},
            "您有3件包裹，请到东门领取。",
        ),
        (
            [],
            {
                "template": TEMPLATE_ID,
                "variables": ["A"],
                "channel_number": "8824110600001",
            },
            "家中提醒：A",
        ),
        (
            [],
            {"template": NO_VARIABLES_ID, "channel_number": "8824110600001"},
            "家中门铃响了，请留意。",
        ),
        ([ALARM, DOORBELL], {"template": "Doorbell"}, "家中门铃响了，请留意。"),
        (
            # a plain text is passed to all templates, also those without a place
            [DOORBELL],
            {"variables": {"message": "A", "title": "B"}},
            "家中门铃响了，请留意。",
        ),
        ([GENERAL], {"variables": ["A"]}, "通知：A"),
        (
            [],
            {"template": GENERAL_ID, "variables": ["A"], "signature": SIGNATURE},
            "通知：A",
        ),
    ],
)
async def test_choice(
    hass: HomeAssistant,
    platform: Server,
    templates: list[ConfigSubentryDataWithId],
    data: dict[str, Any],
    text: str,
) -> None:
    """The template that is named or usual is sent with its variables."""
    await set_up(hass, platform, *templates)
    response = await hass.services.async_call(
        DOMAIN,
        "send_sms",
        {"numbers": OTHER_NUMBER, **data},
        blocking=True,
        return_response=True,
    )
    assert response is not None
    (message,) = response["messages"]
    assert message["state"] == "accepted"
    assert text_at_phone(platform) == text


UNMARKED = template_data(default=False)
SAME_ID = template_data("Alarm 2", TEMPLATE_ID, "alarm-2", default=False)
SECOND_DEFAULT = template_data("Other", NO_VARIABLES_ID, "other", variables=[])


@pytest.mark.parametrize(
    ("templates", "data", "key", "named"),
    [
        ([], {}, "no_templates", "Add one"),
        ([UNMARKED, PARCEL], {}, "template_missing", "Alarm, Parcel"),
        ([ALARM, SECOND_DEFAULT], {}, "template_missing", "Alarm, Other"),
        (
            [ALARM, SAME_ID],
            {"template": TEMPLATE_ID},
            "template_ambiguous",
            "Alarm, Alarm 2",
        ),
        ([ALARM], {"template": "Alam"}, "template_unknown", "Alarm"),
        ([], {"template": "front door bell"}, "template_unknown", "-"),
        ([], {"template": UNKNOWN_ID}, "channel_number_missing", UNKNOWN_ID),
        (
            [],
            {"template": TEMPLATE_ID, "variables": {"message": "A"}},
            "variables_need_list",
            TEMPLATE_ID,
        ),
        ([ALARM], {"variables": []}, "variables_count", "takes 1"),
        ([ALARM], {"variables": ["A", "B"]}, "variables_count", "2 were given"),
        ([PARCEL], {"variables": ["A"]}, "variables_count", "takes 2"),
        ([ALARM], {}, "variables_missing", "message"),
        (
            [PARCEL],
            {"variables": {"count": 3}},
            "variables_missing",
            "values for: place. The names that fill it are: count, place",
        ),
        (
            [PARCEL],
            {"variables": {"count": 3, "place": "A", "number": 1, "colour": 2}},
            "variables_unknown",
            "colour, number",
        ),
        ([DOORBELL], {"variables": {"place": "A"}}, "variables_unknown", "-"),
        (
            [ALARM],
            {"variables": [" "]},
            "variable_rules",
            "Variable 1 “message” is empty",
        ),
        ([PARCEL], {"variables": ["3", None]}, "variables_missing", "place"),
        ([ALARM], {"variables": {"message": ""}}, "variable_rules", "Alarm"),
        ([ALARM], {"variables": ["it's"]}, "variable_rules", "“'” at character 3"),
        ([ALARM], {"variables": {"message": "{1"}}, "variable_rules", "“{”"),
        ([ALARM], {"variables": ["1}"]}, "variable_rules", "“}”"),
        (
            [],
            {
                "template": UNKNOWN_ID,
                "variables": ["A"] * 21,
                "channel_number": "8824110600001",
            },
            "variables_too_many",
            "at most 20",
        ),
        (
            [template_data(variables=[variable("sum", default="{{ 1 / 0 }}")])],
            {"variables": {}},
            "variable_not_rendered",
            "variable sum",
        ),
        # of a release that was, or of a custom integration that is gone
        (
            [template_data(variables=[variable("sum", default="{{ x | gone }}")])],
            {"variables": {}},
            "variable_not_rendered",
            "variable sum",
        ),
        (
            [template_data(variables=[variable("sum", default="{{ x | gone }}")])],
            {"variables": {"x": 1}},
            "variables_unknown",
            "called x",
        ),
    ],
)
async def test_refused(
    hass: HomeAssistant,
    platform: Server,
    templates: list[ConfigSubentryDataWithId],
    data: dict[str, Any],
    key: str,
    named: str,
) -> None:
    """What the platform would refuse is refused before, in plain words."""
    await set_up(hass, platform, *templates)
    with pytest.raises(ServiceValidationError) as err:
        await hass.services.async_call(
            DOMAIN, "send_sms", {"numbers": OTHER_NUMBER, **data}, blocking=True
        )
    assert err.value.translation_key == key
    assert named in str(err.value)
    assert platform.platform.state.records.request_count == 0


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("012345", "012345"),
        (12345, "12345"),
        (True, "True"),
        ("  A  ", "A"),
        ("[1,2]", "[1,2]"),
        ("+5", "+5"),
        ('say "hello" \\ 再见', 'say "hello" \\ 再见'),
        ("50% + 1 & 2 = ?", "50% + 1 & 2 = ?"),
    ],
)
async def test_values(
    hass: HomeAssistant, platform: Server, value: object, text: str
) -> None:
    """Values arrive as they are given, in a list and by name."""
    await set_up(hass, platform, ALARM)
    for variables in ([value], {"message": value}):
        await send_sms(hass, OTHER_NUMBER, variables=variables)
    texts = [message.text for message in platform.platform.state.records.messages()]
    assert texts == [f"【{SIGNATURE}】家中提醒：{text}"] * 2


async def test_variables_use_home_assistant(
    hass: HomeAssistant, platform: Server
) -> None:
    """A variable may ask Home Assistant for what it says."""
    hass.states.async_set("sensor.door", "open")
    template = template_data(
        variables=[
            variable(
                "door",
                default="{{ states('sensor.door') }}{% if title %} ({{ title }}){% endif %}",
            )
        ]
    )
    await set_up(hass, platform, template)
    await send_sms(hass, OTHER_NUMBER, variables={"title": "!"})
    assert text_at_phone(platform) == "家中提醒：open (!)"


@pytest.mark.parametrize("action", ["send_template", "send_message"])
async def test_deleted_template(
    hass: HomeAssistant, platform: Server, action: str
) -> None:
    """A recipient whose template was deleted says so, and no other one is used."""
    await set_up(hass, platform, PARCEL, recipient_data())
    data = {"message": "A"} if action == "send_message" else {"variables": ["A"]}
    with pytest.raises(ServiceValidationError) as err:
        await hass.services.async_call(
            "notify" if action == "send_message" else DOMAIN,
            action,
            {"entity_id": "notify.mei", **data},
            blocking=True,
        )
    assert err.value.translation_key == "template_deleted"
    assert "Mei" in str(err.value)
    assert platform.platform.state.records.request_count == 0


async def test_same_name_twice(hass: HomeAssistant, platform: Server) -> None:
    """The front end lets people rename freely: a name that fits two is refused."""
    entry = await set_up(hass, platform, ALARM, DOORBELL)
    (other,) = [it for it in entry.subentries.values() if it.title == "Doorbell"]
    hass.config_entries.async_update_subentry(entry, other, title="ALARM")
    await hass.async_block_till_done()
    with pytest.raises(ServiceValidationError) as err:
        await send_sms(hass, OTHER_NUMBER, template="alarm", variables=["x"])
    assert err.value.translation_key == "template_ambiguous"
    assert platform.platform.state.records.request_count == 0


async def test_name_that_home_assistant_has_too(
    hass: HomeAssistant, platform: Server
) -> None:
    """A variable may be called like one of Home Assistant's own functions."""
    await set_up(
        hass,
        platform,
        template_data(
            variables=[variable("line", default="{{ distance }} / {{ message }}")]
        ),
    )
    await send_sms(
        hass, OTHER_NUMBER, variables={"distance": 3, "message": "before the door"}
    )
    assert text_at_phone(platform) == "家中提醒：3 / before the door"


@pytest.mark.parametrize(
    "variables",
    [["a", ["b"]], {"message": {"a": "b"}}, {"message": ["a"]}, [{"a": "b"}]],
)
async def test_values_within_values(
    hass: HomeAssistant, platform: Server, variables: Any
) -> None:
    """What is no text is refused in words that can be translated."""
    await set_up(hass, platform, ALARM)
    with pytest.raises(ServiceValidationError) as err:
        await send_sms(hass, OTHER_NUMBER, variables=variables)
    assert err.value.translation_key == "variables_form"


async def test_single_value(hass: HomeAssistant, platform: Server) -> None:
    """A template with one variable takes a text without a list around it."""
    await set_up(hass, platform, ALARM)
    await send_sms(hass, OTHER_NUMBER, variables="water")
    assert text_at_phone(platform) == "家中提醒：water"
