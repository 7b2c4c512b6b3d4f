"""The demo: a conversation by SMS between Home Assistant and a simulated phone."""

import argparse
import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
import shutil
import signal
import sys

import aiohttp

from .conversation import CONFIGURATION, ConversationError, add_blueprints, converse
from .home_assistant import PROJECT
from .home_assistant_api import ApiError
from .home_assistant_socket import CommandError
from .json_values import UnexpectedAnswerError
from .processes import ProcessError, is_free
from .simulator_process import ACCESS_KEY, PROJECT_ID, SECRET_KEY, ControlError
from .sms_application import FlowError
from .stage import PASSWORD, USERNAME, Stage

_FOLDER = PROJECT / ".demo"
_PORT = 8125
_SIMULATOR_PORT = 8700
_WITHIN = 120.0
_WATCH_EVERY = 1.0
_INTERRUPTED = 130

_FAILURES = (
    ApiError,
    CommandError,
    ControlError,
    ConversationError,
    FlowError,
    ProcessError,
    UnexpectedAnswerError,
    aiohttp.ClientError,
    OSError,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo; returns the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.port == options.simulator_port:
        parser.error("--port and --simulator-port must differ")
    for name, port in (
        ("--port", options.port),
        ("--simulator-port", options.simulator_port),
    ):
        if not is_free(port):
            print(f"Port {port} is in use: choose another with {name}", file=sys.stderr)
            return 1
    try:
        return asyncio.run(_run(options.port, options.simulator_port, options.once))
    except _FAILURES as error:
        print(f"The demo failed: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    parser = argparse.ArgumentParser(
        prog="scripts/demo",
        description="Send an SMS from Home Assistant to a simulated phone and back.",
    )
    add = parser.add_argument
    add("--port", type=_port, default=_PORT, help="port of Home Assistant")
    add(
        "--simulator-port",
        type=_port,
        default=_SIMULATOR_PORT,
        help="port of the platform and its phones",
    )
    add("--once", action="store_true", help="end after the conversation")
    return parser


def _port(written: str) -> int:
    """Read a port; raises ArgumentTypeError."""
    if not written.isdecimal() or not 1 <= int(written) <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return int(written)


async def _run(port: int, simulator_port: int, once: bool) -> int:
    """Run until the end of the conversation or until a signal comes."""
    stage = Stage(_fresh_folder(port), port, simulator_port)
    shown = asyncio.create_task(_show(stage, once))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, shown.cancel)
    try:
        await shown
    except asyncio.CancelledError:
        return _INTERRUPTED
    finally:
        # the terminal may have gone
        with suppress(OSError):
            _say("Ending ...")
        stage.strike()
    return 0


async def _show(stage: Stage, once: bool) -> None:
    """Have the conversation, then stay up unless it is to be shown only once."""
    try:
        async with asyncio.timeout(_WITHIN):
            add_blueprints(stage.home.folder)
            application = await stage.set_up(CONFIGURATION, _say)
            async with stage.connect() as (api, control):
                await converse(api, control, application, _say)
    except TimeoutError:
        raise ProcessError(
            f"something did not come in time; see {stage.home.log}"
        ) from None
    if once:
        return
    _say(
        "\n"
        f"Home Assistant: {stage.home.url} (user {USERNAME}, password {PASSWORD})\n"
        f"The phones:     {stage.simulator.url}\n"
        f"The account:    AK {ACCESS_KEY}, SK {SECRET_KEY}, project ID {PROJECT_ID}\n"
        f"Its addresses:  {stage.simulator.url} (management API and IAM)\n"
        f"Log:            {stage.home.log}\n"
        "Ctrl-C ends both."
    )
    with suppress(asyncio.CancelledError):
        while True:
            stage.check()
            await asyncio.sleep(_WATCH_EVERY)


def _say(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)


def _fresh_folder(port: int) -> Path:
    """Return an empty folder of this port; the last demo's files go."""
    folder = _FOLDER / str(port)
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    return folder


if __name__ == "__main__":
    sys.exit(main())
