"""A desk at a sandbox Close on a real socket, connections to work on, a network that meddles."""

from __future__ import annotations

import random
import socket
import sqlite3
import sys
from asyncio.subprocess import PIPE, Process, create_subprocess_exec
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from close_tui.model import App, Connection, Event, Kind, Organization, SecretKind, Tokens, User
from close_tui.operations.add import add_app, add_key, new_id
from close_tui.operations.desk import Desk, Pauses
from close_tui.operations.test import test as call_me
from close_tui.sandbox import records
from close_tui.sandbox.policies import Policies
from close_tui.sandbox.server import serve
from close_tui.sandbox.state import World
from close_tui.secret import Secret
from close_tui.settings import Settings

if TYPE_CHECKING:
    from tests.conftest import Clock

MARKER = "CANARY7c1e"
"""Stands in every secret of the sandbox."""

QUICK = Pauses(
    lock=60.0, commit=(0.01, 0.01, 0.01), proof=(0.0, 0.05, 0.1, 0.2, 0.2), rate_limit=5, poll=0.02
)

After = Callable[[httpx.Request, httpx.Response], Awaitable[httpx.Response]]


class Meddling(httpx.AsyncHTTPTransport):
    """The real network, with a word to say about each answer before it arrives."""

    def __init__(self, after: After) -> None:
        super().__init__()
        self._after = after

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request and let the answer be changed."""
        answer = await super().handle_async_request(request)
        await answer.aread()
        changed = await self._after(request, answer)
        return httpx.Response(
            changed.status_code,
            headers=changed.headers,
            stream=httpx.ByteStream(changed.content),
            request=request,
        )


@dataclass
class Town:
    """A sandbox with two organizations, two people and one app, and desks that work on it."""

    clock: Clock
    world: World
    settings: Settings
    acme: records.Organization
    globex: records.Organization
    ada: records.User
    bob: records.User
    registered: records.OAuthApp
    exits: AsyncExitStack = field(repr=False)
    desk: Desk = field(init=False, repr=False)
    app: App = field(init=False)

    def open_desk(self, *, settings: Settings | None = None, **more: Any) -> Desk:
        """Sit down at another desk, as another process would; it is left at the end."""
        arguments = {"clock": self.clock, "pauses": QUICK, **more}
        desk = Desk(settings or self.settings, **arguments)
        self.exits.push_async_exit(desk)
        return desk

    def cut_off(self, **more: Any) -> Desk:
        """Sit down where the network is down: nobody listens at the address."""
        nowhere = "http://127.0.0.1:9"
        told = self.settings
        return self.open_desk(
            settings=Settings(told.home, nowhere, nowhere, told.identity_file), **more
        )

    def connect(
        self,
        name: str = "acme",
        *,
        user: records.User | None = None,
        organization: records.Organization | None = None,
        app: App | None = None,
    ) -> Connection:
        """Store an authorization, as if it had just been granted; it was never tested."""
        user, organization = user or self.ada, organization or self.acme
        granted = self.world.authorize_directly(self.registered, user, organization)
        app = app or self.app
        connection = Connection(
            id=new_id("conn"),
            name=name,
            description="",
            kind=Kind.OAUTH,
            organization=Organization(organization.id, organization.name),
            user=User(user.id, user.email),
            app=app.name,
            app_id=app.id,
            key_id=None,
            scope=records.SCOPE,
            expires_at=self.clock() + granted.expires_in,
            generation=1,
            fingerprint="",
            can_refresh=granted.refresh_token is not None,
            created_at=self.clock(),
        )
        tokens = Tokens(
            access_token=Secret(granted.access_token),
            refresh_token=Secret(granted.refresh_token) if granted.refresh_token else None,
            expires_at=self.clock() + granted.expires_in,
            scope=records.SCOPE,
        )
        self.desk.vault.add_authorization(connection, app.client_id, tokens)
        return self.shown(connection.id)

    async def connect_key(self, name: str = "key") -> tuple[Connection, records.ApiKey]:
        """Store an API key; it was tested."""
        key = self.world.add_api_key(self.ada, self.acme)
        added = await add_key(self.desk, name, Secret(key.text))
        return self.shown(added.id), key

    async def tested(self, name: str = "acme") -> Connection:
        """Store an authorization that was tested: its status is ``ok``."""
        connection = self.connect(name)
        assert "ok" == (await call_me(self.desk, connection.id)).outcome
        return self.shown(connection.id)

    def shown(self, connection_id: str) -> Connection:
        """Read a connection again."""
        found = self.desk.vault.connection(connection_id)
        assert found is not None
        return found

    def status(self, connection: Connection) -> str:
        """Return the status as it is now."""
        return self.shown(connection.id).status(self.clock())

    def token(self, connection: Connection, kind: SecretKind = SecretKind.REFRESH_TOKEN) -> str:
        """Open a secret of the current generation; empty when there is none."""
        secret = self.desk.vault.secret(connection, kind)
        return secret.reveal() if secret else ""

    def access_token(self, connection: Connection) -> str:
        """Open the access token."""
        return self.token(connection, SecretKind.ACCESS_TOKEN)

    def is_alive(self, token: str) -> bool:
        """Tell whether the sandbox would accept a token."""
        return self.world.is_alive(token)

    def sent(self, route: str = "refresh") -> int:
        """Return how many requests of a kind the sandbox has seen."""
        return self.world.journal.count(route=route)

    def told(self, connection: Connection) -> list[tuple[str, str]]:
        """Return verb and outcome of each event, oldest first."""
        return [(e.verb, e.outcome) for e in reversed(self.history(connection))]

    def history(self, connection: Connection) -> list[Event]:
        """Return the events of a connection, newest first."""
        return self.desk.vault.history(connection.id)

    def read_only(self, desk: Desk, on: bool = True) -> None:
        """Let SQLite refuse every write, as a read-only file system would, or end that."""
        sqlite: sqlite3.Connection = desk.vault.database._sqlite
        sqlite.execute(f"PRAGMA query_only = {int(on)}")

    async def child(self, code: str) -> Process:
        """Start another interpreter at the same vault; its code has ``desk`` and ``say``."""
        told = self.settings
        body = "\n".join(f"        {line}" for line in code.strip().splitlines())
        return await create_subprocess_exec(
            sys.executable, "-P", "-c", _CHILD + body + "\nasyncio.run(main())",
            str(told.home), told.api_url, str(told.identity_file), str(self.clock()),
            stdin=PIPE, stdout=PIPE,
        )  # fmt: skip


_CHILD = """
import asyncio, sys, time
from pathlib import Path
from close_tui.operations.desk import Desk
from close_tui.operations.refresh import refresh
from close_tui.settings import Settings
from close_tui.vault import locks
from close_tui.vault.vault import Vault
def say(*words):
    print(*words, flush=True)
