"""Tests of the check that the notice about missing pushes offers."""

import asyncio
from asyncio import StreamReader, StreamWriter
from datetime import timedelta
from pathlib import Path
import socket
import ssl
from typing import Any

from aiohttp import ClientTimeout, connector
from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.huawei_cloud_sms import reachability, way_back
from custom_components.huawei_cloud_sms.const import DOMAIN
from homeassistant.core import HomeAssistant

from .common import WEBHOOK_PATH, issues, report
from .const import PUSH_KEY, PUSH_SECRET, WEBHOOK_ID
from .fake_cloud import install_cloud
from .msgsms.raw import Resolver, read_request, server_context, serving
from .pushing import post_by_cloud
from .test_way_back import impatient, send_some

__all__ = ["impatient"]


class Dialog:
    """The dialog that a notice opens."""

    path = "/api/repairs/issues/fix"

    def __init__(self, hass: HomeAssistant, client: TestClient) -> None:
        """Begin with nothing opened."""
        self._hass = hass
        self._client = client
        self._flow = ""

    async def open(self) -> dict[str, Any]:
        """Open the dialog of the notice."""
        issue_id = issues(self._hass)["no_pushes"].issue_id
        step = await self._post(self.path, handler=DOMAIN, issue_id=issue_id)
        self._flow = f"{self.path}/{step['flow_id']}"
        return step

    async def check(self) -> dict[str, Any]:
        """Open the dialog and go on to what the check finds."""
        assert (await self.open())["step_id"] == "causes"
        return await self.go_on()

    async def go_on(self, **data: str) -> dict[str, Any]:
        """Submit a form or choose from a menu; return the step that follows."""
        return await self._post(self._flow, **data)

    async def _post(self, path: str, **data: str) -> dict[str, Any]:
        """Post and return what is answered."""
        answer = await self._client.post(path, json=data)
        assert answer.status == 200
        step: dict[str, Any] = await answer.json()
        return step


@pytest.fixture
async def dialog(
    hass: HomeAssistant,
    application: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    impatient: None,
) -> Dialog:
    """Return the dialog of a notice that is there."""
    await send_some(hass)
    assert await hass.config_entries.async_reload(application.entry_id)
    return Dialog(hass, await hass_client())


async def found_at(hass: HomeAssistant, dialog: Dialog, address: str) -> str:
    """Return what the check finds when this is the public address."""
    await hass.config.async_update(external_url=address)
    step = await dialog.check()
    assert step["type"] == "menu"
    assert step["menu_options"] == ["check", "finish"]
    return str(step["step_id"])


def resolve(monkeypatch: pytest.MonkeyPatch, target: tuple[str, int] | None) -> None:
    """Let every name lead to one place, or to none."""
    monkeypatch.setattr(connector, "DefaultResolver", lambda **_: Resolver(target))


