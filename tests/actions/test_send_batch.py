"""Tests of the action for different texts: what leaves, and what its caller is told."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.huawei_cloud_sms.const import DOMAIN
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.script import Script
from homeassistant.helpers.translation import async_load_integrations
from simulator.server import Server
from tests.common import Events, make_entry, recipient_data, template_data
from tests.const import (
    CHANNEL_NUMBER,
    NOTIFY_ENTITY,
    OTHER_NUMBER,
    RECIPIENT_NUMBER,
    UNKNOWN_ID,
)

from .batches import CODE_CHANNEL, CODE_ID, batch_entry, got, paths, send_batch, to

THIRD_NUMBER = "+8613700000003"
REFUSED_NUMBER = "+8613700009228"


@pytest.fixture
def entry(platform: Server) -> MockConfigEntry:
    """Return an application with templates of several channel numbers."""
    return batch_entry(platform.url)


async def test_one_request(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    reports: Events,
) -> None:
    """Different texts leave in one request; the response follows the call."""
    response = await send_batch(
        hass,
        {"recipient": "Mei", "variables": {"message": "门开着"}},
        {"numbers": [THIRD_NUMBER, "13700000004"], "variables": ["窗开着"]},
        {
            "number": 13700000005,
            "template": "Parcel",
            "variables": {"place": "北门", "count": 2},
        },
        {"recipient": "notify.wei"},
    )
    assert paths(platform) == ["batchSendDiffSms"]
    assert got(platform) == {
        RECIPIENT_NUMBER: ["家中提醒：门开着"],
        THIRD_NUMBER: ["家中提醒：窗开着"],
        "+8613700000004": ["家中提醒：窗开着"],
        "+8613700000005": ["您有2件包裹，请到北门领取。"],
        OTHER_NUMBER: ["家中门铃响了，请留意。"],
    }
    at_platform = {it.number: it for it in platform.platform.state.records.messages()}
    assert [(it["position"], it["recipient"], it["number"]) for it in response] == [
        (1, "Mei", RECIPIENT_NUMBER),
        (2, None, THIRD_NUMBER),
        (2, None, "+8613700000004"),
        (3, None, "+8613700000005"),
        (4, "Wei", OTHER_NUMBER),
    ]
    for message in response:
        assert message["message_id"] == at_platform[message["number"]].message_id
        assert (message["state"], message["code"]) == ("accepted", None)
        assert message["parts"] == 1
    assert len({message["reference"] for message in response}) == 5
    assert response[0]["text"] == "【晨光家园】家中提醒：门开着"
    assert (response[0]["planned_parts"], response[3]["text"]) == (1, None)
    states = await reports.wait_for(10)
    assert sorted(reports.types) == ["accepted"] * 5 + ["delivered"] * 5
    references = {message["reference"] for message in response}
    assert {state.attributes["reference"] for state in states} == references


async def test_list_messages(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """Each message is listed with its own template and text."""
    response = await send_batch(
        hass, to(), to(OTHER_NUMBER, "窗开着"), {"recipient": "Wei"}
    )
    listed = await hass.services.async_call(
        DOMAIN, "list_messages", {}, blocking=True, return_response=True
    )
    assert listed is not None
    messages: Any = listed["messages"]
    assert [
        (it["reference"], it["template"], it["text"], it["planned_parts"])
        for it in sorted(messages, key=lambda it: it["number"] + it["template"])
    ] == [
        (response[0]["reference"], "Alarm", "【晨光家园】家中提醒：门开着", 1),
        (response[1]["reference"], "Alarm", "【晨光家园】家中提醒：窗开着", 1),
        (response[2]["reference"], "Doorbell", None, None),
    ]


async def test_one_message_needs_no_list(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """A single message goes by the simple call; nothing is returned or raised."""
    response = await hass.services.async_call(
        DOMAIN,
        "send_batch",
        {
            "config_entry_id": application.entry_id,
            "messages": to(numbers=None, recipient=None, template=None),
        },
        blocking=True,
    )
    assert response is None
    assert paths(platform) == ["batchSendSms"]
    assert got(platform) == {RECIPIENT_NUMBER: ["家中提醒：门开着"]}


async def test_channel_numbers(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """Each channel number, and each type of template, has requests of its own."""
    await send_batch(
        hass,
        to(RECIPIENT_NUMBER, "123456", template="Code"),
        to(OTHER_NUMBER),
        to(OTHER_NUMBER, "654321", template=CODE_ID, channel_number=CODE_CHANNEL),
        to(THIRD_NUMBER, "a", template="General"),
        to("+8613700000004", "b", template="General", signature="晨光物业"),
    )
    requests = platform.platform.state.records.requests
    assert len(requests) == 3
    assert len({request.extend for request in requests}) == 3
    channels = {
        message.number + message.template_id[-1]: message.channel_number
        for message in platform.platform.state.records.messages()
    }
    assert channels == {
        f"{RECIPIENT_NUMBER}5": CODE_CHANNEL,
        f"{OTHER_NUMBER}1": CHANNEL_NUMBER,
        f"{OTHER_NUMBER}5": CODE_CHANNEL,
        f"{THIRD_NUMBER}7": CHANNEL_NUMBER,
        "+86137000000047": "8824110600004",
    }


async def test_same_text_again(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """The same text to a number leaves once, however it is asked for."""
    response = await send_batch(
        hass,
        to(),
        {"recipient": "Mei", "variables": {"message": " 门开着 "}},
        {"numbers": [OTHER_NUMBER, RECIPIENT_NUMBER], "variables": ["门开着"]},
        to(template="Alarm", channel_number=CHANNEL_NUMBER),
    )
    assert got(platform) == {
        RECIPIENT_NUMBER: ["家中提醒：门开着"],
        OTHER_NUMBER: ["家中提醒：门开着"],
    }
    assert [it["position"] for it in response] == [1, 2, 3, 3, 4]
    assert len({it["reference"] for it in response}) == 2
    assert response[0] == {**response[3], "position": 1}


async def test_several_texts_to_one_number(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """They leave in several requests, as answers are told apart by number."""
    response = await send_batch(hass, to(), to(text="窗开着"), to(OTHER_NUMBER, "灯亮"))
    assert sorted(paths(platform)) == ["batchSendDiffSms", "batchSendSms"]
    assert got(platform)[RECIPIENT_NUMBER] == ["家中提醒：窗开着", "家中提醒：门开着"]
    texts = {
        it.message_id: it.text for it in platform.platform.state.records.messages()
    }
    assert [texts[it["message_id"]] for it in response] == [
        "【晨光家园】家中提醒：门开着",
        "【晨光家园】家中提醒：窗开着",
        "【晨光家园】家中提醒：灯亮",
    ]


async def test_from_a_template(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """Messages can be made by a template, and codes keep their zeros."""
    script = Script(
        hass,
        cv.SCRIPT_SCHEMA(
            [
                {
                    "action": "huawei_cloud_sms.send_batch",
                    "data": {
                        "messages": (
                            "{{ [{'number': '+8613700000001', 'variables': ['007']},"
                            " {'number': 8613700000002, 'variables': ['008']}] }}"
                        ),
                    },
                }
            ]
        ),
        "Test",
        "test",
    )
    await script.async_run({}, Context())
    assert got(platform) == {
        RECIPIENT_NUMBER: ["家中提醒：007"],
        OTHER_NUMBER: ["家中提醒：008"],
    }


async def test_recipients_are_told(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """A recipient's entity shows when it got a message, and by whom."""
    context = Context()
    await send_batch(
        hass,
        {"recipient": " mei ", "variables": ["a"]},
        to(OTHER_NUMBER, "b"),
        context=context,
    )
    state = hass.states.get(NOTIFY_ENTITY)
    assert state is not None
    assert state.state != "unknown"
    assert state.context is context
    assert hass.states.is_state("notify.wei", "unknown")


