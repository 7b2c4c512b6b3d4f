"""Addresses of servers that calls go to."""

import re

from yarl import URL

from ..errors import InvalidRequestError

_HOST = re.compile(r"[a-zA-Z0-9._\-:\[\]]+")


def read_origin(address: str, field: str) -> tuple[URL, str]:
    """Return scheme, host and port as a URL, and Host as HTTP libraries write it.

    They leave a default port out. It is set explicitly, so that what is signed goes out.
    Raises InvalidRequestError for `field` (url).
    """
    try:
        url = URL(address.strip())
    except ValueError:
        raise InvalidRequestError(field, "url") from None
    host = url.host_port_subcomponent
    if (
        not host
        or not _HOST.fullmatch(host)
        or url.scheme not in ("http", "https")
        or url != url.origin()
    ):
        raise InvalidRequestError(field, "url")
    return url, host
