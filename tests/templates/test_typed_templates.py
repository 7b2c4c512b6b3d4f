"""Tests of templates that know their variables and text, through the actions."""

from itertools import count
from typing import Any, cast

from aiohttp.test_utils import TestClient
from hypothesis import HealthCheck, given, settings, strategies as st
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.huawei_cloud_sms.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from simulator.server import Server
from tests.common import (
    Events,
    ledger_path,
    make_entry,
    send_sms,
    template_data,
    variable,
    wait_until,
)
from tests.const import OTHER_NUMBER, SIGNATURE, TEMPLATE_ID, TWO_VARIABLES_ID

from .hostile import VALUES

# From the simulator's own console
EVERY_ID = "0a1f5c2e9b6d4e73a8c05d1f2b3e4a04"
EVERY_TEXT = "尊敬的住户，${DATETIME}应缴${MONEY}元，房号${CHARDIGIT}，事由${TEXT}，咨询${PHONE}。"
GOOD = ["2026-11-22", "12.50", "A_1", "水费", "010-12345678"]
BAD = ["soon", "¥5", "A-1", "it's 23.5 at https://a", "12a"]

ALARM = template_data(
    text="家中提醒：${1}",
    signature=SIGNATURE,
    variables=[variable(attribute="text", length=400)],
)
PARCEL = template_data(
    "Parcel",
    TWO_VARIABLES_ID,
    "parcel",
    text="您有${1}件包裹，请到${2}领取。",
    variables=[
        variable("count", attribute="chardigit"),
        variable("place", attribute="text", default="{{ states('sensor.place') }}"),
    ],
    default=False,
)
BILL = template_data(
    "Bill",
    EVERY_ID,
    "bill",
    text=EVERY_TEXT,
    channel_number="8824110600004",
    variables=[
        variable("day", attribute="datetime"),
        variable("sum", attribute="money"),
        variable("flat", attribute="chardigit"),
        variable("why", attribute="text"),
        variable("phone", attribute="phone"),
    ],
    default=False,
)
# the same, but nothing is known of it: what is wrong only the platform says
LOOSE = template_data(
    "Loose",
    EVERY_ID,
    "loose",
    channel_number="8824110600004",
    variables=[variable(f"variable_{place}") for place in range(1, 6)],
    default=False,
)


def changed(template: Any, name: str, **changes: Any) -> Any:
    """Return a template under another name, with changes of its data."""
    return {
        **template,
        "subentry_id": name,
        "title": name,
        "unique_id": f"template_{name}",
        "data": {**template["data"], "default": False, **changes},
    }


SHORT = changed(
    ALARM, "Short", variables=[variable("words", attribute="text", policy="shorten")]
)
MENDING = changed(
    ALARM, "Mending", variables=[variable("words", attribute="text", policy="replace")]
)
CHEAP = changed(ALARM, "Cheap", max_parts=1)
LONG = changed(ALARM, "Long", text="门" * 480 + "${1}")
STATIC = changed(
    ALARM,
    "Static",
    variables=[variable("words", attribute="text", default="all is well")],
)
OWN_WORDS = changed(
    ALARM,
    "Own words",
    variables=[
        variable("words", attribute="text", default="{{ title }}, {{ message }}")
    ],
)


@pytest.fixture
def entry(platform: Server) -> MockConfigEntry:
    """Return an application with typed templates, and what a part costs."""
    return make_entry(
        platform.url,
        options={"price_per_part": 0.045},
        subentries=[
            ALARM,
            PARCEL,
            BILL,
            LOOSE,
            SHORT,
            MENDING,
            CHEAP,
            LONG,
            STATIC,
            OWN_WORDS,
        ],
    )


async def preview(hass: HomeAssistant, **data: Any) -> dict[str, Any]:
    """Call the action for one number and return its one request."""
    response = await hass.services.async_call(
        DOMAIN,
        "preview",
        {"numbers": OTHER_NUMBER, **data},
        blocking=True,
        return_response=True,
    )
    assert response is not None
    (request,) = cast("list[dict[str, Any]]", response["requests"])
    return request


async def refusal(hass: HomeAssistant, **data: Any) -> ServiceValidationError:
    """Send and return why that is refused."""
    with pytest.raises(ServiceValidationError) as err:
        await send_sms(hass, OTHER_NUMBER, **data)
    return err.value


