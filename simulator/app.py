"""The web application: sending and management API, control API and page around one platform."""

from collections.abc import AsyncIterator

from aiohttp import web

from . import control, iam, management_api, management_control, page, sending_api, views
from .config import Config
from .keys import PLATFORM
from .platform import Platform

_MAX_BODY = 12 * 1024 * 1024


def create_app(config: Config) -> web.Application:
    """Return an application to be served; `app[PLATFORM]` is its platform.

    Raises:
        InvalidValueError: a template breaks a rule.
    """
    app = web.Application(client_max_size=_MAX_BODY)
    app[PLATFORM] = Platform(config)
    sending_api.add_routes(app)
    iam.add_routes(app)
    management_api.add_routes(app)
    views.add_routes(app)
    control.add_routes(app)
    management_control.add_routes(app)
    page.add_routes(app)
    app.cleanup_ctx.append(_platform_life)
    app.on_shutdown.append(_let_go)
    return app


async def _platform_life(app: web.Application) -> AsyncIterator[None]:
    """Start the platform with the application and stop it after."""
    await app[PLATFORM].start()
    yield
    await app[PLATFORM].stop()


async def _let_go(app: web.Application) -> None:
    """Have those who wait for something stop waiting."""
    app[PLATFORM].closing.set()
    app[PLATFORM].state.touch()
