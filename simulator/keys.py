"""Keys of what the web application carries."""

from typing import Protocol

from aiohttp import web

from .platform import Platform


class Listener(Protocol):
    """Whoever owns the port."""

    def pause(self, seconds: float) -> None:
        """Refuse connections for a while."""


PLATFORM = web.AppKey("platform", Platform)
LISTENER = web.AppKey[Listener]("listener")
