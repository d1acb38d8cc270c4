"""Users whose browsers are looked at, with real tools or with tools that only take notes."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from close_tui.callback.trust_stores import Machine, Ran, run

Answer = Callable[[tuple[str, ...]], Ran]


def user(
    home: Path,
    *,
    platform: str = "linux",
    runner: Callable[[Sequence[str]], Ran] = run,
    programs: Sequence[str] = ("certutil",),
    environment: Mapping[str, str] = {},
) -> Machine:
    """Return a user with these programs; certutil is the real one where there is one."""

    def which(name: str) -> str | None:
        return (shutil.which(name) or f"/usr/bin/{name}") if name in programs else None

    return Machine(platform, environment, home, runner, which)


class Tools:
    """Tools that write down what they are asked, and keep in mind what they were given."""

    def __init__(self, fails: Mapping[str, Ran] = {}) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.held: set[str] = set()
        self._fails = fails

    def __call__(self, command: Sequence[str]) -> Ran:
        """Do as ``security`` and Windows' ``certutil`` do."""
        self.asked.append(tuple(command))
        for word, ran in self._fails.items():
            if word in command:
                return ran
        if "find-certificate" in command:
            return Ran(0, "".join(f"SHA-1 hash: {sha1}\n" for sha1 in self.held))
        if "-store" in command:
            return Ran(0) if command[-1] in self.held else Ran(1)
        if "add-trusted-cert" in command or "-addstore" in command:
            from close_tui.callback.trust_tools import wanted

            self.held.add(wanted(Path(command[-1]).read_text(encoding="ascii")).sha1)
        if "delete-certificate" in command or "-delstore" in command:
            self.held -= set(command)
        return Ran(0)

    @property
    def changes(self) -> list[tuple[str, ...]]:
        """What was asked of them that changes something."""
        return [each for each in self.asked if not {"find-certificate", "-store"} & set(each)]


def database(folder: Path, password: str | None = None) -> Path:
    """Make an NSS database, as a browser does at its first start."""
    folder.mkdir(parents=True, exist_ok=True)
    how = ["--empty-password"]
    if password is not None:
        (folder.parent / "password").write_text(password)
        how = ["-f", str(folder.parent / "password")]
    subprocess.run(["certutil", "-d", f"sql:{folder}", "-N", *how], check=True)
    return folder


def listing(folder: Path) -> str:
    """Return what certutil lists."""
    done = subprocess.run(
        ["certutil", "-d", f"sql:{folder}", "-L"], check=True, capture_output=True, text=True
    )
    return done.stdout
