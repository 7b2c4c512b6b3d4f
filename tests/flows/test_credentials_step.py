"""Tests of entering credentials, and of what the platform says to them."""

from collections.abc import AsyncGenerator
import socket
from typing import Any

from aiohttp.test_utils import TestClient
import pytest

from custom_components.huawei_cloud_sms.flows import connection_form
from custom_components.huawei_cloud_sms.msgsms.probe import Verdict
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import InvalidData
from simulator.server import Server
from tests.canned_platform import CannedPlatform, serve_canned
from tests.const import APP_KEY, APP_SECRET

from .flow_inputs import (
    TEMPLATE,
    VARIABLES,
    begin,
    credentials,
    stored_template,
    submit,
    suggested,
    walk,
)

# Answers that leave the question open
UNPROVEN = [
    (500, "E000000", Verdict.INCONCLUSIVE),
    (403, "E000620", Verdict.IP_NOT_ALLOWED),
    (400, "E000040", Verdict.CLIENT_FAULT),
]


@pytest.fixture
async def canned(
    hass: HomeAssistant, socket_enabled: None
) -> AsyncGenerator[CannedPlatform]:
    """Start a platform that answers as it is told."""
    async with serve_canned() as platform:
        yield platform


async def test_real_refusals(
    hass: HomeAssistant, platform: Server, door: TestClient
) -> None:
    """The platform itself tells wrong credentials from right ones."""
    form = await begin(hass)
    for wrong, field in (("app_key", "app_key"), ("app_secret", "app_secret")):
        form = await submit(
            hass, form, credentials(platform.url, **{wrong: "SomethingElse"})
        )
        assert form["errors"] == {field: f"wrong_{field.removeprefix('app_')}"}
    form = await submit(
        hass, form, credentials(platform.url, advanced={"auth": "wsse"})
    )
    assert form["step_id"] == "template"
    assert [
        record.authentication for record in platform.platform.state.records.requests
    ] == ["ak_sk", "ak_sk", "wsse"]


@pytest.mark.parametrize(
    ("status", "code", "errors"),
    [
        (401, "E000102", {"app_key": "wrong_key"}),
        (400, "E000045", {"app_secret": "wrong_secret"}),
        (401, "E000101", {"base": "credentials"}),
        (400, "E000044", {"base": "clock"}),
        (401, "E000112", {"base": "account"}),
        (404, "", {"endpoint": "wrong_address"}),
    ],
)
async def test_refused(
    hass: HomeAssistant,
    canned: CannedPlatform,
    status: int,
    code: str,
    errors: dict[str, str],
) -> None:
    """Each refusal has a message of its own, at its field; then it goes on."""
    canned.refuse(status, code)
    typed = credentials(canned.url, kind="international", advanced={"auth": "wsse"})
    form = await submit(hass, await begin(hass), typed)
    assert (form["step_id"], form["errors"]) == ("by_hand", errors)
    assert form["description_placeholders"] == {"code": code or "-"}
    # what was typed is shown again, but for the secret
    assert suggested(form) == {
        field: value for field, value in typed.items() if field != "app_secret"
    }

    canned.prove()
    form = await submit(hass, form, typed)
    assert form["step_id"] == "template"


def test_every_verdict_has_its_place() -> None:
    """A verdict either lets go on, or can be overruled, or has been seen as error."""
    as_errors = {"wrong_key", "wrong_secret", "credentials", "clock", "account"}
    as_errors |= {"wrong_address", "tls", "timeout", "cannot_connect"}
    assert set(Verdict) == {
        Verdict.VALID,
        Verdict.ACCEPTED,
        *(verdict for _, _, verdict in UNPROVEN),
        *map(Verdict, as_errors),
    }


