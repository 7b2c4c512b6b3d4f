"""Loaded before all other pytest plugins, so that the tests run on two releases.

The test package is made for the older one. From 2026.11 on, Home Assistant insists on
being imported before the HTTP client which one of pytest's plugins imports, and a helper
that the test package takes from the logger's root has moved.
"""

from homeassistant.components import logger

_MOVED = "_clear_logger_overwrites"

if not hasattr(logger, _MOVED):
    setattr(logger, _MOVED, getattr(logger.helpers, _MOVED))
