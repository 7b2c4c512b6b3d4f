"""The control API's looks at the platform: nothing here changes anything.

================ ===============================================================
GET state        settings (no secrets), templates, presets, counts
GET requests     `count` and the last `requests` of the sending API
GET messages     `count` and the accepted `messages`; `?number=` for one phone's
GET phones       the conversations of the `phones` used last
GET pushes       `count` and the last `pushes` with their answers
GET idle         waits until nothing is left to push: `{"idle": true}`, or false
                 after `?timeout=` seconds
================ ===============================================================

Lists are the oldest first; `?last=` cuts them to the newest.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict

from aiohttp import web

from .config import Application
from .console import flow_status
from .json_api import checked_handler
from .keys import PLATFORM
from .phones import phones
from .platform import Platform
from .records import Json, JsonValue
from .scenarios import PRESETS
from .templates import variable_names
from .typed import InvalidValueError

_MAX_IDLE = 60.0
_DEFAULT_IDLE = 10.0


def add_routes(app: web.Application) -> None:
    """Add all that can be looked at."""
    for path, handler in (
        ("/sim/state", _state),
        ("/sim/requests", _requests),
        ("/sim/messages", _messages),
        ("/sim/phones", _phones),
        ("/sim/pushes", _pushes),
        ("/sim/idle", _idle),
    ):
        app.router.add_get(path, checked_handler(handler))


def options_json(platform: Platform) -> Json:
    """Return all switches."""
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(platform.state.options).items()
    }


def application_json(application: Application) -> Json:
    """Return what may be shown of an application."""
    return {
        "app_key": f"{application.app_key[:4]}…",
        "record_id": application.record_id,
        "name": application.name,
        "status": application.status,
        "kind": application.kind,
        "channel_number": application.channel_number,
        "uplink_url": application.uplink_url,
        "batch_url": application.batch_url,
        "signed_pushes": bool(application.push_ak and application.push_sk),
        "allowed_ips": list(application.allowed_ips),
        "account_code": application.account_code,
    }


async def _state(request: web.Request) -> web.Response:
    """Return settings and counts."""
    platform = request.app[PLATFORM]
    records = platform.state.records
    console = platform.state.console
    templates: list[JsonValue] = [
        {
            "id": template.id,
            "name": template.name,
            "kind": template.kind,
            "type": template.type,
            "text": template.text,
            "variables": list(variable_names(template)),
            "signature": template.signature,
            "general": template.general,
            "active": template.active,
            "record_id": template.record_id,
            "flow_status": flow_status(template),
            "review_desc": template.review_desc,
        }
        for template in console.templates.values()
    ]
    signatures: list[JsonValue] = [
        {
            "record_id": signature.record_id,
            "name": signature.name,
            "type": signature.type,
            "channel_number": signature.channel_number,
            "status": signature.status,
            "review_desc": signature.review_desc,
        }
        for signature in console.signatures.values()
    ]
    return web.json_response(
        {
            "requests": records.request_count,
            "accepted": records.accepted_count,
            "pushes": records.push_count,
            "pending": platform.background.pending,
            "applications": [
                application_json(application)
                for application in platform.state.applications.values()
            ],
            "signatures": signatures,
            "templates": templates,
            "options": options_json(platform),
            "presets": list(PRESETS),
            "scenarios": {
                "next_requests": platform.scenarios.waiting,
                "numbers": list(platform.scenarios.numbers),
            },
        }
    )


def _last[T](request: web.Request, items: Sequence[T]) -> Sequence[T]:
    """Return as many of the newest items as were asked for."""
    text = request.query.get("last")
    if text is None:
        return items
    if not text.isdecimal():
        raise InvalidValueError("last must be a number")
    return items[max(0, len(items) - int(text)) :]


async def _requests(request: web.Request) -> web.Response:
    """Return how many calls there were, and the last of them."""
    records = request.app[PLATFORM].state.records
    last = _last(request, list(records.requests))
    return web.json_response(
        {
            "count": records.request_count,
            "requests": [record.as_json() for record in last],
        }
    )


async def _messages(request: web.Request) -> web.Response:
    """Return accepted messages, those to one number if it is given."""
    records = request.app[PLATFORM].state.records
    messages = records.messages(request.query.get("number"))
    last = _last(request, messages)
    return web.json_response(
        {"count": len(messages), "messages": [message.as_json() for message in last]}
    )


async def _phones(request: web.Request) -> web.Response:
    """Return each phone with its conversation."""
    return web.json_response({"phones": phones(request.app[PLATFORM].state.records)})


async def _pushes(request: web.Request) -> web.Response:
    """Return pushes and how they were answered."""
    records = request.app[PLATFORM].state.records
    last = _last(request, list(records.pushes))
    return web.json_response(
        {"count": records.push_count, "pushes": [push.as_json() for push in last]}
    )


async def _idle(request: web.Request) -> web.Response:
    """Wait until nothing is left to push, and say whether that came true."""
    try:
        timeout = float(request.query.get("timeout", _DEFAULT_IDLE))
    except ValueError as error:
        raise InvalidValueError("timeout must be a number") from error
    try:
        async with asyncio.timeout(max(0.0, min(timeout, _MAX_IDLE))):
            await request.app[PLATFORM].background.idle()
    except TimeoutError:
        return web.json_response({"idle": False})
    return web.json_response({"idle": True})
