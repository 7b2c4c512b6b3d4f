"""Tests of who may send: to any number, and to a recipient."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized, UnknownUser
from homeassistant.helpers import entity_registry as er
from simulator.server import Server
from tests.common import make_entry, recipient_data, template_data
from tests.const import NOTIFY_ENTITY, RECIPIENT_NUMBER, REPLY_EVENT, REPORT_EVENT

ALL_NUMBERS: list[tuple[str, str, dict[str, Any]]] = [
    (
        "huawei_cloud_sms",
        "send_sms",
        {"numbers": [RECIPIENT_NUMBER], "variables": ["a"]},
    ),
    (
        "huawei_cloud_sms",
        "send_batch",
        {"messages": [{"number": RECIPIENT_NUMBER, "variables": ["a"]}]},
    ),
    (
        "notify",
        "huawei_cloud_sms",
        {"target": [RECIPIENT_NUMBER], "message": "a"},
    ),
]
RECIPIENTS: list[tuple[str, str, dict[str, Any]]] = [
    (
        "huawei_cloud_sms",
        "send_template",
        {"entity_id": NOTIFY_ENTITY, "variables": ["a"]},
    ),
    (
        "huawei_cloud_sms",
        "send_batch",
        {"messages": [{"recipient": "Mei", "variables": ["a"]}]},
    ),
    ("notify", "send_message", {"entity_id": NOTIFY_ENTITY, "message": "a"}),
]


def controls(*entity_ids: str) -> Callable[[HomeAssistant], Awaitable[str]]:
    """Return what makes a user who controls some entities and reads all."""

    async def make(hass: HomeAssistant) -> str:
        user = MockUser().add_to_hass(hass)
        user.mock_policy(
            {
                "entities": {
                    "entity_ids": {
                        entity_id: {"read": True, "control": True}
                        for entity_id in entity_ids
                    },
                    "all": {"read": True},
                }
            }
        )
        return user.id

    return make


async def admin(hass: HomeAssistant) -> str:
    """Make a user who may do everything."""
    return MockUser(is_owner=True).add_to_hass(hass).id


async def nobody(hass: HomeAssistant) -> None:
    """Make nobody: automations have no user."""


PREVIEWS: list[tuple[dict[str, Any], Callable[[HomeAssistant], Awaitable[str]]]] = [
    ({"numbers": [RECIPIENT_NUMBER]}, controls(NOTIFY_ENTITY)),
    ({"entity_id": NOTIFY_ENTITY}, controls(REPORT_EVENT, REPLY_EVENT)),
]
ALLOWED = [nobody, admin, controls(REPORT_EVENT, REPLY_EVENT)]
PARTLY = [
    controls(NOTIFY_ENTITY),
    controls(NOTIFY_ENTITY, REPLY_EVENT),
    controls(NOTIFY_ENTITY, "event.mei_reply", "event.mei_delivery_report"),
]


async def call_as(
    hass: HomeAssistant, call: tuple[str, str, dict[str, Any]], user_id: str | None
) -> None:
    """Call an action as a user."""
    domain, action, data = call
    await hass.services.async_call(
        domain, action, data, blocking=True, context=Context(user_id=user_id)
    )


@pytest.mark.parametrize("make", ALLOWED)
@pytest.mark.parametrize("call", ALL_NUMBERS)
async def test_any_number(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    make: Callable[[HomeAssistant], Awaitable[str | None]],
    call: tuple[str, str, dict[str, Any]],
) -> None:
    """Those who control the application's entities send to any number."""
    await call_as(hass, call, await make(hass))
    assert len(platform.platform.state.records.messages()) == 1


@pytest.mark.parametrize("make", [*PARTLY, controls()])
@pytest.mark.parametrize("call", ALL_NUMBERS)
async def test_not_any_number(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    make: Callable[[HomeAssistant], Awaitable[str]],
    call: tuple[str, str, dict[str, Any]],
) -> None:
    """Others do not."""
    user_id = await make(hass)
    with pytest.raises(Unauthorized) as err:
        await call_as(hass, call, user_id)
    assert err.value.user_id == user_id
    assert platform.platform.state.records.request_count == 0


@pytest.mark.parametrize("make", [nobody, admin, *PARTLY])
@pytest.mark.parametrize("call", RECIPIENTS)
async def test_recipient(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    make: Callable[[HomeAssistant], Awaitable[str | None]],
    call: tuple[str, str, dict[str, Any]],
) -> None:
    """Those who control a recipient's notify entity send to this recipient."""
    await call_as(hass, call, await make(hass))
    assert len(platform.platform.state.records.messages()) == 1


