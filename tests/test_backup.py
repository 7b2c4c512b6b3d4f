"""A backup that is made while messages go and reports come is sound."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from pathlib import Path
import sqlite3
import tarfile

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_test_home_assistant,
)

from custom_components.huawei_cloud_sms import backup
from custom_components.huawei_cloud_sms.component import DATA_COMPONENT
from homeassistant import loader
from homeassistant.components.backup import DATA_MANAGER
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from simulator.scenarios import PRESETS
from simulator.server import Server

from .common import (
    WEBHOOK_PATH,
    block_storage,
    ledger_path,
    make_entry,
    reply,
    report,
    send_sms,
    wait_until,
)
from .const import OTHER_NUMBER, REPORT_EVENT
from .ledger.failing import write_protect
from .sending.outage import Held, Tried, cut_off, put, restore, texts, wake_often

_MESSAGES = 200


async def make_backup(hass: HomeAssistant, folder: Path) -> Path:
    """Make a backup as a person does; return the configuration folder in it."""
    manager = hass.data[DATA_MANAGER]
    await manager.async_create_backup(
        agent_ids=["backup.local"],
        include_addons=None,
        include_all_addons=False,
        include_database=True,
        include_folders=None,
        include_homeassistant=True,
        name="Backup",
        password=None,
    )
    backups = Path(hass.config.path("backups"))
    await hass.async_add_executor_job(unpack, backups, folder)
    return folder / "data"


def unpack(backups: Path, folder: Path) -> None:
    """Unpack what the only backup has of Home Assistant."""
    (file,) = backups.glob("*.tar")
    with (
        tarfile.open(file) as outer,
        tarfile.open(
            fileobj=outer.extractfile("homeassistant.tar.gz"), mode="r:gz"
        ) as inner,
    ):
        inner.extractall(folder, filter="data")


@asynccontextmanager
async def restored(config_dir: Path) -> AsyncGenerator[HomeAssistant]:
    """Run another Home Assistant on what a backup has."""
    async with async_test_home_assistant(config_dir=str(config_dir)) as hass:
        hass.data.pop(loader.DATA_CUSTOM_COMPONENTS)
        yield hass
        await hass.async_stop(force=True)


@pytest.fixture
async def manager(hass: HomeAssistant) -> None:
    """Set Home Assistant's own backups up, before its HTTP server begins."""
    assert await async_setup_component(hass, "backup", {})
    await hass.async_block_till_done()


@pytest.mark.usefixtures("manager")
async def test_pushes_arrive_meanwhile(
    hass: HomeAssistant,
    platform: Server,
    door: TestClient,
    application: MockConfigEntry,
    tmp_path: Path,
) -> None:
    """What was stored before a backup is in it, whole, and so is no more than came."""
    numbers = [f"+86137{it:08}" for it in range(_MESSAGES)]
    for number in numbers:
        platform.platform.scenarios.for_number(number, PRESETS["no_report"])
    sent = await send_sms(hass, *numbers, override_limit=True)
    waiting = [message["message_id"] for message in sent]
    stored: list[str] = []

    async def push() -> None:
        while waiting:
            message_id = waiting.pop()
            for fields in (report(message_id), reply(f"reply-{message_id}")):
                answer = await door.post(WEBHOOK_PATH, data=fields)
                assert answer.status == 200
            stored.append(message_id)

    pushing = asyncio.gather(*(push() for _ in range(4)))
    await wait_until(lambda: len(stored) > 20)
    before = list(stored)
    config_dir = await make_backup(hass, tmp_path / "backup")
    assert waiting
    await pushing

    copy = config_dir / ".storage" / ledger_path(hass).name
    with closing(sqlite3.connect(copy)) as db:
        # what was copied was held still
        assert db.execute("SELECT name FROM mark").fetchall() == [("copied",)]
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        delivered = set(
            db.execute("SELECT message_id FROM message WHERE state = 'delivered'")
        )
        parts = set(db.execute("SELECT message_id FROM message WHERE parts_done = 1"))
        replies = {
            message_id.removeprefix("reply-")
            for (message_id,) in db.execute("SELECT message_id FROM reply")
        }
    assert delivered == parts
    assert {(it,) for it in before} <= delivered
    assert set(before) <= replies
    # each reply came after its report
    assert {(it,) for it in replies} <= delivered
    with closing(sqlite3.connect(ledger_path(hass))) as db:
        assert db.execute("SELECT count(*) FROM reply").fetchone() == (_MESSAGES,)
        assert db.execute("SELECT name FROM mark").fetchall() == []


