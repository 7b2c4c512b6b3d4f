"""Tests of telling the platform's own pushes from others at the webhook."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import product
from urllib.parse import urlencode

from aiohttp.test_utils import TestClient
from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from homeassistant.components import webhook
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from homeassistant.util.aiohttp import MockRequest
from simulator.config import Application
from simulator.options import Options
from simulator.pushes import push_headers
from simulator.server import Server

from .common import (
    WEBHOOK_PATH,
    Events,
    block_storage,
    issues,
    make_entry,
    reply,
    reply_from_phone,
    report,
    send_sms,
)
from .const import (
    APP_KEY,
    APP_SECRET,
    OTHER_NUMBER,
    PUSH_KEY,
    PUSH_SECRET,
    REPLY_EVENT,
    WEBHOOK_ID,
)
from .pushing import FORM

NEW_KEY, NEW_SECRET = "ExamplePushKey0002", "ExamplePushSecret0002"
SIGNING = Application(
    app_key=APP_KEY, app_secret=APP_SECRET, push_ak=PUSH_KEY, push_sk=PUSH_SECRET
)
KEYS = [{"push_ak": PUSH_KEY, "push_sk": PUSH_SECRET}]


@pytest.fixture
def entry(platform: Server) -> MockConfigEntry:
    """Return an application whose pushes must be signed."""
    platform.platform.state.set_application(
        {"push_ak": PUSH_KEY, "push_sk": PUSH_SECRET}
    )
    return make_entry(platform.url, data={"push_keys": KEYS})


def sign(
    address: str,
    fields: Mapping[str, str],
    application: Application = SIGNING,
    *,
    minutes: float = 0,
    **options: str,
) -> tuple[bytes, dict[str, str]]:
    """Return the body and the headers of a push to an address."""
    body = urlencode(fields).encode()
    date = dt_util.utcnow() + timedelta(minutes=minutes)
    headers = push_headers(
        address,
        body,
        FORM,
        application=application,
        options=replace(Options(), **options),
        date=date.strftime("%Y%m%dT%H%M%SZ"),
    )
    return body, headers


async def post(door: TestClient, body: bytes, headers: Mapping[str, str]) -> int:
    """Post a push and return the answer's status."""
    answer = await door.post(WEBHOOK_PATH, data=body, headers=headers)
    return answer.status


def address(hass: HomeAssistant) -> str:
    """Return the address that is handed out."""
    return f"{hass.config.external_url}{WEBHOOK_PATH}"


async def test_whole_way(
    hass: HomeAssistant, platform: Server, reports: Events
) -> None:
    """The platform's own pushes are taken."""
    replies = Events(hass, REPLY_EVENT)
    await send_sms(hass, OTHER_NUMBER)
    await reports.wait_for(2)
    await reply_from_phone(platform, OTHER_NUMBER, "好的")
    await replies.wait_for(1)
    assert all(push.signed for push in platform.platform.state.records.pushes)
    assert {push.http_status for push in platform.platform.state.records.pushes} == {
        200
    }


@pytest.mark.parametrize(
    "mangled",
    [
        {},
        {"Host": "internal.example.org:8123"},
        {"Host": "127.0.0.1"},
        {"Connection": "keep-alive"},
        {"Host": "proxy", "Connection": "upgrade", "X-Forwarded-For": "10.0.0.1"},
        {"Connection": "", "Content-Length": ""},
    ],
)
async def test_behind_a_proxy(
    hass: HomeAssistant, reports: Events, mangled: dict[str, str]
) -> None:
    """What a proxy makes of a request does not matter, what was signed does."""
    signed = product(("close", "keep-alive", "Keep-Alive", ""), (",", ", "))
    for place, (connection, separator) in enumerate(signed):
        body, headers = sign(
            address(hass),
            report(f"message-{place}"),
            push_connection=connection,
            push_separator=separator,
        )
        for name, value in mangled.items():
            headers.pop(name, None)
            if value:
                headers[name.lower()] = value
        request = MockRequest(body, "cloud", "POST", headers=headers)
        answer = await webhook.async_handle_webhook(hass, WEBHOOK_ID, request)
        assert answer.status == 200
    await reports.wait_for(8)
    assert reports.types == ["delivered"] * 8


