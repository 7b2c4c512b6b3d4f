"""Tests of the action for recipients."""

from typing import Any

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.huawei_cloud_sms.const import DOMAIN
from homeassistant.core import Context, HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.util import dt as dt_util
from simulator.server import Server
from tests.common import Events, make_entry, recipient_data, template_data, variable
from tests.const import (
    NO_VARIABLES_ID,
    OTHER_NUMBER,
    RECIPIENT_NUMBER,
    REPORT_EVENT,
    TEMPLATE_ID,
    TEMPLATE_SUBENTRY,
)

REFUSED_NUMBER = "+8613700009228"

DOORBELL = template_data(
    "Doorbell", NO_VARIABLES_ID, "doorbell", variables=[], default=False
)


@pytest.fixture
async def entry(platform: Server) -> MockConfigEntry:
    """Return an application with recipients that use three templates."""
    return make_entry(
        platform.url,
        subentries=[
            template_data(),
            template_data(
                "Caps",
                TEMPLATE_ID,
                "caps",
                variables=[variable("caps", default="{{ message|upper }}")],
            ),
            DOORBELL,
            recipient_data(),
            recipient_data("Wei", OTHER_NUMBER, "wei"),
            recipient_data("Li", "+8613700000003", "li", "caps"),
            recipient_data("Jun", "+8613700000004", "jun", "doorbell"),
            recipient_data("No", REFUSED_NUMBER, "no"),
        ],
    )


async def send_template(
    hass: HomeAssistant, *names: str, context: Context | None = None, **data: Any
) -> dict[str, Any]:
    """Send to recipients and return the response."""
    response = await hass.services.async_call(
        DOMAIN,
        "send_template",
        {"entity_id": [f"notify.{name}" for name in names], **data},
        blocking=True,
        context=context,
        return_response=True,
    )
    assert response is not None
    return dict(response)


async def test_one_request_for_many(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """Recipients of the same text share a request; the response is keyed by entity."""
    response = await send_template(hass, "mei", "wei", variables={"message": "a"})
    (request,) = platform.platform.state.records.requests
    assert set(request.numbers) == {RECIPIENT_NUMBER, OTHER_NUMBER}
    assert set(response) == {"notify.mei", "notify.wei"}
    at_platform = {it.number: it for it in platform.platform.state.records.messages()}
    for entity_id, number in (
        ("notify.mei", RECIPIENT_NUMBER),
        ("notify.wei", OTHER_NUMBER),
    ):
        message = response[entity_id]
        assert message["number"] == number
        assert message["state"] == "accepted"
        assert message["message_id"] == at_platform[number].message_id


async def test_each_recipients_template(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """Without a template in the call each recipient gets its own."""
    await send_template(
        hass, "mei", "wei", "li", "jun", variables={"message": "a", "title": "b"}
    )
    texts = {
        it.number: it.text.partition("】")[2]
        for it in platform.platform.state.records.messages()
    }
    assert texts == {
        RECIPIENT_NUMBER: "家中提醒：a",
        OTHER_NUMBER: "家中提醒：a",
        "+8613700000003": "家中提醒：A",
        "+8613700000004": "家中门铃响了，请留意。",
    }
    assert platform.platform.state.records.request_count == 3


async def test_template_of_the_call(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """A template in the call is sent to all."""
    await send_template(hass, "mei", "li", "jun", template="doorbell")
    (request,) = platform.platform.state.records.requests
    assert request.template_ids == (NO_VARIABLES_ID,)
    assert len(request.numbers) == 3


async def test_state_and_context(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """The entities say when they last sent, in the context of the call."""
    context = Context()
    before = dt_util.utcnow()
    await send_template(hass, "mei", "no", context=context, variables={"message": "a"})
    state = hass.states.get("notify.mei")
    assert isinstance(state, State)
    sent_at = dt_util.parse_datetime(state.state)
    assert sent_at is not None
    assert before <= sent_at <= dt_util.utcnow()
    assert state.context.id == context.id
    # nothing went out to this one
    assert hass.states.get("notify.no").state == "unknown"


async def test_refusal(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """Without response data a refusal raises, after all were tried."""
    response = await send_template(hass, "mei", "no", variables={"message": "a"})
    assert response["notify.no"]["state"] == "refused"
    assert response["notify.no"]["code"] == "E200028"
    assert response["notify.mei"]["state"] == "accepted"
    with pytest.raises(HomeAssistantError) as err:
        await hass.services.async_call(
            DOMAIN,
            "send_template",
            {"entity_id": ["notify.no", "notify.jun"], "variables": {"message": "a"}},
            blocking=True,
        )
    assert "•••9228" in str(err.value)
    assert platform.platform.state.records.messages("+8613700000004")


async def test_nothing_leaves_while_a_rule_is_broken(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """A rule that one recipient's template breaks keeps all SMS back."""
    other = make_entry(
        platform.url,
        title="International",
        data={"kind": "international", "webhook_id": "f" * 64},
        subentries=[
            template_data(subentry_id="other"),
            recipient_data("Ann", "+4915112345678", "ann", "other"),
        ],
    )
    other.add_to_hass(hass)
    assert await hass.config_entries.async_setup(other.entry_id)
    with pytest.raises(ServiceValidationError) as err:
        await send_template(hass, "ann", "mei", variables={"message": "it's"})
    assert err.value.translation_key == "variable_rules"
    assert platform.platform.state.records.request_count == 0

    response = await send_template(hass, "ann", "mei", variables={"message": "its"})
    assert set(response) == {"notify.ann", "notify.mei"}
    assert response["notify.mei"]["state"] == "accepted"
    # the simulator's application is of the other kind
    assert response["notify.ann"]["state"] == "refused"
    assert platform.platform.state.records.request_count == 2


async def test_two_applications(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """Recipients of two applications are reached by one call."""
    for name, number in (("Mei", RECIPIENT_NUMBER), ("Wei", OTHER_NUMBER)):
        entry = make_entry(
            platform.url,
            title=name,
            data={"webhook_id": name * 20},
            subentries=[
                template_data(subentry_id=f"{TEMPLATE_SUBENTRY}{name}"),
                recipient_data(name, number, name, f"{TEMPLATE_SUBENTRY}{name}"),
            ],
        )
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)
    reports = [
        Events(hass, "event.mei_delivery_report"),
        Events(hass, "event.wei_delivery_report"),
    ]
    response = await send_template(hass, "mei", "wei", variables=["a"])
    assert {message["state"] for message in response.values()} == {"accepted"}
    for events in reports:
        # each application shows its own, and only that
        await events.wait_for(2)
        assert events.types == ["accepted", "delivered"]
    assert platform.platform.state.records.request_count == 2


async def test_legal_without_response(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """Nothing is raised when all is accepted, and events show it."""
    reports = Events(hass, REPORT_EVENT)
    await hass.services.async_call(
        DOMAIN,
        "send_template",
        {"entity_id": "notify.jun"},
        blocking=True,
    )
    await reports.wait_for(2)
    assert reports.states[0].attributes["recipient"] == "Jun"
