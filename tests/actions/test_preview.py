"""Tests of the action that shows what would be sent."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from itertools import count
import sqlite3
from typing import Any, cast

from aiohttp.test_utils import TestClient
from hypothesis import HealthCheck, given, settings, strategies as st
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.huawei_cloud_sms.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from simulator.config import Attribute, Config, Template, Variable
from simulator.scenarios import Scenario
from simulator.server import Server
from tests.common import (
    issues,
    ledger_path,
    make_entry,
    recipient_data,
    template_data,
    variable,
)
from tests.const import (
    APP_KEY,
    APP_SECRET,
    CHANNEL_NUMBER,
    GENERAL_ID,
    NOTIFY_ENTITY,
    OTHER_NUMBER,
    RECIPIENT_NUMBER,
    SIGNATURE,
    TEMPLATE_ID,
    TWO_VARIABLES_ID,
    UNKNOWN_ID,
    WEBHOOK_ID,
)
from tests.fake_cloud import install_cloud

ALARM = template_data(text="家中提醒：${1}")
PARCEL = template_data(
    "Parcel",
    TWO_VARIABLES_ID,
    "parcel",
    variables=[variable("count"), variable("place")],
    text="您有${1}件包裹，请到${2}领取。",
    default=False,
)
GENERAL = template_data(
    "General",
    GENERAL_ID,
    "general",
    channel_number=None,
    signature=SIGNATURE,
    text="通知：${1}",
    default=False,
)
MEI = recipient_data()
WEI = recipient_data("Wei", OTHER_NUMBER, "wei")

# Of the approved texts, those that take their values in another order than they stand
BACKWARDS_ID = "0fffffffffffffffffffffffffffff01"
BY_NAME_ID = "0fffffffffffffffffffffffffffff02"
BACKWARDS = "${2}：${1}度，${3}。${2}再见。"
BY_NAME = "尊敬的${TEXT}，应缴${MONEY}元，事由${TEXT}。"


@pytest.fixture
def platform_config(platform_config: Config) -> Config:
    """Add templates whose places are out of order, or are called by what fits in."""
    return replace(
        platform_config,
        templates=(
            *platform_config.templates,
            Template(
                id=BACKWARDS_ID,
                name="Backwards",
                text=BACKWARDS,
                variables=(Variable(attribute=Attribute.MONEY), Variable(), Variable()),
                signature=SIGNATURE,
            ),
            Template(id=BY_NAME_ID, name="By name", text=BY_NAME, signature=SIGNATURE),
        ),
    )


@pytest.fixture
def entry(platform: Server) -> MockConfigEntry:
    """Return an application whose templates' texts are known."""
    return make_entry(platform.url, subentries=[ALARM, PARCEL, GENERAL, MEI, WEI])


async def preview(hass: HomeAssistant, **data: Any) -> list[dict[str, Any]]:
    """Call the action and return its requests."""
    response = await hass.services.async_call(
        DOMAIN, "preview", data, blocking=True, return_response=True
    )
    assert response is not None
    assert set(response) == {"requests", "currency"}
    assert response["currency"] == hass.config.currency
    return cast("list[dict[str, Any]]", response["requests"])


async def sent_so_far(hass: HomeAssistant, platform: Server) -> int:
    """Return how many calls the platform got, as its control API says."""
    session = async_get_clientsession(hass)
    async with session.get(f"{platform.url}/sim/requests") as response:
        return int((await response.json())["count"])