async def test_over_http_with_other_headers(
    hass: HomeAssistant, door: TestClient, reports: Events
) -> None:
    """The same over HTTP."""
    body, headers = sign(address(hass), report("one"))
    headers |= {"Host": "internal.example.org", "Connection": "keep-alive"}
    assert await post(door, body, headers) == 200
    assert reports.types == ["delivered"]


def unsigned(hass: HomeAssistant) -> tuple[bytes, dict[str, str]]:
    """Make a push without a signature."""
    return urlencode(report("one")).encode(), {"Content-Type": FORM}


def malformed(hass: HomeAssistant) -> tuple[bytes, dict[str, str]]:
    """Make a push whose signature cannot be read."""
    body, headers = sign(address(hass), report("one"))
    return body, {**headers, "Authorization": "SDK-HMAC-SHA256 Access=1"}


def unknown_key(hass: HomeAssistant) -> tuple[bytes, dict[str, str]]:
    """Sign with a key that is not entered."""
    return sign(address(hass), report("one"), replace(SIGNING, push_ak=NEW_KEY))


def signature(hass: HomeAssistant) -> tuple[bytes, dict[str, str]]:
    """Sign with a wrong secret."""
    return sign(address(hass), report("one"), replace(SIGNING, push_sk=NEW_SECRET))


def other_body(hass: HomeAssistant) -> tuple[bytes, dict[str, str]]:
    """Change the body of a signed push."""
    _, headers = sign(address(hass), report("one"))
    return urlencode(report("two")).encode(), headers


def other_address(hass: HomeAssistant) -> tuple[bytes, dict[str, str]]:
    """Sign for an address that was never handed out."""
    return sign(f"https://evil.example.org{WEBHOOK_PATH}", report("one"))


def date(hass: HomeAssistant) -> tuple[bytes, dict[str, str]]:
    """Sign with a clock that is off."""
    return sign(address(hass), report("one"), minutes=-16)


CAUSES = [
    (unsigned, "pushes_refused_unsigned"),
    (malformed, "pushes_refused_malformed"),
    (unknown_key, "pushes_refused_unknown_key"),
    (signature, "pushes_refused_signature"),
    (other_body, "pushes_refused_signature"),
    (other_address, "pushes_refused_signature"),
    (date, "pushes_refused_date"),
]


@pytest.mark.parametrize(("make", "key"), CAUSES)
async def test_refused(
    hass: HomeAssistant,
    door: TestClient,
    application: MockConfigEntry,
    reports: Events,
    make: object,
    key: str,
) -> None:
    """What is not authentic gets 401; three in a row are an issue with the cause."""
    assert callable(make)
    for count in range(1, 5):
        body, headers = make(hass)
        assert await post(door, body, headers) == 401
        assert set(issues(hass)) == ({key} if count >= 3 else set())
    assert reports.states == []
    issue = issues(hass)[key]
    assert issue.translation_placeholders == {"application": "SMS"}
    # an authentic push ends it
    assert await post(door, *sign(address(hass), report("two"))) == 200
    assert issues(hass) == {}
    assert len(reports.states) == 1


async def test_not_in_a_row(
    hass: HomeAssistant, door: TestClient, application: MockConfigEntry
) -> None:
    """Single pushes that are not authentic are no sign of a wrong setting."""
    for place in range(6):
        for _ in range(2):
            assert await post(door, *unsigned(hass)) == 401
        body, headers = sign(address(hass), report(f"message-{place}"))
        assert await post(door, body, headers) == 200
    assert issues(hass) == {}


