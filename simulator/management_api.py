"""The management API over HTTP: who calls is checked, then what is called is done."""

from collections.abc import Awaitable, Callable
from itertools import chain

from aiohttp import web

from . import management_apps, management_signatures, management_templates
from .authentication import Call
from .keys import PLATFORM
from .management_answers import error_json, faulty
from .management_auth import authenticate, way_of
from .management_call import ManagementCall, Operation
from .management_errors import ManagementRefusal, management_status
from .management_faults import Place
from .management_lists import INVALID
from .management_records import CallRecord
from .reports import JSON

_PREFIX = "/v2/{project_id}/msgsms/"


def add_routes(app: web.Application) -> None:
    """Add all operations."""
    for (method, path), operation in chain(
        management_apps.OPERATIONS.items(),
        management_signatures.OPERATIONS.items(),
        management_templates.OPERATIONS.items(),
    ):
        app.router.add_route(method, _PREFIX + path, _handler(operation))


def _handler(
    operation: Operation,
) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Return a handler that has an operation done."""

    async def answer(request: web.Request) -> web.Response:
        """Do it."""
        return await _answer(request, operation)

    async def handle(request: web.Request) -> web.Response:
        """Answer a call, as its fault wants it if it has one."""
        call = await _read_call(request)
        now = request.app[PLATFORM].state.now()
        record = CallRecord(now, call.method, call.path, way_of(call))
        return await faulty(request, Place.MANAGEMENT, record, answer)

    return handle


async def _read_call(request: web.Request) -> Call:
    """Return a call as it came over the wire."""
    path, _, query = request.raw_path.partition("?")
    body = await request.read()
    return Call(request.method, path, query, request.headers, body, request.remote)


async def _answer(request: web.Request, operation: Operation) -> web.Response:
    """Check a call and do what it asks for."""
    platform, call = request.app[PLATFORM], await _read_call(request)
    try:
        project_id = request.match_info["project_id"]
        authenticate(call, project_id, platform.state, platform.tokens)
        content_type = _content_type(call)
        content = operation(
            ManagementCall(
                platform.state,
                request.match_info.get("id", ""),
                request.query,
                call.body,
                content_type,
                f"{request.scheme}://{request.host}",
            )
        )
    except ManagementRefusal as refusal:
        body = error_json(refusal.code, refusal.detail)
        return web.json_response(body, status=management_status(refusal.code))
    if content is None:
        return web.Response(status=204)
    return web.json_response(content, status=201 if call.method == "POST" else 200)


def _content_type(call: Call) -> str:
    """Return the Content-Type, which every call must have, those without a body too."""
    content_type = call.headers.get("Content-Type", "")
    upload = call.method == "POST" and call.path.endswith("/upload-files")
    if not content_type.startswith("multipart/form-data" if upload else JSON):
        raise ManagementRefusal(INVALID, "Content-Type")
    return content_type
