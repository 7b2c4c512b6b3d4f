"""A small Home Assistant for measuring: HTTP, webhooks and this integration only.

It is a process of its own. Two webhooks stand beside those of the applications: `empty`
reads and answers, `told` says what happened since it was asked before.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
import json
from pathlib import Path
import signal
import subprocess
import sys
import time
from types import MappingProxyType

from aiohttp.web import Request, Response, json_response

from custom_components.huawei_cloud_sms.const import DOMAIN
from homeassistant import bootstrap, loader
from homeassistant.auth import auth_manager_from_config
from homeassistant.components import webhook
from homeassistant.config_entries import ConfigEntries, ConfigEntry, ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from scripts.processes import LOOPBACK, free_ports

from .pushes import CHANNEL, NUMBERS, PLAIN, PUSH_KEY, SIGNED

EMPTY = "empty"
TOLD = "told"

_PROJECT = Path(__file__).resolve().parents[2]
_TICK = 0.002
_ENDED_WITHIN = 30
# the discard service
_NOBODY = f"http://{LOOPBACK}:9"
_TEMPLATE: Mapping[str, object] = MappingProxyType(
    {
        "name": "Alarm",
        "template_id": "0a1f5c2e9b6d4e73a8c05d1f2b3e4a01",
        "template_type": "notification",
        "channel_number": CHANNEL,
        "variables": [{"name": "message", "attribute": "other", "policy": "refuse"}],
        "default": True,
    }
)


@dataclass(frozen=True, slots=True)
class Home:
    """Home Assistant as it runs.

    Attributes:
        port: Where it answers on loopback.
        first: How long the first application took to be set up (seconds).
        again: How long setting it up again took, each time (seconds).
    """

    port: int
    first: float
    again: list[float]


@contextmanager
def running(folder: Path, *, recipients: int, reloads: int) -> Iterator[Home]:
    """Run it with two applications, of which one expects signed pushes."""
    [port] = free_ports(1)
    command = (sys.executable, "-m", __name__, folder, f"{port}", f"{recipients}")
    with subprocess.Popen(
        (*command, f"{reloads}"),
        cwd=_PROJECT,
        stdout=subprocess.PIPE,
        # what Home Assistant has to say of a custom integration
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            assert process.stdout is not None
            yield Home(port, **json.loads(process.stdout.readline()))
            process.terminate()
            process.wait(_ENDED_WITHIN)
        finally:
            process.kill()


class Watch:
    """Notes the longest time for which the event loop could not be had (seconds)."""

    def __init__(self) -> None:
        """Begin with none."""
        self.longest = 0.0

    async def run(self) -> None:
        """Look at the clock again and again."""
        while True:
            before = time.perf_counter()
            await asyncio.sleep(_TICK)
            self.longest = max(self.longest, time.perf_counter() - before - _TICK)

    async def tell(self, _hass: HomeAssistant, _id: str, _request: Request) -> Response:
        """Return what was noted and all CPU time so far (seconds); begin again."""
        told = {"stall": self.longest, "cpu": time.process_time()}
        self.longest = 0.0
        return json_response(told)


async def _run(folder: str, port: int, recipients: int, reloads: int) -> None:
    """Run until the process is told to end."""
    hass = HomeAssistant(folder)
    await set_up(hass, port)
    watch = Watch()
    webhook.async_register(hass, "benchmark", "Empty", EMPTY, _async_empty)
    webhook.async_register(hass, "benchmark", "Told", TOLD, watch.tell)
    before = time.perf_counter()
    await hass.config_entries.async_add(application(PLAIN, NUMBERS[:recipients]))
    first = time.perf_counter() - before
    await hass.config_entries.async_add(application(SIGNED, NUMBERS[:recipients]))
    await hass.async_start()
    again = []
    for _ in range(reloads):
        await hass.config_entries.async_unload(PLAIN)
        before = time.perf_counter()
        await hass.config_entries.async_setup(PLAIN)
        again.append(time.perf_counter() - before)
    stopped = asyncio.Event()
    hass.loop.add_signal_handler(signal.SIGTERM, stopped.set)
    watching = asyncio.create_task(watch.run())
    print(json.dumps({"first": first, "again": again}), flush=True)
    await stopped.wait()
    watching.cancel()
    await hass.async_stop(force=True)


async def set_up(hass: HomeAssistant, port: int) -> None:
    """Set up what the integration stands on."""
    loader.async_setup(hass)
    hass.config.skip_pip = True
    address = f"http://{LOOPBACK}:{port}"
    hass.config.internal_url = hass.config.external_url = address
    hass.config_entries = ConfigEntries(hass, {})
    await bootstrap.async_load_base_functionality(hass)
    hass.auth = await auth_manager_from_config(hass, [], [])
    config = {"http": {"server_host": [LOOPBACK], "server_port": port}}
    for component in ("http", "webhook"):
        assert await async_setup_component(hass, component, config)


async def _async_empty(_hass: HomeAssistant, _id: str, request: Request) -> Response:
    """Read a push and answer."""
    await request.read()
    return Response()


def application(
    entry_id: str, numbers: Sequence[str], endpoint: str = _NOBODY
) -> ConfigEntry:
    """Return an application's entry with a template, and recipients named by number."""
    keys = {"push_ak": PUSH_KEY.access_key, "push_sk": PUSH_KEY.secret_key}
    return ConfigEntry(
        version=1,
        minor_version=2,
        domain=DOMAIN,
        title=entry_id,
        data={
            "app_key": entry_id,
            "app_secret": "ExampleAppSecret/0000+0001=",
            "endpoint": endpoint,
            "kind": "mainland",
            "auth": "ak_sk",
            "webhook_id": entry_id,
            "push_keys": [keys] if entry_id == SIGNED else [],
        },
        options={"default_country": "CN"},
        source="user",
        unique_id=entry_id,
        entry_id=entry_id,
        discovery_keys=MappingProxyType({}),
        subentries_data=[
            ConfigSubentryData(
                subentry_type="template",
                title="Alarm",
                unique_id="template_alarm",
                data=_TEMPLATE,
            ),
            *(
                ConfigSubentryData(
                    subentry_type="recipient",
                    title=number,
                    unique_id=f"recipient_{number}",
                    data={"name": number, "number": number},
                )
                for number in numbers
            ),
        ],
    )


if __name__ == "__main__":
    asyncio.run(_run(sys.argv[1], *map(int, sys.argv[2:])))
