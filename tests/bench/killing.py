"""What killing many at once costs beyond its requests, and how soon the first one is sent."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import httpx

from close_tui.leaks import Operator
from close_tui.model import App, Connection, Kind, Organization, Tokens, User
from close_tui.operations.desk import Desk
from close_tui.operations.kill import AT_ONCE, begin, kill
from close_tui.secret import Secret
from close_tui.settings import Settings
from close_tui.vault.vault import Vault
from tests.bench.timing import Timed

TARGETS: Final = 50
RUNS: Final = 5
LATENCY_S: Final = 0.1
DESCRIBED: Final = "described-as-"
"""How each description begins: only the detail pane shows it."""


_SANDBOX: Final = f"""
import json, sys
from close_tui.sandbox.faults import latency
from close_tui.sandbox.policies import Policies
from close_tui.sandbox.server import running
from close_tui.sandbox.state import World

world = World(policies=Policies(rate_limit=10**9))
organizations = [world.add_organization(f"Organization {{n}}") for n in range(10)]
ada = world.add_user("ada@acme.example", "Ada Byron", organizations)
app = world.add_app("Reports", "https://localhost:25673/callback")
pairs = []
for number in range({TARGETS} * ({RUNS} + 1) * 2):
    granted = world.authorize_directly(app, ada, organizations[number % 10])
    pairs.append((granted.access_token, granted.refresh_token))
world.faults.add(latency({LATENCY_S}), times=None)
with running(world) as url:
    organizations = [each.id for each in organizations]
    print(json.dumps([url, app.client_id, app.client_secret, ada.id, organizations, pairs]),
          flush=True)
    sys.stdin.read()
"""


class Close(NamedTuple):
    """A sandbox in a process of its own, and the tokens that it has given."""

    url: str
    client_id: str
    client_secret: str
    user_id: str
    organizations: list[str]
    pairs: list[tuple[str, str]]


@contextmanager
def many(folder: Path) -> Iterator[tuple[Timed, Timed]]:
    """Time killing 50 connections with proof, and the same calls in a bare httpx loop."""
    with subprocess.Popen(
        [sys.executable, "-c", _SANDBOX], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as sandbox:
        assert sandbox.stdout is not None
        close = Close(*json.loads(sandbox.stdout.readline()))
        half = len(close.pairs) // 2
        ours, bare = close.pairs[:half], close.pairs[half:]
        settings = make_vault(folder, close, ours)
        with asyncio.Runner() as runner:
            desk, http = Desk(settings), httpx.AsyncClient(base_url=close.url)
            runner.run(desk.unlock())
            yield (
                lambda: runner.run(_kill_next(desk)),
                lambda: runner.run(_post_all(http, close, bare)),
            )
            runner.run(http.aclose())
            runner.run(desk.leave())
        sandbox.communicate()


async def _kill_next(desk: Desk) -> float:
    living = [each for each in desk.vault.connections() if each.revoked_at is None][:TARGETS]
    started = time.perf_counter()
    incident = begin(desk, living, "a laptop was lost", Operator("ada", "laptop"))
    results = await kill(desk, living, incident, lambda step: None)
    took = time.perf_counter() - started
    assert ["dead_proved"] * TARGETS == [each.outcome for each in results], results
    return took


async def _post_all(http: httpx.AsyncClient, close: Close, pairs: list[tuple[str, str]]) -> float:
    """Ask, revoke both, ask again: what a proof cannot do without."""
    slots = asyncio.Semaphore(AT_ONCE)
    client = {"client_id": close.client_id, "client_secret": close.client_secret}
    chosen = [pairs.pop() for _ in range(TARGETS)]

    async def one_of_them(access_token: str, refresh_token: str) -> None:
        bearer = {"Authorization": f"Bearer {access_token}"}
        async with slots:
            before = await http.get("/api/v1/me/", headers=bearer)
            for token in (refresh_token, access_token):
                await http.post("/oauth2/revoke/", data={"token": token, **client})
            after = await http.get("/api/v1/me/", headers=bearer)
        assert (200, 401) == (before.status_code, after.status_code)

    started = time.perf_counter()
    await asyncio.gather(*(one_of_them(*pair) for pair in chosen))
    return time.perf_counter() - started


def make_vault(folder: Path, close: Close, pairs: list[tuple[str, str]]) -> Settings:
    """Make a vault with an authorization for each pair."""
    folder.mkdir(mode=0o700)
    settings = Settings(folder / "vault", close.url, close.url, folder / "identity.txt")
    at = time.time()
    vault = Vault.make(settings, at=at)
    app = App("app_0", "reports", close.client_id, "https://localhost:25673/callback")
    with vault.transaction():
        vault.add_app(app, Secret(close.client_secret), at)
        for number, (access_token, refresh_token) in enumerate(pairs):
            connection = Connection(
                id=f"conn_{number}",
                name=f"connection-{number}",
                description=f"{DESCRIBED}{number}",
                kind=Kind.OAUTH,
                organization=Organization(close.organizations[number % 10], "Acme"),
                # One authorization for each client, organization and user.
                user=User(f"{close.user_id}{number}", "ada@acme.example"),
                app=app.name,
                app_id=app.id,
                key_id=None,
                scope="",
                expires_at=at + 3600,
                generation=1,
                fingerprint="",
                can_refresh=True,
                created_at=at,
            )
            tokens = Tokens(Secret(access_token), Secret(refresh_token), at + 3600)
            vault.add_authorization(connection, close.client_id, tokens)
    vault.close()
    return settings
