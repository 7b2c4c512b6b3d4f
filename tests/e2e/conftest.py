"""One Home Assistant and one platform, in processes of their own, for all tests."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

import pytest
import pytest_asyncio
import pytest_socket

from scripts.conversation import add_blueprints
from scripts.home_assistant_api import Api
from scripts.processes import free_ports
from scripts.simulator_process import Control
from scripts.sms_application import Application, allow_parts
from scripts.stage import Stage

from .brake import Brake
from .observer import Observer


@dataclass(frozen=True, slots=True)
class Theatre:
    """Both processes, and the application that was set up through its flow."""

    stage: Stage
    application: Application
    brake: Brake


@dataclass(frozen=True, slots=True)
class Scene:
    """What one test works with."""

    stage: Stage
    application: Application
    brake: Brake
    api: Api
    control: Control
    observer: Observer


@pytest.fixture(autouse=True)
def every_test(socket_enabled: None) -> None:
    """Let tests use loopback; there is no Home Assistant in this process."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def theatre(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncGenerator[Theatre]:
    """Start both processes and set the application up."""
    # fixtures of the session come before those that open sockets for a test
    pytest_socket.enable_socket()
    stage = Stage(tmp_path_factory.mktemp("e2e"), *free_ports(2))
    brake = Brake(stage.home.folder)
    brake.install()
    add_blueprints(stage.home.folder)
    try:
        application = await stage.set_up(
            {
                brake.domain: {},
                "input_boolean": {
                    "alarm": {"name": "Alarm"},
                    "light": {"name": "Light"},
                },
            }
        )
        async with stage.connect() as (api, _):
            # together the tests send more than a home does in an hour
            await allow_parts(api, application.entry_id, 10_000)
            await Observer(api, application).install()
        yield Theatre(stage, application, brake)
    finally:
        stage.strike()


@pytest.fixture
async def scene(theatre: Theatre) -> AsyncGenerator[Scene]:
    """Open the interfaces; start Home Assistant again if a test left it ended.

    The platform forgets what other tests sent: no report on that comes in between.
    """
    stage = theatre.stage
    theatre.brake.release()
    if not stage.home.running:
        await stage.restart()
    async with stage.connect() as (api, control):
        await control.call("POST", "reset")
        await control.push_replies_to(theatre.application.reply_address)
        observer = Observer(api, theatre.application)
        yield Scene(stage, theatre.application, theatre.brake, api, control, observer)
