"""Runs the simulator: ``python -m simulator --app-key … --app-secret …``."""

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
import signal
import sys

import yaml

from .config import Application, Config, Kind, default_config, load_config
from .server import Server
from .typed import InvalidValueError, changed


def _parser() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    parser = argparse.ArgumentParser(
        prog="python -m simulator",
        description="A stand-in for Huawei Cloud's Message & SMS platform.",
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on")
    add("--port", type=int, default=8700, help="port, 0 for a free one")
    add("--app-key", help="key of the application")
    add("--app-secret", help="secret of the application")
    add("--kind", choices=list(Kind), default=Kind.MAINLAND, help="its kind")
    add("--push-ak", help="key of signed pushes")
    add("--push-sk", help="secret of signed pushes")
    add("--uplink-url", help="where replies are pushed")
    add("--batch-url", help="where reports without a callback address are pushed")
    add("--callback-base", help="scheme://host:port every push really goes to")
    add("--config", type=Path, help="YAML file instead of the one that comes along")
    add(
        "--option",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="set a switch (see options.py); may be repeated",
    )
    return parser


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read a command line; ends the program if it is malformed."""
    return _parser().parse_args(arguments)


def build_config(arguments: argparse.Namespace) -> Config:
    """Return the configuration that a command line asks for.

    Raises:
        InvalidValueError: something does not fit, or there is no application.
    """
    config = load_config(arguments.config) if arguments.config else default_config()
    if bool(arguments.app_key) != bool(arguments.app_secret):
        raise InvalidValueError("--app-key and --app-secret go together")
    if bool(arguments.push_ak) != bool(arguments.push_sk):
        raise InvalidValueError("--push-ak and --push-sk go together")
    applications = config.applications
    if arguments.app_key:
        application = Application(
            app_key=arguments.app_key,
            app_secret=arguments.app_secret,
            kind=Kind(arguments.kind),
            push_ak=arguments.push_ak,
            push_sk=arguments.push_sk,
            uplink_url=arguments.uplink_url,
            batch_url=arguments.batch_url,
        )
        applications = (application, *applications)
    if not applications:
        raise InvalidValueError("--app-key and --app-secret are missing")
    options = {}
    for text in arguments.option:
        name, separator, value = text.partition("=")
        if not separator:
            raise InvalidValueError("--option wants NAME=VALUE")
        try:
            options[name] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise InvalidValueError(f"the value of {name} is malformed") from error
    return replace(
        config,
        applications=applications,
        options=changed(config.options, options, "option"),
        callback_base=arguments.callback_base or config.callback_base,
    )


async def serve(config: Config, host: str, port: int) -> None:
    """Serve until a signal ends it."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    async with Server(config, host=host, port=port) as server:
        print(f"Listening on {server.url}", flush=True)
        await ended.wait()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the simulator; returns the exit status."""
    parsed = parse(arguments)
    try:
        asyncio.run(serve(build_config(parsed), parsed.host, parsed.port))
    except InvalidValueError as error:
        _parser().error(str(error))
    except OSError as error:
        print(f"Cannot listen on port {parsed.port}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
