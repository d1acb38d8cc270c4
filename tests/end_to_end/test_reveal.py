"""A secret shown and copied in a real terminal, beside a real clipboard."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.stage import MARKER

if TYPE_CHECKING:
    from tests.conftest import Need
    from tests.end_to_end.stage import Stage

Tmux = Callable[..., str]


@pytest.fixture
def tmux(stage: Stage, need: Need) -> Iterator[Tmux]:
    """Run a command of a tmux server of our own."""
    name = f"close-tui-{os.getpid()}-{stage.home.parent.name}"  # two workers' folders share names
    server = [need("tmux"), "-L", name, "-f", "/dev/null"]

    def run(*words: str) -> str:
        done = subprocess.run(
            [*server, *words], capture_output=True, text=True, check=True, env=stage.environment
        )
        return done.stdout

    yield run
    subprocess.run([*server, "kill-server"], check=False, stderr=subprocess.DEVNULL)


@pytest.fixture
def display(need: Need) -> Iterator[str]:
    """An X display that nobody else uses."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        [need("Xvfb"), "-displayfd", str(writing), "-screen", "0", "320x240x8"],
        pass_fds=(writing,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as told:
        number = told.readline().strip()
    assert number
    yield f":{number}"
    server.terminate()
    server.wait(10)


def begin(stage: Stage, tmux: Tmux, output: Path) -> None:
    """Start the app, on an API key; all that it writes to the terminal goes to a file as well."""
    stage.run("add", "key", "acme-key", stdin=f"{stage.key.text}\n")
    command = str(Path(sys.executable).with_name("close-tui"))
    tmux("new", "-d", "-x", "120", "-y", "40", f"sleep 0.5; exec {command}")
    tmux("pipe-pane", "-o", f"cat > '{output}'")
    until(lambda: all(word in tmux("capture-pane", "-p") for word in ("acme-key", "Quit")))


def until(condition: Callable[[], object], seconds: float = 30) -> None:
    """Wait for something to be so."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it did not come to that"
        time.sleep(0.1)


def on_screen(stage: Stage, tmux: Tmux) -> bool:
    """Tell whether the key can be read, now or further up."""
    assert MARKER in stage.key.text
    return MARKER in tmux("capture-pane", "-p", "-S", "-")


def ask(tmux: Tmux, key: str, words: str) -> None:
    """Press a key, wait for its question, and agree."""
    tmux("send-keys", key)
    until(lambda: words in tmux("capture-pane", "-p"))
    tmux("send-keys", "Tab")
    time.sleep(0.3)
    tmux("send-keys", "Enter")


def holding(folder: Path, secret: str) -> list[Path]:
    """Return the files below a folder in which a secret stands."""
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and secret.encode() in path.read_bytes()
    ]


def test_a_secret_is_readable_only_while_it_is_revealed(
    stage: Stage, tmux: Tmux, tmp_path: Path
) -> None:
    """Before, during and after; masked when the window loses the focus; in no file."""
    output = tmp_path / "terminal.out"
    begin(stage, tmux, output)
    before = on_screen(stage, tmux)
    ask(tmux, "Y", "It is shown here for 20 s")
    until(lambda: on_screen(stage, tmux))
    begun = time.monotonic()
    until(lambda: not on_screen(stage, tmux))
    shown = time.monotonic() - begun
    said = tmux("capture-pane", "-p")
    tmux("send-keys", "Escape")
    until(lambda: "It is shown here" not in tmux("capture-pane", "-p"))
    ask(tmux, "Y", "It is shown here for 20 s")
    until(lambda: on_screen(stage, tmux))
    tmux("send-keys", "-H", "1b", "5b", "4f")  # what a terminal reports when it loses the focus
    until(lambda: not on_screen(stage, tmux), 5)
    tmux("send-keys", "Escape")
    time.sleep(0.5)
    tmux("send-keys", "q")
    time.sleep(1)

    assert before is False
    assert 15 < shown <= 21
    assert "Hidden again." in said
    assert [] == holding(stage.home, stage.key.text)
    assert [] == holding(stage.home.parent / "user", stage.key.text)
    assert ["reveal", "reveal", "add"] == [
        each["verb"] for each in stage.json("history", "acme-key")["events"]
    ]


def test_a_secret_in_the_real_clipboard_is_gone_when_the_app_is_left(
    stage: Stage, tmux: Tmux, display: str, need: Need, tmp_path: Path
) -> None:
    """Copied through X11 and told to the terminal; never an argument of any process."""
    stage.environment["DISPLAY"] = display
    for name in ("WAYLAND_DISPLAY", "SSH_CONNECTION", "SSH_TTY"):
        stage.environment.pop(name, None)
    xclip = [need("xclip"), "-selection", "clipboard", "-o"]
    output = tmp_path / "terminal.out"

    def clipboard() -> str:
        done = subprocess.run(
            xclip, capture_output=True, text=True, check=False, env=stage.environment
        )
        return done.stdout

    begin(stage, tmux, output)
    ask(tmux, "y", "It goes into the clipboard")
    until(lambda: clipboard() == stage.key.text)
    arguments = b"".join(
        path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()
    )
    on_the_screen = on_screen(stage, tmux)
    until(lambda: "xclip" in tmux("capture-pane", "-p"))
    tmux("send-keys", "q")
    until(lambda: clipboard() == "")

    assert stage.key.text.encode() not in arguments
    assert on_the_screen is False
    assert b"\x1b]52;c;!\x07" in output.read_bytes()
