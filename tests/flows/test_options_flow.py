"""Tests of an application's options."""

from collections.abc import AsyncGenerator

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from tests.common import make_entry

from .flow_inputs import suggested

# What the form proposes beside the country and the address.
KEPT = {"retention_days": 90, "keep_texts": True}
LIMITS = {"max_parts_per_hour": 30, "max_parts_per_day": 200}
USUAL = {**KEPT, **LIMITS}


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


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        (" https://ha.example.org/ ", "https://ha.example.org"),
        ("ha.example.org:8443/home", "https://ha.example.org:8443/home"),
        ("http://192.168.1.2:8123", "http://192.168.1.2:8123"),
        # the whole reply address, as it is shown
        ("https://ha.example.org/api/webhook/0a1b", "https://ha.example.org"),
    ],
)
async def test_options(
    hass: HomeAssistant, entry: MockConfigEntry, typed: str, address: str
) -> None:
    """Options are stored, shown again, taken away, and the application reloads."""
    before = entry.runtime_data
    options = hass.config_entries.options
    form = await options.async_init(entry.entry_id)
    assert form["step_id"] == "init"
    assert suggested(form) == {"default_country": "CN"}
    assert form["data_schema"](suggested(form)) == {"default_country": "CN", **USUAL}
    result = await options.async_configure(
        form["flow_id"], {"default_country": "DE", "public_address": typed}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options == {
        "default_country": "DE",
        "public_address": address,
        **USUAL,
    }
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert entry.runtime_data is not before

    form = await options.async_init(entry.entry_id)
    assert suggested(form) == entry.options
    await options.async_configure(
        form["flow_id"], {"default_country": "CN", "public_address": "  "}
    )
    assert entry.options == {"default_country": "CN", **USUAL}


@pytest.mark.parametrize("days", [7, 30.0, 3650])
async def test_what_is_kept(
    hass: HomeAssistant, entry: MockConfigEntry, days: float
) -> None:
    """For how long messages are kept, and whether with texts, is stored and shown."""
    options = hass.config_entries.options
    form = await options.async_init(entry.entry_id)
    chosen = {"default_country": "CN", "retention_days": days, "keep_texts": False}
    await options.async_configure(form["flow_id"], chosen)
    chosen |= LIMITS
    assert entry.options == chosen
    assert isinstance(entry.options["retention_days"], int)
    await hass.async_block_till_done()
    form = await options.async_init(entry.entry_id)
    assert suggested(form) == chosen


@pytest.mark.parametrize(("hour", "day"), [(1, 1.0), (100_000, 100_000)])
async def test_limits(
    hass: HomeAssistant, entry: MockConfigEntry, hour: float, day: float
) -> None:
    """How much may be sent in an hour and in a day is stored, whole, and shown."""
    options = hass.config_entries.options
    form = await options.async_init(entry.entry_id)
    chosen = {"max_parts_per_hour": hour, "max_parts_per_day": day}
    await options.async_configure(form["flow_id"], {"default_country": "CN", **chosen})
    assert entry.options == {"default_country": "CN", **KEPT, **chosen}
    assert isinstance(entry.options["max_parts_per_day"], int)


@pytest.mark.parametrize("parts", [0, -1, 100_001])
@pytest.mark.parametrize("name", sorted(LIMITS))
async def test_senseless_limits(
    hass: HomeAssistant, entry: MockConfigEntry, name: str, parts: int
) -> None:
    """Whoever wants to send nothing disables the application."""
    options = hass.config_entries.options
    form = await options.async_init(entry.entry_id)
    with pytest.raises(InvalidData):
        await options.async_configure(
            form["flow_id"], {"default_country": "CN", name: parts}
        )


@pytest.mark.parametrize("days", [0, 6, 3651, -1])
async def test_too_short_or_too_long(
    hass: HomeAssistant, entry: MockConfigEntry, days: int
) -> None:
    """Reports must still find their message, and a record must end at some time."""
    options = hass.config_entries.options
    form = await options.async_init(entry.entry_id)
    with pytest.raises(InvalidData):
        await options.async_configure(
            form["flow_id"], {"default_country": "CN", "retention_days": days}
        )
    assert entry.options == {"default_country": "CN"}


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("two words", "address_invalid"),
        ("https://", "address_invalid"),
        ("http://ha.example.org", "address_insecure"),
        ("http://8.8.8.8", "address_insecure"),
        ("https://me@ha.example.org", "address_user_info"),
        ("https://ha.example.org/#home", "address_query"),
    ],
)
async def test_address_typed_wrong(
    hass: HomeAssistant, entry: MockConfigEntry, typed: str, error: str
) -> None:
    """An address that cannot work is refused; then it goes on."""
    options = hass.config_entries.options
    form = await options.async_init(entry.entry_id)
    wrong = {"default_country": "FR", "public_address": typed}
    form = await options.async_configure(form["flow_id"], wrong)
    assert (form["step_id"], form["errors"]) == ("init", {"public_address": error})
    assert suggested(form) == {**wrong, **USUAL}
    assert entry.options == {"default_country": "CN"}
    result = await options.async_configure(form["flow_id"], {"default_country": "FR"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options == {"default_country": "FR", **USUAL}


@pytest.mark.parametrize("country", ["", "XX", "AQ", "cn"])
async def test_country_without_numbers(
    hass: HomeAssistant, entry: MockConfigEntry, country: str
) -> None:
    """Only countries with telephone numbers can be chosen."""
    options = hass.config_entries.options
    form = await options.async_init(entry.entry_id)
    with pytest.raises(InvalidData):
        await options.async_configure(form["flow_id"], {"default_country": country})
    assert entry.options == {"default_country": "CN"}


async def test_price(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """What a part costs is asked in Home Assistant's currency, and may be left out."""
    entry.add_to_hass(hass)
    await hass.config.async_update(currency="CNY")
    options = hass.config_entries.options
    form = await options.async_init(entry.entry_id)
    assert form["data_schema"] is not None
    price = form["data_schema"].schema["price_per_part"]
    assert price.config["unit_of_measurement"] == "CNY"
    chosen = {"default_country": "CN", "price_per_part": 0.045}
    await options.async_configure(form["flow_id"], chosen)
    assert entry.options == {**USUAL, **chosen}

    form = await options.async_init(entry.entry_id)
    assert suggested(form)["price_per_part"] == 0.045
    with pytest.raises(InvalidData):
        await options.async_configure(
            form["flow_id"], {"default_country": "CN", "price_per_part": -1}
        )
    await options.async_configure(form["flow_id"], {"default_country": "CN"})
    assert entry.options == {**USUAL, "default_country": "CN"}
