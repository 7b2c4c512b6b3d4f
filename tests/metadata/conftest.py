"""These tests read files: they need no Home Assistant."""

import pytest


@pytest.fixture(autouse=True)
def every_test() -> None:
    """Start nothing."""
