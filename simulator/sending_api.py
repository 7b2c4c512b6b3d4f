"""The two sending calls over HTTP, and the ways they may fail to answer."""

import asyncio
from email.utils import format_datetime
import json

from aiohttp import web

from .authentication import Call, mode_of
from .keys import PLATFORM
from .platform import DIFF_PATH, TEMPLATED_PATH, Outcome, Platform
from .records import RequestRecord
from .scenarios import Answer

_NEVER = 120.0
_POLL = 0.1
_HTML = (
    "<!DOCTYPE html><html><head><title>Gateway</title></head>"
    "<body><h1>The proxy could not do what you asked.</h1></body></html>"
)


def add_routes(app: web.Application) -> None:
    """Add both calls."""
    app.router.add_post(TEMPLATED_PATH, _send)
    app.router.add_post(DIFF_PATH, _send)


async def _send(request: web.Request) -> web.Response:
    """Answer a sending call, as its scenario wants it."""
    platform = request.app[PLATFORM]
    record = RequestRecord(
        at=platform.state.now(),
        path=request.path,
        authentication=mode_of(request.headers),
        content_type=request.headers.get("Content-Type"),
        host=request.headers.get("Host"),
    )
    platform.state.records.add_request(record)
    ordered = platform.scenarios.next_request()
    body = await request.read()
    record.body_size = len(body)
    path, _, query = request.raw_path.partition("?")
    call = Call(request.method, path, query, request.headers, body, request.remote)
    outcome = platform.handle(call, record, ordered)
    code = outcome.payload["code"]
    record.code = code if isinstance(code, str) else None
    await _report(platform, outcome)
    if outcome.scenario.delay:
        await asyncio.sleep(outcome.scenario.delay)
    return await _answer(request, platform, record, outcome)


async def _report(platform: Platform, outcome: Outcome) -> None:
    """Push the reports that overtake the response, and plan the others."""
    early = []
    for message, scenario in outcome.messages:
        if scenario.before_response:
            early.append(platform.reporter.report(message, scenario))
        else:
            platform.reporter.schedule(message, scenario)
    await asyncio.gather(*early)


async def _answer(
    request: web.Request, platform: Platform, record: RequestRecord, outcome: Outcome
) -> web.Response:
    """Answer as the scenario says."""
    answer, status = outcome.scenario.answer, outcome.scenario.http_status
    headers = {
        "Server": "WebServer",
        "Date": format_datetime(platform.state.now(), usegmt=True),
    }
    if answer in (Answer.NEVER, Answer.BROKEN):
        if answer is Answer.NEVER:
            await _wait_for_client(request, platform)
        if request.transport is not None:
            request.transport.abort()
        return web.Response()
    if answer is Answer.NORMAL:
        status = outcome.http_status
        text = json.dumps(outcome.payload, ensure_ascii=False, separators=(",", ":"))
        headers["Content-Type"] = "application/json;charset=UTF-8"
    else:
        text = _HTML if answer is Answer.HTML else ""
        headers["Content-Type"] = "text/html"
    record.http_status = status
    platform.state.touch()
    return web.Response(status=status, body=text.encode(), headers=headers)


async def _wait_for_client(request: web.Request, platform: Platform) -> None:
    """Wait until the client gives up or the simulator ends."""
    loop = asyncio.get_running_loop()
    end = loop.time() + _NEVER
    while loop.time() < end and not platform.closing.is_set():
        if request.transport is None or request.transport.is_closing():
            return
        await asyncio.sleep(_POLL)