def texts(platform: Server) -> list[str]:
    """Return what stands on phones."""
    return [message.text for message in platform.platform.state.records.messages()]


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        (
            "en",
            [
                (
                    "Variable 1 “day” takes a date or a time as the platform writes them:"
                    " 2026-11-22, 2026/11/22, 20261122 or 2026年11月22日; 08:30, 08:30:00"
                    " or 8点30分."
                ),
                (
                    "Variable 2 “sum” takes an amount, so only digits, a decimal point and"
                    " Chinese numerals, without a currency sign, but has “¥” at character"
                    " 1."
                ),
                (
                    "Variable 3 “flat” takes only letters from A to Z, digits and"
                    " underscores, but has “-” at character 2."
                ),
                "Variable 4 “why” has 22 characters but takes at most 20: shorten it.",
                (
                    "Variable 4 “why”: the sign “'” at character 3 is not allowed there."
                    " Leave it out or write it differently."
                ),
                (
                    "Variable 4 “why”: the sign “.” at character 8 is not allowed there."
                    " Leave it out or write it differently."
                ),
                (
                    "Variable 4 “why” holds an Internet address: the platform allows no"
                    " contact data there."
                ),
                "Variable 5 “phone” has 3 characters but takes at least 4.",
                (
                    "Variable 5 “phone” takes a phone number, so only digits, + and -, but"
                    " has “a” at character 3."
                ),
            ],
        ),
        (
            "zh-Hans",
            [
                (
                    "第 1 个变量“day”应为平台规定格式的日期或时间：2026-11-22、2026/11/22、"
                    "20261122 或 2026年11月22日；08:30、08:30:00 或 8点30分。"
                ),
                (
                    "第 2 个变量“sum”应为金额，只能包含数字、小数点和中文数字，不能带货币符号，"
                    "但第 1 个字符是“¥”。"
                ),
                "第 3 个变量“flat”只能包含英文字母、数字和下划线，但第 2 个字符是“-”。",
                "第 4 个变量“why”有 22 个字符，最多允许 20 个，请缩短。",
                "第 4 个变量“why”的第 3 个字符“'”不允许使用，请去掉或改用其他写法。",
                "第 4 个变量“why”的第 8 个字符“.”不允许使用，请去掉或改用其他写法。",
                "第 4 个变量“why”含有网址，平台不允许其中出现联系方式。",
                "第 5 个变量“phone”只有 3 个字符，至少需要 4 个。",
                "第 5 个变量“phone”应为电话号码，只能包含数字、+ 和 -，但第 3 个字符是“a”。",
            ],
        ),
    ],
)
async def test_all_that_is_wrong(
    hass: HomeAssistant,
    platform: Server,
    door: TestClient,
    entry: MockConfigEntry,
    language: str,
    sentences: list[str],
) -> None:
    """Every broken rule is named at once, in the person's language; nothing leaves."""
    hass.config.language = language
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    shown = await preview(hass, template="Bill", variables=BAD)
    assert [it["message"] for it in shown["broken_rules"]] == sentences
    error = await refusal(hass, template="Bill", variables=BAD)
    assert error.translation_key == "variable_rules"
    assert error.translation_placeholders == {
        "template": "Bill",
        "problems": " ".join(sentences),
    }
    # what was given is nobody else's business
    assert not any(value in str(error) for value in BAD if len(value) > 3)
    assert platform.platform.state.records.request_count == 0


