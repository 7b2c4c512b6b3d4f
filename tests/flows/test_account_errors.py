"""Tests of what a form says of credentials that do not open the account."""

from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from simulator.server import Server
from tests.account.console import Console

from .account_inputs import FIELDS, fill_in, typed
from .flow_inputs import begin, submit, suggested


@pytest.mark.parametrize(
    ("way", "changes", "errors"),
    [
        ("access_key", {"secret_key": "wrong"}, {"base": "account_credentials"}),
        ("access_key", {"access_key": "wrong"}, {"base": "account_credentials"}),
        ("access_key", {"access_key": "w, r"}, {"access_key": "account_characters"}),
        ("access_key", {"access_key": " "}, {"access_key": "account_empty"}),
        ("access_key", {"secret_key": " "}, {"secret_key": "account_empty"}),
        ("access_key", {"project_id": "other"}, {"project_id": "account_project"}),
        ("access_key", {"project_id": "a/b"}, {"project_id": "account_characters"}),
        ("iam_user", {"iam_password": "wrong"}, {"base": "account_credentials"}),
        ("iam_user", {"iam_domain": "wrong"}, {"base": "account_credentials"}),
        ("iam_user", {"iam_user": " "}, {"iam_user": "account_empty"}),
        ("iam_user", {"project_id": "other"}, {"project_id": "account_project"}),
        (
            "access_key",
            {"advanced": {"management_address": "http://example.org"}},
            {"base": "address_insecure"},
        ),
        (
            "access_key",
            {"advanced": {"management_address": "https://example.org/v2"}},
            {"base": "address_path"},
        ),
        (
            "access_key",
            {"advanced": {"management_address": "http://127.0.0.1:9"}},
            {"base": "account_unreachable"},
        ),
    ],
)
async def test_typed_wrong(
    hass: HomeAssistant,
    platform: Server,
    way: str,
    changes: dict[str, Any],
    errors: dict[str, str],
) -> None:
    """What is wrong is said where it is; all but the secret stays typed."""
    form = await fill_in(hass, await begin(hass, "account"), platform, way, **changes)
    assert (form["step_id"], form["errors"]) == (way, errors)
    shown = suggested(form)
    secret = FIELDS[way][-1]
    assert secret not in shown
    right = typed(platform, way)
    # whoever typed it right before need not type it again
    if secret not in changes:
        del right[secret]
    form = await submit(hass, form, right)
    assert form["step_id"] == "application"


@pytest.mark.parametrize("code", ["APIGW.0801", "APIGW.0802"])
async def test_wrong_region(hass: HomeAssistant, platform: Server, code: str) -> None:
    """Where the platform tells that it is the region, that field is marked."""
    await Console(platform).fail(code=code)
    form = await fill_in(
        hass,
        await begin(hass, "account"),
        platform,
        "access_key",
        region="ap-southeast-1",
    )
    assert form["errors"] == {"region": "account_region"}
    named = {"code": code, "region": "ap-southeast-1"}
    assert named.items() <= form["description_placeholders"].items()
    form = await submit(hass, form, typed(platform))
    assert form["step_id"] == "application"


async def test_token_of_another_region(hass: HomeAssistant, platform: Server) -> None:
    """A token that is refused because of its region says nothing of the password."""
    await Console(platform).fail(times=2, code="APIGW.0307")
    form = await fill_in(hass, await begin(hass, "account"), platform, "iam_user")
    assert form["errors"] == {"region": "account_region"}


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"code": "APIGW.0302"}, "account_forbidden"),
        ({"code": "APIGW.0101"}, "account_project_or_region"),
        ({"http_status": 404, "body": "html"}, "account_project_or_region"),
        ({"code": "APIGW.0308"}, "account_rate"),
        ({"code": "APIGW.0308", "retry_after": "61"}, "account_rate"),
        ({"code": "MSGSMS.0001"}, "account_unreachable"),
        ({"http_status": 502, "body": "html"}, "account_unreachable"),
        ({"body": "broken"}, "account_unreachable"),
    ],
)
async def test_refused(
    hass: HomeAssistant, platform: Server, fault: dict[str, Any], error: str
) -> None:
    """What is not the fault of the credentials is said as well."""
    # a read is repeated when its connection breaks
    await Console(platform).fail(times=2 if "body" in fault else 1, **fault)
    form = await fill_in(hass, await begin(hass, "account"), platform, "access_key")
    assert form["errors"] == {"base": error}
    if error in ("account_forbidden", "account_project_or_region"):
        assert form["description_placeholders"]["region"] == "cn-north-4"
    if error == "account_rate":
        minutes = form["description_placeholders"]["minutes"]
        assert minutes == ("2" if "retry_after" in fault else "1")
    if error == "account_forbidden":
        right = form["description_placeholders"]["right"]
        assert right == "msgsms:applications:getApp"
    await platform.platform.reset()
    form = await submit(hass, form, typed(platform))
    assert form["step_id"] == "application"


async def test_clock(
    hass: HomeAssistant, platform: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clock that is wrong is not taken for wrong credentials."""
    platform.platform.state.set_options({"clock_offset": 3600})
    form = await fill_in(hass, await begin(hass, "account"), platform, "access_key")
    assert form["errors"] == {"base": "account_clock"}
