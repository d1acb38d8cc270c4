"""Connections to store, secrets with a marker, and a real keyring to store their key in."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from close_tui.model import App, Connection, Kind, Organization, Tokens, User
from close_tui.secret import Secret
from close_tui.vault.vault import Vault

if TYPE_CHECKING:
    from tests.conftest import Clock, Need

CANARY = "canary-7c1e"
"""Stands in every secret of these tests, and must stand in no file."""

CHILD_S = 100


@dataclass
class Shelf:
    """Puts invented connections into a vault."""

    vault: Vault
    at: Callable[[], float]
    made: int = field(default=0)

    def connection(self, name: str, kind: Kind, **facts: Any) -> Connection:
        """Return a connection that is not stored yet."""
        self.made += 1
        plain = Connection(
            id=f"{self.made:032x}",
            name=name,
            description="",
            kind=kind,
            organization=Organization(f"orga_{self.made}", f"Organization {self.made}"),
            user=User("user_ada", "ada@acme.example", "Ada"),
            app=None,
            app_id=None,
            key_id=None,
            scope="all.full_access offline_access" if kind is Kind.OAUTH else "",
            expires_at=self.at() + 3600 if kind is Kind.OAUTH else None,
            generation=1,
            fingerprint="",
            can_refresh=kind is Kind.OAUTH,
            created_at=self.at(),
        )
        return plain._replace(**facts)

    def tokens(self, mark: str, *, refresh: bool = True) -> Tokens:
        """Return tokens that are good for an hour, with the marker."""
        return Tokens(
            access_token=Secret(f"access-{CANARY}-{mark}"),
            refresh_token=Secret(f"refresh-{CANARY}-{mark}") if refresh else None,
            expires_at=self.at() + 3600,
            scope="all.full_access offline_access",
        )

    def authorization(self, name: str = "acme", mark: str = "1", **facts: Any) -> Connection:
        """Store an authorization and return it as the vault shows it."""
        made = self.connection(name, Kind.OAUTH, **facts)
        self.vault.add_authorization(made, "oa2client_1", self.tokens(f"{name}-{mark}"))
        return self.shown(made)

    def key(self, name: str = "globex", **facts: Any) -> Connection:
        """Store an API key and return its connection as the vault shows it."""
        made = self.connection(name, Kind.API_KEY, **facts)
        self.vault.add_key(made, Secret(f"api_{CANARY}.{name}"))
        return self.shown(made)

    def app(self, name: str = "reporting", client_id: str = "oa2client_1") -> App:
        """Store an OAuth app."""
        self.made += 1
        app = App(f"app-{self.made}", name, client_id, "https://localhost:25673/callback")
        self.vault.add_app(app, Secret(f"client-secret-{CANARY}-{name}"), self.at())
        return app

    def shown(self, connection: Connection) -> Connection:
        """Read a connection again."""
        found = self.vault.connection(connection.id)
        assert found is not None
        return found


@pytest.fixture
def shelf(vault: Vault, clock: Clock) -> Shelf:
    """What puts connections into the empty vault."""
    return Shelf(vault, clock)


@dataclass
class Session:
    """A D-Bus session of its own, in which a real GNOME Keyring runs (or could)."""

    home: Path
    variables: dict[str, str]
    daemon: subprocess.Popen[bytes] | None = None

    def start_keyring(self, *, unlocked: bool) -> None:
        """Start the daemon; ``unlocked`` also makes the login collection, when it is missing."""
        how = ["--unlock"] if unlocked else ["--start"]
        self.daemon = subprocess.Popen(
            ["gnome-keyring-daemon", *how, "--foreground", "--components=secrets"],
            env=self.variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert self.daemon.stdin is not None
        with suppress(BrokenPipeError):
            self.daemon.stdin.write(b"password" if unlocked else b"")
        self.daemon.stdin.close()
        self.call("gdbus", "wait", "--session", "--timeout=60", "org.freedesktop.secrets")

    def stop_keyring(self) -> None:
        """End the daemon, as a log-out would."""
        if self.daemon is not None:
            self.daemon.kill()
            self.daemon.wait(CHILD_S)
            self.daemon = None

    def lock(self) -> None:
        """Lock the login collection, as a screen saver would."""
        self.call(
            "gdbus", "call", "--session", "--dest", "org.freedesktop.secrets",
            "--object-path", "/org/freedesktop/secrets",
            "--method", "org.freedesktop.Secret.Service.Lock",
            "['/org/freedesktop/secrets/collection/login']",
        )  # fmt: skip

    def call(self, *command: str) -> str:
        """Run a command in the session; it must succeed."""
        done = subprocess.run(
            command, env=self.variables, capture_output=True, timeout=CHILD_S, check=False
        )
        assert 0 == done.returncode, done.stderr
        return done.stdout.decode()

    def python(self, code: str, *arguments: object, **more: str) -> tuple[int, str, str]:
        """Run code in another interpreter in the session; exit code, stdout, stderr."""
        done = subprocess.run(
            [sys.executable, "-P", "-c", code, *map(str, arguments)],
            env={**self.variables, **more},
            capture_output=True,
            timeout=CHILD_S,
            check=False,
        )
        return done.returncode, done.stdout.decode(), done.stderr.decode()


@contextmanager
def bus_session() -> Iterator[Session]:
    """Give a session bus with nothing on it yet, and folders of its own."""
    # A short name: the daemon's socket lies in it, and sockets have short paths.
    with tempfile.TemporaryDirectory(prefix="k", ignore_cleanup_errors=True) as name:
        home = Path(name)
        variables = {
            **{name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ},
            "HOME": name,
            "XDG_DATA_HOME": f"{name}/data",
            "XDG_RUNTIME_DIR": f"{name}/run",
            "CLOSE_TUI_HOME": f"{name}/close-tui",
        }
        (home / "run").mkdir(mode=0o700)
        bus = subprocess.Popen(
            ["dbus-run-session", "--", "sh", "-c", "echo $DBUS_SESSION_BUS_ADDRESS; exec cat"],
            env=variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert bus.stdin is not None
        assert bus.stdout is not None
        variables["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().decode().strip()
        made = Session(home, variables)
        yield made
        made.stop_keyring()
        bus.stdin.close()
        bus.wait(CHILD_S)
        bus.stdout.close()


@pytest.fixture
def session(need: Need) -> Iterator[Session]:
    """A session bus with nothing on it yet, and folders of its own."""
    for command in ("dbus-run-session", "gnome-keyring-daemon", "gdbus"):
        need(command)
    with bus_session() as made:
        yield made
