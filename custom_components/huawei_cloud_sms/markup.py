"""Keeps what comes from elsewhere from being taken for markup in forms and issues."""

import re

_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~&$^=:@])")


def escape(text: str) -> str:
    """Return a text that is shown as it is."""
    return _MARKUP.sub(r"\\\1", text)


def code(address: str) -> str:
    """Return an address that is shown as it is between backticks."""
    return "".join(address.split()).replace("`", "%60")


def quote(text: str) -> str:
    """Return a text that is shown as it is, apart from what is said of it."""
    return "\n".join(f"> {escape(line)}" for line in text.splitlines())
