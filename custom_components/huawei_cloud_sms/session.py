"""HTTP sessions that talk to the platform and to nobody else."""

import aiohttp

from homeassistant.util.ssl import SSL_ALPN_HTTP11, client_context

from .msgsms.client import create_connector


def create_session() -> aiohttp.ClientSession:
    """Return a session of our own; whoever makes it closes it.

    Home Assistant's shared one keeps connections so long that a send could meet one
    that the platform is just closing.
    """
    return aiohttp.ClientSession(
        connector=create_connector(ssl=client_context(alpn_protocols=SSL_ALPN_HTTP11)),
        # the platform sets none, and nothing may pass between applications
        cookie_jar=aiohttp.DummyCookieJar(),
    )
