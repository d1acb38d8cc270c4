"""Whole processes, timed in turn with their floor, so that a drifting machine drifts for both."""

from __future__ import annotations

import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from fcntl import ioctl
from termios import TIOCSWINSZ
from typing import NamedTuple

Timed = Callable[[], float]


class Limit(NamedTuple):
    """One figure with an absolute limit, in its own unit."""

    name: str
    measured: float
    unit: str
    most: float

    @property
    def holds(self) -> bool:
        """Tell whether the figure is within its limit."""
        return self.measured <= self.most

    @property
    def line(self) -> str:
        """The figure in one line, without its name."""
        return f"{self.measured:5.2f} {self.unit} (at most {self.most:g} {self.unit})"


class Figure(NamedTuple):
    """One figure: medians in seconds, the median of the ratios pair by pair, and its budget."""

    name: str
    ours_s: float
    floor_s: float
    ratio: float
    budget: float

    @property
    def holds(self) -> bool:
        """Tell whether the ratio is within its budget."""
        return self.ratio <= self.budget

    @property
    def line(self) -> str:
        """The figure in one line, without its name."""
        return (
            f"{self.ratio:5.2f}x (at most {self.budget:g}x)  {self.ours_s * 1000:7.1f} ms / "
            f"{self.floor_s * 1000:7.1f} ms"
        )


def compare(name: str, ours: Timed, floor: Timed, *, budget: float, runs: int) -> Figure:
    """Time both in turn, after one warm-up of each."""
    ours(), floor()
    pairs = [(ours(), floor()) for _ in range(runs)]
    return Figure(
        name,
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
        statistics.median(a / b for a, b in pairs),
        budget,
    )


def whole_process(command: Sequence[str], environment: Mapping[str, str]) -> Timed:
    """Time a command from its start to its end."""

    def run() -> float:
        begin = time.perf_counter()
        subprocess.run(command, env=dict(environment), check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - begin

    return run


def until_shown(command: Sequence[str], wanted: str, environment: Mapping[str, str]) -> Timed:
    """Time a terminal program from its start until a text appears on its 120×40 terminal."""

    def run() -> float:
        begin = time.perf_counter()
        child, terminal = pty.fork()
        if child == 0:
            os.execvpe(command[0], list(command), dict(environment))
        ioctl(terminal, TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        try:
            _read_until(terminal, wanted.encode(), begin + 30)
            return time.perf_counter() - begin
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            os.close(terminal)

    return run


def _read_until(terminal: int, wanted: bytes, deadline: float) -> None:
    seen = b""
    while wanted not in seen:
        ready, _, _ = select.select([terminal], [], [], max(0.0, deadline - time.perf_counter()))
        if not ready:
            raise TimeoutError(f"{wanted!r} was not shown within 30 s; last: {seen[-2000:]!r}")
        seen += os.read(terminal, 65536)
