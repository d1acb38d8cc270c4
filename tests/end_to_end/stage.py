"""What a whole run works with: a served world, a home, and the installed command."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from close_tui.sandbox.records import ApiKey, OAuthApp, Organization, User
from close_tui.sandbox.state import World

MARKER = "CANARYCANARY"
"""Stands in every secret of the world, so that any of them can be searched for."""


@dataclass
class Stage:
    """A world that is served, and a home in which nothing has happened yet."""

    world: World
    url: str
    home: Path
    acme: Organization
    globex: Organization
    user: User
    app: OAuthApp
    key: ApiKey
    environment: dict[str, str]

    def run(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run the command to its end, off-terminal."""
        return subprocess.run(
            [_command(), *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
            env=self.environment,
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the command, off-terminal, and leave it running."""
        return subprocess.Popen(
            [_command(), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment,
        )

    def json(self, *arguments: str) -> Any:
        """Run the command with ``--json`` and return what it says."""
        return json.loads(self.run(*arguments, "--json").stdout)

    def add_app(self) -> None:
        """Store the world's OAuth app as ``reporting``."""
        done = self.run(
            *("add", "app", "reporting", "--client-id", self.app.client_id),
            *("--redirect-uri", self.app.redirect_uri),
            stdin=f"{self.app.client_secret}\n",
        )
        assert done.returncode == 0, done.stderr


def consent_url(child: subprocess.Popen[str]) -> str:
    """Return the address that ``authorize`` prints on its ``Open:`` line."""
    assert child.stderr is not None
    return _line(child.stderr, "Open: ").strip()


def _line(stream: IO[str], prefix: str) -> str:
    seen = []
    for line in stream:
        if line.startswith(prefix):
            return line.removeprefix(prefix)
        seen.append(line)
    raise AssertionError(f"no line begins with {prefix!r}: {seen}")


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _command() -> str:
    return str(Path(sys.executable).with_name("close-tui"))
