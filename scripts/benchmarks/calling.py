"""Many texts to as many people at once, by the action that automations use."""

import asyncio
import logging
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
import time

import aiohttp

from custom_components.huawei_cloud_sms.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from scripts.processes import free_ports

from .canned_platform import canned_platform
from .home import Watch, application, set_up
from .pushes import PLAIN
from .sending import bare_send, run
from .table import Row

# So many requests of an application are under way at the same time.
_IN_FLIGHT = 8


def rows(*, quick: bool) -> list[Row]:
    """Return how long it takes until the platform has accepted all of them."""
    count, rounds = (16, 1) if quick else (1_000, 5)
    # what Home Assistant has to say of a custom integration
    logging.disable(logging.WARNING)
    with canned_platform() as url, TemporaryDirectory() as folder:
        return asyncio.run(_measure(Path(folder), url, count, rounds))


async def _measure(folder: Path, url: str, count: int, rounds: int) -> list[Row]:
    """Send again and again, in turn with bare POSTs; each round has texts of its own."""
    numbers = [f"+86137{number:08}" for number in range(count)]
    hass = HomeAssistant(str(folder))
    [port] = free_ports(1)
    await set_up(hass, port)
    await hass.config_entries.async_add(application(PLAIN, numbers, url))
    await hass.async_start()
    await hass.async_block_till_done()
    watch = Watch()
    watching = asyncio.create_task(watch.run())
    people = [
        entity.entity_id
        for entity in er.async_entries_for_config_entry(er.async_get(hass), PLAIN)
        if entity.domain == "notify"
    ]
    assert len(people) == count
    ours, bare, cpu, stalls = [], [], [], []
    async with aiohttp.ClientSession() as session:
        for number in range(rounds + 1):
            seconds, worked, stall = await _send(hass, people, number, watch)
            posted, _ = await run(bare_send(session, url), count, _IN_FLIGHT)
            # The first round opens connections and fills caches.
            if number or rounds == 1:
                ours.append(seconds)
                cpu.append(worked / count * 1e6)
                stalls.append(stall * 1e3)
                bare.append(posted)
    watching.cancel()
    await hass.async_stop(force=True)
    group = f"{count:,} texts to {count:,} recipients"
    beside = f"bare POST, {_IN_FLIGHT} at a time, {median(bare):.2f} s"
    return [
        Row(
            group,
            "all accepted",
            median(ours),
            "s",
            beside,
            median(ours) / median(bare),
        ),
        Row(group, "CPU time of each", median(cpu), "µs"),
        Row(group, "longest stall", median(stalls), "ms"),
    ]


async def _send(
    hass: HomeAssistant, people: list[str], number: int, watch: Watch
) -> tuple[float, float, float]:
    """Send everybody a text at once; returns seconds, seconds of CPU, and the stall."""
    watch.longest = 0.0
    started, worked = time.perf_counter(), time.process_time()
    answers = await asyncio.gather(
        *(
            hass.services.async_call(
                DOMAIN,
                "send_template",
                {
                    "entity_id": person,
                    "variables": [f"{number} 人民公园 {place}"],
                    "override_limit": True,
                },
                blocking=True,
                return_response=True,
            )
            for place, person in enumerate(people)
        )
    )
    seconds, worked = time.perf_counter() - started, time.process_time() - worked
    for person, answer in zip(people, answers, strict=True):
        told = answer and answer[person]
        assert isinstance(told, dict)
        assert told["state"] == "accepted"
    return seconds, worked, watch.longest
