"""Tests of looking up the reply address, and of changing the push keys."""

from collections.abc import AsyncGenerator

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from tests.common import make_entry
from tests.const import WEBHOOK_ID
from tests.fake_cloud import install_cloud

from .flow_inputs import choose, submit, suggested


def pairs(keys: list[tuple[str, str]]) -> list[dict[str, str]]:
    """Return push keys as an entry keeps them."""
    return [{"push_ak": access, "push_sk": secret} for access, secret in keys]


STORED_KEYS = pairs([("ak-1", "sk-1"), ("ak-2", "sk-2")])


@pytest.fixture
async def entry(
    hass: HomeAssistant, door: TestClient
) -> AsyncGenerator[MockConfigEntry]:
    """Set an application up; in the end wait until it has reloaded."""
    entry = make_entry("http://127.0.0.1:9")
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    yield entry
    await hass.async_block_till_done()


async def test_reply_address(
    hass: HomeAssistant, entry: MockConfigEntry, door: TestClient
) -> None:
    """The address can be looked up; saving without a change changes nothing."""
    before = entry.runtime_data
    form = await choose(hass, entry, "reply_address")
    assert form["description_placeholders"] == {
        "address": str(door.make_url(f"/api/webhook/{WEBHOOK_ID}"))
    }
    assert suggested(form) == {}
    result = await submit(hass, form, {})
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert entry.runtime_data is before


async def test_reply_address_of_the_person(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """The public address of the options comes first."""
    hass.config_entries.async_update_entry(
        entry,
        options={**entry.options, "public_address": "https://ha.example.org/home"},
    )
    form = await choose(hass, entry, "reply_address")
    assert form["description_placeholders"] == {
        "address": f"https://ha.example.org/home/api/webhook/{WEBHOOK_ID}"
    }


async def test_reply_address_of_the_cloud(
    hass: HomeAssistant, entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cloud hook of an application stays when its flow is closed."""
    cloud = install_cloud(hass, monkeypatch)
    form = await choose(hass, entry, "reply_address")
    assert form["description_placeholders"]["address"] == cloud.hooks[WEBHOOK_ID]
    hass.config_entries.flow.async_abort(form["flow_id"])
    await hass.async_block_till_done()
    assert not cloud.deleted


async def test_no_reply_address(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Without an address the keys can be changed all the same."""
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, "push_keys": STORED_KEYS}
    )
    await hass.config.async_update(external_url=None)
    form = await choose(hass, entry, "reply_address")
    assert (form["step_id"], form["last_step"]) == ("push_keys", True)
    assert suggested(form) == {"push_ak": "ak-1", "push_ak_2": "ak-2"}
    form = await submit(hass, form, {"push_sk": "s"})
    assert (form["step_id"], form["errors"]) == (
        "push_keys",
        {"push_ak": "push_ak_missing"},
    )
    result = await submit(hass, form, {"push_ak": "ak-2"})
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["push_keys"] == STORED_KEYS[1:]


async def test_reply_address_comes_meanwhile(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """The address is shown as soon as there is one."""
    await hass.config.async_update(external_url=None)
    form = await choose(hass, entry, "reply_address")
    await hass.config.async_update(external_url="https://ha.example.org")
    form = await submit(hass, form, {"push_ak": "ak-1"})
    assert (form["step_id"], form["errors"]) == (
        "reply_address",
        {"push_sk": "push_sk_missing"},
    )
    assert form["description_placeholders"] == {
        "address": f"https://ha.example.org/api/webhook/{WEBHOOK_ID}"
    }


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        # the first keys
        ({"push_ak": "new", "push_sk": "s"}, [("new", "s")]),
        # as they were: empty secrets are kept, wherever their access key stands
        (
            {"push_ak": "ak-1", "push_ak_2": "ak-2"},
            [("ak-1", "sk-1"), ("ak-2", "sk-2")],
        ),
        (
            {"push_ak": "ak-2", "push_ak_2": "ak-1"},
            [("ak-2", "sk-2"), ("ak-1", "sk-1")],
        ),
        # a new pair beside an old one
        (
            {"push_ak": "ak-1", "push_ak_2": "new", "push_sk_2": "s"},
            [("ak-1", "sk-1"), ("new", "s")],
        ),
        # another secret for the same access key
        ({"push_ak": "ak-1", "push_sk": "s"}, [("ak-1", "s")]),
        # only the second place is filled
        ({"push_ak_2": " ak-2 "}, [("ak-2", "sk-2")]),
        ({}, []),
    ],
)
async def test_push_keys(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    typed: dict[str, str],
    stored: list[tuple[str, str]],
) -> None:
    """Keys are added, kept, moved, changed and removed."""
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, "push_keys": STORED_KEYS}
    )
    await hass.async_block_till_done()
    form = await choose(hass, entry, "reply_address")
    assert suggested(form) == {"push_ak": "ak-1", "push_ak_2": "ak-2"}
    result = await submit(hass, form, typed)
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["push_keys"] == pairs(stored)