async def test_refused(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """One that is refused does not keep the others back, and raises without response."""
    messages = [to(REFUSED_NUMBER), to(OTHER_NUMBER, "b")]
    refused, accepted = await send_batch(hass, *messages)
    assert (refused["state"], refused["code"]) == ("refused", "E200028")
    assert accepted["state"] == "accepted"
    with pytest.raises(HomeAssistantError) as err:
        await hass.services.async_call(
            DOMAIN, "send_batch", {"messages": messages}, blocking=True
        )
    assert err.value.translation_key == "not_accepted"
    assert "1 of 2" in str(err.value)


async def test_delivered(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """A call can wait until all have been delivered."""
    response = await send_batch(
        hass, to(), to(text="b"), {"recipient": "Wei"}, wait_for="delivered"
    )
    assert [it["state"] for it in response] == ["delivered"] * 3


FAULTS: list[tuple[object, str]] = [
    ("a text", "A message takes recipient"),
    ({"number": OTHER_NUMBER, "text": "a"}, "A message takes recipient"),
    (to(template=["a"]), "A message takes recipient"),
    ({"variables": ["a"]}, "Say for whom"),
    (to(recipient="Mei"), "Say for whom"),
    (to(numbers=[OTHER_NUMBER]), "Say for whom"),
    ({"recipient": "Nobody"}, "no recipient Nobody. Use one of these names: Mei, Wei,"),
    ({"recipient": "event.sms_reply"}, "no recipient event.sms_reply"),
    (to("1"), "The number ••• has too few"),
    ({"numbers": [], "variables": ["a"]}, "No phone number is named"),
    (to(template="Nothing"), "There is no template Nothing"),
    (to(template="Parcel"), "takes 2 variables"),
    (to(variables={"mesage": "a"}), "no variables called mesage"),
    (to(variables=[["a"]]), "Variables must be a list"),
    (to(variables=["a'b"]), "“'” at character 2"),
    (to(template="Parcel", variables=["2.5", "x" * 21]), "at most 20"),
    (to(template=UNKNOWN_ID), "has no channel number"),
    (to(channel_number="1" * 22), "The channel number must have"),
]


@pytest.mark.parametrize(("message", "says"), FAULTS, ids=str)
async def test_fault(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    message: object,
    says: str,
) -> None:
    """What is wrong with a message is told with its position; nothing leaves."""
    with pytest.raises(ServiceValidationError) as err:
        await send_batch(hass, to(), message)
    assert err.value.translation_key == "batch_faults"
    assert "1 of 2 messages" in str(err.value)
    assert "in the list: 2: " in str(err.value)
    assert says in str(err.value)
    assert platform.platform.state.records.request_count == 0


async def test_all_faults_at_once(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """All faults are named, and equal ones together."""
    with pytest.raises(ServiceValidationError) as err:
        await send_batch(hass, to(), *(message for message, _ in FAULTS), to("1"))
    text = str(err.value)
    assert "19 of 20" in text
    for place, (_, says) in enumerate(FAULTS, start=2):
        assert says in text
        assert str(place) in text
    assert "2, 3, 4: A message takes" in text
    assert "10, 20: The number" in text
    assert platform.platform.state.records.request_count == 0


async def test_many_faults(hass: HomeAssistant, application: MockConfigEntry) -> None:
    """An error stays readable however many different faults there are."""
    names = [f"name {place}" for place in range(30)]
    with pytest.raises(ServiceValidationError) as err:
        await send_batch(hass, *({"recipient": name} for name in names))
    text = str(err.value)
    assert "30 of 30" in text
    assert all(f"no recipient {name}." in text for name in names[:20])
    assert names[20] not in text
    assert text.endswith(" / …")


async def test_faults_in_chinese(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """Faults are told in Home Assistant's language."""
    hass.config.language = "zh-Hans"
    await async_load_integrations(hass, {DOMAIN})
    with pytest.raises(ServiceValidationError) as err:
        await send_batch(hass, {"variables": ["a"]})
    assert err.value.translation_placeholders is not None
    assert err.value.translation_placeholders["problems"].startswith(
        "1: 请指定短信发给谁"
    )


@pytest.mark.parametrize("messages", [None, "", "a", [], (), [to()] * 1_001, 7])
async def test_size(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    messages: object,
) -> None:
    """A batch has a bound, and at least one message."""
    with pytest.raises(ServiceValidationError) as err:
        await hass.services.async_call(
            DOMAIN, "send_batch", {"messages": messages}, blocking=True
        )
    assert err.value.translation_key == "batch_size"
    assert "1 to 1000" in str(err.value)
    assert platform.platform.state.records.request_count == 0


@pytest.mark.parametrize(
    "messages",
    [
        [to([RECIPIENT_NUMBER] * 10_001)],
        [to([RECIPIENT_NUMBER] * 5_000)] * 3,
    ],
)
async def test_too_many_numbers(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    messages: list[object],
) -> None:
    """A batch has a bound on its numbers, too: nobody would get to write them down."""
    with pytest.raises(ServiceValidationError) as err:
        await send_batch(hass, *messages)
    assert "10000" in str(err.value)
    assert platform.platform.state.records.request_count == 0


async def test_recipients_of_the_same_name(
    hass: HomeAssistant, platform: Server, door: object
) -> None:
    """Two of the same name are told apart by their entities; others' are not here."""
    entry = make_entry(
        platform.url,
        subentries=[
            template_data(),
            recipient_data(),
            recipient_data("mei", OTHER_NUMBER, "other"),
        ],
    )
    other = make_entry(
        platform.url,
        title="Other",
        data={"webhook_id": "f" * 64},
        subentries=[
            template_data(subentry_id="x"),
            recipient_data("Jun", THIRD_NUMBER, "jun", "x"),
        ],
    )
    for it in (entry, other):
        it.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    mine = {"config_entry_id": entry.entry_id}
    with pytest.raises(ServiceValidationError) as err:
        await send_batch(
            hass, {"recipient": "Mei"}, {"recipient": "notify.jun"}, **mine
        )
    assert "Several recipients are called Mei" in str(err.value)
    assert "notify.mei, notify.mei_2" in str(err.value)
    assert "no recipient notify.jun" in str(err.value)
    (message,) = await send_batch(
        hass, {"recipient": "notify.mei_2", "variables": ["a"]}, **mine
    )
    assert message["number"] == OTHER_NUMBER
