"""What every room's tests share: a safe environment, a clock, a vault, child processes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn, Protocol

import hypothesis
import pytest

from close_tui.settings import Settings
from close_tui.vault.vault import Vault

NOW = 1_800_000_000.0
"""Where every clock starts: 2027-01-15T08:00:00Z."""

CHILD_S = 100
"""How long a child process may take; generous, the machine may be busy."""

NOWHERE = "http://127.0.0.1:9"
"""An address at which nobody listens: no test reaches the real Close by accident."""

hypothesis.settings.register_profile("close-tui", deadline=None, database=None)
hypothesis.settings.load_profile("close-tui")


def pytest_xdist_auto_num_workers() -> int:
    """Run two tests a core: many wait for other processes, or for time to pass."""
    cores = os.cpu_count() or 1
    return max(cores, min(2 * cores, 8))


class Clock:
    """Wall-clock time that stands still until it is moved."""

    def __init__(self, now: float = NOW) -> None:
        self.now = now

    def __call__(self) -> float:
        """Return the time, Unix seconds."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass; negative: the clock was set back."""
        self.now += seconds


class Need(Protocol):
    """Looks a command of the system up; see :func:`need`."""

    def __call__(self, *commands: str) -> str:
        """Return the path of the first that is installed."""


class Python(Protocol):
    """Runs code in another interpreter; see :func:`python`."""

    def __call__(
        self, code: str, *arguments: object, prefix: tuple[str, ...] = (), **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run the code to its end, or for at most ``CHILD_S`` seconds."""


@pytest.fixture(autouse=True)
def guarded(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Point everything that leads to the developer's own files, keyring and Close elsewhere."""
    elsewhere = tmp_path_factory.mktemp("guarded")
    for name in [n for n in os.environ if n.startswith(("CLOSE_TUI_", "XDG_", "TEXTUAL"))]:
        monkeypatch.delenv(name)
    for name in ("DBUS_SESSION_BUS_ADDRESS", "PYTHON_KEYRING_BACKEND", "DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    for name, folder in {
        "HOME": "",
        "XDG_DATA_HOME": "data",
        "XDG_CONFIG_HOME": "config",
        "XDG_CACHE_HOME": "cache",
        "XDG_STATE_HOME": "state",
        "XDG_RUNTIME_DIR": "run",
        "CLOSE_TUI_HOME": "close-tui",
    }.items():
        monkeypatch.setenv(name, str(elsewhere / folder))
    monkeypatch.setenv("CLOSE_TUI_API_URL", NOWHERE)
    monkeypatch.setenv("CLOSE_TUI_APP_URL", NOWHERE)
    return elsewhere


def missing(what: str) -> NoReturn:
    """Skip where a person tests without a component of the system; fail in CI."""
    words = f"{what} is not there"
    if os.environ.get("CI") == "true":
        pytest.fail(words)
    pytest.skip(words)


@pytest.fixture
def need() -> Need:
    """Return the first of some commands that is installed; without it: skip, in CI fail."""

    def find(*commands: str) -> str:
        for command in commands:
            if path := shutil.which(command):
                return path
        missing(" or ".join(commands))

    return find


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a home that does not exist yet, with an identity file."""
    from close_tui.vault.sealing import Identity

    identity = tmp_path / "identity.txt"
    identity.touch(mode=0o600)
    identity.write_text(
        f"# created: 2027-01-15T08:00:00Z\n{Identity.generate().secret.reveal()}\n",
        encoding="utf-8",
    )
    return Settings(
        home=tmp_path / "home", api_url=NOWHERE, app_url=NOWHERE, identity_file=identity
    )


@pytest.fixture
def vault(settings: Settings, clock: Clock) -> Iterator[Vault]:
    """An empty vault, unlocked."""
    made = Vault.make(settings, at=clock())
    yield made
    made.close()


@pytest.fixture
def python() -> Python:
    """Run code in another interpreter, with ``sys.argv[1:]`` and further environment variables."""

    def run(
        code: str, *arguments: object, prefix: tuple[str, ...] = (), **variables: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*prefix, sys.executable, "-P", "-c", code, *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=CHILD_S,
            check=False,
            env={**os.environ, **variables},
        )

    return run


@pytest.fixture
def unprivileged(need: Need) -> tuple[str, ...]:
    """The prefix of a command that obeys permissions also when the tests run as root.

    Root stays root, without the capabilities that ignore permissions: another user may not be
    able to reach the interpreter.
    """
    if os.geteuid() != 0:
        return ()
    prefix = (need("setpriv"), "--bounding-set=-dac_override,-dac_read_search")
    if subprocess.run([*prefix, sys.executable, "-c", ""], check=False).returncode:
        missing("An interpreter without privileges")
    return prefix
