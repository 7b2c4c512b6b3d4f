"""The demo shows a whole conversation and leaves nothing behind."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
import shutil
import signal
import socket
import subprocess
import sys
import time
from urllib.request import urlopen

import pytest

from scripts.home_assistant import PROJECT
from scripts.processes import LOOPBACK, free_ports, is_free

_UP_WITHIN = 90.0
_ENDED_WITHIN = 30.0


@pytest.fixture
def ports() -> Iterator[tuple[int, int]]:
    """Return two free ports; the demo's files of the first go at the end."""
    port, simulator_port = free_ports(2)
    yield port, simulator_port
    shutil.rmtree(PROJECT / ".demo" / str(port), ignore_errors=True)


def _demo(*arguments: str) -> list[str]:
    """Return the command of a demo."""
    return [sys.executable, "-m", "scripts.demo", *arguments]


def test_conversation(ports: tuple[int, int], tmp_path: Path) -> None:
    """It sets all up, has the conversation, stays up and ends with Ctrl-C."""
    port, simulator_port = ports
    output = tmp_path / "output"
    with (
        output.open("wb") as file,
        subprocess.Popen(
            _demo("--port", str(port), "--simulator-port", str(simulator_port)),
            cwd=PROJECT,
            stdout=file,
            stderr=subprocess.STDOUT,
        ) as demo,
    ):
        try:
            end = time.monotonic() + _UP_WITHIN
            while "Ctrl-C" not in output.read_text("utf-8"):
                assert demo.poll() is None, output.read_text("utf-8")
                assert time.monotonic() < end, output.read_text("utf-8")
                time.sleep(0.1)
            for address in (port, simulator_port):
                with urlopen(f"http://{LOOPBACK}:{address}/", timeout=10) as page:
                    assert b"<html" in page.read()
        finally:
            demo.send_signal(signal.SIGINT)
            status = demo.wait(_ENDED_WITHIN)

    assert status == 0
    assert is_free(port)
    assert is_free(simulator_port)
    lines = output.read_text("utf-8").splitlines()
    conversation = [line.strip() for line in lines if line.startswith("  ")]
    assert conversation[0].startswith("Home Assistant to Mei: 【晨光家园】家中提醒：")
    assert conversation[1].startswith("Delivery report: delivered after ")
    assert conversation[2:] == [
        "Mei to Home Assistant: Yes",
        "The automation switched on the porch light",
        "Home Assistant to Mei: 【晨光家园】家中提醒：The light is on",
        "Delivery report: delivered",
    ]


@pytest.mark.parametrize("option", ["--port", "--simulator-port"])
def test_port_in_use(option: str, ports: tuple[int, int]) -> None:
    """A busy port is named together with the option that chooses another."""
    port, other = ports
    arguments = {"--port": str(other), "--simulator-port": str(other)}
    arguments[option] = str(port)
    with socket.create_server((LOOPBACK, port)):
        ended = subprocess.run(
            _demo("--once", *chain.from_iterable(arguments.items())),
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=_ENDED_WITHIN,
            check=False,
        )
    assert ended.returncode == 1
    assert ended.stderr == f"Port {port} is in use: choose another with {option}\n"
