"""What a refresh costs beyond the network, and what many at once cost beyond their requests."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Final

import httpx

from close_tui.cli.several import AT_ONCE
from close_tui.model import App, Connection, Kind, Organization, Tokens, User
from close_tui.operations.desk import Desk
from close_tui.operations.refresh import refresh
from close_tui.secret import Secret
from close_tui.settings import Settings
from close_tui.vault.vault import Vault
from tests.bench.timing import Timed

MANY: Final = 200
LATENCY_S: Final = 0.05
_CLIENT: Final = "oa2client_bench"

_SANDBOX: Final = f"""
import json, sys
from close_tui.sandbox.faults import latency
from close_tui.sandbox.policies import Policies
from close_tui.sandbox.server import running
from close_tui.sandbox.state import World

world = World(policies=Policies(rate_limit=10**9))
acme = world.add_organization("Acme")
ada = world.add_user("ada@acme.example", "Ada Byron", [acme])
app = world.add_app("Reports", "https://localhost:25673/callback")
grants = [world.authorize_directly(app, ada, acme).refresh_token for _ in range({MANY} * 2)]
world.faults.add(latency({LATENCY_S}), times=None)
with running(world) as url:
    print(json.dumps([url, app.client_id, app.client_secret, acme.id, grants]), flush=True)
    sys.stdin.read()
"""


class _Answering(httpx.AsyncBaseTransport):
    """A Close without a network: every refresh gets a fresh pair."""

    def __init__(self) -> None:
        self._numbers = count()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer at once."""
        number = next(self._numbers)
        answer = {
            "token_type": "Bearer",
            "access_token": f"access{number:037}",
            "expires_in": 3600,
            "refresh_token": f"refresh{number:036}",
            "scope": "all.full_access offline_access",
            "organization_id": "orga_0",
            "user_id": "user_0",
        }
        return httpx.Response(200, stream=httpx.ByteStream(json.dumps(answer).encode()))


@contextmanager
def one(folder: Path) -> Iterator[tuple[Timed, Timed]]:
    """Time one refresh without its network, and one bare SQLite commit on the same disk."""
    settings = _vault(folder, "https://127.0.0.1:9", _CLIENT, "secret", ["orga_0"], ["first"])
    bare = sqlite3.connect(folder / "bare.db", isolation_level=None)
    bare.execute("PRAGMA journal_mode = WAL")
    bare.execute("PRAGMA synchronous = FULL")
    bare.execute("CREATE TABLE numbers (number INTEGER)")
    desk = Desk(settings, transport=_Answering())
    with asyncio.Runner() as runner:
        runner.run(desk.unlock())

        async def ours() -> float:
            begin = time.perf_counter()
            result = await refresh(desk, "conn_0")
            took = time.perf_counter() - begin
            assert "refreshed" == result.outcome, result
            return took

        def floor() -> float:
            begin = time.perf_counter()
            bare.execute("BEGIN IMMEDIATE")
            bare.execute("INSERT INTO numbers VALUES (1)")
            bare.execute("COMMIT")
            return time.perf_counter() - begin

        yield lambda: runner.run(ours()), floor
        runner.run(desk.leave())
    bare.close()


@contextmanager
def many(folder: Path) -> Iterator[tuple[Timed, Timed]]:
    """Time 200 refreshes against a sandbox apart, and the same calls in a bare httpx loop."""
    with subprocess.Popen(
        [sys.executable, "-c", _SANDBOX], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as sandbox:
        assert sandbox.stdout is not None
        url, client_id, client_secret, organization, tokens = json.loads(sandbox.stdout.readline())
        settings = _vault(
            folder, url, client_id, client_secret, [organization] * MANY, tokens[:MANY]
        )
        client = {"client_id": client_id, "client_secret": client_secret}
        with asyncio.Runner() as runner:
            desk, http = Desk(settings), httpx.AsyncClient(base_url=url)
            runner.run(desk.unlock())
            yield (
                lambda: runner.run(_refresh_all(desk)),
                lambda: runner.run(_post_all(http, client, tokens)),
            )
            runner.run(http.aclose())
            runner.run(desk.leave())
        sandbox.communicate()


async def _refresh_all(desk: Desk) -> float:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one_of_them(number: int) -> str:
        async with gate:
            return (await refresh(desk, f"conn_{number}")).outcome

    begin = time.perf_counter()
    outcomes = await asyncio.gather(*(one_of_them(number) for number in range(MANY)))
    took = time.perf_counter() - begin
    assert {"refreshed"} == set(outcomes), outcomes
    return took


async def _post_all(http: httpx.AsyncClient, client: dict[str, str], tokens: list[str]) -> float:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one_of_them(number: int) -> None:
        form = {"grant_type": "refresh_token", "refresh_token": tokens[number], **client}
        async with gate:
            answer = await http.post("/oauth2/token/", data=form)
        tokens[number] = answer.json()["refresh_token"]

    begin = time.perf_counter()
    await asyncio.gather(*(one_of_them(number) for number in range(MANY, MANY * 2)))
    return time.perf_counter() - begin


def _vault(
    folder: Path,
    url: str,
    client_id: str,
    client_secret: str,
    organizations: list[str],
    refresh_tokens: list[str],
) -> Settings:
    """Make a vault with an app and an expired authorization for each refresh token."""
    folder.mkdir(mode=0o700)
    settings = Settings(folder / "vault", url, url, folder / "identity.txt")
    at = time.time()
    vault = Vault.make(settings, at=at)
    app = App("app_0", "reports", client_id, "https://localhost:25673/callback")
    with vault.transaction():
        vault.add_app(app, Secret(client_secret), at)
        for number, (organization, token) in enumerate(
            zip(organizations, refresh_tokens, strict=True)
        ):
            connection = Connection(
                id=f"conn_{number}",
                name=f"connection-{number}",
                description="",
                kind=Kind.OAUTH,
                organization=Organization(organization, "Acme"),
                user=User(f"user_{number}", f"user{number}@acme.example"),
                app=app.name,
                app_id=app.id,
                key_id=None,
                scope="",
                expires_at=at,
                generation=1,
                fingerprint="",
                can_refresh=True,
                created_at=at,
            )
            tokens = Tokens(Secret("access"), Secret(token), at)
            vault.add_authorization(connection, client_id, tokens)
    vault.close()
    return settings
