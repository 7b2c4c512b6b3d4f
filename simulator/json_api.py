"""What the handlers of the control API have in common."""

from collections.abc import Awaitable, Callable, Mapping
import json

from aiohttp import web

from .typed import InvalidValueError, as_mapping

type Handler = Callable[[web.Request], Awaitable[web.Response]]


def checked_handler(handler: Handler) -> Handler:
    """Answer 400 with a text to what does not fit."""

    async def checked(request: web.Request) -> web.Response:
        """Call the handler."""
        try:
            return await handler(request)
        except InvalidValueError as error:
            return web.json_response({"error": str(error)}, status=400)

    return checked


async def json_body(request: web.Request) -> dict[str, object]:
    """Return the JSON object of a request, which must say that it is JSON.

    A page of another site cannot say so without being asked first.
    """
    if request.content_type != "application/json":
        raise InvalidValueError("Content-Type must be application/json")
    try:
        raw: object = json.loads(await request.text())
    except (ValueError, RecursionError) as error:
        raise InvalidValueError("the body is not JSON") from error
    return dict(as_mapping(raw, "the body"))


def optional_text(body: Mapping[str, object], name: str) -> str | None:
    """Return a text of the body, if it is there."""
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise InvalidValueError(f"{name} must be text")
    return value


def needed_text(body: Mapping[str, object], name: str) -> str:
    """Return a text of the body that must be there."""
    value = optional_text(body, name)
    if value is None:
        raise InvalidValueError(f"{name} is missing")
    return value


def number_within(
    body: Mapping[str, object], name: str, default: float, least: float, most: float
) -> float:
    """Return a number of the body within its limits."""
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidValueError(f"{name} must be a number")
    if not least <= value <= most:
        raise InvalidValueError(f"{name} must be from {least} to {most}")
    return value
