"""Holds Home Assistant's start, so that something can happen before its end."""

import json
from pathlib import Path

_CODE = '''"""Waits at the start for as long as a file exists."""

import asyncio
from pathlib import Path


async def async_setup(hass, config):
    """Wait, but not for ever."""
    brake = Path(hass.config.path("brake"))
    async with asyncio.timeout(120):
        while await hass.async_add_executor_job(brake.exists):
            await asyncio.sleep(0.05)
    return True
'''


class Brake:
    """An integration that other integrations' start-up does not wait for."""

    domain = "start_brake"

    def __init__(self, config_folder: Path) -> None:
        """Take the configuration folder."""
        self._folder = config_folder
        self._file = config_folder / "brake"

    def install(self) -> None:
        """Put the integration into the configuration folder."""
        folder = self._folder / "custom_components" / self.domain
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text(_CODE, "utf-8")
        manifest = {
            "domain": self.domain,
            "name": "Start brake",
            "codeowners": [],
            "documentation": "http://127.0.0.1/",
            "integration_type": "system",
            "iot_class": "calculated",
            "version": "1.0.0",
        }
        (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")

    def pull(self) -> None:
        """Hold the next start."""
        self._file.touch()

    def release(self) -> None:
        """Let it go on."""
        self._file.unlink(missing_ok=True)