async def test_replay(
    hass: HomeAssistant,
    door: TestClient,
    application: MockConfigEntry,
    reports: Events,
) -> None:
    """A push that was seen is refused, also after a reload, and is no issue."""
    replies = Events(hass, REPLY_EVENT)
    push = sign(address(hass), reply("one"))
    assert await post(door, *push) == 200
    for _ in range(2):
        for _ in range(2):
            assert await post(door, *push) == 401
        assert await hass.config_entries.async_reload(application.entry_id)
    assert issues(hass) == {}
    assert len(replies.states) == 1


async def test_keys_are_changed(
    hass: HomeAssistant, door: TestClient, application: MockConfigEntry
) -> None:
    """Two pairs count beside each other; what is taken out counts no more."""
    new = replace(SIGNING, push_ak=NEW_KEY, push_sk=NEW_SECRET)
    pairs = [*KEYS, {"push_ak": NEW_KEY, "push_sk": NEW_SECRET}]
    messages = iter(range(100))

    async def try_both() -> list[int]:
        return [
            await post(
                door, *sign(address(hass), report(f"message-{next(messages)}"), by)
            )
            for by in (SIGNING, new)
        ]

    async def set_keys(push_keys: list[dict[str, str]]) -> None:
        hass.config_entries.async_update_entry(
            application, data={**application.data, "push_keys": push_keys}
        )
        await hass.async_block_till_done()

    assert await try_both() == [200, 401]
    await set_keys(pairs)
    assert await try_both() == [200, 200]
    await set_keys(pairs[1:])
    assert await try_both() == [401, 200]
    for _ in range(3):
        assert await post(door, *unsigned(hass)) == 401
    assert "pushes_refused_unsigned" in issues(hass)
    # without keys nothing is checked, and nothing is left to mend
    await set_keys([])
    assert issues(hass) == {}
    assert await post(door, *unsigned(hass)) == 200
    assert await try_both() == [200, 200]


async def test_addresses_handed_out(
    hass: HomeAssistant,
    door: TestClient,
    application: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """An address that is not handed out any more counts for three days."""
    old = address(hass)
    await hass.config.async_update(external_url="https://home.example.org:443")
    await hass.async_block_till_done()
    assert await post(door, *sign(old, report("1"))) == 200
    assert (
        await post(door, *sign(f"https://home.example.org{WEBHOOK_PATH}", report("2")))
        == 200
    )
    freezer.tick(timedelta(hours=72))
    assert await post(door, *sign(old, report("3"))) == 200
    freezer.tick(timedelta(hours=2))
    assert await post(door, *sign(old, report("4"))) == 401


async def test_address_in_the_console(
    hass: HomeAssistant,
    door: TestClient,
    application: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The address for replies counts although nothing was sent for days."""
    for hours in (72, 72):
        freezer.tick(timedelta(hours=hours))
        async_fire_time_changed(hass)
        await hass.async_block_till_done(wait_background_tasks=True)
    assert await post(door, *sign(address(hass), reply("one"))) == 200


async def test_repetition_of_what_was_not_stored(
    hass: HomeAssistant, door: TestClient, entry: MockConfigEntry
) -> None:
    """An honest repetition of a push that was not stored is no replay."""
    block_storage(hass)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    push = sign(address(hass), report("one"))
    for _ in range(2):
        assert await post(door, *push) == 503


async def test_repetition_after_a_fault_of_ours(
    hass: HomeAssistant, door: TestClient, application: MockConfigEntry
) -> None:
    """A push that broke on our side is no replay when it comes again."""
    push = sign(address(hass), reply())
    hass.config_entries.async_update_entry(application, options={})
    await hass.async_block_till_done()
    assert await post(door, *push) == 503
    hass.config_entries.async_update_entry(
        application, options={"default_country": "CN"}
    )
    await hass.async_block_till_done()
    assert await post(door, *push) == 200
    assert await post(door, *push) == 401


async def test_signed_rubbish(
    hass: HomeAssistant, door: TestClient, application: MockConfigEntry
) -> None:
    """A signed push that cannot be read is answered as any other, also once more."""
    push = sign(address(hass), {"status": "DELIVRD"})
    assert await post(door, *push) == 400
    assert await post(door, *push) == 400
