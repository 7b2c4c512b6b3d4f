"""The page with the phones, and the stream that keeps it up to date."""

import asyncio
from collections.abc import Awaitable, Callable
from importlib import resources

from aiohttp import web

from .keys import PLATFORM

_FILES = {
    "/": ("index.html", "text/html"),
    "/page/style.css": ("style.css", "text/css"),
    "/page/script.js": ("script.js", "text/javascript"),
    "/page/texts.js": ("texts.js", "text/javascript"),
}
_MAX_WATCHERS = 50
_HEARTBEAT = 5.0
_WATCHERS = web.AppKey("watchers", set[web.StreamResponse])


def add_routes(app: web.Application) -> None:
    """Add the page and its stream."""
    app[_WATCHERS] = set()
    folder = resources.files(__package__).joinpath("page")
    for path, (name, content_type) in _FILES.items():
        text = folder.joinpath(name).read_text("utf-8")
        app.router.add_get(path, _file_handler(text, content_type))
    app.router.add_get("/sim/events", _events)


def _file_handler(
    text: str, content_type: str
) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Return a handler that answers with a text."""

    async def answer(_: web.Request) -> web.Response:
        """Answer with the text."""
        return web.Response(
            text=text,
            content_type=content_type,
            charset="utf-8",
            headers={"Cache-Control": "no-cache"},
        )

    return answer


async def _events(request: web.Request) -> web.StreamResponse:
    """Send an event for each change, for as long as somebody looks."""
    watchers = request.app[_WATCHERS]
    if len(watchers) >= _MAX_WATCHERS:
        return web.json_response({"error": "too many watchers"}, status=503)
    platform = request.app[PLATFORM]
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"}
    )
    watchers.add(response)
    try:
        await response.prepare(request)
        version = -1
        while not platform.closing.is_set():
            if platform.state.version == version:
                text = ": still here\n\n"
            else:
                version = platform.state.version
                text = f"data: {version}\n\n"
            await response.write(text.encode())
            try:
                async with asyncio.timeout(_HEARTBEAT):
                    await platform.state.wait_for_change(version)
            except TimeoutError:
                continue
    except ConnectionError:
        # Whoever looked has gone.
        return response
    finally:
        watchers.discard(response)
    return response
