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

PATIENCE_S: Final = 30.0


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
        ioctl(self._terminal, TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))

    def press(self, key: str) -> float:
        """Press a key; return when."""
        at = time.perf_counter()
        os.write(self._terminal, key.encode())
        return at

    def shows(self, words: str) -> float:
        """Wait until these words were painted, in one style; return when."""
        seen, end = b"", time.perf_counter() + PATIENCE_S
        while words.encode() not in seen:
            ready, _, _ = select.select([self._terminal], [], [], max(0, end - time.perf_counter()))
            assert ready, f"{words!r} was not shown; last: {seen[-3000:]!r}"
            seen += os.read(self._terminal, 65536)
        return time.perf_counter()

    def rest(self, seconds: float = 0.4) -> None:
        """Read until nothing is painted for a while."""
        while select.select([self._terminal], [], [], seconds)[0]:
            os.read(self._terminal, 65536)

    def count(self, seconds: float) -> int:
        """Read for a while; return how many bytes came."""
        seen, end = 0, time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            if select.select([self._terminal], [], [], left)[0]:
                seen += len(os.read(self._terminal, 65536))
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
