"""Tests of the event entities: what they show, once, when, and in which context."""

from itertools import permutations
from typing import Any

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import Context, CoreState, HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from simulator.scenarios import PRESETS, Scenario
from simulator.server import Server

from .common import (
    Events,
    make_entry,
    recipient_data,
    reply,
    reply_from_phone,
    report,
    send_sms,
    template_data,
    wait_until,
)
from .const import (
    CHANNEL_NUMBER,
    OTHER_NUMBER,
    RECIPIENT_NUMBER,
    RECIPIENT_SUBENTRY,
    REPLY_EVENT,
    REPORT_EVENT,
    WEBHOOK_ID,
)
