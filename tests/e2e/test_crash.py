"""Home Assistant is killed while pushes arrive: what it acknowledged, it has."""

import asyncio
from collections import Counter
from contextlib import closing, suppress
import random
import sqlite3

import aiohttp

from scripts.json_values import at, items, text

from .conftest import Scene

_REQUESTS = 4
_NUMBERS = 500
_REPLIES = 200
_CONNECTIONS = 8

# So many pushes come before a message leaves, during which Home Assistant is killed.
_BEFORE = 100
_LEAVING = "+8613700000014"

type Rows = list[tuple[str, ...]]


def _read(scene: Scene, statement: str) -> Rows:
    """Read from the ledger's file while Home Assistant uses it."""
    file = scene.stage.home.folder / ".storage" / "huawei_cloud_sms.db"
    with closing(sqlite3.connect(file)) as db:
        return db.execute(statement).fetchall()


async def test_killed_while_pushes_arrive(scene: Scene) -> None:
    """All that got our 200 is there once, states follow, nothing is sent twice."""
    numbers = [f"+86138{place:08}" for place in range(_REQUESTS * _NUMBERS)]
    ids: list[str] = []
    for first in range(0, len(numbers), _NUMBERS):
        await scene.control.next_request({"report": None})
        response = await scene.api.act_with_response(
            "huawei_cloud_sms",
            "send_sms",
            {
                "numbers": numbers[first : first + _NUMBERS],
                "variables": ["停电"],
                "override_limit": True,
            },
        )
        ids += [text(message, "message_id") for message in items(response, "messages")]
    requests = await scene.control.request_count()
    # one that leaves just when it happens
    await scene.control.next_request({"delay": 60, "report": None})

    chance = random.Random(8)
    waiting = ids + [f"answer {place}" for place in range(_REPLIES)]
    chance.shuffle(waiting)
    kill_at = chance.randrange(len(waiting) // 3, len(waiting) // 2)
    sending: list[asyncio.Task[object]] = []
    stored: set[str] = set()
    tried: set[str] = set()

    async def push() -> None:
        """Push one thing after the other, and after the end one more in vain."""
        running = True
        while waiting and running:
            running = scene.stage.home.running
            thing = waiting.pop()
            tried.add(thing)
            if thing.startswith("answer"):
                done = await scene.control.reply(numbers[0], thing)
            else:
                done = await scene.control.report(thing)
            if at(done, "push", "http_status") == 200:
                stored.add(thing)

    async def kill() -> None:
        """Kill it at that moment, while a message is leaving."""
        while len(stored) < _BEFORE:
            await asyncio.sleep(0.001)
        sending.append(
            asyncio.create_task(
                scene.api.act(
                    "huawei_cloud_sms",
                    "send_sms",
                    {
                        "numbers": [_LEAVING],
                        "variables": ["燃气"],
                        "override_limit": True,
                    },
                )
            )
        )
        await scene.control.wait_for_messages(_LEAVING, 1, 60)
        while len(stored) < kill_at:
            await asyncio.sleep(0.001)
        scene.stage.home.kill()

    await asyncio.gather(kill(), *(push() for _ in range(_CONNECTIONS)))
    for task in sending:
        with suppress(aiohttp.ClientError):
            await task
    assert len(stored) >= kill_at
    assert tried - stored
    await scene.stage.restart()
    _compare(scene, ids, stored, tried)

    # the reports that were lost come again, the replies do not
    waiting += [thing for thing in tried - stored if not thing.startswith("answer")]
    await asyncio.gather(*(push() for _ in range(_CONNECTIONS)))
    assert set(ids) <= stored
    _compare(scene, ids, stored, tried)
    states = dict(_read(scene, "SELECT number, state FROM message"))
    assert states[_LEAVING] == "unconfirmed"
    assert await scene.control.request_count() == requests + 1
    assert len(await scene.control.messages(_LEAVING)) == 1
    for number in chance.sample(numbers, 20):
        assert len(await scene.control.messages(number)) == 1


def _compare(scene: Scene, ids: list[str], stored: set[str], tried: set[str]) -> None:
    """Compare the ledger with what was acknowledged and what was tried."""
    rows = dict(_read(scene, "SELECT message_id, state FROM message"))
    for message_id in ids:
        allowed = {"delivered"} if message_id in stored else {"accepted"}
        if message_id in tried:
            allowed.add("delivered")
        assert rows[message_id] in allowed
    assert Counter(
        _read(scene, "SELECT message_id FROM message WHERE parts_done = 1")
    ) >= Counter((it,) for it in ids if rows[it] == "delivered")
    replies = Counter(
        text for (text,) in _read(scene, "SELECT text FROM reply") if "answer" in text
    )
    assert set(replies.values()) <= {1}
    assert {it for it in stored if "answer" in it} <= replies.keys() <= tried
