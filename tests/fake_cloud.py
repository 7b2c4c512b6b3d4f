"""Home Assistant Cloud as far as it hands out addresses."""

import asyncio
from collections.abc import Awaitable, Callable
import sys
from types import ModuleType

import pytest

from homeassistant import components
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError


class FakeCloud(ModuleType):
    """Stands in for the cloud component, whose own dependencies are heavy."""

    class CloudNotAvailable(HomeAssistantError):
        """The cloud cannot be reached."""

    def __init__(self) -> None:
        """Begin signed in, with no address handed out."""
        super().__init__("homeassistant.components.cloud")
        self.hooks: dict[str, str] = {}
        self.given = 0
        self.deleted: list[str] = []
        self.reachable = asyncio.Event()
        self.reachable.set()
        self.subscribed = True
        self.connected = True
        # what making an address ends with, if not with an address
        self.trouble: Exception | None = None
        self.failure: Exception | None = None
        self.listeners: list[Callable[[object], Awaitable[None]]] = []

    def async_active_subscription(self, hass: HomeAssistant) -> bool:
        """Return whether somebody is signed in."""
        return self.subscribed

    def async_is_connected(self, hass: HomeAssistant) -> bool:
        """Return whether the cloud can be reached."""
        return self.connected

    def async_listen_connection_change(
        self, hass: HomeAssistant, target: Callable[[object], Awaitable[None]]
    ) -> Callable[[], None]:
        """Call a target when the connection comes and goes."""
        self.listeners.append(target)
        return lambda: self.listeners.remove(target)

    async def tell(self) -> None:
        """Tell of another connection state."""
        for listener in list(self.listeners):
            await listener("cloud_connected" if self.connected else "disconnected")

    async def async_get_or_create_cloudhook(
        self, hass: HomeAssistant, webhook_id: str
    ) -> str:
        """Return the address of a webhook."""
        await self.reachable.wait()
        if self.failure is not None:
            raise self.failure
        if not self.connected:
            raise self.CloudNotAvailable
        if webhook_id not in self.hooks:
            if self.trouble is not None:
                raise self.trouble
            self.given += 1
            self.hooks[webhook_id] = f"https://hooks.example.org/{self.given}"
        return self.hooks[webhook_id]

    async def async_delete_cloudhook(
        self, hass: HomeAssistant, webhook_id: str
    ) -> None:
        """Take an address back."""
        if self.failure is not None:
            raise self.failure
        if webhook_id not in self.hooks:
            raise ValueError("Hook is not enabled for the cloud.")
        del self.hooks[webhook_id]
        self.deleted.append(webhook_id)


def install_cloud(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> FakeCloud:
    """Sign in to the cloud."""
    cloud = FakeCloud()
    monkeypatch.setitem(sys.modules, cloud.__name__, cloud)
    monkeypatch.setattr(components, "cloud", cloud, raising=False)
    hass.config.components.add("cloud")
    return cloud