async def test_reached(
    hass: HomeAssistant,
    door: TestClient,
    dialog: Dialog,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A public name that leads here is fine; whoever takes note begins anew."""
    resolve(monkeypatch, ("127.0.0.1", door.port or 0))
    assert await found_at(hass, dialog, "http://sms.example.org") == "reached"
    step = await dialog.go_on(next_step_id="check")
    assert step["step_id"] == "reached"
    assert step["description_placeholders"] == {"status": "None", "refused": "0"}
    step = await dialog.go_on(next_step_id="finish")
    assert step["type"] == "create_entry"
    assert issues(hass) == {}
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    monkeypatch.setattr(way_back, "_PATIENCE", timedelta())
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert issues(hass) == {}
    await send_some(hass)
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert set(issues(hass)) == {"no_pushes"}


async def test_reached_within(
    hass: HomeAssistant, door: TestClient, dialog: Dialog
) -> None:
    """An address that leads here from home only is told apart."""
    refused = await door.post(WEBHOOK_PATH, data=b"nonsense")
    assert refused.status == 400
    address = str(door.make_url("")).rstrip("/")
    assert await found_at(hass, dialog, address) == "reached_within"
    # it was no push, and no sign of one
    assert set(issues(hass)) == {"no_pushes"}


async def test_reached_where_pushes_are_signed(
    hass: HomeAssistant,
    application: MockConfigEntry,
    door: TestClient,
    dialog: Dialog,
) -> None:
    """The probe needs no push key, and is none of the pushes that were refused."""
    keys = [{"push_ak": PUSH_KEY, "push_sk": PUSH_SECRET}]
    hass.config_entries.async_update_entry(
        application, data={**application.data, "push_keys": keys}
    )
    await hass.async_block_till_done()
    assert (await door.post(WEBHOOK_PATH, data=report("x"))).status == 401
    for _ in range(2):
        step = await dialog.check()
        assert step["step_id"] == "reached_within"
        assert step["description_placeholders"]["refused"] == "1"


async def test_name_is_not_known(
    hass: HomeAssistant, dialog: Dialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that nobody knows is told."""
    resolve(monkeypatch, None)
    assert await found_at(hass, dialog, "http://sms.example.org") == "not_resolved"


async def test_no_connection(hass: HomeAssistant, dialog: Dialog) -> None:
    """A port at which nobody listens is told."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        address = f"http://127.0.0.1:{port}"
        assert await found_at(hass, dialog, address) == "not_connected"


async def test_no_answer(
    hass: HomeAssistant, dialog: Dialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Silence says nothing about what others see."""
    monkeypatch.setattr(reachability, "_TIMEOUT", ClientTimeout(total=0.2))

    async def keep_silent(reader: StreamReader, _writer: StreamWriter) -> None:
        """Read, and answer nothing."""
        await reader.read()

    async with serving(keep_silent) as place:
        assert await found_at(hass, dialog, f"http://{place}") == "no_answer"


async def test_redirect(hass: HomeAssistant, door: TestClient, dialog: Dialog) -> None:
    """A redirect is another's answer; it is not followed, as the platform would not."""
    target = door.make_url(WEBHOOK_PATH)

    async def redirect(reader: StreamReader, writer: StreamWriter) -> None:
        """Send elsewhere whoever asks."""
        await read_request(reader)
        writer.write(
            f"HTTP/1.1 307 x\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode()
        )
        await writer.drain()

    async with serving(redirect) as place:
        assert await found_at(hass, dialog, f"http://{place}") == "other_answer"
    step = await dialog.go_on(next_step_id="check")
    assert step["step_id"] == "not_connected"


class Proxy:
    """Passes requests on to Home Assistant, and keeps their bodies."""

    def __init__(self, door: TestClient, *, answers: bool = True) -> None:
        """Keep where Home Assistant is."""
        self._door = door
        self._answers = answers
        self.bodies: list[bytes] = []

    async def __call__(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Pass one request on."""
        body = (await read_request(reader)).partition(b"\r\n\r\n")[2]
        self.bodies.append(body)
        answer = await self._door.post(WEBHOOK_PATH, data=body)
        if self._answers:
            writer.write(f"HTTP/1.1 {answer.status} x\r\n\r\n".encode())
            await writer.drain()


async def test_answer_is_lost(
    hass: HomeAssistant, door: TestClient, dialog: Dialog
) -> None:
    """What came is reached, whatever becomes of the answer."""
    async with serving(Proxy(door, answers=False)) as place:
        assert await found_at(hass, dialog, f"http://{place}") == "reached_within"


async def test_probe_is_recognised_once(
    hass: HomeAssistant, door: TestClient, dialog: Dialog
) -> None:
    """Whoever sees the probe can do nothing with it, nor with another's."""
    proxy = Proxy(door)
    async with serving(proxy) as place:
        for _ in range(2):
            assert await found_at(hass, dialog, f"http://{place}") == "reached_within"
    first, second = proxy.bodies
    assert first != second
    assert len(first) == 64
    for body in (first, second, b"0" * 64, b""):
        answer = await door.post(WEBHOOK_PATH, data=body)
        assert answer.status == 400


async def test_two_checks_at_once(
    hass: HomeAssistant,
    door: TestClient,
    dialog: Dialog,
    hass_client: ClientSessionGenerator,
) -> None:
    """Each check knows its own probe."""
    probes: list[bytes] = []
    both = asyncio.Event()

    async def gather(reader: StreamReader, writer: StreamWriter) -> None:
        """Wait for both, and let the other one's pass first."""
        body = (await read_request(reader)).partition(b"\r\n\r\n")[2]
        probes.append(body)
        if len(probes) == 2:
            assert (await door.post(WEBHOOK_PATH, data=probes[1])).status == 200
            both.set()
        await both.wait()
        writer.write(b"HTTP/1.1 200 x\r\n\r\n")
        await writer.drain()

    async with serving(gather) as place:
        await hass.config.async_update(external_url=f"http://{place}")
        other = Dialog(hass, await hass_client())
        found = await asyncio.gather(dialog.check(), other.check())
    assert sorted(step["step_id"] for step in found) == [
        "other_answer",
        "reached_within",
    ]


@pytest.fixture
async def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Return a server's context that Home Assistant trusts.

    A handshake that fails is no fault of the server.
    """
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    context = server_context(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "certificate.pem"))
    return context


@pytest.mark.parametrize(
    ("lowest", "finding"),
    [
        (ssl.TLSVersion.TLSv1_2, "reached_within"),
        (ssl.TLSVersion.TLSv1_3, "tls_too_new"),
    ],
)
async def test_tls(
    hass: HomeAssistant,
    door: TestClient,
    dialog: Dialog,
    tls: ssl.SSLContext,
    lowest: ssl.TLSVersion,
    finding: str,
) -> None:
    """A server must take the platform's TLS, not only what is newer."""
    tls.minimum_version = lowest
    async with serving(Proxy(door), context=tls) as place:
        assert await found_at(hass, dialog, f"https://{place}") == finding


async def test_ciphers(
    hass: HomeAssistant, door: TestClient, dialog: Dialog, tls: ssl.SSLContext
) -> None:
    """TLS 1.2 without a cipher of the platform is as good as none."""
    tls.maximum_version = ssl.TLSVersion.TLSv1_2
    tls.set_ciphers("ECDHE-ECDSA-CHACHA20-POLY1305")
    async with serving(Proxy(door), context=tls) as place:
        assert await found_at(hass, dialog, f"https://{place}") == "tls_too_new"


async def test_certificate(
    hass: HomeAssistant,
    door: TestClient,
    dialog: Dialog,
    tls: ssl.SSLContext,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A certificate that nobody trusts is told."""
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    async with serving(Proxy(door), context=tls) as place:
        assert await found_at(hass, dialog, f"https://{place}") == "certificate"


async def test_no_tls(hass: HomeAssistant, door: TestClient, dialog: Dialog) -> None:
    """Something else than TLS at the port is told."""
    assert await found_at(hass, dialog, f"https://127.0.0.1:{door.port}") == "tls"


async def test_cloud(
    hass: HomeAssistant, dialog: Dialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A probe comes back by the cloud hook as well."""

    async def relay(reader: StreamReader, writer: StreamWriter) -> None:
        """Pass a request on as the cloud does."""
        body = (await read_request(reader)).partition(b"\r\n\r\n")[2]
        status = await post_by_cloud(hass, body, "application/octet-stream")
        writer.write(f"HTTP/1.1 {status} x\r\n\r\n".encode())
        await writer.drain()

    cloud = install_cloud(hass, monkeypatch)
    async with serving(relay) as place:
        resolve(monkeypatch, ("127.0.0.1", int(place.partition(":")[2])))
        cloud.hooks[WEBHOOK_ID] = "http://hooks.example.org/1"
        assert (await dialog.check())["step_id"] == "reached"


async def test_address_is_gone(hass: HomeAssistant, dialog: Dialog) -> None:
    """Without an address there is nothing to check."""
    await hass.config.async_update(external_url=None)
    step = await dialog.check()
    assert (step["type"], step["reason"]) == ("abort", "no_address")
    assert "no_pushes" in issues(hass)


async def test_application_is_not_loaded(
    hass: HomeAssistant, application: MockConfigEntry, dialog: Dialog
) -> None:
    """An application that does not run cannot be checked, but the notice closed."""
    assert (await dialog.check())["step_id"] == "reached_within"
    assert await hass.config_entries.async_unload(application.entry_id)
    step = await dialog.go_on(next_step_id="finish")
    assert step["type"] == "create_entry"
    assert issues(hass) == {}


async def test_application_is_not_loaded_at_first(
    hass: HomeAssistant, application: MockConfigEntry, dialog: Dialog
) -> None:
    """An application that does not run is told."""
    assert await hass.config_entries.async_unload(application.entry_id)
    step = await dialog.check()
    assert (step["type"], step["reason"]) == ("abort", "not_loaded")
