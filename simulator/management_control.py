"""The part of the control API below ``/sim/`` that is about the management API.

========================= ======================================================
GET management            `count` and the last `calls`, `tokens` handed out
PATCH signature           `record_id` or `name`; `status`, `review_desc`,
                          `channel_number`
PATCH template            `template_id`; `flow_status`, `review_desc`; what is
                          not Adopted does not send
PATCH account             fields of `config.Account`, such as `allowed`
POST management-faults    `fault` (fields of `management_faults.Fault`) for the
                          next `times` calls of `place`: management (without) or iam
DELETE management-faults  forgets them
DELETE tokens             no token is good any more
========================= ======================================================

An application is changed by PATCH application, its `status` among the rest.
"""

from dataclasses import replace

from aiohttp import web

from .config import Signature, Template
from .console import ADOPTED, Console, flow_status
from .json_api import (
    checked_handler,
    json_body,
    needed_text,
    number_within,
    optional_text,
)
from .keys import PLATFORM
from .management_faults import Fault, Place
from .typed import InvalidValueError, changed, read

_STATES = (ADOPTED, "Reviewing", "Reject", "Pending", "Disable")


def add_routes(app: web.Application) -> None:
    """Add all that changes or shows something."""
    for method, path, handler in (
        ("GET", "/sim/management", _management),
        ("PATCH", "/sim/signature", _signature),
        ("PATCH", "/sim/template", _template),
        ("PATCH", "/sim/account", _account),
        ("POST", "/sim/management-faults", _fault),
        ("DELETE", "/sim/management-faults", _clear_faults),
        ("DELETE", "/sim/tokens", _revoke),
    ):
        app.router.add_route(method, path, checked_handler(handler))


async def _management(request: web.Request) -> web.Response:
    """Return how many calls there were, and the last of them."""
    platform = request.app[PLATFORM]
    return web.json_response(
        {
            "count": platform.calls.count,
            "tokens": platform.tokens.count,
            "calls": [record.as_json() for record in platform.calls.last],
        }
    )


async def _signature(request: web.Request) -> web.Response:
    """Change the state of a signature."""
    body = await json_body(request)
    platform = request.app[PLATFORM]
    console = platform.state.console
    signature = _found_signature(
        console, optional_text(body, "record_id"), optional_text(body, "name")
    )
    wanted = ("status", "review_desc", "channel_number")
    changes = {name: body[name] for name in wanted if name in body}
    after = changed(signature, changes)
    if after.usable and not after.channel_number:
        after = replace(after, channel_number=console.new_channel())
    console.signatures[after.record_id] = after
    platform.state.touch()
    return web.json_response({"record_id": after.record_id, "status": after.status})


def _found_signature(
    console: Console, record_id: str | None, name: str | None
) -> Signature:
    """Return a signature by primary key or by name."""
    found = (
        console.signature_named(name)
        if record_id is None
        else console.signatures.get(record_id)
    )
    if found is None:
        raise InvalidValueError("there is no such signature")
    return found


async def _template(request: web.Request) -> web.Response:
    """Change the state of a template."""
    body = await json_body(request)
    platform = request.app[PLATFORM]
    templates = platform.state.console.templates
    template: Template | None = templates.get(needed_text(body, "template_id"))
    if template is None:
        raise InvalidValueError("there is no such template")
    status = optional_text(body, "flow_status") or flow_status(template)
    if status not in _STATES:
        raise InvalidValueError(f"flow_status must be one of {', '.join(_STATES)}")
    after = replace(
        template,
        flow_status=status,
        active=status == ADOPTED,
        review_desc=optional_text(body, "review_desc") or "",
    )
    templates[after.id] = after
    platform.state.touch()
    return web.json_response({"template_id": after.id, "flow_status": status})


async def _account(request: web.Request) -> web.Response:
    """Change what the account's user is and may."""
    body = await json_body(request)
    state = request.app[PLATFORM].state
    if state.console.account is None:
        raise InvalidValueError("there is no account")
    state.console.account = changed(state.console.account, body)
    return web.json_response({"allowed": state.console.account.allowed})


async def _fault(request: web.Request) -> web.Response:
    """Order a fault for the next calls."""
    body = await json_body(request)
    written = optional_text(body, "place") or Place.MANAGEMENT
    if written not in Place:
        raise InvalidValueError(f"place must be one of {', '.join(Place)}")
    fault = read(Fault, body.get("fault"), "fault")
    times = int(number_within(body, "times", 1, 1, 1000))
    request.app[PLATFORM].faults.add(Place(written), fault, times)
    return web.json_response({})


async def _clear_faults(request: web.Request) -> web.Response:
    """Forget the faults that were ordered."""
    request.app[PLATFORM].faults.clear()
    return web.json_response({})


async def _revoke(request: web.Request) -> web.Response:
    """Make an end of all tokens."""
    request.app[PLATFORM].tokens.revoke()
    return web.json_response({})
