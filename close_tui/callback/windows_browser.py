"""The Windows browser, from inside WSL.

``cmd.exe /c start`` is not among the ways: it takes ``&`` for the end of a command and ``%`` for a
variable. What is used takes the address as one argument that no shell looks at, or as data.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import Final, NamedTuple

_UNHARMED: Final = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+[A-Za-z0-9/?&=%._~+:-]*")
"""Addresses without a character that a quoting on the way to Windows could be broken with."""

_SYSTEM: Final = "/mnt/c/Windows/System32"
"""Where Windows is when its programs are not on the PATH (``appendWindowsPath = false``)."""

_PROMPTLY_S: Final = 20.0


class Way(NamedTuple):
    """A program that hands an address to Windows.

    Attributes:
        program: its name on the PATH.
        elsewhere: where it also may be.
        arguments: what it is given; ``{url}`` stands for the address.
        reads: whether the address goes in by standard input instead.

    """

    program: str
    elsewhere: str
    arguments: tuple[str, ...]
    reads: bool = False


WAYS: Final = (
    Way("wslview", "", ("{url}",)),
    Way(
        "rundll32.exe",
        f"{_SYSTEM}/rundll32.exe",
        ("url.dll,FileProtocolHandler", "{url}"),
    ),
    Way(
        "powershell.exe",
        f"{_SYSTEM}/WindowsPowerShell/v1.0/powershell.exe",
        (
            "-NoProfile", "-NonInteractive", "-Command",
            "Start-Process -FilePath ([Console]::In.ReadLine())",
        ),
        reads=True,
    ),
)  # fmt: skip
"""In the order in which they are tried."""


def open_in_windows(url: str) -> bool:
    """Open a URL in the browser of the Windows around us, and tell whether one of the ways did."""
    if not _UNHARMED.fullmatch(url):
        return False
    return any(_goes(way, url) for way in WAYS)


def _goes(way: Way, url: str) -> bool:
    program = shutil.which(way.program) or (way.elsewhere and shutil.which(way.elsewhere))
    if not program:
        return False
    arguments = [url if each == "{url}" else each for each in way.arguments]
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and the address holds nothing for one
            [program, *arguments],
            input=f"{url}\n".encode("ascii") if way.reads else b"",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            timeout=_PROMPTLY_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    except OSError:  # Windows programs cannot be run from here ([interop] enabled = false)
        return False
    return done.returncode == 0