async def test_numbers(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """All is told that would go out, and nothing goes out or is written down."""
    requests = await preview(
        hass,
        numbers=["137 0000 0001", OTHER_NUMBER, RECIPIENT_NUMBER],
        variables={"message": "门开着"},
    )
    assert requests == [
        {
            "path": "/sms/batchSendSms/v1",
            "channel_number": CHANNEL_NUMBER,
            "template_id": TEMPLATE_ID,
            "variables": ["门开着"],
            "signature": None,
            "numbers": [RECIPIENT_NUMBER, OTHER_NUMBER],
            "message_count": 2,
            "status_callback": True,
            "text": "家中提醒：门开着",
            "characters": 8,
            "encoding": "ucs2",
            "parts": 1,
            "cost": None,
            "cost_of_all": None,
            "broken_rules": [],
        }
    ]
    await hass.async_block_till_done()
    assert await sent_so_far(hass, platform) == 0
    with closing(sqlite3.connect(ledger_path(hass))) as db:
        assert db.execute("select count(*) from message").fetchone() == (0,)
    assert issues(hass) == {}


async def test_nothing_secret(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """Neither the keys nor the address for reports are in the response."""
    text = str(await preview(hass, numbers=OTHER_NUMBER, variables=["a"]))
    for secret in (APP_KEY, APP_SECRET, WEBHOOK_ID, "http"):
        assert secret not in text


async def test_other_fields_of_sending(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """An action that waits needs no other change than its name either."""
    (request,) = await preview(
        hass,
        entity_id=NOTIFY_ENTITY,
        variables=["a"],
        wait_for="delivered",
        timeout={"minutes": 1},
        retry_for={"minutes": 1},
        expires_after={"minutes": 1},
        override_limit=True,
    )
    assert request["text"] == "家中提醒：a"


async def test_many_numbers(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """More numbers than a request holds make several, as when sending."""
    numbers = [f"+86137{number:08}" for number in range(501)]
    requests = await preview(hass, numbers=numbers, variables=["a"])
    assert [request["message_count"] for request in requests] == [500, 1]
    assert [it for request in requests for it in request["numbers"]] == numbers


async def test_recipients(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """Recipients with the same text are in one request, as when sending."""
    (request,) = await preview(
        hass, entity_id=[NOTIFY_ENTITY, "notify.wei"], variables={"message": "a"}
    )
    assert sorted(request["numbers"]) == [RECIPIENT_NUMBER, OTHER_NUMBER]
    assert request["message_count"] == 2
    assert request["text"] == "家中提醒：a"
    assert await sent_so_far(hass, platform) == 0

    mei = er.async_get(hass).async_get(NOTIFY_ENTITY)
    assert mei is not None
    (request,) = await preview(hass, device_id=mei.device_id, variables=["a"])
    assert request["numbers"] == [RECIPIENT_NUMBER]


async def test_recipients_of_two_applications(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """Each recipient is asked for by its own application and with its own template."""
    one = make_entry(platform.url, subentries=[ALARM, MEI])
    two = make_entry(
        platform.url,
        title="Other",
        data={"webhook_id": "f" * 64},
        subentries=[
            template_data(
                "General", GENERAL_ID, "general", signature=SIGNATURE, text="通知：${1}"
            ),
            recipient_data("Wei", OTHER_NUMBER, "wei", template=None),
        ],
    )
    for entry in (one, two):
        entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(one.entry_id)
    await hass.async_block_till_done()
    requests = await preview(
        hass,
        entity_id=[NOTIFY_ENTITY, "notify.wei"],
        variables={"message": "a"},
    )
    by_number = {tuple(request["numbers"]): request["text"] for request in requests}
    assert by_number == {
        (RECIPIENT_NUMBER,): "家中提醒：a",
        (OTHER_NUMBER,): f"【{SIGNATURE}】通知：a",
    }


@pytest.mark.parametrize(
    ("data", "channel_number", "signature", "text"),
    [
        ({"template": "General"}, None, SIGNATURE, f"【{SIGNATURE}】通知：a"),
        (
            {"template": "general", "signature": "晨光物业", "channel_number": "88"},
            "88",
            "晨光物业",
            "【晨光物业】通知：a",
        ),
        ({"template": TEMPLATE_ID}, CHANNEL_NUMBER, None, "家中提醒：a"),
        ({"template": UNKNOWN_ID, "channel_number": "88"}, "88", None, None),
    ],
)
async def test_text(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    data: dict[str, str],
    channel_number: str | None,
    signature: str | None,
    text: str | None,
) -> None:
    """The text is told where it is known, the signature in front where one is given."""
    (request,) = await preview(hass, numbers=OTHER_NUMBER, variables=["a"], **data)
    assert request["channel_number"] == channel_number
    assert request["signature"] == signature
    assert request["text"] == text


async def test_text_is_not_known(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """A template may be set up without its text."""
    entry = make_entry(platform.url)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    (request,) = await preview(hass, entity_id=NOTIFY_ENTITY, variables=["a"])
    assert (request["variables"], request["text"]) == (["a"], None)
    # then nobody can tell what it costs either
    estimate = ("characters", "encoding", "parts", "cost", "cost_of_all")
    assert [request[key] for key in estimate] == [None] * 5
    # but it is surely too long where its variables alone are
    (request,) = await preview(hass, entity_id=NOTIFY_ENTITY, variables=["a" * 501])
    (broken,) = request["broken_rules"]
    assert (broken["rule"], broken["count"], broken["limit"]) == (
        "text_too_long",
        501,
        500,
    )
    (request,) = await preview(hass, entity_id=NOTIFY_ENTITY, variables=["a" * 500])
    assert request["broken_rules"] == []


async def test_abroad(hass: HomeAssistant, platform: Server, door: TestClient) -> None:
    """International SMS have no signature, and a value may look like a place."""
    entry = make_entry(
        platform.url,
        data={"kind": "international"},
        subentries=[
            template_data(
                variables=[variable("a"), variable("b")], text="${TXT_20} ${TXT_20}"
            )
        ],
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    (request,) = await preview(
        hass, numbers="+2412000000", variables=["${2}", "b"], signature="x"
    )
    assert (request["signature"], request["text"]) == ("x", "${2} b")


async def test_status_callback(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whether there is an address is told as it is now, and nobody is asked for one."""
    data = {"numbers": OTHER_NUMBER, "variables": ["a"]}
    await hass.config.async_update(external_url=None)
    await hass.async_block_till_done()
    (request,) = await preview(hass, **data)
    assert request["status_callback"] is False
    assert set(issues(hass)) == {"no_public_address"}

    cloud = install_cloud(hass, monkeypatch)
    (request,) = await preview(hass, **data)
    assert request["status_callback"] is True
    cloud.subscribed = False
    (request,) = await preview(hass, **data)
    assert request["status_callback"] is False
    assert cloud.given == 0

    hass.config_entries.async_update_entry(
        application,
        options={**application.options, "public_address": "https://sms.example.org"},
    )
    await hass.async_block_till_done()
    (request,) = await preview(hass, **data)
    assert request["status_callback"] is True


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"numbers": None},
        {"entity_id": []},
        {"numbers": [OTHER_NUMBER], "entity_id": NOTIFY_ENTITY},
    ],
)
async def test_for_whom(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    data: dict[str, Any],
) -> None:
    """Either numbers or recipients are named."""
    with pytest.raises(ServiceValidationError) as err:
        await preview(hass, variables=["a"], **data)
    assert err.value.translation_key == "preview_targets"


async def test_no_such_recipient(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """Entities that are not recipients are as for every action with a response."""
    with pytest.raises(HomeAssistantError, match="did not match any entities"):
        await preview(hass, entity_id="event.sms_reply", variables=["a"])


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"variables": ["a", "b"]}, "variables_count"),
    ({"variables": {"massage": "a"}}, "variables_unknown"),
    ({"variables": {}}, "variables_missing"),
    ({"variables": [["a"]]}, "variables_form"),
    ({"template": "Alert", "variables": ["a"]}, "template_unknown"),
    ({"template": UNKNOWN_ID, "variables": ["a"]}, "channel_number_missing"),
    ({"variables": ["a"], "channel_number": "1" * 22}, "invalid_channel_number"),
]


@pytest.mark.parametrize(("data", "key"), REFUSED)
@pytest.mark.parametrize(
    ("action", "whom"),
    [
        ("send_sms", {"numbers": [OTHER_NUMBER]}),
        ("send_template", {"entity_id": NOTIFY_ENTITY}),
    ],
)
async def test_refused_as_when_sending(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    action: str,
    whom: dict[str, Any],
    data: dict[str, Any],
    key: str,
) -> None:
    """What sending refuses is refused, in the same words."""
    errors = []
    for name in (action, "preview"):
        with pytest.raises(ServiceValidationError) as err:
            await hass.services.async_call(
                DOMAIN, name, {**whom, **data}, blocking=True, return_response=True
            )
        errors.append((err.value.translation_key, err.value.translation_placeholders))
    assert errors[0] == errors[1]
    assert errors[0][0] == key
    assert await sent_so_far(hass, platform) == 0


@pytest.mark.parametrize("numbers", [[], ["12"], ["x"]])
async def test_numbers_refused_as_when_sending(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    numbers: list[str],
) -> None:
    """Numbers are read as when sending."""
    keys = []
    for name in ("send_sms", "preview"):
        with pytest.raises(ServiceValidationError) as err:
            await hass.services.async_call(
                DOMAIN,
                name,
                {"numbers": numbers, "variables": ["a"]},
                blocking=True,
                return_response=True,
            )
        keys.append(err.value.translation_key)
    assert keys[0] == keys[1]


async def test_platform_away(
    hass: HomeAssistant, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """The platform is not needed for a preview."""
    entry = make_entry("http://127.0.0.1:9", subentries=[ALARM, MEI])
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    (request,) = await preview(hass, entity_id=NOTIFY_ENTITY, variables=["a"])
    assert request["text"] == "家中提醒：a"


TEXTS = st.text("门东西南北窗开着Ab 12,，！", min_size=1, max_size=20).filter(str.strip)
AMOUNTS = st.text("0123456789", min_size=1, max_size=9)
MESSAGES = st.one_of(
    st.tuples(st.just("Alarm"), st.tuples(TEXTS)),
    st.tuples(st.just("Parcel"), st.tuples(AMOUNTS, TEXTS)),
    st.tuples(st.just("General"), st.tuples(TEXTS)),
    st.tuples(st.just("Backwards"), st.tuples(AMOUNTS, TEXTS, TEXTS)),
    st.tuples(st.just("By name"), st.tuples(TEXTS, AMOUNTS, TEXTS)),
)
OFFSETS = st.lists(st.integers(0, 9), min_size=1, max_size=4)

# Nobody may get the same text again and again, not even in a test.
NEXT_NUMBERS = count(13800000000, 10)


@pytest.fixture
async def all_templates(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """Set an application up that knows the text of every template."""
    letters = [variable("a"), variable("b"), variable("c")]
    more = [
        template_data(name, template_id, name, variables=letters, text=text)
        for name, template_id, text in (
            ("Backwards", BACKWARDS_ID, BACKWARDS),
            ("By name", BY_NAME_ID, BY_NAME),
        )
    ]
    entry = make_entry(platform.url, subentries=[ALARM, PARCEL, GENERAL, *more])
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)


@given(message=MESSAGES, offsets=OFFSETS, reachable=st.booleans())
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_what_is_shown_is_what_is_sent(
    hass: HomeAssistant,
    platform: Server,
    all_templates: None,
    message: tuple[str, tuple[str, ...]],
    offsets: Sequence[int],
    reachable: bool,
) -> None:
    """The request and the text are those that the platform then gets."""
    template, variables = message
    first = next(NEXT_NUMBERS)
    await hass.config.async_update(
        external_url="https://home.example.org" if reachable else None
    )
    platform.platform.scenarios.for_next_requests(Scenario(report=None), 1)
    records = platform.platform.state.records
    records.clear()
    data = {
        "numbers": [f"+86{first + offset}" for offset in offsets],
        "template": template,
        "variables": list(variables),
        # more is sent here than anybody should
        "override_limit": True,
    }
    (shown,) = await preview(hass, **data)
    assert records.request_count == 0
    await hass.services.async_call(DOMAIN, "send_sms", data, blocking=True)
    (request,) = records.requests
    messages = records.messages()
    assert shown["path"] == request.path
    assert (shown["template_id"],) == request.template_ids
    assert tuple(shown["numbers"]) == request.numbers
    assert shown["message_count"] == len(messages)
    assert shown["status_callback"] == (request.status_callback is not None)
    # a template that is not general brings its signature with it, unknown to us
    own = "" if shown["signature"] else f"【{SIGNATURE}】"
    for sent in messages:
        assert shown["channel_number"] in (sent.channel_number, None)
        assert f"{own}{shown['text']}" == sent.text
