"""The control API below ``/sim/``: changes the platform and has it push things.

Bodies are JSON objects; what does not fit is answered with 400 and ``error``.

=================== ============================================================
PATCH options       any fields of `options.Options`; answers all of them
PATCH application   any fields of `config.Application`; `app_key` chooses which,
                    the first without
POST scenarios      `scenario` (a preset's name, or fields of
                    `scenarios.Scenario` on top of a `preset`), for a `number` or
                    for the next `times` requests (1 without)
DELETE scenarios    forgets them
POST report         one more report on a message: `message_id` or `number` (its
                    last message), `status`, `part`, `made_by_platform`
POST reply          `number`, `text`, `channel_number` (the last one without)
POST push           anything: `fields` (form), `reports` (batch) or `body` with
                    `content_type`; to `address` or where the console says
POST pause          refuses connections for `seconds`
POST reset          forgets all; settings are those of the start
=================== ============================================================

A push is answered with ``{"push": {…}}`` once it is done, null if there was none.
"""

from urllib.parse import urlsplit

from aiohttp import web

from .json_api import (
    checked_handler,
    json_body,
    needed_text,
    number_within,
    optional_text,
)
from .keys import LISTENER, PLATFORM
from .records import PushRecord
from .scenarios import read_scenario
from .typed import InvalidValueError, as_mapping
from .views import application_json, options_json


def add_routes(app: web.Application) -> None:
    """Add all that changes something."""
    for method, path, handler in (
        ("PATCH", "/sim/options", _options),
        ("PATCH", "/sim/application", _application),
        ("POST", "/sim/scenarios", _scenario),
        ("DELETE", "/sim/scenarios", _clear_scenarios),
        ("POST", "/sim/report", _report),
        ("POST", "/sim/reply", _reply),
        ("POST", "/sim/push", _push),
        ("POST", "/sim/pause", _pause),
        ("POST", "/sim/reset", _reset),
    ):
        app.router.add_route(method, path, checked_handler(handler))


async def _reset(request: web.Request) -> web.Response:
    """Forget everything; settings are those of the start."""
    await request.app[PLATFORM].reset()
    return web.json_response({})


async def _options(request: web.Request) -> web.Response:
    """Change switches."""
    platform = request.app[PLATFORM]
    platform.state.set_options(await json_body(request))
    return web.json_response(options_json(platform))


async def _application(request: web.Request) -> web.Response:
    """Change an application: the one of `app_key`, or the first."""
    body = await json_body(request)
    app_key = optional_text(body, "app_key")
    state = request.app[PLATFORM].state
    return web.json_response(application_json(state.set_application(body, app_key)))


async def _scenario(request: web.Request) -> web.Response:
    """Set a scenario for the next requests (`times`, 1 without) or for a `number`."""
    body = await json_body(request)
    scenarios = request.app[PLATFORM].scenarios
    scenario = read_scenario(body.get("scenario"))
    number = optional_text(body, "number")
    if number is not None:
        scenarios.for_number(number, scenario)
    else:
        scenarios.for_next_requests(
            scenario, int(number_within(body, "times", 1, 1, 1000))
        )
    return web.json_response({})


async def _clear_scenarios(request: web.Request) -> web.Response:
    """Forget the scenarios that were set."""
    request.app[PLATFORM].scenarios.clear()
    return web.json_response({})


def _push_json(push: PushRecord | None) -> web.Response:
    """Return what became of a push."""
    return web.json_response({"push": push.as_json() if push else None})


async def _report(request: web.Request) -> web.Response:
    """Push one more report on a message: of `message_id`, or the last to `number`."""
    body = await json_body(request)
    platform = request.app[PLATFORM]
    message_id = optional_text(body, "message_id")
    if message_id is not None:
        message = platform.state.records.message(message_id)
    else:
        messages = platform.state.records.messages(needed_text(body, "number"))
        message = messages[-1] if messages else None
    if message is None:
        raise InvalidValueError("there is no such message")
    push = await platform.reporter.report_part(
        message,
        optional_text(body, "status") or "DELIVRD",
        int(number_within(body, "part", 1, 1, 99)),
        made_by_platform=body.get("made_by_platform") is True,
    )
    return _push_json(push)


async def _reply(request: web.Request) -> web.Response:
    """Answer from a phone."""
    body = await json_body(request)
    push = await request.app[PLATFORM].reporter.reply(
        needed_text(body, "number"),
        needed_text(body, "text"),
        optional_text(body, "channel_number"),
    )
    return _push_json(push)


async def _push(request: web.Request) -> web.Response:
    """Push anything: `fields` as a form, `reports` as a batch, or a raw `body`."""
    body = await json_body(request)
    platform = request.app[PLATFORM]
    application = platform.state.application(optional_text(body, "app_key"))
    default = application.batch_url if "reports" in body else application.uplink_url
    address = optional_text(body, "address") or default
    if address is None or urlsplit(address).hostname is None:
        raise InvalidValueError("address is missing or malformed")
    if "reports" in body:
        entries = body["reports"]
        if not isinstance(entries, list):
            raise InvalidValueError("reports must be a list")
        batch = [as_mapping(entry, "reports") for entry in entries]
        push = await platform.reporter.push_batch(address, batch, application)
    elif "fields" in body:
        fields = {
            name: str(value)
            for name, value in as_mapping(body["fields"], "fields").items()
        }
        push = await platform.reporter.push_form("any", address, fields, application)
    else:
        push = await platform.reporter.push(
            "any",
            address,
            needed_text(body, "body").encode(),
            optional_text(body, "content_type") or "application/octet-stream",
            application,
        )
    return _push_json(push)


async def _pause(request: web.Request) -> web.Response:
    """Refuse connections for some `seconds`."""
    body = await json_body(request)
    seconds = number_within(body, "seconds", 2, 0, 600)
    listener = request.app.get(LISTENER)
    if listener is None:
        raise InvalidValueError("this simulator does not own its listener")
    listener.pause(seconds)
    return web.json_response({})
