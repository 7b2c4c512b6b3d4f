"""One Home Assistant, one platform and one browser for all tests of a worker."""

from collections.abc import AsyncGenerator
from dataclasses import replace
import json
import os
from pathlib import Path
import shutil

from playwright.async_api import (
    Browser,
    ConsoleMessage,
    Error,
    async_playwright,
    expect,
)
import pytest
import pytest_asyncio
import pytest_socket

from scripts.conversation import CONFIGURATION
from scripts.json_values import items, text
from scripts.processes import free_ports
from scripts.sms_application import Application, Person as Recipient, add_application
from scripts.stage import MEI, Stage

from .person import Person
from .texts import LANGUAGES, Texts

_DOMAIN = "huawei_cloud_sms"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# A closed network refuses them, many at a time.
_WITHOUT_CALLS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)
_PATIENCE = 30_000
# What the front end's long lists throw when their page goes away.
_LIST_LEFT = "disconnected"


@pytest.fixture(autouse=True)
def every_test(socket_enabled: None) -> None:
    """Let tests use loopback; there is no Home Assistant in this process."""


@pytest.fixture(autouse=True)
def verify_cleanup() -> None:
    """Leave alone what lives on between tests."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncGenerator[Browser]:
    """Start the machine's browser."""
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        pytest.skip("There is no Chromium: scripts/setup --browser installs it")
    pytest_socket.enable_socket()
    expect.set_options(timeout=_PATIENCE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path, args=_WITHOUT_CALLS
        )
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stage(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Stage]:
    """Start both processes; no application is set up yet."""
    stage = Stage(tmp_path_factory.mktemp("browser"), *free_ports(2))
    try:
        await stage.start(CONFIGURATION)
        yield stage
    finally:
        stage.strike()


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def clean_home(stage: Stage) -> AsyncGenerator[None]:
    """Leave both processes as they were."""
    yield
    async with stage.connect() as (api, control), api.socket() as socket:
        for entry in items(await socket.command("config_entries/get", domain=_DOMAIN)):
            path = f"/api/config/config_entries/entry/{text(entry, 'entry_id')}"
            await api.call("DELETE", path)
        await socket.command("config/core/update", external_url=stage.home.url)
        await control.call("POST", "reset")


@pytest_asyncio.fixture(params=LANGUAGES, loop_scope="session")
async def texts(stage: Stage, request: pytest.FixtureRequest) -> Texts:
    """Return what is read in each language; new entities are named in it, too."""
    async with stage.connect() as (api, _), api.socket() as socket:
        await socket.command("config/core/update", language=request.param)
    return Texts(request.param)


@pytest.fixture
def recipient(texts: Texts) -> Recipient:
    """Return who gets SMS."""
    return Recipient(texts.story["person"], MEI.number)


@pytest_asyncio.fixture(loop_scope="session")
async def application(stage: Stage, texts: Texts, recipient: Recipient) -> Application:
    """Set an application up without the browser."""
    settings = replace(stage.settings, template_name=texts.story["template"])
    async with stage.connect() as (api, control):
        application = await add_application(api, settings, recipient)
        await control.push_replies_to(application.reply_address)
        return application


@pytest_asyncio.fixture(loop_scope="session")
async def person(
    browser: Browser, stage: Stage, texts: Texts
) -> AsyncGenerator[Person]:
    """Log somebody in; nothing may go wrong in the page until the end."""
    async with stage.connect() as (api, _), api.socket() as socket:
        token = api.token
        # what Home Assistant has to say about itself would be in every picture
        for issue in items(await socket.command("repairs/list_issues"), "issues"):
            if (domain := text(issue, "domain")) != _DOMAIN:
                issue_id = text(issue, "issue_id")
                await socket.command(
                    "repairs/ignore_issue",
                    domain=domain,
                    issue_id=issue_id,
                    ignore=True,
                )
    context = await browser.new_context(
        locale=texts.language,
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
    )
    context.set_default_timeout(_PATIENCE)
    await context.add_init_script(_logged_in(stage, token, texts.language))
    page = await context.new_page()
    wrong: list[str] = []

    def note(message: ConsoleMessage) -> None:
        """Note errors, but for the pictures that others lack."""
        if message.type == "error" and not _of_others(message.location["url"]):
            wrong.append(f"{message.text} {message.location['url']}")

    def note_thrown(error: Error) -> None:
        """Note what nobody caught, but for a list that was left while it was drawn."""
        if str(error) != _LIST_LEFT:
            wrong.append(str(error))

    page.on("console", note)
    page.on("pageerror", note_thrown)
    folder = os.environ.get("PICTURES")
    yield Person(page, stage.home.url, texts, Path(folder) if folder else None)
    await context.close()
    assert not wrong


def _logged_in(stage: Stage, token: str, language: str) -> str:
    """Return the script that makes the front end find a login and a language."""
    tokens = {
        "hassUrl": stage.home.url,
        "clientId": f"{stage.home.url}/",
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": 1800,
        "expires": 32503680000000,
        "refresh_token": "",
    }
    stored = {"hassTokens": tokens, "selectedLanguage": language}
    return "".join(
        f"localStorage.setItem({json.dumps(key)}, {json.dumps(json.dumps(value))});"
        for key, value in stored.items()
    )


def _of_others(url: str) -> bool:
    """Say whether an address is a picture of another integration."""
    return "/api/brands/" in url and _DOMAIN not in url
