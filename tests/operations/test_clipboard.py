"""The program that the system has for its clipboard, and which one it is."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from close_tui.operations import clipboard
from close_tui.operations.clipboard import Clipboard, system_clipboard
from close_tui.secret import Secret


@pytest.mark.parametrize(
    ("environment", "platform", "there", "expected"),
    [
        ({}, "linux", {"xclip", "wl-copy", "wl-paste"}, None),
        ({"DISPLAY": ":0"}, "linux", {"xclip", "xsel"}, "xclip"),
        ({"DISPLAY": ":0"}, "linux", {"xsel"}, "xsel"),
        ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "w"}, "linux", {"xclip", "wl-copy", "wl-paste"},
         "wl-copy"),
        ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "w"}, "linux", {"xclip", "wl-copy"}, "xclip"),
        ({"DISPLAY": ":0", "SSH_CONNECTION": "x"}, "linux", {"xclip"}, None),
        ({"DISPLAY": "localhost:10.0", "SSH_CONNECTION": "x"}, "linux", {"xclip"}, "xclip"),
        ({}, "darwin", {"pbcopy", "pbpaste"}, "pbcopy"),
        ({"SSH_TTY": "/dev/pts/1"}, "darwin", {"pbcopy", "pbpaste"}, None),
        ({}, "linux", {"clip.exe", "powershell.exe"}, "clip.exe"),
    ],
)  # fmt: skip
def test_the_clipboard_is_the_one_of_the_screen_that_somebody_sits_at(
    environment: dict[str, str], platform: str, there: set[str], expected: str | None
) -> None:
    """Over SSH only a forwarded display; and only what can be read again."""
    found = system_clipboard(
        environment, platform=platform, which=lambda name: name if name in there else None
    )

    assert expected == (found and found.name)


def test_a_secret_goes_in_by_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """No argument holds it."""
    seen: list[Any] = []

    def run(command: Any, **how: Any) -> subprocess.CompletedProcess[bytes]:
        seen.append((command, how["input"]))
        return subprocess.CompletedProcess(command, 0, b"CANARY")

    monkeypatch.setattr(subprocess, "run", run)

    assert Clipboard("x", ("write",), ("read",)).put(Secret("CANARY"))
    assert [(("write",), b"CANARY"), (("read",), None)] == seen


def test_what_fails_or_hangs_copies_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A missing program, an error, a display that never answers, one that keeps nothing."""
    monkeypatch.setattr(clipboard, "_WAIT_S", 0.3)
    python = sys.executable
    begun = time.monotonic()
    commands = (
        (str(tmp_path / "missing"),),
        (python, "-c", "raise SystemExit(1)"),
        (python, "-c", "import time; time.sleep(60)"),
        (python, "-c", ""),
    )

    assert [False] * 4 == [Clipboard("x", one, one).put(Secret("CANARY")) for one in commands]
    assert time.monotonic() - begun < 20
