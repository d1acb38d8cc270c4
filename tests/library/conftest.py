"""The demo's vault on its sandbox in a thread of its own, as a program of its owner finds it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from close_tui.cli.demo_vault import DemoClock, build
from close_tui.library import http_auth, shared_desk
from close_tui.model import Connection, SecretKind
from close_tui.sandbox.seed import Demo, demo_world
from close_tui.sandbox.server import running
from close_tui.sandbox.state import World
from close_tui.settings import Settings
from close_tui.vault.vault import Vault

PATIENCE_S = 60
FRESH = "northwind-reports"
EXPIRING = "brightwater-reports"
EXPIRED = "sakura-reports"
KEY = "northwind-export"
FROZEN = "meridian-calls"
ENDED = "meridian-reports"


@dataclass
class Town:
    """The demo: ten connections in nine statuses; the environment points there."""

    settings: Settings
    demo: Demo

    @property
    def world(self) -> World:
        """What the sandbox knows."""
        return self.demo.world

    @property
    def refreshes(self) -> int:
        """How many refreshes Close has seen."""
        return self.world.journal.count(route="refresh")

    def look(self, name: str) -> Connection:
        """Read a connection that is not revoked."""
        with closing(Vault.open(self.settings)) as vault:
            return next(c for c in vault.connections() if c.name == name and not c.revoked_at)

    def times_handed_out(self, name: str) -> int:
        """Return how often the history says that a program was handed this one."""
        with closing(Vault.open(self.settings)) as vault:
            return sum(
                event.connection == name and event.detail == "Handed out to a Python program."
                for event in vault.history()
            )

    def token(self, name: str) -> str:
        """Open the current access token."""
        with closing(Vault.open(self.settings)) as vault:
            vault.unlock(vault.key_reader()())
            found = next(c for c in vault.connections() if c.name == name)
            secret = vault.secret(found, SecretKind.ACCESS_TOKEN)
            assert secret is not None
            return secret.reveal()

    def refuse(self, name: str) -> None:
        """Let Close forget the current access token; the refresh token lives."""
        self.world.kill(self.token(name))

    def close_tui(self, *argv: str) -> None:
        """Run a command, as another process of the same owner."""
        subprocess.run([sys.executable, "-m", "close_tui", *argv], check=True, capture_output=True)

    def me(self, client: httpx.Client) -> httpx.Response:
        """Ask who it is."""
        return client.get(f"{self.settings.api_url}/api/v1/me/", timeout=PATIENCE_S)

    def answers(self, seen: list[httpx.Request]) -> Callable[[httpx.Request], httpx.Response]:
        """Return a service that keeps what it was asked, and knows which tokens are alive."""

        def answer(request: httpx.Request) -> httpx.Response:
            seen.append(request)
            token = request.headers.get("Authorization", "").removeprefix("Bearer ")
            return httpx.Response(200 if self.world.is_alive(token) else 401)

        return answer


class Reading(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A service that reads each body once, as a network does, and keeps it."""

    def __init__(self, answer: Callable[[httpx.Request], httpx.Response]) -> None:
        self._answer = answer
        self.bodies: list[bytes] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Read and answer."""
        assert isinstance(request.stream, httpx.SyncByteStream)
        self.bodies.append(b"".join(request.stream))
        return self._answer(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Do the same in an event loop."""
        assert isinstance(request.stream, httpx.AsyncByteStream)
        self.bodies.append(b"".join([chunk async for chunk in request.stream]))
        return self._answer(request)


def body() -> Iterator[bytes]:
    """A body that can be read only once."""
    yield b'{"note": '
    yield b'"hello"}'


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """The demo, and afterwards a process as if nobody had used it."""
    clock = DemoClock()
    demo = demo_world(clock=clock, marker="CANARY")
    home = tmp_path / "town"
    home.mkdir(mode=0o700)
    with running(demo.world) as url:
        settings = build(home, url, demo, clock)
        monkeypatch.setenv("CLOSE_TUI_HOME", str(home))
        monkeypatch.setenv("CLOSE_TUI_API_URL", url)
        monkeypatch.setenv("CLOSE_TUI_APP_URL", url)
        monkeypatch.setenv("CLOSE_TUI_IDENTITY_FILE", str(settings.identity_file))
        yield Town(settings, demo)
        shared_desk.leave()
        http_auth._made.clear()
