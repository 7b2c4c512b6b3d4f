"""Tests of the looks at what the platform approves of."""

from dataclasses import replace

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
from simulator.server import Server
from tests.common import issues, make_entry, template_data, wait_until
from tests.const import (
    GENERAL_ID,
    NO_VARIABLES_ID,
    SIGNATURE,
    TEMPLATE_ID,
    TEMPLATE_SUBENTRY,
    UNKNOWN_ID,
)

from .console import SENSOR, Console, account_data, becomes, later, state

# How many calls a look at one template takes: applications, signatures, templates.
LOOK = 3

SECOND_SUBENTRY = "01TEMPLATE0000000000000002"


async def ask(hass: HomeAssistant) -> None:
    """Look at once, as a person would start it, again if it was just done."""
    assert await async_setup_component(hass, "homeassistant", {})
    await hass.services.async_call(
        "homeassistant", "update_entity", {"entity_id": SENSOR}, blocking=True
    )
    # what was just done is done again only a little later
    later(hass, seconds=30)


@pytest.fixture
def console(platform: Server) -> Console:
    """Return the platform's console."""
    return Console(platform)


@pytest.fixture
def entry(platform: Server) -> MockConfigEntry:
    """Return an application that has an account."""
    return make_entry(platform.url, data={"account": account_data(platform)})


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set an application up."""
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


async def test_approved(hass: HomeAssistant, application: MockConfigEntry) -> None:
    """A template that is approved, with its signature, gives no issue."""
    await becomes(hass, "approved")
    assert not issues(hass)
    entity = er.async_get(hass).async_get(SENSOR)
    assert entity is not None
    assert entity.config_subentry_id == TEMPLATE_SUBENTRY
    assert entity.entity_category == "diagnostic"
    # the application's device stays the application's
    device = dr.async_get(hass).async_get(entity.device_id or "")
    assert device is not None
    assert device.name == "SMS"
    assert state(hass, "sensor.sms_sent") is not None


async def test_without_account(
    hass: HomeAssistant, door: TestClient, platform: Server, console: Console
) -> None:
    """Without an account there is nothing to ask and nothing to show."""
    await set_up(hass, make_entry(platform.url))
    assert state(hass) is None
    later(hass, hours=7)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert not console.calls


async def test_set_up_asks_nothing(
    hass: HomeAssistant, door: TestClient, entry: MockConfigEntry, console: Console
) -> None:
    """The first look is in the background, after the start of Home Assistant."""
    hass.set_state(CoreState.starting)
    await set_up(hass, entry)
    assert state(hass) == "unavailable"
    assert not console.calls
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await becomes(hass, "approved")


@pytest.mark.parametrize(
    ("flow_status", "shown", "issue"),
    [
        ("Reviewing", "in_review", "template_in_review"),
        ("Pending", "in_review", "template_in_review"),
        ("Reject", "rejected", "template_rejected"),
        ("Disable", "deactivated", "template_deactivated"),
    ],
)
async def test_template_states(
    hass: HomeAssistant,
    application: MockConfigEntry,
    console: Console,
    flow_status: str,
    shown: str,
    issue: str,
) -> None:
    """An approval that ends is noticed within six hours, and so is its return."""
    await becomes(hass, "approved")
    reason = "含有*联系方式*\n" + "请修改" * 200
    await console.change(
        "template",
        template_id=TEMPLATE_ID,
        flow_status=flow_status,
        review_desc=reason,
    )
    later(hass, hours=6, minutes=1)
    await becomes(hass, shown)
    found = issues(hass)
    assert set(found) == {issue}
    assert not found[issue].is_fixable
    given = found[issue].translation_placeholders
    assert given is not None
    assert given["template"] == given["shown_template"] == "Alarm"
    # no markup of others, in one line, and not too long
    assert given["reason"].startswith("含有\\*联系方式\\* 请修改")
    assert len(given["reason"]) < 310
    await console.change("template", template_id=TEMPLATE_ID, flow_status="Adopted")
    later(hass, hours=6, minutes=1)
    await becomes(hass, "approved")
    assert not issues(hass)


async def test_template_gone(
    hass: HomeAssistant, door: TestClient, platform: Server
) -> None:
    """A template that the account does not have gives an issue."""
    entry = make_entry(
        platform.url,
        data={"account": account_data(platform)},
        subentries=[template_data(template_id=UNKNOWN_ID)],
    )
    await set_up(hass, entry)
    await becomes(hass, "not_found")
    assert set(issues(hass)) == {"template_not_found"}


async def test_unknown_state(
    hass: HomeAssistant,
    application: MockConfigEntry,
    platform: Server,
) -> None:
    """A state that is not documented is shown as unknown; nobody is alarmed."""
    await becomes(hass, "approved")
    templates = platform.platform.state.console.templates
    templates[TEMPLATE_ID] = replace(templates[TEMPLATE_ID], flow_status="Frozen")
    later(hass, hours=6, minutes=1)
    await becomes(hass, "unknown")
    assert not issues(hass)


async def test_only_every_six_hours(
    hass: HomeAssistant, application: MockConfigEntry, console: Console
) -> None:
    """A look takes few calls, and the next is six hours later."""
    await becomes(hass, "approved")
    assert console.calls == LOOK
    later(hass, hours=5, minutes=58)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert console.calls == LOOK
    later(hass, hours=6, minutes=1)
    await console.asked(2 * LOOK)


async def test_failure(
    hass: HomeAssistant, application: MockConfigEntry, console: Console
) -> None:
    """What cannot be asked is unavailable; the pauses get longer; issues stay."""
    await becomes(hass, "approved")
    await console.change("template", template_id=TEMPLATE_ID, flow_status="Reject")
    later(hass, hours=6, minutes=1)
    await becomes(hass, "rejected")
    calls = console.calls
    await console.fail(2, http_status=500)
    later(hass, hours=6, minutes=1)
    await becomes(hass, "unavailable")
    assert set(issues(hass)) == {"template_rejected"}
    assert console.calls == calls + 1
    later(hass, minutes=4)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert console.calls == calls + 1
    later(hass, minutes=6)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert console.calls == calls + 2
    # the second pause is twice as long
    later(hass, minutes=6)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert console.calls == calls + 2
    await console.change("template", template_id=TEMPLATE_ID, flow_status="Adopted")
    later(hass, minutes=11)
    await becomes(hass, "approved")
    assert not issues(hass)


async def test_rate_limit(
    hass: HomeAssistant, application: MockConfigEntry, console: Console
) -> None:
    """The platform may ask for a longer pause."""
    await becomes(hass, "approved")
    await console.fail(http_status=429, retry_after="3600")
    later(hass, hours=6, minutes=1)
    await becomes(hass, "unavailable")
    calls = console.calls
    later(hass, minutes=55)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert console.calls == calls
    later(hass, minutes=65)
    await becomes(hass, "approved")


async def test_asked_by_a_person(
    hass: HomeAssistant, application: MockConfigEntry, console: Console
) -> None:
    """A person can have it looked up at once."""
    await becomes(hass, "approved")
    await console.change("template", template_id=TEMPLATE_ID, flow_status="Disable")
    await ask(hass)
    await becomes(hass, "deactivated")


async def test_no_entity_needed(
    hass: HomeAssistant, application: MockConfigEntry, console: Console
) -> None:
    """The issues come even if nobody wants the entities."""
    await becomes(hass, "approved")
    er.async_get(hass).async_update_entity(
        SENSOR, disabled_by=er.RegistryEntryDisabler.USER
    )
    await hass.async_block_till_done()
    await console.change("template", template_id=TEMPLATE_ID, flow_status="Disable")
    later(hass, hours=6, minutes=1)
    await wait_until(lambda: "template_deactivated" in issues(hass))


async def test_suspended(
    hass: HomeAssistant, application: MockConfigEntry, console: Console
) -> None:
    """An application that may not send gives an issue, besides others."""
    await becomes(hass, "approved")
    await console.change("template", template_id=TEMPLATE_ID, flow_status="Reject")
    later(hass, hours=6, minutes=1)
    await wait_until(lambda: set(issues(hass)) == {"template_rejected"})
    await console.change("application", status="SUSPENDED")
    later(hass, hours=6, minutes=1)
    both = {"application_suspended", "template_rejected"}
    await wait_until(lambda: set(issues(hass)) == both)
    await console.change("application", status="LAUNCHED")
    later(hass, hours=6, minutes=1)
    await wait_until(lambda: set(issues(hass)) == {"template_rejected"})


@pytest.mark.parametrize(
    ("status", "issue"),
    [
        ("PENDING_REVIEW", "signature_in_review"),
        ("REVIEW_PASSED_REAL_NAME_REGISTRATING", "signature_in_review"),
        ("REVIEW_NOT_PASS", "signature_rejected"),
        ("REVIEW_PASSED_REAL_NAME_REGISTRATE_FAIL", "signature_rejected"),
        ("TO_BE_ACTIVATED", "signature_to_activate"),
        ("PENDING_ACTIVATE", "signature_to_activate"),
    ],
)
async def test_signature_states(
    hass: HomeAssistant,
    door: TestClient,
    platform: Server,
    console: Console,
    status: str,
    issue: str,
) -> None:
    """A signature gives one issue, however many templates belong to it."""
    second = template_data("Bell", NO_VARIABLES_ID, SECOND_SUBENTRY, variables=[])
    entry = make_entry(
        platform.url,
        data={"account": account_data(platform)},
        subentries=[template_data(), second],
    )
    await console.change(
        "signature", name=SIGNATURE, status=status, review_desc="资质不符"
    )
    await set_up(hass, entry)
    await becomes(hass, "approved", "sensor.sms_approval_of_bell")
    found = issues(hass)
    assert set(found) == {issue}
    assert found[issue].is_fixable is (issue == "signature_to_activate")
    assert found[issue].translation_placeholders == {
        "application": "SMS",
        "template": "Alarm",
        "shown_template": "Alarm",
        "signature": SIGNATURE,
        "shown_signature": SIGNATURE,
        "reason": "资质不符",
    }
    await console.change("signature", name=SIGNATURE, status="REVIEW_PASSED")
    later(hass, hours=6, minutes=1)
    await wait_until(lambda: not issues(hass))


async def test_names_with_markup(
    hass: HomeAssistant, door: TestClient, platform: Server
) -> None:
    """What templates and signatures are called is no markup in the issues' texts."""
    name = "[x](http://example.org)"
    more = {"template_id": GENERAL_ID, "signature": "*<b>*"}
    entry = make_entry(
        platform.url,
        data={"account": account_data(platform)},
        subentries=[template_data(name, **more)],
    )
    await set_up(hass, entry)
    await wait_until(lambda: "signature_not_found" in issues(hass))
    given = issues(hass)["signature_not_found"].translation_placeholders
    assert given is not None
    # a title shows names as they are
    assert (given["template"], given["signature"]) == (name, "*<b>*")
    assert given["shown_template"] == r"\[x\]\(http\://example\.org\)"
    assert given["shown_signature"] == r"\*\<b\>\*"


@pytest.mark.parametrize(
    ("signature", "wrong"),
    [
        (SIGNATURE, set()),
        ("晨光验证", set()),
        ("无此签名", {"signature_not_found"}),
        (None, set()),
    ],
)
async def test_general_template(
    hass: HomeAssistant,
    door: TestClient,
    platform: Server,
    signature: str | None,
    wrong: set[str],
) -> None:
    """With a general template it is the signature that was entered."""
    more = {} if signature is None else {"signature": signature}
    entry = make_entry(
        platform.url,
        data={"account": account_data(platform)},
        subentries=[template_data(template_id=GENERAL_ID, **more)],
    )
    await set_up(hass, entry)
    await becomes(hass, "approved")
    assert set(issues(hass)) == wrong
