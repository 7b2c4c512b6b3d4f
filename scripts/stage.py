"""Home Assistant and the simulator side by side, set up for each other."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
import secrets

from .home_assistant import HomeAssistant
from .home_assistant_api import Api
from .simulator_process import (
    CHANNEL_NUMBER,
    LONGEST_VALUE,
    SIGNATURE,
    TEMPLATE_ID,
    TEMPLATE_TEXT,
    Control,
    SimulatorProcess,
)
from .sms_application import Application, Person, Settings, add_application

USERNAME = "demo"
PASSWORD = "demo"
MEI = Person("Mei", "+8613700000001")

_ANSWERS_WITHIN = 60.0
_RUNS_WITHIN = 60.0


class Stage:
    """Both processes, with all their files in one folder.

    Attributes:
        home: Home Assistant.
        simulator: The platform.
        settings: What the application's forms are filled with.
    """

    def __init__(self, folder: Path, port: int, simulator_port: int) -> None:
        """Take an empty folder and the two ports, which must be free."""
        self.home = HomeAssistant(folder / "config", port)
        self.simulator = SimulatorProcess(simulator_port, folder / "simulator.log")
        self.settings = Settings(
            app_key=secrets.token_hex(12),
            app_secret=secrets.token_urlsafe(24),
            endpoint=self.simulator.url,
            push_ak=secrets.token_hex(10),
            push_sk=secrets.token_hex(20),
            template_id=TEMPLATE_ID,
            template_text=TEMPLATE_TEXT,
            longest_value=LONGEST_VALUE,
            channel_number=CHANNEL_NUMBER,
            signature=SIGNATURE,
        )
        self._token = ""

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[tuple[Api, Control]]:
        """Open both interfaces, Home Assistant's with the login there is."""
        async with (
            Api(self.home.url, self._token) as api,
            Control(self.simulator.url) as control,
        ):
            yield api, control

    async def set_up(
        self,
        configuration: Mapping[str, object],
        say: Callable[[str], None] = lambda _: None,
    ) -> Application:
        """Start both, create the user and add the application with its recipient.

        `say` is told what is being done.

        Raises ProcessError, ApiError or FlowError where it does not go on.
        """
        await self.start(configuration, say)
        async with self.connect() as (api, control):
            say("Adding the application, its template and its recipient ...")
            application = await add_application(api, self.settings, MEI)
            await control.push_replies_to(application.reply_address)
            return application

    async def start(
        self,
        configuration: Mapping[str, object],
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Start both and create the user.

        Raises ProcessError or ApiError where it does not go on.
        """
        self.home.configure(configuration)
        settings = self.settings
        say("Starting the simulated platform and Home Assistant ...")
        self.simulator.start(
            app_key=settings.app_key,
            app_secret=settings.app_secret,
            push_ak=settings.push_ak,
            push_sk=settings.push_sk,
        )
        self.home.start()
        async with self.connect() as (api, control):
            await self.simulator.wait_until_answering(control)
            await self.home.wait_until_answering(api, _ANSWERS_WITHIN)
            say("Creating the first user ...")
            await api.create_first_user("Demo", USERNAME, PASSWORD)
            self._token = api.token
            await self.home.wait_until_running(api, _RUNS_WITHIN)
            await api.keep_port()

    async def restart(self) -> None:
        """Start Home Assistant again, wherever it stands, and wait until it runs."""
        self.home.stop()
        self.home.start()
        async with self.connect() as (api, _):
            await self.home.wait_until_answering(api, _ANSWERS_WITHIN)
            await self.home.wait_until_running(api, _RUNS_WITHIN)

    def check(self) -> None:
        """Raise ProcessError if one of the processes has ended."""
        self.home.check()
        self.simulator.check()

    def strike(self) -> None:
        """End both processes."""
        try:
            self.home.stop()
        finally:
            self.simulator.stop()
