"""A platform that cannot be reached for a while, and what an application does then."""

from contextlib import closing
import socket
import sqlite3

import pytest

from custom_components.huawei_cloud_sms import outbox, sending
from custom_components.huawei_cloud_sms.msgsms.client import SmsClient
from custom_components.huawei_cloud_sms.msgsms.models import SendResponse, TemplatedSms
from homeassistant.core import HomeAssistant
from simulator.server import Server

from .common import ledger_path, wait_until

_FOR_EVER = 600


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


def shorten_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait long for the next attempt."""
    monkeypatch.setattr(sending, "_FIRST_PAUSE", 0.02)
    monkeypatch.setattr(sending, "_LONGEST_PAUSE", 0.05)
    monkeypatch.setattr(outbox, "_SHORTEST_PAUSE", 0.01)
    monkeypatch.setattr(outbox, "_LONGEST_PAUSE", 0.05)
