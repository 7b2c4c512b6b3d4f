"""How calls of the management API and IAM are answered, rightly or with a fault."""

import asyncio
from collections.abc import Awaitable, Callable
from email.utils import format_datetime

from aiohttp import web

from .keys import PLATFORM
from .management_errors import management_status, management_text
from .management_faults import Body, Fault, Place
from .management_records import CallRecord
from .records import Json

type Answer = Callable[[web.Request], Awaitable[web.Response]]


async def faulty(
    request: web.Request, place: Place, record: CallRecord, answer: Answer
) -> web.Response:
    """Answer a call, as its fault wants it if it has one."""
    platform = request.app[PLATFORM]
    platform.calls.add(record)
    fault = platform.faults.next(place)
    if fault is None:
        response = await answer(request)
    else:
        await asyncio.sleep(fault.delay)
        performed = fault.performed or not fault.answers
        response = await answer(request) if performed else web.Response()
        if fault.answers:
            response = _faulty_answer(request, fault)
    response.headers["Date"] = format_datetime(platform.state.now(), usegmt=True)
    record.http_status = response.status
    platform.state.touch()
    return response


def error_json(code: str, detail: str = "") -> Json:
    """Return the body of a refusal."""
    text = management_text(code)
    body: Json = {
        "error_code": code,
        "error_msg": f"{text}: {detail}" if detail else text,
    }
    if code.startswith("APIGW."):
        body["request_id"] = "00000000000000000000000000000000"
    elif detail:
        body["error_detail"] = detail
    return body


def _faulty_answer(request: web.Request, fault: Fault) -> web.Response:
    """Return the answer that a fault wants."""
    headers = {"Retry-After": fault.retry_after} if fault.retry_after else {}
    status = fault.http_status or management_status(fault.code or "APIGW.0601")
    if fault.body is Body.BROKEN:
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=status)
    if fault.body is Body.HTML:
        return web.Response(
            status=status,
            text="<html><body>The proxy could not do it.</body></html>",
            content_type="text/html",
            headers=headers,
        )
    if fault.code is None:
        return web.Response(status=status, headers=headers)
    return web.json_response(error_json(fault.code), status=status, headers=headers)
