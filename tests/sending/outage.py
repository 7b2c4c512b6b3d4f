"""A platform that cannot be reached for a while, and what an application does then."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
import socket
import sqlite3

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.huawei_cloud_sms.msgsms.client import SmsClient
from custom_components.huawei_cloud_sms.msgsms.models import SendResponse, TemplatedSms
from custom_components.huawei_cloud_sms.sending import outbox, sender as sending
from homeassistant.const import EVENT_HOMEASSISTANT_CLOSE, EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from simulator.scenarios import Scenario
from simulator.server import Server
from tests.common import ledger_path, send_sms, wait_until
from tests.const import OTHER_NUMBER

type SetClock = Callable[[datetime], None]

# The platform takes nothing at the moment, and says so.
BUSY = Scenario(code="E200015", accepted=False)

_FOR_EVER = 600
_SIGNS = "甲乙丙丁"


async def cut_off(platform: Server) -> None:
    """Refuse all connections from now on."""
    platform.pause(_FOR_EVER)
    await wait_until(lambda: not _answers(platform))


async def restore(platform: Server) -> None:
    """Take connections again."""
    platform.pause(0)
    await wait_until(lambda: _answers(platform))


def _answers(platform: Server) -> bool:
    """Return whether a connection can be made."""
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", platform.port)) == 0


def states(hass: HomeAssistant) -> list[str]:
    """Return the states of all messages in the ledger, in order."""
    with closing(sqlite3.connect(ledger_path(hass))) as db:
        rows = db.execute("SELECT state FROM message ORDER BY id").fetchall()
    return [state for (state,) in rows]


async def wait_for_states(hass: HomeAssistant, *wanted: str) -> None:
    """Wait until the ledger has messages in these states, in order."""
    await wait_until(lambda: states(hass) == list(wanted))


class Tried:
    """Counts the attempts to send that have come to their end."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Begin to count."""
        self._count = 0
        send = SmsClient.send

        async def count(client: SmsClient, sms: TemplatedSms) -> SendResponse:
            """Send, and count that."""
            try:
                return await send(client, sms)
            finally:
                self._count += 1

        monkeypatch.setattr(SmsClient, "send", count)

    async def wait_for(self, count: int) -> None:
        """Wait until there were so many."""
        await wait_until(lambda: self._count >= count)


class Held:
    """Keeps back how each attempt to send ended, until it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Begin to keep back."""
        self._kept: deque[asyncio.Event] = deque()
        self._count = 0
        self._holds = True
        send = SmsClient.send

        async def hold(client: SmsClient, sms: TemplatedSms) -> SendResponse:
            """Send, and keep the end of that back."""
            try:
                return await send(client, sms)
            finally:
                if self._holds:
                    self._kept.append(gate := asyncio.Event())
                    self._count += 1
                    await gate.wait()

        monkeypatch.setattr(SmsClient, "send", hold)

    async def wait_for(self, count: int) -> None:
        """Wait until so many were kept back in all."""
        await wait_until(lambda: self._count >= count)

    def let_go(self) -> None:
        """Let the one end that is kept back longest."""
        self._kept.popleft().set()

    def end(self) -> None:
        """Keep nothing back any more."""
        self._holds = False
        while self._kept:
            self.let_go()


async def put(hass: HomeAssistant, *signs: str, expires_after: object = 3600) -> None:
    """Send messages that have to wait."""
    for sign in signs:
        (message,) = await send_sms(
            hass,
            OTHER_NUMBER,
            variables=[sign],
            retry_for=0,
            expires_after=expires_after,
        )
        assert (message["state"], message["code"]) == ("queued", "queued")


def texts(platform: Server) -> str:
    """Return what the platform sent of the messages that had to wait, in order."""
    return "".join(
        sign
        for message in platform.platform.state.records.messages()
        for sign in message.text
        if sign in _SIGNS
    )


async def wake_often(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Give the outbox reasons to try, and time to do so."""
    for _ in range(20):
        entry.runtime_data.async_wake_outbox()
        await hass.async_add_executor_job(states, hass)


async def stop(hass: HomeAssistant) -> None:
    """End the integration as Home Assistant's end does."""
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    hass.bus.async_fire(EVENT_HOMEASSISTANT_CLOSE)
    await hass.async_block_till_done()


def clock_setter(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """Return what sets the clock; it goes on, and that of the event loop as before."""
    now = dt_util.utcnow

    def set_clock(moment: datetime) -> None:
        """Let the clock show a time."""
        offset = moment - now()
        monkeypatch.setattr(dt_util, "utcnow", lambda: now() + offset)

    return set_clock


def skip_time(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    """Let time pass at once for all that waits by the event loop."""
    now = hass.loop.time
    monkeypatch.setattr(hass.loop, "time", lambda: now() + seconds)


def shorten_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait long for the next attempt."""
    monkeypatch.setattr(sending, "_FIRST_PAUSE", 0.02)
    monkeypatch.setattr(sending, "_LONGEST_PAUSE", 0.05)
    monkeypatch.setattr(outbox, "_SHORTEST_PAUSE", 0.01)
    monkeypatch.setattr(outbox, "_LONGEST_PAUSE", 0.05)
