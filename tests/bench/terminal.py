"""A program on a terminal: what is pressed, what is painted, and what that takes."""

from __future__ import annotations

import os
import pty
import select
import signal
import struct
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSWINSZ
from typing import Final

from tests.grid import Grid

PATIENCE_S: Final = 30.0
WIDTH, HEIGHT = 120, 40


class Screen:
    """The app, or another program, on a terminal of 120×40."""

    def __init__(
        self,
        environment: Mapping[str, str],
        command: Sequence[str] = (sys.executable, "-m", "close_tui"),
    ) -> None:
        child, self._terminal = pty.fork()
        if child == 0:
            os.execve(command[0], list(command), dict(environment))
        self._child = child
        ioctl(self._terminal, TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
        self._grid = Grid(WIDTH, HEIGHT)

    def press(self, key: str) -> float:
        """Press a key; return when."""
        at = time.perf_counter()
        os.write(self._terminal, key.encode())
        return at

    def shows(self, words: str) -> float:
        """Wait until a line that is painted on from now reads these words; return when."""
        painted: set[int] = set()
        end = time.perf_counter() + PATIENCE_S
        while not any(words in self._grid.line(y) for y in painted):
            ready, _, _ = select.select([self._terminal], [], [], max(0, end - time.perf_counter()))
            assert ready, f"{words!r} was not shown, but {self._lines()}"
            painted |= self._read()[1]
        return time.perf_counter()

    def _read(self) -> tuple[int, set[int]]:
        """Follow what has come: how many bytes, and on which lines they paint."""
        came = os.read(self._terminal, 65536)
        return len(came), self._grid.feed(came)

    def _lines(self) -> str:
        return "\n".join(map(self._grid.line, range(HEIGHT)))

    def rest(self, seconds: float = 0.4) -> None:
        """Read until nothing is painted for a while."""
        while select.select([self._terminal], [], [], seconds)[0]:
            self._read()

    def count(self, seconds: float) -> int:
        """Read for a while; return how many bytes came."""
        seen, end = 0, time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            if select.select([self._terminal], [], [], left)[0]:
                seen += self._read()[0]
        return seen

    def cpu_s(self) -> float:
        """Return the seconds that all its threads have spent on a processor."""
        tasks = Path(f"/proc/{self._child}/task").glob("*/schedstat")
        return sum(int(each.read_text().split()[0]) for each in tasks) / 1e9

    def memory_mib(self) -> float:
        """Return how much memory it holds, in MiB."""
        facts = Path(f"/proc/{self._child}/status").read_text()
        return int(facts.split("VmRSS:")[1].split()[0]) / 1024

    def close(self) -> None:
        """End it."""
        with suppress(ProcessLookupError):
            os.kill(self._child, signal.SIGKILL)
        os.waitpid(self._child, 0)
        os.close(self._terminal)
