"""Where close-tui runs, as far as a browser is concerned: at a desk, over SSH, in WSL, headless."""

from __future__ import annotations

import os
import shlex
import socket
import sys
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Final, NamedTuple

from close_tui.callback.addresses import RedirectURI
from close_tui.callback.text_browsers import is_text_only
from close_tui.text import clean

_KERNEL: Final = Path("/proc/version")
_SSH: Final = ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY")
_SSH_PORT: Final = "22"
_PRIVILEGED: Final = 1024
_NAME_LIMIT: Final = 100


class Place(Enum):
    """What kind of place it is."""

    DESK = "desk"
    SSH = "ssh"
    HEADLESS = "headless"
    WSL = "wsl"


class Surroundings(NamedTuple):
    """Where a browser can be opened, and how one elsewhere finds the way back here.

    Attributes:
        place: what kind of place it is.
        browser: what ``BROWSER`` names, if that can show itself without this terminal.
        user: who is logged in here; empty when that is not known.
        host: how this machine was reached, or else what it calls itself.
        name: what it calls itself.
        ssh_port: the port that SSH came in by; empty for the usual one.
        in_tmux: whether tmux stands between close-tui and the terminal's clipboard.

    """

    place: Place
    browser: str = ""
    user: str = ""
    host: str = ""
    name: str = ""
    ssh_port: str = ""
    in_tmux: bool = False

    @property
    def opens(self) -> bool:
        """Whether a browser that is opened here will be seen; who sets ``BROWSER`` says so."""
        return bool(self.browser) or self.place in (Place.DESK, Place.WSL)

    @property
    def why_not(self) -> str:
        """Why no browser is opened, in a sentence; empty where one is."""
        if self.opens:
            return ""
        if self.place is Place.SSH:
            return "You are here over SSH: no browser is opened on this machine."
        return "There is no screen here (DISPLAY, WAYLAND_DISPLAY): no browser is opened."

    def forwarding(self, uri: RedirectURI) -> str:
        """Return the command that lets a browser elsewhere come back to a listener here.

        Empty where a browser on this very screen comes back by itself, and where the redirect URI
        is not this machine's own.
        """
        if self.place not in (Place.SSH, Place.HEADLESS) or not uri.is_loopback:
            return ""
        there = f"[{uri.host}]" if ":" in uri.host else uri.host
        # Without an address, ssh listens on both 127.0.0.1 and ::1 of the other machine.
        here = str(uri.port) if there != "[::1]" else f"{there}:{uri.port}"
        words = ["ssh", "-L", f"{here}:{there}:{uri.port}"]
        if self.ssh_port:
            words += ["-p", self.ssh_port]
        words.append(f"{self.user}@{self.host}" if self.user else self.host)
        return shlex.join(words)

    def forwarding_hint(self, uri: RedirectURI) -> str:
        """Say what may have to be changed in the command; empty when nothing comes to mind."""
        hints = []
        if self.host != self.name and self.name:
            hints.append(f"If you know this machine by another name ({self.name}), write that.")
        if uri.port < _PRIVILEGED:
            hints.append(f"Port {uri.port} can be forwarded by an administrator only.")
        return " ".join(hints)


DESK: Final = Surroundings(Place.DESK)
"""A machine with a screen, and a person in front of it."""


def look(
    environment: Mapping[str, str] | None = None,
    *,
    platform: str = sys.platform,
    kernel: Path = _KERNEL,
) -> Surroundings:
    """Look around. ``kernel`` is the file in which Linux says what it is."""
    env = os.environ if environment is None else environment
    browsers = [each for each in env.get("BROWSER", "").split(os.pathsep) if each.strip()]
    host, ssh_port = _reached(env.get("SSH_CONNECTION", ""))
    name = _plain(socket.gethostname())
    return Surroundings(
        place=_place(env, platform, kernel),
        browser=next((each for each in browsers if not is_text_only(each, env.get("PATH"))), ""),
        user=_user(env),
        host=host or name or "HOST",
        name=name,
        ssh_port=ssh_port,
        in_tmux=bool(env.get("TMUX")),
    )


def _place(env: Mapping[str, str], platform: str, kernel: Path) -> Place:
    # First, because a screen of the far machine (X forwarding) is not where the person reads.
    if any(env.get(name) for name in _SSH):
        return Place.SSH
    if platform in ("win32", "darwin", "cygwin"):
        return Place.DESK
    if env.get("WSL_DISTRO_NAME") or _is_microsofts(kernel):
        return Place.WSL
    if env.get("DISPLAY") or env.get("WAYLAND_DISPLAY"):
        return Place.DESK
    return Place.HEADLESS


def _is_microsofts(kernel: Path) -> bool:
    try:
        return "microsoft" in kernel.read_text(encoding="utf-8", errors="replace").lower()
    except OSError:
        return False


def _reached(connection: str) -> tuple[str, str]:
    """Return the address and port at which SSH reached this machine; ssh(1), ENVIRONMENT."""
    import ipaddress

    parts = connection.split()
    if len(parts) != 4:
        return "", ""
    address, port = parts[2:]
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "", ""
    # Reached through a tunnel of some kind, whose other end is not known here.
    if parsed.is_loopback or not port.isdecimal():
        return "", ""
    return str(parsed), "" if port == _SSH_PORT else port


def _user(env: Mapping[str, str]) -> str:
    for name in ("LOGNAME", "USER"):
        if given := _plain(env.get(name, "")):
            return given
    import getpass

    try:
        return _plain(getpass.getuser())
    except (OSError, KeyError, ImportError):
        return ""


def _plain(text: str) -> str:
    return clean(text, _NAME_LIMIT).replace(" ", "").lstrip("-")
