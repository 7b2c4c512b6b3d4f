"""Kills handler and ledger again and again while they work, and checks their word."""

import asyncio
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from itertools import count
import multiprocessing
from multiprocessing.context import ForkServerProcess
from pathlib import Path
import random
from typing import Self

import aiohttp
from aiohttp import web

from custom_components.huawei_cloud_sms.ledger.models import State

from .crash_model import DELIVERED, FAILED, BrokenPromiseError, Known, Sms, check
from .crash_server import PARTS, serve
from .processes import LOOPBACK, ProcessError, free_ports

_SENDERS = 8
_PUSHERS = 16
_STARTED_WITHIN = 30.0
_TIMEOUT = aiohttp.ClientTimeout(total=10)
_POLL = 0.01

# After so many seconds at most, when its point has come, the process is killed.
_KILL_WITHIN = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one trial does; the seed makes all that is left to chance."""

    seed: int
    kills: int = 20
    reports: int = 2000
    replies: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """One push: about a part of a message, or a reply."""

    sms: Sms | None
    part: int
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Summary:
    """What happened in a trial."""

    kills: int
    stored: int
    unanswered: int
    sent: int


class Trial:
    """One ledger, from its first message to the last; an asynchronous context manager.

    The platform that messages leave to is a server in this process.
    """

    def __init__(self, folder: Path, plan: Plan) -> None:
        """Take an empty folder and the plan."""
        self._folder = folder
        self._plan = plan
        self._chance = random.Random(plan.seed)
        self._port, self._platform_port = free_ports(2)
        self._known = Known()
        self._pushes: deque[Push] = deque()
        self._left = 0
        self._unanswered = 0
        self._names = count()
        self._up = asyncio.Event()
        self._context = multiprocessing.get_context("forkserver")
        # Home Assistant is imported once, not for every life
        self._context.set_forkserver_preload([serve.__module__])
        self._process: ForkServerProcess | None = None

    async def __aenter__(self) -> Self:
        """Start the platform and the first process."""
        self._session = aiohttp.ClientSession(timeout=_TIMEOUT)
        app = web.Application()
        app.router.add_post("/", self._take)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, LOOPBACK, self._platform_port).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """End everything."""
        await self._kill()
        await self._session.close()
        await self._runner.cleanup()

    async def run(self) -> Summary:
        """Send, push and kill according to the plan; check after every kill.

        Raises BrokenPromiseError.
        """
        plan = self._plan
        for number in range(plan.replies):
            message_id = f"reply-{number}"
            fields = {
                "smsMsgId": message_id,
                "from": "+8613700000001",
                "to": "1069000000012",
                "body": f"text {message_id}",
            }
            self._pushes.append(Push(sms=None, part=0, fields=fields))
        await self._start()
        work = asyncio.gather(
            *(self._send() for _ in range(_SENDERS)),
            *(self._push() for _ in range(_PUSHERS)),
        )
        try:
            total = plan.reports + plan.replies
            # some pushes are given up when nobody answers them
            points = self._chance.sample(range(total * 9 // 10), plan.kills)
            for point in sorted(points):
                while self._known.stored < point and not work.done():
                    await asyncio.sleep(_POLL / 10)
                await asyncio.sleep(self._chance.uniform(0, _KILL_WITHIN))
                await self._kill()
                await check(self._folder, self._known)
                await self._start()
            await work
            if self._known.stored < max(points):
                # what was never taken cannot be lost either
                raise BrokenPromiseError("too few pushes were answered")
        finally:
            work.cancel()
            with suppress(asyncio.CancelledError):
                await work
        await self._kill()
        await check(self._folder, self._known)
        return Summary(plan.kills, self._known.stored, self._unanswered, self._left)

    async def _start(self) -> None:
        """Start the process and wait until it serves."""
        self._process = self._context.Process(
            target=serve,
            args=(
                str(self._folder),
                self._port,
                f"http://{LOOPBACK}:{self._platform_port}/",
            ),
            daemon=True,
        )
        await asyncio.to_thread(self._process.start)
        try:
            async with asyncio.timeout(_STARTED_WITHIN):
                while not await self._answers():
                    if not self._process.is_alive():
                        raise ProcessError("handler and ledger have ended")
                    await asyncio.sleep(_POLL)
        except TimeoutError:
            raise ProcessError("handler and ledger do not answer") from None
        self._up.set()

    async def _answers(self) -> bool:
        """Say whether the process serves."""
        with suppress(aiohttp.ClientError):
            async with self._session.get(self._url("")):
                return True
        return False

    def _url(self, path: str) -> str:
        """Return an address of the process."""
        return f"http://{LOOPBACK}:{self._port}/{path}"

    async def _kill(self) -> None:
        """End the process as a power cut would."""
        self._up.clear()
        if self._process is not None:
            self._process.kill()
            await asyncio.to_thread(self._process.join)
            self._process = None

    async def _send(self) -> None:
        """Send one message after the other until enough have left."""
        chance = self._chance
        while self._left < self._plan.reports // PARTS:
            await self._up.wait()
            number = next(self._names)
            sms = Sms(
                name=f"sms-{number}",
                number=f"+86137{number:08}",
                fates={
                    part: FAILED if chance.random() < 0.05 else DELIVERED
                    for part in range(1, PARTS + 1)
                },
                hangs_up=chance.random() < 0.1,
            )
            self._known.messages[sms.name] = sms
            wanted = {"name": sms.name, "number": sms.number}
            with suppress(aiohttp.ClientError):
                async with self._session.post(
                    self._url("send"), params=wanted
                ) as response:
                    sms.answer = State((await response.json())["state"])

    async def _take(self, request: web.Request) -> web.StreamResponse:
        """Take a message as the platform, answer or not, and report on it."""
        sms = self._known.messages[request.query["name"]]
        sms.left += 1
        self._left += 1
        for part, status in sms.fates.items():
            fields = {
                "smsMsgId": f"id-{sms.name}",
                "status": status,
                "sequence": str(part),
                "total": str(PARTS),
                "extend": f"extend-{sms.name}",
                "to": sms.number,
            }
            push = Push(sms=sms, part=part, fields=fields)
            self._pushes.insert(self._chance.randrange(len(self._pushes) + 1), push)
        # a report may overtake the answer
        await asyncio.sleep(self._chance.uniform(0, 0.02))
        if sms.hangs_up and request.transport is not None:
            request.transport.close()
        return web.Response(text=f"id-{sms.name}")

    async def _push(self) -> None:
        """Push one thing after the other until nothing is left."""
        while self._pushes or self._left < self._plan.reports // PARTS:
            await self._up.wait()
            if not self._pushes:
                await asyncio.sleep(_POLL)
                continue
            push = self._pushes.popleft()
            if await self._is_stored(push):
                continue
            self._unanswered += 1
            # the platform may repeat it, or not
            if self._chance.random() < 0.8:
                self._pushes.append(push)

    async def _is_stored(self, push: Push) -> bool:
        """Push, and return whether the answer was 200."""
        sms, known = push.sms, self._known
        if sms is None:
            known.replies_tried.add(push.fields["smsMsgId"])
        else:
            sms.tried.add(push.part)
        try:
            async with self._session.post(
                self._url("push"), data=push.fields
            ) as response:
                if response.status != HTTPStatus.OK:
                    return False
        except aiohttp.ClientError:
            return False
        if sms is None:
            known.replies_stored.add(push.fields["smsMsgId"])
        else:
            sms.stored.add(push.part)
        return True