@pytest.mark.parametrize(
    ("first", "errors", "second", "stored"),
    [
        # the first pair's new secret is kept while the second pair is put right
        (
            {"push_ak": "ak-1", "push_sk": "new-1", "push_ak_2": "new"},
            {"push_sk_2": "push_sk_missing"},
            {"push_ak": "ak-1", "push_ak_2": "new", "push_sk_2": "s"},
            [("ak-1", "new-1"), ("new", "s")],
        ),
        # also where the first pair is the wrong one
        (
            {"push_ak": "new", "push_ak_2": "ak-2", "push_sk_2": "new-2"},
            {"push_sk": "push_sk_missing"},
            {"push_ak": "ak-2"},
            [("ak-2", "new-2")],
        ),
        # an access key is put right, or comes after its secret
        (
            {"push_ak": "a b", "push_sk": "s", "push_ak_2": "ak-2"},
            {"push_ak": "push_key_characters"},
            {"push_ak": "ab", "push_ak_2": "ak-2"},
            [("ab", "s"), ("ak-2", "sk-2")],
        ),
        (
            {"push_ak": "ak-1", "push_sk_2": "s"},
            {"push_ak_2": "push_ak_missing"},
            {"push_ak": "ak-1", "push_ak_2": "new"},
            [("ak-1", "sk-1"), ("new", "s")],
        ),
        # of two pairs with one access key each keeps its own secret
        (
            {"push_ak": "ak-1", "push_ak_2": "ak-1", "push_sk_2": "s"},
            {"push_ak_2": "push_keys_same"},
            {"push_ak": "ak-1", "push_ak_2": "new"},
            [("ak-1", "sk-1"), ("new", "s")],
        ),
        # a secret that is none is forgotten, and with a pair its secret
        (
            {"push_ak": "ak-1", "push_sk": "a b"},
            {"push_sk": "push_key_characters"},
            {"push_ak": "ak-1"},
            [("ak-1", "sk-1")],
        ),
        (
            {"push_sk": "s", "push_ak_2": "ak-2"},
            {"push_ak": "push_ak_missing"},
            {"push_ak_2": "ak-2"},
            [("ak-2", "sk-2")],
        ),
    ],
)
async def test_push_secrets_are_typed_once(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    first: dict[str, str],
    errors: dict[str, str],
    second: dict[str, str],
    stored: list[tuple[str, str]],
) -> None:
    """Secrets are not shown again, but kept while other things are put right."""
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, "push_keys": STORED_KEYS}
    )
    form = await choose(hass, entry, "reply_address")
    form = await submit(hass, form, first)
    assert form["errors"] == errors
    result = await submit(hass, form, second)
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["push_keys"] == pairs(stored)


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"push_ak": "new"}, {"push_sk": "push_sk_missing"}),
        ({"push_ak": "a,b", "push_sk": "s"}, {"push_ak": "push_ak_comma"}),
        ({"push_sk_2": "s"}, {"push_ak_2": "push_ak_missing"}),
        (
            {"push_ak": "ak-1", "push_ak_2": "ak-1", "push_sk_2": "s"},
            {"push_ak_2": "push_keys_same"},
        ),
        (
            {"push_ak_2": "new", "push_sk_2": "a b"},
            {"push_sk_2": "push_key_characters"},
        ),
    ],
)
async def test_push_keys_typed_wrong(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    typed: dict[str, str],
    errors: dict[str, str],
) -> None:
    """Nothing is stored of pairs that are not whole; then it goes on."""
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, "push_keys": STORED_KEYS}
    )
    form = await choose(hass, entry, "reply_address")
    form = await submit(hass, form, typed)
    assert (form["step_id"], form["errors"]) == ("reply_address", errors)
    assert suggested(form) == {
        field: value for field, value in typed.items() if "_sk" not in field
    }
    assert entry.data["push_keys"] == STORED_KEYS
    result = await submit(hass, form, {"push_ak": "new", "push_sk": "s"})
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["push_keys"] == [{"push_ak": "new", "push_sk": "s"}]