async def test_rules_for_machines(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """A preview tells which rule, variable and character, and what would be sent."""
    shown = await preview(hass, template="Parcel", variables=["1", "a\u200b{"])
    message = shown["broken_rules"][0].pop("message")
    assert "“{” at character 3" in message
    assert shown["broken_rules"] == [
        {
            "rule": "sign",
            "variable": 2,
            "name": "place",
            "sign": "{",
            "position": 3,
            "count": None,
            "limit": None,
        }
    ]
    assert shown["text"] == "您有1件包裹，请到a\u200b{领取。"
    assert (shown["numbers"], shown["parts"]) == ([OTHER_NUMBER], 1)
    shown = await preview(hass, template="Parcel", variables=["\u3000a b", "a"])
    assert "“ ”" not in shown["broken_rules"][0]["message"]
    assert "“U+0020” at character 2" in shown["broken_rules"][0]["message"]


async def test_half_of_an_emoji(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """What nobody can send or write down is named, and shown in another way."""
    shown = await preview(hass, variables=["a\ud83d"])
    assert shown["variables"] == ["a?"]
    assert shown["text"] == f"【{SIGNATURE}】家中提醒：a?"
    (broken,) = shown["broken_rules"]
    assert (broken["rule"], broken["position"]) == ("surrogate", 2)
    assert "half of an emoji" in str(await refusal(hass, variables=["a\ud83d"]))
    assert platform.platform.state.records.request_count == 0


async def test_whole_text(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """The text of a phone is known before, with signature, size and price."""
    shown = await preview(hass, variables=["门" * 60])
    assert shown["text"] == f"【{SIGNATURE}】家中提醒：" + "门" * 60
    assert (shown["characters"], shown["encoding"], shown["parts"]) == (71, "ucs2", 2)
    assert (shown["cost"], shown["cost_of_all"]) == (0.09, 0.09)
    numbers = [OTHER_NUMBER, "+8613700000003", "+8613700000004"]
    shown = await preview(hass, numbers=numbers, variables=["门"])
    assert (shown["cost"], shown["cost_of_all"]) == (0.045, 0.135)
    (sent,) = await send_sms(hass, OTHER_NUMBER, variables=["门" * 60])
    assert sent["text"] == f"【{SIGNATURE}】家中提醒：" + "门" * 60
    assert (sent["planned_parts"], sent["parts"]) == (2, 2)
    assert texts(platform) == [sent["text"]]


@pytest.mark.parametrize(
    ("template", "value", "sentence"),
    [
        ("Cheap", "门" * 60, "billed as 2 parts, but the template allows at most 1"),
        ("Long", "门" * 20, "has 506 characters, but the platform takes at most 500"),
    ],
)
async def test_too_much_text(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    template: str,
    value: str,
    sentence: str,
) -> None:
    """A text that is too long, or costs more than the template allows, stays here."""
    assert sentence in str(await refusal(hass, template=template, variables=[value]))
    assert platform.platform.state.records.request_count == 0
    # one character is enough to fit
    await send_sms(hass, OTHER_NUMBER, template=template, variables=["门"])
    assert platform.platform.state.records.request_count == 1


async def test_parts_of_variables_alone(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """Where the text is not known its variables alone may cost too much."""
    template = template_data(max_parts=1)
    entry = make_entry(platform.url, subentries=[template])
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await refusal(hass, variables=["门" * 71])
    (sent,) = await send_sms(hass, OTHER_NUMBER, variables=["门" * 70])
    # what it was to be is not known, what it was is
    assert (sent["text"], sent["planned_parts"], sent["parts"]) == (None, None, 2)


@pytest.mark.parametrize(
    ("template", "value", "text"),
    [
        ("Short", "水管漏水" * 6, "水管漏水" * 4 + "水管漏…"),
        ("Short", "水管漏水", "水管漏水"),
        ("Mending", "23.5°C, it's warm.", "23点5°C, it’s warm"),
        ("Mending", "192.168.1.5", "192 168 1 5"),
    ],
)
async def test_mended(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    template: str,
    value: str,
    text: str,
) -> None:
    """What was chosen for a variable is done, and shown before."""
    shown = await preview(hass, template=template, variables={"words": value})
    assert shown["variables"] == [text]
    (sent,) = await send_sms(
        hass, OTHER_NUMBER, template=template, variables={"words": value}
    )
    assert sent["state"] == "accepted"
    assert texts(platform) == [sent["text"]] == [f"【{SIGNATURE}】家中提醒：{text}"]


@pytest.mark.parametrize(
    ("template", "value", "sentence"),
    [
        ("Short", "23.5", "“.” at character 3"),
        ("Mending", "门" * 21, "takes at most 20"),
        ("Mending", "https://a.b", "Internet address"),
    ],
)
async def test_not_to_be_mended(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    template: str,
    value: str,
    sentence: str,
) -> None:
    """What is still wrong afterwards is refused."""
    assert sentence in str(await refusal(hass, template=template, variables=[value]))
    assert platform.platform.state.records.request_count == 0


@pytest.mark.parametrize(
    ("template", "variables", "filled"),
    [
        ("Parcel", ["3", "东门"], ["3", "东门"]),
        ("Parcel", {"place": "东门", "count": 3}, ["3", "东门"]),
        ("Parcel", {"count": 3}, ["3", "北门"]),
        ("Parcel", {"count": 3, "place": None}, ["3", "北门"]),
        ("Parcel", ["3", None], ["3", "北门"]),
        ("Parcel", {"count": 3, "message": "x", "title": "y"}, ["3", "北门"]),
        ("Short", {"message": "东门"}, ["东门"]),
        ("Short", {"message": "东门", "words": "北门"}, ["北门"]),
        ("Static", {}, ["all is well"]),
        ("Static", {"message": "fire"}, ["fire"]),
        ("Own words", {"message": "fire", "title": "Ann"}, ["Ann, fire"]),
        ("Own words", {"words": "fire"}, ["fire"]),
    ],
)
async def test_how_values_are_given(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    template: str,
    variables: Any,
    filled: list[str],
) -> None:
    """Values come as a list or by name; what is not given is as it was set up."""
    hass.states.async_set("sensor.place", "北门")
    shown = await preview(hass, template=template, variables=variables)
    assert shown["variables"] == filled
    assert shown["broken_rules"] == []


@pytest.mark.parametrize(
    ("template", "variables", "key", "placeholders"),
    [
        (
            "Bill",
            {"day": "2026-11-22", "flat": "1", "message": "x"},
            "variables_missing",
            {"missing": "sum, why, phone", "names": "day, sum, flat, why, phone"},
        ),
        ("Bill", None, "variables_missing", {"missing": "day, sum, flat, why, phone"}),
        (
            "Bill",
            {"date": "1", "day": "2"},
            "variables_unknown",
            {"unknown": "date", "names": "day, sum, flat, why, phone"},
        ),
        (
            "Own words",
            {"place": "x"},
            "variables_unknown",
            {"unknown": "place", "names": "words, message, title"},
        ),
        ("Own words", {"title": "x"}, "variable_not_rendered", {"variable": "words"}),
        ("Bill", GOOD[:4], "variables_count", {"expected": "5", "given": "4"}),
    ],
)
async def test_wrong_names(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    template: str,
    variables: Any,
    key: str,
    placeholders: dict[str, str],
) -> None:
    """Errors name what is wrong and list what would be right."""
    error = await refusal(hass, template=template, variables=variables)
    assert error.translation_key == key
    assert error.translation_placeholders is not None
    assert placeholders.items() <= error.translation_placeholders.items()


async def test_id_only(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """Of a template that is known by its ID only, all that is wrong is named too."""
    error = await refusal(
        hass,
        template=TEMPLATE_ID.replace("01", "09"),
        channel_number="1",
        variables=["", "it's", "{"],
    )
    problems = (error.translation_placeholders or {})["problems"]
    assert problems.count("Variable") == 3
    assert "Variable 1 “1” is empty" in problems


NEXT_NUMBERS = count(13800000000)


@given(place=st.integers(0, 4), value=VALUES)
@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_platform_agrees(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    place: int,
    value: str,
) -> None:
    """What is shown as right the platform takes, and what as wrong it refuses."""
    variables = [*GOOD[:place], value, *GOOD[place + 1 :]]
    shown = await preview(hass, template="Bill", variables=variables)
    if not value or set(value) & set("'{}"):
        assert shown["broken_rules"]
        return  # not even a template of which nothing is known lets that through
    (sent,) = await send_sms(
        hass,
        f"+86{next(NEXT_NUMBERS)}",
        template="Loose",
        variables=variables,
        override_limit=True,
    )
    assert (sent["state"] == "accepted") is (not shown["broken_rules"])
    assert sent["code"] == ("E200028" if shown["broken_rules"] else None)


async def listed(hass: HomeAssistant) -> list[dict[str, Any]]:
    """Return what the record says of messages, the oldest first."""
    response = await hass.services.async_call(
        DOMAIN, "list_messages", {}, blocking=True, return_response=True
    )
    assert response is not None
    return cast("list[dict[str, Any]]", response["messages"])[::-1]


async def test_plan_in_the_record(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry, reports: Events
) -> None:
    """Record and event tell what a message was to be, and where that was wrong."""
    # what was entered here is not what was approved
    (entered,) = [it for it in application.subentries.values() if it.title == "Cheap"]
    hass.config_entries.async_update_subentry(
        application, entered, data={**entered.data, "text": "${1}", "signature": None}
    )
    await hass.async_block_till_done()
    texts = ["门" * 60, "窗" * 70]
    await send_sms(hass, OTHER_NUMBER, variables=texts[:1])
    await send_sms(hass, OTHER_NUMBER, template="Cheap", variables=texts[1:])
    await send_sms(hass, OTHER_NUMBER, template="Loose", variables=GOOD)
    await wait_until(lambda: reports.types.count("delivered") == 3)
    told = [
        (it["text"], it["planned_parts"], it["parts"], it["parts_as_planned"])
        for it in await listed(hass)
    ]
    assert told == [
        (f"【{SIGNATURE}】家中提醒：{texts[0]}", 2, 2, True),
        (texts[1], 1, 2, False),
        (None, None, 1, None),
    ]
    shown = {
        (it.attributes["planned_parts"], it.attributes["parts_as_planned"])
        for it in reports.states
        if it.state and it.attributes["event_type"] == "delivered"
    }
    assert shown == {(2, True), (1, False), (None, None)}


async def test_no_texts_in_the_record(
    hass: HomeAssistant, application: MockConfigEntry
) -> None:
    """Who wants no texts kept has none in the record; the caller knows it anyway."""
    hass.config_entries.async_update_entry(
        application, options={**application.options, "keep_texts": False}
    )
    await hass.async_block_till_done()
    (sent,) = await send_sms(hass, OTHER_NUMBER, variables=["门"])
    assert sent["text"] == f"【{SIGNATURE}】家中提醒：门"
    (message,) = await listed(hass)
    assert (message["text"], message["planned_parts"]) == (None, 1)
    path = ledger_path(hass)
    log = path.with_name(f"{path.name}-wal")
    assert "门".encode() not in path.read_bytes() + log.read_bytes()