async def test_not_reached(
    hass: HomeAssistant, canned: CannedPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What keeps the platform from being reached is told apart, and mended."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{unused.getsockname()[1]}"
        form = await submit(hass, await begin(hass), credentials(nobody))
    assert form["errors"] == {"endpoint": "cannot_connect"}

    plain = canned.url.replace("http:", "https:")
    form = await submit(hass, form, credentials(plain))
    assert form["errors"] == {"endpoint": "tls"}

    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr(connection_form, "PROBE_SECONDS", 0.2)
        mute = f"http://127.0.0.1:{silent.getsockname()[1]}"
        form = await submit(hass, form, credentials(mute))
        monkeypatch.undo()
    assert form["errors"] == {"endpoint": "timeout"}

    form = await submit(hass, form, credentials(canned.url))
    assert form["step_id"] == "template"


@pytest.mark.parametrize(("status", "code", "verdict"), UNPROVEN)
async def test_unproven(
    hass: HomeAssistant,
    canned: CannedPlatform,
    status: int,
    code: str,
    verdict: Verdict,
) -> None:
    """What proves nothing is named; one can go back, or on."""
    canned.refuse(status, code)
    typed = credentials(canned.url)
    form = await submit(hass, await begin(hass), typed)
    assert (form["step_id"], form["last_step"]) == ("confirm_unproven", False)
    assert form["errors"] == {"base": verdict}
    assert form["description_placeholders"] == {"code": code}

    form = await submit(hass, form, {})
    assert (form["step_id"], form["errors"]) == ("by_hand", {})
    assert suggested(form)["endpoint"] == canned.url
    form = await submit(hass, form, typed)
    assert form["step_id"] == "confirm_unproven"
    form = await submit(hass, form, {"decision": "go_on"})
    assert form["step_id"] == "template"


async def test_accepted(hass: HomeAssistant, canned: CannedPlatform) -> None:
    """A test that was not refused proves the credentials; what it may cost is said."""
    canned.refuse(200, "000000")
    form = await submit(hass, await begin(hass), credentials(canned.url))
    assert (form["step_id"], form["last_step"]) == ("accepted", False)
    assert (form["errors"], list(form["data_schema"].schema)) == ({}, [])
    assert form["description_placeholders"] == {"code": "000000"}
    form = await submit(hass, form, {})
    assert form["step_id"] == "template"


async def test_secret_is_typed_once(
    hass: HomeAssistant, canned: CannedPlatform, door: TestClient
) -> None:
    """The secret is not shown again, but kept while other things are put right."""
    typed = credentials(canned.url)
    form = await begin(hass)
    with pytest.raises(InvalidData):
        await submit(hass, form, without_secret(typed))
    form = await submit(hass, form, {**typed, "endpoint": "http://sms.example.org"})
    assert form["errors"] == {"endpoint": "address_insecure"}
    canned.refuse(500, "E000000")
    form = await submit(hass, form, without_secret(typed))
    assert form["step_id"] == "confirm_unproven"
    form = await submit(hass, form, {"decision": "back"})
    canned.prove()
    form = await submit(hass, form, without_secret(typed))
    for step in (TEMPLATE, VARIABLES, {}, {}):
        form = await submit(hass, form, step)
    assert form["result"].data["app_secret"] == APP_SECRET


@pytest.mark.parametrize(
    ("secret", "error"),
    [("two words", "app_secret_characters"), ("wrong", "wrong_secret")],
)
async def test_wrong_secret_is_typed_again(
    hass: HomeAssistant, canned: CannedPlatform, secret: str, error: str
) -> None:
    """A secret that was refused is not tried again."""
    canned.refuse(400, "E000045")
    typed = credentials(canned.url)
    form = await submit(hass, await begin(hass), {**typed, "app_secret": secret})
    assert form["errors"] == {"app_secret": error}
    with pytest.raises(InvalidData):
        await submit(hass, form, without_secret(typed))
    canned.prove()
    form = await submit(hass, form, typed)
    assert form["step_id"] == "template"


def without_secret(typed: dict[str, Any]) -> dict[str, Any]:
    """Return what the browser sends when the secret is left empty."""
    return {field: value for field, value in typed.items() if field != "app_secret"}


async def test_unreadable_answer(hass: HomeAssistant, canned: CannedPlatform) -> None:
    """A proxy's error page proves nothing."""
    canned.answer(502, "<html>Bad gateway</html>")
    form = await submit(hass, await begin(hass), credentials(canned.url))
    assert form["errors"] == {"base": "inconclusive"}
    assert form["description_placeholders"] == {"code": "-"}


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("app_key", "  ", "app_key_characters"),
        ("app_key", "Example AppKey", "app_key_characters"),
        ("app_key", "Example\u200bAppKey", "app_key_characters"),
        ("app_key", "Example,AppKey", "app_key_characters"),
        ("app_key", 'Example"AppKey', "app_key_characters"),
        ("app_key", "k" * 257, "app_key_characters"),
        ("app_secret", "\n", "app_secret_characters"),
        ("app_secret", "Example\tSecret", "app_secret_characters"),
        ("app_secret", "密钥", "app_secret_characters"),
        ("endpoint", " ", "address_invalid"),
        ("endpoint", "ftp://127.0.0.1", "address_invalid"),
        ("endpoint", "http://sms.example.org", "address_insecure"),
        ("endpoint", "https://me:secret@sms.example.org", "address_user_info"),
        ("endpoint", "https://sms.example.org/?a=b", "address_query"),
        ("endpoint", "https://sms.example.org/api", "address_path"),
    ],
)
async def test_typed_wrong(
    hass: HomeAssistant, canned: CannedPlatform, field: str, value: str, error: str
) -> None:
    """What cannot be right is refused before anything leaves; then it goes on."""
    form = await submit(
        hass, await begin(hass), credentials(canned.url, **{field: value})
    )
    assert (form["step_id"], form["errors"]) == ("by_hand", {field: error})
    assert not canned.asked
    form = await submit(hass, form, credentials(canned.url))
    assert form["step_id"] == "template"


async def test_typed_with_blanks(
    hass: HomeAssistant, canned: CannedPlatform, door: TestClient
) -> None:
    """What copying adds is taken away: blanks, slashes, the path of a call."""
    result = await walk(
        hass,
        f" {canned.url}/sms/batchSendSms/v1/ ",
        {**TEMPLATE, "name": " Alarm "},
        {},
        {},
        app_key=f"{APP_KEY} ",
        app_secret=f"\t{APP_SECRET}\n",
    )
    assert canned.asked == ["/sms/batchSendSms/v1"]
    entry = result["result"]
    assert entry.data["app_key"] == entry.unique_id == APP_KEY
    assert entry.data["app_secret"] == APP_SECRET
    assert entry.data["endpoint"] == canned.url
    assert entry.data["push_keys"] == []
    (template,) = entry.subentries.values()
    assert template.data == stored_template(default=True)


async def test_every_sign(hass: HomeAssistant, canned: CannedPlatform) -> None:
    """Keys with any sign that the form takes are taken by the client as well."""
    signs = "".join(map(chr, range(ord("!"), ord("~") + 1)))
    form = await walk(
        hass,
        canned.url,
        app_key=signs.translate({ord(sign): None for sign in '",'}),
        app_secret=signs,
    )
    assert form["step_id"] == "template"
    assert canned.asked
