"""Processes that are started, watched and surely ended."""

from collections.abc import Mapping, Sequence
from itertools import islice
import os
from pathlib import Path
import random
import signal
import socket
import subprocess
import time

LOOPBACK = "127.0.0.1"

_TAIL = 4000
_KILLED_WITHIN = 10.0
_POLL = 0.05


class ProcessError(Exception):
    """A process did not do what it was started for."""


class Process:
    """A process in a group of its own, so that nothing of it is left behind.

    Its output goes into a file: a pipe that nobody reads would stop it.
    """

    def __init__(self, name: str, log: Path) -> None:
        """Take a name for messages and the file for the output."""
        self.name = name
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        if self._process is None:
            return False
        # one that has ended is kept until `kill`: its group's number stays taken
        options = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self._process.pid, options) is None

    def launch(
        self,
        command: Sequence[str | Path],
        folder: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start it in a working folder, with additions to the environment."""
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # the terminal's Ctrl-C must not reach it beside our own signal
                start_new_session=True,
            )

    def check(self) -> None:
        """Raise ProcessError with the end of its output if it has ended."""
        if not self.alive:
            raise ProcessError(f"{self.name} has ended; its log says:\n{self.tail()}")

    def tail(self) -> str:
        """Return the end of its output."""
        try:
            return self.log.read_bytes()[-_TAIL:].decode("utf-8", "replace")
        except FileNotFoundError:
            return ""

    def stop(self, within: float) -> int | None:
        """Ask it to end, then make it end; returns its exit status if it ran."""
        if self._process is not None:
            # it can be signalled even if it has ended: nobody has waited for it yet
            os.kill(self._process.pid, signal.SIGTERM)
            end = time.monotonic() + within
            while self.alive and time.monotonic() < end:
                time.sleep(_POLL)
        return self.kill()

    def kill(self) -> int | None:
        """End it and all that it started, at once; returns its exit status."""
        process = self._process
        if process is None:
            return None
        self._process = None
        os.killpg(process.pid, signal.SIGKILL)
        return process.wait(_KILLED_WITHIN)


def is_free(port: int) -> bool:
    """Say whether nobody listens on a port of this machine's loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # as servers do; connections that wait for their end do not count
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> list[int]:
    """Return different ports that nobody listens on.

    They are below those that connections to elsewhere are given, which could take them
    before they are used.
    """
    candidates = random.sample(range(20_000, 32_000), 100)
    return list(islice(filter(is_free, candidates), count))