async def main():
    home, url, identity, now = sys.argv[1:]
    settings = Settings(Path(home), url, url, Path(identity))
    async with Desk(settings, clock=lambda: float(now)) as desk:
        await desk.unlock()
"""


async def line(process: Process) -> str:
    """Read the next line that a child says."""
    assert process.stdout is not None
    return (await process.stdout.readline()).decode().strip()


def free_port() -> int:
    """Return a port at which nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
    return port


@pytest.fixture
def policies() -> Policies:
    """How the sandbox behaves; its windows stand still with the clock, so no limit is reached."""
    return Policies(rate_limit=1_000_000)


@pytest.fixture
async def empty_town(settings: Settings, clock: Clock, policies: Policies) -> AsyncIterator[Town]:
    """A town whose vault was never made."""
    world = World(clock=clock, random=random.Random(7), policies=policies, marker=MARKER)
    acme, globex = world.add_organization("Acme"), world.add_organization("Globex")
    ada = world.add_user("ada@acme.example", "Ada Byron", [acme, globex])
    bob = world.add_user("bob@globex.example", "Bob Roe", [acme, globex])
    registered = world.add_app("Reports", f"https://localhost:{free_port()}/callback")
    async with serve(world) as url, AsyncExitStack() as exits:
        here = Settings(Path(settings.home), url, url, settings.identity_file)
        town = Town(clock, world, here, acme, globex, ada, bob, registered, exits)
        town.desk = town.open_desk()
        yield town


@pytest.fixture
async def town(empty_town: Town) -> Town:
    """A town whose vault knows the OAuth app."""
    registered = empty_town.registered
    await add_app(
        empty_town.desk,
        "reports",
        registered.client_id,
        Secret(registered.client_secret),
        redirect_uri=registered.redirect_uri,
    )
    (empty_town.app,) = empty_town.desk.vault.apps()
    return empty_town
