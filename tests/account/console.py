"""The account in the tests: its credentials, and its console as a person steers it."""

from datetime import timedelta
from typing import Any

import aiohttp
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from simulator.server import Server
from tests.common import wait_until


def account_data(platform: Server, **more: str) -> dict[str, str]:
    """Return the account of a platform as an entry keeps it."""
    account = platform.platform.state.console.account
    assert account is not None
    return {
        "auth": "access_key",
        "access_key": account.access_key,
        "secret_key": account.secret_key,
        "project_id": account.project_id,
        "region": "cn-north-4",
        "management_address": platform.url,
        "iam_address": platform.url,
        **more,
    }


# Whether the tests' template is approved
SENSOR = "sensor.sms_approval_of_alarm"


class Console:
    """The platform's console, and what was asked of the management API so far."""

    def __init__(self, platform: Server) -> None:
        """Take the console of a platform."""
        self._platform = platform

    async def change(self, what: str, **fields: Any) -> None:
        """Change a template, a signature, an application or the account."""
        await self._call("PATCH", what, fields)

    async def fail(self, times: int = 1, **fault: Any) -> None:
        """Let the next calls of the management API fail."""
        await self._call("POST", "management-faults", {"fault": fault, "times": times})

    @property
    def calls(self) -> int:
        """Return how many calls there were."""
        return self._platform.platform.calls.count

    async def asked(self, calls: int) -> None:
        """Wait until there were as many calls."""
        await wait_until(lambda: self.calls >= calls)

    async def _call(self, method: str, path: str, body: dict[str, Any]) -> None:
        """Make a call of the control API."""
        url = f"{self._platform.url}/sim/{path}"
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, url, json=body) as answer,
        ):
            assert answer.ok, await answer.text()


def later(hass: HomeAssistant, **time: float) -> None:
    """Let time pass for all that waits for it."""
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(**time))


def state(hass: HomeAssistant, entity_id: str = SENSOR) -> str | None:
    """Return the state of an entity."""
    found = hass.states.get(entity_id)
    return None if found is None else found.state


async def becomes(hass: HomeAssistant, wanted: str, entity_id: str = SENSOR) -> None:
    """Wait for the state of an entity, and for what happens together with it."""
    await wait_until(lambda: state(hass, entity_id) == wanted)
    await hass.async_block_till_done()
