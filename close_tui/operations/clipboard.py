"""The system's clipboard, through the program that the system has for it.

A secret goes in by standard input, never as an argument: arguments can be read by others.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from close_tui.secret import Secret

KEPT_S: Final = 45.0
"""Seconds after which a copied secret is taken out of the clipboard again."""

_WAIT_S: Final = 3.0
"""Seconds that such a program is given: without its display it can hang."""


class Clipboard(NamedTuple):
    """One program's ways to write the clipboard and to read it; ``name`` is for people."""

    name: str
    write: tuple[str, ...]
    read: tuple[str, ...]

    def put(self, secret: Secret) -> bool:
        """Copy a secret; False where it did not get there, as reading it back shows."""
        return self._write(secret.reveal()) and self.holds(secret.sha256)

    def holds(self, sha256: bytes) -> bool:
        """Tell whether the text in it is still the one with this SHA-256."""
        return Secret(self._read()).sha256 == sha256

    def clear(self) -> bool:
        """Empty it; False where that did not work."""
        return self._write("") and not self._read()

    def _write(self, text: str) -> bool:
        # No pipe for its output: a part of it stays in the background and would hold that open.
        return _run(self.write, text) is not None

    def _read(self) -> str:
        return _run(self.read, None) or ""


def system_clipboard(
    environment: Mapping[str, str] | None = None,
    *,
    platform: str = sys.platform,
    which: Callable[[str], str | None] = shutil.which,
) -> Clipboard | None:
    """Return the clipboard of the screen that the person sits at; None where none can be told.

    In a session over SSH that is a display which was forwarded, and never this machine's own.
    """
    env = os.environ if environment is None else environment
    is_remote = bool(env.get("SSH_CONNECTION") or env.get("SSH_TTY"))
    display = env.get("DISPLAY", "")
    if is_remote and not display.partition(":")[0]:
        display = ""
    for is_here, name, write, read in (
        (platform == "darwin" and not is_remote, "pbcopy", ("pbcopy",), ("pbpaste",)),
        (bool(env.get("WAYLAND_DISPLAY")) and not is_remote, "wl-copy", ("wl-copy",),
         ("wl-paste", "--no-newline")),
        (bool(display), "xclip", ("xclip", "-selection", "clipboard"),
         ("xclip", "-selection", "clipboard", "-o")),
        (bool(display), "xsel", ("xsel", "--clipboard", "--input"),
         ("xsel", "--clipboard", "--output")),
        # On Windows, and in WSL on it.
        (not is_remote, "clip.exe", ("clip.exe",),
         ("powershell.exe", "-NoProfile", "-Command", "[Console]::Write((Get-Clipboard -Raw))")),
    ):  # fmt: skip
        programs = which(write[0]), which(read[0])
        if is_here and programs[0] and programs[1]:
            return Clipboard(name, (programs[0], *write[1:]), (programs[1], *read[1:]))
    return None


def _run(command: tuple[str, ...], text: str | None) -> str | None:
    """Run a program and return what it wrote, where it is read; None when it failed."""
    reads = text is None
    try:
        done = subprocess.run(  # noqa: S603 - one of the programs above
            command,
            input=None if reads else (text or "").encode("utf-8"),
            stdin=subprocess.DEVNULL if reads else None,
            stdout=subprocess.PIPE if reads else subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_WAIT_S,
            check=False,
            start_new_session=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    if done.returncode != 0:
        return None
    return done.stdout.decode("utf-8", "replace") if reads else ""