@pytest.mark.usefixtures("manager")
async def test_nothing_queued_is_sent(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    tmp_path: Path,
    held: Held,
) -> None:
    """What had not left when a backup was made never leaves after it is restored."""
    numbers = [f"+86137000010{place:02}" for place in range(12)]
    for number in numbers:
        platform.platform.scenarios.for_number(number, PRESETS["no_report"])
    sending = [asyncio.ensure_future(send_sms(hass, number)) for number in numbers]
    records = platform.platform.state.records
    await held.wait_for(8)
    config_dir = await make_backup(hass, tmp_path / "backup")
    assert not any(it.done() for it in sending)
    held.end()
    await asyncio.gather(*sending)
    assert records.request_count == 12

    async with restored(config_dir) as again:
        entry = make_entry(platform.url, entry_id=application.entry_id)
        entry.add_to_hass(again)
        assert await again.config_entries.async_setup(entry.entry_id)
        await again.async_block_till_done()
        with closing(sqlite3.connect(ledger_path(again))) as db:
            states = db.execute("SELECT state FROM message ORDER BY id").fetchall()
        assert states == [("unconfirmed",)] * 8 + [("expired_unsent",)] * 4
        assert again.states.get(REPORT_EVENT).attributes["late"] is True
    assert records.request_count == 12


@pytest.mark.usefixtures("manager", "long_pauses")
async def test_outbox_is_not_sent(
    hass: HomeAssistant,
    platform: Server,
    application: MockConfigEntry,
    tmp_path: Path,
    tried: Tried,
) -> None:
    """Nor does what waited in the outbox, although its time is not over."""
    await cut_off(platform)
    await put(hass, "甲")
    await tried.wait_for(2)
    config_dir = await make_backup(hass, tmp_path / "backup")
    await restore(platform)
    async with restored(config_dir) as again:
        entry = make_entry(platform.url, entry_id=application.entry_id)
        entry.add_to_hass(again)
        assert await again.config_entries.async_setup(entry.entry_id)
        await wake_often(again, entry)
        with closing(sqlite3.connect(ledger_path(again))) as db:
            rows = db.execute("SELECT state, code FROM message").fetchall()
        assert rows == [("expired_unsent", "not_sent_restored")]
    assert texts(platform) == ""


async def test_file_that_fails(
    hass: HomeAssistant, platform: Server, application: MockConfigEntry
) -> None:
    """A ledger whose file fails while it is to be held hinders no backup."""
    ledger = hass.data[DATA_COMPONENT].ledger
    await ledger.run(write_protect)
    await backup.async_pre_backup(hass)
    await backup.async_post_backup(hass)
    (sent,) = await send_sms(hass, OTHER_NUMBER)
    assert sent["state"] == "accepted"
    await ledger.restore()
    assert ledger.durable


async def test_stand_in(
    hass: HomeAssistant, platform: Server, door: TestClient, entry: MockConfigEntry
) -> None:
    """A ledger in memory hinders no backup either."""
    block_storage(hass)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await backup.async_pre_backup(hass)
    (sent,) = await send_sms(hass, OTHER_NUMBER)
    assert sent["state"] == "accepted"
    await backup.async_post_backup(hass)


async def test_ledger_that_breaks(
    hass: HomeAssistant,
    application: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whatever is wrong with the ledger, the person gets a backup."""

    async def fail(copied: bool) -> None:
        raise ValueError("on purpose")

    monkeypatch.setattr(hass.data[DATA_COMPONENT].ledger, "set_copied", fail)
    await backup.async_pre_backup(hass)
    await backup.async_post_backup(hass)
    assert caplog.text.count("A backup may lack the record of messages") == 2
    assert "on purpose" not in caplog.text
