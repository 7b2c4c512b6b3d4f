"""The simulator as a program of its own."""

import asyncio
from asyncio.subprocess import PIPE, Process
from pathlib import Path
import signal
import sys

import aiohttp
import pytest

from simulator.__main__ import build_config, main, parse
from simulator.config import Kind
from simulator.options import Frequency
from simulator.server import Server
from simulator.typed import InvalidValueError

from .caller import KEY, SECRET, Caller

_KEYS = ("--app-key", KEY, "--app-secret", SECRET)


async def _start(*arguments: str) -> Process:
    """Start the program."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulator", *arguments, stdout=PIPE, stderr=PIPE
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_life(session: aiohttp.ClientSession, number: signal.Signals) -> None:
    """It says where it listens, serves, and ends at once, also while watched."""
    process = await _start("--port", "0", *_KEYS)
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode()
    assert line.startswith("Listening on http://127.0.0.1:")
    caller = Caller(session, line.split()[2])
    assert (await caller.send()).code == (200, "000000")
    async with session.get(f"{caller.url}/sim/events") as watching:
        await watching.content.readuntil(b"\n\n")
        hanging = asyncio.create_task(caller.send("13700009008"))
        await asyncio.sleep(0.1)
        process.send_signal(number)
        async with asyncio.timeout(5):
            output, errors = await process.communicate()
        with pytest.raises(aiohttp.ClientError):
            await hanging
    assert process.returncode == 0
    assert (output, errors) == (b"", b"")


async def test_busy_port(server: Server) -> None:
    """A port that is taken is told in a line."""
    process = await _start("--port", str(server.port), *_KEYS)
    output, errors = await process.communicate()
    assert process.returncode == 1
    assert output == b""
    assert errors.decode().startswith(f"Cannot listen on port {server.port}: ")
    assert errors.count(b"\n") == 1


def test_arguments(tmp_path: Path) -> None:
    """Arguments become an application, options and a base for callbacks."""
    file = tmp_path / "config.yaml"
    file.write_text(
        "applications: [{app_key: k, app_secret: s}]\noptions: {frequency: older}\n",
        "utf-8",
    )
    config = build_config(
        parse(
            [
                *_KEYS,
                *("--config", str(file), "--kind", "international"),
                *("--push-ak", "a", "--push-sk", "b", "--uplink-url", "http://u/"),
                *("--batch-url", "http://b/", "--callback-base", "http://c:1"),
                *("--option", "report_delay=2"),
            ]
        )
    )
    first, second = config.applications
    assert (first.app_key, first.app_secret, first.kind) == (
        KEY,
        SECRET,
        Kind.INTERNATIONAL,
    )
    assert (first.push_ak, first.push_sk) == ("a", "b")
    assert (first.uplink_url, first.batch_url) == ("http://u/", "http://b/")
    assert (second.app_key, second.kind) == ("k", Kind.MAINLAND)
    assert config.callback_base == "http://c:1"
    assert config.options.report_delay == 2.0
    assert config.options.frequency is Frequency.OLDER
    for secret in (KEY, SECRET, "http://u/", "http://c:1"):
        assert secret not in repr(config)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ([], "--app-key and --app-secret are missing"),
        (["--app-key", "k"], "--app-key and --app-secret go together"),
        ([*_KEYS, "--push-ak", "a"], "--push-ak and --push-sk go together"),
        ([*_KEYS, "--option", "frequency"], "--option wants NAME=VALUE"),
        ([*_KEYS, "--option", "colour=1"], "option.colour is unknown"),
        ([*_KEYS, "--option", "frequency=["], "the value of frequency is malformed"),
        ([*_KEYS, "--config", "nowhere.yaml"], "configuration file cannot be read"),
    ],
)
def test_bad_arguments(
    arguments: list[str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Arguments that do not fit are told, and it does not start."""
    with pytest.raises(InvalidValueError, match=problem):
        build_config(parse(arguments))
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert problem in capsys.readouterr().err
