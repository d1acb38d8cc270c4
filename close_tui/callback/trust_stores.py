"""Where browsers keep which certificates they trust, on this machine and for this user."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from close_tui.text import clean

BROWSERS: Final = ("chromium", "firefox", "system")
"""Whose trust can be asked for by name; ``system`` is what macOS and Windows keep for all."""

PATIENCE_S: Final = 90.0
"""How long a tool may take: macOS and Windows ask a person meanwhile."""

_INI_LIMIT: Final = 256 * 1024
_PROGRAMS: Final = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    *("brave-browser", "microsoft-edge", "vivaldi", "opera"),
)
_SNAPS: Final = {"chromium": "Chromium", "brave": "Brave", "opera": "Opera", "vivaldi": "Vivaldi"}
_FLATPAKS: Final = {
    "org.chromium.Chromium": "Chromium",
    "com.google.Chrome": "Chrome",
    "com.brave.Browser": "Brave",
    "com.microsoft.Edge": "Edge",
    "com.vivaldi.Vivaldi": "Vivaldi",
}


class Ran(NamedTuple):
    """How a tool ended.

    Attributes:
        code: its exit code; 127 where it is not installed, 124 where it took too long.
        out: what it wrote on standard output.
        err: what it complained of.

    """

    code: int
    out: str = ""
    err: str = ""


Runner: TypeAlias = Callable[[Sequence[str]], Ran]


class Store(NamedTuple):
    """One place that holds trusted certificates.

    Attributes:
        browser: one of :data:`BROWSERS`.
        kind: ``nss`` (a folder with a cert9.db), ``keychain`` or ``windows``.
        name: what people call it.
        path: the folder of the database, or the keychain; empty where there is no file.

    """

    browser: str
    kind: str
    name: str
    path: str

    @property
    def id(self) -> str:
        """The same for as long as it is there."""
        return f"{self.browser}:{self.path}" if self.path else self.browser

    @property
    def is_gone(self) -> bool:
        """Whether its folder is not there any more, and what it held neither."""
        return self.kind == "nss" and not (Path(self.path) / "cert9.db").exists()


class Machine(NamedTuple):
    """The user and the machine whose browsers are looked at.

    Attributes:
        platform: as :data:`sys.platform` has it.
        environment: the process's variables.
        home: the user's folder.
        run: runs a tool to its end.
        which: finds a program, like :func:`shutil.which`.

    """

    platform: str
    environment: Mapping[str, str]
    home: Path
    run: Runner
    which: Callable[[str], str | None]

    @classmethod
    def here(cls, environment: Mapping[str, str] | None = None) -> Machine:
        """Return this machine and this user."""
        env = os.environ if environment is None else environment
        home = Path(env.get("HOME") or env.get("USERPROFILE") or Path.home())
        path = env.get("PATH")
        return cls(sys.platform, env, home, run, lambda name: shutil.which(name, path=path))


def run(command: Sequence[str]) -> Ran:
    """Run a tool that nobody is asked by: it has neither standard input nor our terminal."""
    try:
        done = subprocess.run(  # noqa: S603 - a list of ours; no shell
            list(command),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE_S,
            check=False,
            # certutil would ask for a password on /dev/tty, in the middle of the app.
            start_new_session=os.name == "posix",
        )
    except FileNotFoundError:
        return Ran(127, err=f"{command[0]} is not installed")
    except subprocess.TimeoutExpired:
        return Ran(124, err=f"{command[0]} did not end within {PATIENCE_S:g} s")
    except (OSError, ValueError) as error:
        return Ran(126, err=f"{command[0]} cannot be run: {error}")
    out, err = (text.decode("utf-8", "replace") for text in (done.stdout, done.stderr))
    return Ran(done.returncode, out, err)


def stores(machine: Machine) -> list[Store]:
    """Return every store that a browser of this user reads, or would read at its first start."""
    found = [*_system(machine)]
    if machine.platform not in ("darwin", "win32"):
        found += _chromium(machine)
    found += _firefox(machine)
    return list({store.id: store for store in found}.values())


def _system(machine: Machine) -> Iterator[Store]:
    if machine.platform == "darwin":
        keychain = machine.home / "Library" / "Keychains" / "login.keychain-db"
        yield Store("system", "keychain", "macOS login keychain", str(keychain))
    elif machine.platform == "win32":
        yield Store("system", "windows", "Windows (your user's root certificates)", "")


def _chromium(machine: Machine) -> Iterator[Store]:
    home = machine.home
    shared = home / ".pki" / "nssdb"
    if _is_there(shared) or any(map(machine.which, _PROGRAMS)):
        yield Store("chromium", "nss", "Chromium", str(shared))
    data = Path(machine.environment.get("XDG_DATA_HOME") or home / ".local" / "share")
    if _is_there(newer := data / "pki" / "nssdb"):
        yield Store("chromium", "nss", "Chromium (XDG)", str(newer))
    for snap, name in _SNAPS.items():
        if _is_there(folder := home / "snap" / snap / "current"):
            yield Store("chromium", "nss", f"{name} (snap)", str(folder / ".pki" / "nssdb"))
    for flatpak, name in _FLATPAKS.items():
        if _is_there(folder := home / ".var" / "app" / flatpak):
            yield Store("chromium", "nss", f"{name} (flatpak)", str(folder / ".pki" / "nssdb"))


def _firefox(machine: Machine) -> Iterator[Store]:
    seen: set[Path] = set()
    for root, packed in _firefox_roots(machine):
        for name, folder in _profiles(root):
            with suppress(OSError):
                real = folder.resolve()
                if real not in seen and folder.is_dir():
                    seen.add(real)
                    said = clean(f"{name}, {packed}" if packed else name, 60)
                    yield Store("firefox", "nss", f"Firefox ({said})", str(folder))


def _firefox_roots(machine: Machine) -> list[tuple[Path, str]]:
    home, env = machine.home, machine.environment
    if machine.platform == "darwin":
        return [(home / "Library" / "Application Support" / "Firefox", "")]
    if machine.platform == "win32":
        roaming = Path(env.get("APPDATA") or home / "AppData" / "Roaming")
        return [(roaming / "Mozilla" / "Firefox", "")]
    config = Path(env.get("XDG_CONFIG_HOME") or home / ".config")
    flatpak = home / ".var" / "app" / "org.mozilla.firefox"
    return [
        (home / ".mozilla" / "firefox", ""),
        (config / "mozilla" / "firefox", ""),
        (home / "snap" / "firefox" / "common" / ".mozilla" / "firefox", "snap"),
        (flatpak / ".mozilla" / "firefox", "flatpak"),
        (flatpak / "config" / "mozilla" / "firefox", "flatpak"),
    ]


def _profiles(root: Path) -> Iterator[tuple[str, Path]]:
    """Give the profiles that profiles.ini names, then those that only a folder tells of.

    Firefox's own profile switcher keeps its profiles in a database and not in that file.
    """
    for section in _sections(root / "profiles.ini"):
        if path := section.get("Path"):
            folder = root / path if section.get("IsRelative") != "0" else Path(path)
            yield section.get("Name") or folder.name, folder
    for parent in (root, root / "Profiles"):
        with suppress(OSError):
            for folder in sorted(parent.iterdir()):
                if _is_there(folder / "cert9.db"):
                    yield folder.name, folder


def _sections(file: Path) -> list[dict[str, str]]:
    """Return the sections of an ini file as Firefox reads it: a line is a section or a value."""
    try:
        with file.open("rb") as opened:
            text = os.fsdecode(opened.read(_INI_LIMIT))
    except OSError:
        return []
    found: list[dict[str, str]] = []
    for line in text.splitlines():
        if line.startswith("["):
            found.append({})
        elif found and "=" in line:
            name, _, value = line.partition("=")
            found[-1][name] = value.replace("\0", "")
    return found


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False