@pytest.mark.parametrize("make", [controls(), controls(REPORT_EVENT, REPLY_EVENT)])
@pytest.mark.parametrize("call", RECIPIENTS)
async def test_not_recipient(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    make: Callable[[HomeAssistant], Awaitable[str]],
    call: tuple[str, str, dict[str, Any]],
) -> None:
    """Others do not."""
    with pytest.raises(Unauthorized):
        await call_as(hass, call, await make(hass))
    assert platform.platform.state.records.request_count == 0


@pytest.mark.parametrize("call", [*ALL_NUMBERS, *RECIPIENTS])
async def test_unknown_user(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    call: tuple[str, str, dict[str, Any]],
) -> None:
    """A user who does not exist sends nothing."""
    with pytest.raises(UnknownUser):
        await call_as(hass, call, "somebody")
    assert platform.platform.state.records.request_count == 0


async def test_batch_for_both(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """A batch is for those who may send each of its messages, and says nothing else."""
    recipient = {"recipient": "Mei", "variables": ["a"]}
    number = {"number": RECIPIENT_NUMBER, "variables": ["b"]}
    for messages, user, error in (
        ([recipient, number], controls(NOTIFY_ENTITY), Unauthorized),
        ([recipient, number], controls(REPORT_EVENT, REPLY_EVENT), Unauthorized),
        ([recipient, {"recipient": "?"}], controls(NOTIFY_ENTITY), Unauthorized),
        ([recipient, {"x": 1}], controls(NOTIFY_ENTITY), ServiceValidationError),
        ([recipient, {"x": 1}], controls(), Unauthorized),
    ):
        call = ("huawei_cloud_sms", "send_batch", {"messages": messages})
        with pytest.raises(error):
            await call_as(hass, call, await user(hass))
    assert platform.platform.state.records.request_count == 0
    both = controls(NOTIFY_ENTITY, REPORT_EVENT, REPLY_EVENT)
    call = ("huawei_cloud_sms", "send_batch", {"messages": [recipient, number]})
    await call_as(hass, call, await both(hass))
    assert len(platform.platform.state.records.messages()) == 2


async def test_other_application(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """Control of one application says nothing of another."""
    other = make_entry(
        platform.url,
        title="Other",
        data={"webhook_id": "f" * 64},
        subentries=[
            template_data(subentry_id="other"),
            recipient_data("Wei", subentry_id="wei", template="other"),
        ],
    )
    other.add_to_hass(hass)
    assert await hass.config_entries.async_setup(other.entry_id)
    user_id = await controls(REPORT_EVENT, REPLY_EVENT)(hass)
    domain, action, data = ALL_NUMBERS[0]
    with pytest.raises(Unauthorized):
        await call_as(
            hass, (domain, action, {**data, "config_entry_id": other.entry_id}), user_id
        )
    assert platform.platform.state.records.request_count == 0


async def test_without_entities(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """Where the application has no entities left, control cannot be shown."""
    registry = er.async_get(hass)
    for entity_id in (REPORT_EVENT, REPLY_EVENT):
        registry.async_remove(entity_id)
    user_id = await controls(REPORT_EVENT, REPLY_EVENT)(hass)
    with pytest.raises(Unauthorized):
        await call_as(hass, ALL_NUMBERS[0], user_id)


@pytest.mark.parametrize(("whom", "make"), PREVIEWS)
async def test_preview(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    whom: dict[str, Any],
    make: Callable[[HomeAssistant], Awaitable[str]],
) -> None:
    """A preview is for those who may send, and says nothing to others."""
    data = {**whom, "variables": ["a"]}
    for user_id, error in ((await make(hass), Unauthorized), ("x", UnknownUser)):
        with pytest.raises(error):
            await hass.services.async_call(
                "huawei_cloud_sms",
                "preview",
                data,
                blocking=True,
                context=Context(user_id=user_id),
                return_response=True,
            )
    for other, allowed in PREVIEWS:
        if other != whom:
            response = await hass.services.async_call(
                "huawei_cloud_sms",
                "preview",
                data,
                blocking=True,
                context=Context(user_id=await allowed(hass)),
                return_response=True,
            )
            assert response is not None
            assert response["requests"]
