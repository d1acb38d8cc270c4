"""The vault of the demo: a connection in every state, each brought there by the verbs themselves.

Time is moved while it is made, so that the history looks like one; at the end it is now.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

from close_tui.leaks import Operator
from close_tui.model import SecretKind
from close_tui.operations import names
from close_tui.operations.add import add_app, add_key
from close_tui.operations.authorize import Authorization, authorize
from close_tui.operations.desk import Desk
from close_tui.operations.kill import begin, kill
from close_tui.operations.refresh import refresh
from close_tui.operations.test import test
from close_tui.sandbox.faults import ANSWER_LOST, UNAVAILABLE
from close_tui.sandbox.records import Organization
from close_tui.sandbox.seed import Demo
from close_tui.secret import Secret
from close_tui.settings import Settings

_MINUTE: Final = 60.0
_HOUR: Final = 3600.0
_DAY: Final = 86400.0


class DemoClock:
    """A clock that can be in the past for a while. ``real`` gives Unix seconds."""

    def __init__(self, real: Callable[[], float] = time.time) -> None:
        self._real = real
        self._behind = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self._real() - self._behind

    @contextmanager
    def ago(self, seconds: float) -> Iterator[None]:
        """Go back so far while the block runs."""
        self._behind = seconds
        try:
            yield
        finally:
            self._behind = 0.0


def build(home: Path, url: str, demo: Demo, clock: DemoClock) -> Settings:
    """Fill a vault in ``home`` with the demo's world, which is served at ``url`` on ``clock``.

    Returns the settings that lead there: ten connections in nine statuses, two apps.
    """
    settings = Settings(home=home, api_url=url, app_url=url, identity_file=home / "identity.txt")
    asyncio.run(fill(settings, demo, clock))
    return settings


async def fill(settings: Settings, demo: Demo, clock: DemoClock) -> None:
    """Do the same inside an event loop."""
    async with Desk(settings, clock=clock) as desk:
        desk.make_vault()
        await _Seeding(desk, demo, clock).play()


@dataclass(frozen=True, slots=True)
class _Seeding:
    desk: Desk
    demo: Demo
    clock: DemoClock

    async def play(self) -> None:
        """Play the last weeks, oldest first."""
        desk, ago = self.desk, self.clock.ago
        world, faults = self.demo.world, self.demo.world.faults
        northwind, brightwater, meridian, sakura = self.demo.organizations
        with ago(21 * _DAY):
            await self._app(0, "reports")
            await self._app(1, "importer")
        with ago(20 * _DAY):
            await self._key(0, "northwind-export", "Nightly export to the data warehouse")
            zap = await self._key(1, "brightwater-zap", "Zap: new leads")
            calls = await self._key(3, "meridian-calls", "Call recordings")
            fresh = await self._authorize("northwind-reports", northwind)
            expiring = await self._authorize("brightwater-reports", brightwater)
        with ago(6 * _DAY):
            ended = await self._authorize("meridian-reports", meridian)
            lost = await self._authorize("northwind-importer", northwind, app="importer")
            replaced = await self._authorize("brightwater-importer", brightwater, app="importer")
        with ago(9 * _HOUR):
            await self._authorize("sakura-reports", sakura)
            self._end_family(ended)
        with ago(3 * _HOUR):
            await refresh(desk, ended)
            await refresh(desk, replaced)
            await self._kill(replaced, "Replaced by the API key")
        with ago(2 * _HOUR):
            world.delete_api_key(self.demo.api_keys[1].id)
            await test(desk, zap)
            faults.add(ANSWER_LOST, "refresh")
            await refresh(desk, lost)
        with ago(_HOUR - 70):
            await refresh(desk, expiring)
        with ago(12 * _MINUTE):
            await refresh(desk, fresh)
            await test(desk, fresh)
            await self._kill(calls, "Seen in a screen recording")
            faults.add(UNAVAILABLE, "me")
            await self._authorize("meridian-importer", meridian, app="importer")

    async def _kill(self, connection_id: str, reason: str) -> None:
        connection = self.desk.vault.connection(connection_id)
        assert connection is not None
        incident = begin(self.desk, [connection], reason, Operator("you", "this machine"))
        await kill(self.desk, [connection], incident, lambda _: None)

    async def _app(self, index: int, name: str) -> None:
        app = self.demo.apps[index]
        await add_app(
            self.desk,
            name,
            app.client_id,
            Secret(app.client_secret),
            redirect_uri=app.redirect_uri,
        )

    async def _key(self, index: int, name: str, description: str) -> str:
        key = Secret(self.demo.api_keys[index].text)
        return (await add_key(self.desk, name, key, description)).id

    async def _authorize(self, name: str, organization: Organization, app: str = "reports") -> str:
        """Authorize as if the person who is signed in had agreed in the browser."""
        found = names.app(self.desk.vault, app)
        world, user = self.demo.world, self.demo.users[0]

        async def agree(authorization: Authorization) -> None:
            asked = parse_qs(urlsplit(authorization.url).query)
            state, challenge = asked["state"][0], asked["code_challenge"][0]
            consent = world.codes.ask(
                world.apps[found.client_id], user, found.redirect_uri, state, challenge
            )
            code = world.codes.issue(consent, organization)
            answer = urlencode({"code": code.text, "state": state})
            authorization.paste(f"{found.redirect_uri}?{answer}")

        return (await authorize(self.desk, found, agree, name=name, listen=False)).id

    def _end_family(self, connection_id: str) -> None:
        """Let Close forget an authorization, as when somebody removes the app there."""
        connection = self.desk.vault.connection(connection_id)
        assert connection is not None
        refresh_token = self.desk.vault.secret(connection, SecretKind.REFRESH_TOKEN)
        assert refresh_token is not None
        self.demo.world.kill_family(refresh_token.reveal())
