"""Tests of entering the first recipient of an application."""

from collections.abc import AsyncGenerator

import pytest

from homeassistant.core import HomeAssistant
from tests.canned_platform import CannedPlatform, serve_canned

from .flow_inputs import RECIPIENT, TEMPLATE, submit, suggested, walk


@pytest.fixture
async def canned(
    hass: HomeAssistant, socket_enabled: None
) -> AsyncGenerator[CannedPlatform]:
    """Start a platform that answers as it is told."""
    async with serve_canned() as platform:
        yield platform


@pytest.mark.parametrize(
    ("typed", "errors", "placeholders"),
    [
        ({"number": "13700000001"}, {"name": "name_empty"}, {}),
        ({"name": "Mei"}, {"number": "number_empty"}, None),
        ({"name": "Mei", "number": "Mei"}, {"number": "number_not_a_number"}, None),
        (
            {"name": "Mei", "number": "110"},
            {"number": "number_impossible"},
            {"country": "CN", "national": "", "international": ""},
        ),
        (
            {"name": "Mei", "number": "12025550123"},
            {"number": "number_ambiguous"},
            {
                "country": "CN",
                "national": "+8612025550123",
                "international": "+12025550123",
            },
        ),
    ],
)
async def test_recipient_typed_wrong(
    hass: HomeAssistant,
    canned: CannedPlatform,
    typed: dict[str, str],
    errors: dict[str, str],
    placeholders: dict[str, str] | None,
) -> None:
    """Half a recipient, or a number that is none, is refused; then it goes on."""
    form = await walk(hass, canned.url, TEMPLATE)
    form = await submit(hass, form, typed)
    assert (form["step_id"], form["errors"]) == ("recipient", errors)
    if placeholders is not None:
        assert form["description_placeholders"] == placeholders
    assert suggested(form) == typed
    form = await submit(hass, form, RECIPIENT)
    assert form["step_id"] == "no_reply_address"


@pytest.mark.parametrize(
    ("home", "country", "number"),
    [
        ("DE", "DE", "+491701234567"),
        (None, "CN", None),
        # nobody has a telephone number of Antarctica
        ("AQ", "CN", None),
    ],
)
async def test_default_country(
    hass: HomeAssistant,
    canned: CannedPlatform,
    home: str | None,
    country: str,
    number: str | None,
) -> None:
    """Home Assistant's own country is the first default country."""
    hass.config.country = home
    typed = {"name": "Anna", "number": "0170 1234567"} if number else {}
    result = await walk(hass, canned.url, TEMPLATE, typed, {})
    entry = result["result"]
    assert entry.options == {"default_country": country}
    assert [
        subentry.data["number"]
        for subentry in entry.get_subentries_of_type("recipient")
    ] == ([number] if number else [])
