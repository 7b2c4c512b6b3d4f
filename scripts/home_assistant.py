"""A real Home Assistant process on loopback, with a configuration folder of its own."""

import asyncio
from collections.abc import Mapping
import json
from pathlib import Path
import sys

import yaml

from .home_assistant_api import Api
from .processes import LOOPBACK, Process, ProcessError

PROJECT = Path(__file__).resolve().parent.parent

_INTEGRATION = PROJECT / "custom_components" / "huawei_cloud_sms"
_STAND_INS = PROJECT / "scripts" / "stand_ins"
_ENDED_WITHIN = 20.0
_POLL = 0.1

# The first start's questions count as answered, but for who the first user is: the
# answers would add services of the internet.
_ONBOARDING = {
    "version": 4,
    "minor_version": 1,
    "key": "onboarding",
    "data": {"done": ["core_config", "analytics", "integration"]},
}


class _Includes(yaml.SafeDumper):
    """Writes values that begin with an exclamation mark as YAML tags."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    """Write a text, or a tag with its argument."""
    if value.startswith("!"):
        tag, _, argument = value.partition(" ")
        return dumper.represent_scalar(tag, argument)
    return dumper.represent_scalar("tag:yaml.org,2002:str", value)


_Includes.add_representer(str, _text)


class HomeAssistant:
    """Home Assistant in a process; its folder outlives the process.

    Attributes:
        url: Where it answers, without a final slash.
        folder: The configuration folder.
    """

    def __init__(self, folder: Path, port: int) -> None:
        """Take where its configuration is to be and its port, which must be free."""
        self.url = f"http://{LOOPBACK}:{port}"
        self.folder = folder
        self._port = port
        self._started = False
        self._process = Process("Home Assistant", folder / "output.log")

    @property
    def log(self) -> Path:
        """The file with its output."""
        return self._process.log

    @property
    def running(self) -> bool:
        """Whether it was started to the end and has not ended."""
        return self._started and self._process.alive

    def configure(self, configuration: Mapping[str, object]) -> None:
        """Make the folder: this project's integration and the given configuration."""
        components = self.folder / "custom_components"
        components.mkdir(parents=True, exist_ok=True)
        (components / _INTEGRATION.name).symlink_to(_INTEGRATION)
        storage = self.folder / ".storage"
        storage.mkdir()
        (storage / "onboarding").write_text(json.dumps(_ONBOARDING), "utf-8")
        (self.folder / "automations.yaml").write_text("[]\n", "utf-8")
        whole: dict[str, object] = {
            "homeassistant": {
                "name": "Demo",
                "country": "CN",
                "currency": "CNY",
                "language": "en",
                "time_zone": "Asia/Shanghai",
                "unit_system": "metric",
                "external_url": self.url,
                "internal_url": self.url,
            },
            "http": {"server_host": LOOPBACK, "server_port": self._port},
            # without the front end the port opens only at the end of the start
            "frontend": {},
            "automation": "!include automations.yaml",
            **configuration,
        }
        (self.folder / "configuration.yaml").write_text(
            yaml.dump(whole, Dumper=_Includes, allow_unicode=True, sort_keys=False),
            "utf-8",
        )

    def start(self) -> None:
        """Start the process; it answers some seconds later."""
        self._started = False
        self._process.launch(
            (
                Path(sys.executable).with_name("hass"),
                "--config",
                self.folder,
                # the environment has all that is needed; asking takes 20 seconds
                "--skip-pip",
            ),
            self.folder,
            {"PYTHONPATH": str(_STAND_INS)},
        )

    async def wait_until_answering(self, api: Api, within: float) -> None:
        """Wait until the port answers, which is before everything has started.

        Raises ProcessError when it has not come to that in time.
        """
        try:
            async with asyncio.timeout(within):
                while not await api.answers():
                    self._process.check()
                    await asyncio.sleep(_POLL)
        except TimeoutError:
            raise ProcessError(
                f"Home Assistant does not answer; see {self.log}"
            ) from None

    async def wait_until_running(self, api: Api, within: float) -> None:
        """Wait until automations run; needs a login.

        Raises ProcessError when it has not come to that in time.
        """
        try:
            async with asyncio.timeout(within):
                while await api.core_state() != "RUNNING":
                    self._process.check()
                    await asyncio.sleep(_POLL)
        except TimeoutError:
            raise ProcessError(
                f"Home Assistant does not start; see {self.log}"
            ) from None
        self._started = True

    def check(self) -> None:
        """Raise ProcessError if it has ended."""
        self._process.check()

    def stop(self) -> None:
        """End it in good order, or at once if it has not started.

        The signal is ignored during the start, and a second one would kill it.
        """
        if self._started:
            self._process.stop(_ENDED_WITHIN)
        else:
            self._process.kill()

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
