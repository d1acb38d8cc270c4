"""Over SSH, in a real terminal: no browser, the command to copy, the QR code to read."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import zxingcpp

if TYPE_CHECKING:
    from tests.conftest import Need
    from tests.end_to_end.stage import Stage

OVER_SSH = {"SSH_CONNECTION": "198.51.100.7 52144 203.0.113.5 2222", "LOGNAME": "ada"}


class Tmux:
    """One pane of a tmux of its own, whose clipboard takes what programs send by OSC 52."""

    def __init__(self, program: str, name: str) -> None:
        self._call = [program, "-L", name]

    def run(self, *arguments: str) -> str:
        """Run a command of tmux."""
        return subprocess.run(
            [*self._call, *arguments], capture_output=True, text=True, check=True
        ).stdout

    def start(self, command: str, environment: dict[str, str], columns: int, lines: int) -> None:
        """Start a program in a window of this size."""
        size = ("-x", str(columns), "-y", str(lines))
        subprocess.run(
            [*self._call, "-f", "/dev/null", "new", "-d", *size, command],
            check=True,
            env=environment,
        )
        self.run("set", "-s", "set-clipboard", "on")

    def shows(self, *words: str) -> str:
        """Wait until the pane shows all of these words; returns the screen."""
        screen = ""
        for _ in range(300):
            screen = self.run("capture-pane", "-p")
            if all(word in " ".join(screen.split()) for word in words):
                return screen
            time.sleep(0.1)
        pytest.fail(f"the terminal never showed {words}:\n{screen}")

    def qr_codes(self) -> list[str]:
        """Wait until a QR code can be read in the pane."""
        for _ in range(300):
            if found := decoded(self.run("capture-pane", "-p", "-e", "-N")):
                return found
            time.sleep(0.1)
        pytest.fail("no QR code can be read:\n" + self.run("capture-pane", "-p"))

    def clipboard(self) -> str:
        """Wait for something in tmux's clipboard."""
        for _ in range(100):
            if self.run("list-buffers"):
                return self.run("show-buffer")
            time.sleep(0.1)
        pytest.fail("nothing came to the clipboard")

    def end(self) -> None:
        """Leave nothing behind."""
        subprocess.run([*self._call, "kill-server"], check=False, stderr=subprocess.DEVNULL)


@pytest.fixture
def tmux(stage: Stage, need: Need) -> Iterator[Tmux]:
    """A tmux that belongs to this test."""
    made = Tmux(need("tmux"), f"close-tui-reach-{stage.home.parent.name}")
    yield made
    made.end()


def test_over_ssh_the_app_opens_nothing_and_copies_the_way_back(
    stage: Stage, tmux: Tmux, tmp_path: Path
) -> None:
    """The ssh command reaches the terminal's clipboard, and a decoder reads the QR code."""
    stage.add_app()
    seen = tmp_path / "seen"
    lynx = tmp_path / "lynx"
    lynx.write_text(f'#!/bin/sh\n: > "{seen}"\n')
    lynx.chmod(0o755)
    environment = {**stage.environment, **OVER_SSH, "BROWSER": str(lynx), "DISPLAY": ":99"}
    for name in ("COLUMNS", "LINES"):  # set by test runners, and believed before the window
        environment.pop(name, None)
    command = str(Path(sys.executable).with_name("close-tui"))
    port = urlsplit(stage.app.redirect_uri).port
    forward = f"ssh -L {port}:localhost:{port} -p 2222 ada@203.0.113.5"
    tmux.start(command, environment, 120, 40)
    tmux.shows("No connections yet")
    tmux.run("send-keys", "a")
    tmux.shows("You are here over SSH", forward, "Waiting for your browser")
    tmux.run("send-keys", "l")
    copied = tmux.clipboard()
    tmux.run("delete-buffer")
    tmux.run("send-keys", "y")
    url = tmux.clipboard()
    tmux.run("send-keys", "r")
    read = tmux.qr_codes()

    assert forward == copied
    assert url.startswith(f"{stage.url}/oauth2/authorize/")
    assert [url] == read
    assert not seen.exists()


def decoded(pane: str) -> list[str]:
    """Read the QR codes in a pane, by the colours that its cells have and not by our intention."""
    dark, light = 0, 255
    rows: list[tuple[list[int], list[int]]] = []
    for line in pane.splitlines():
        ink, paper = light, dark
        upper: list[int] = []
        lower: list[int] = []
        for style, cell in re.findall(r"\x1b\[([0-9;:]*)m|(.)", line):
            if not cell:
                ink, paper = _colours(style, ink, paper)
                continue
            upper.append(ink if cell in "█▀" else paper)
            lower.append(ink if cell in "█▄" else paper)
        rows.append((upper, lower))
    width = max(len(upper) for upper, _ in rows)
    scale = 3
    picture = b"".join(
        bytes(value for value in [*half, *[dark] * (width - len(half))] for _ in range(scale))
        * scale
        for pair in rows
        for half in pair
    )
    shaped = memoryview(picture).cast("B", (len(rows) * 2 * scale, width * scale))
    return [
        found.text
        for found in zxingcpp.read_barcodes(shaped, binarizer=zxingcpp.Binarizer.FixedThreshold)
    ]


def _colours(style: str, ink: int, paper: int) -> tuple[int, int]:
    """Return how light letters and background are after a style (ECMA-48 SGR, of 256 colours)."""
    known = {"0": (255, 0), "": (255, 0)}
    numbers = [int(part or 0) for part in re.split("[;:]", style or "0")]
    if str(numbers[0]) in known and len(numbers) == 1:
        return known[str(numbers[0])]
    while numbers:
        code = numbers.pop(0)
        if code == 0:
            ink, paper = 255, 0
        elif code in (38, 48):
            mode = numbers.pop(0)
            given = [numbers.pop(0) for _ in range(1 if mode == 5 else 3)]
            light = (
                255 if given in ([15], [231], [255, 255, 255]) else sum(given) // (3 * len(given))
            )
            light = 0 if mode == 5 and given in ([16], [0]) else min(light, 255)
            ink, paper = (light, paper) if code == 38 else (ink, light)
    return ink, paper
