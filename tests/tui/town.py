"""What the app is tested with: a served world, a vault that holds a part of it, a screen."""

from __future__ import annotations

import io
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from unicodedata import lookup

from rich.cells import set_cell_size
from rich.console import Console
from textual.app import App as TextualApp
from textual.events import Key
from textual.keys import REPLACED_KEYS, _character_to_key, _get_unicode_name_from_key
from textual.pilot import Pilot
from textual.widget import Widget

from close_tui.callback.surroundings import DESK, Surroundings
from close_tui.model import App, Check, Connection, Kind, Organization, RateLimit, Tokens, User
from close_tui.operations.desk import Desk
from close_tui.operations.overview import VaultState
from close_tui.sandbox import records
from close_tui.sandbox.state import World
from close_tui.secret import Secret
from close_tui.settings import Settings
from close_tui.tui.app import CloseTuiApp
from close_tui.tui.screens.board import NOTHING, Board
from close_tui.tui.screens.dialog import Sheet
from close_tui.vault.vault import Vault
from tests.conftest import Clock

MARKER = "CANARY"
"""Stands in every secret of the world."""

PATIENCE = 400
"""Looks at the screen, some hundredths of a second apart, before something is missing."""

APP = App("app_1", "reporting", "", "https://localhost:25673/callback")


@dataclass
class Town:
    """A world with two organizations, and a vault that starts with one OAuth app."""

    clock: Clock
    world: World
    settings: Settings
    vault: Vault
    acme: records.Organization
    globex: records.Organization
    ada: records.User
    bob: records.User
    oauth_app: records.OAuthApp
    app: App = APP
    opened_urls: list[str] = field(default_factory=list)
    opener: Callable[[str], bool] | None = None
    surroundings: Surroundings = DESK

    def grant(
        self,
        name: str,
        organization: records.Organization | None = None,
        *,
        lasts: float = 3600,
        tested: bool = True,
        by: records.User | None = None,
        **changes: Any,
    ) -> Connection:
        """Store an authorization as if it had just been made."""
        where, who = organization or self.acme, by or self.ada
        given = self.world.authorize_directly(
            self.oauth_app, who, where, expires_in=max(1, int(lasts))
        )
        assert given.refresh_token is not None
        connection = Connection(
            id=f"conn_{name}",
            name=name,
            description="",
            kind=Kind.OAUTH,
            organization=Organization(where.id, where.name),
            user=User(who.id, who.email, who.name),
            app=self.app.name,
            app_id=self.app.id,
            key_id=None,
            scope="all.full_access offline_access",
            expires_at=self.clock() + lasts,
            generation=1,
            fingerprint="",
            can_refresh=True,
            created_at=self.clock(),
        )
        connection = connection._replace(**changes)
        tokens = Tokens(
            Secret(given.access_token),
            Secret(given.refresh_token),
            self.clock() + lasts,
            connection.scope,
        )
        self.vault.add_authorization(connection, self.app.client_id, tokens)
        if tested:
            self.check(connection.id)
        return connection

    def hide_identity(self) -> None:
        """Take the vault's key away: an app that starts now stays locked."""
        assert self.settings.identity_file is not None
        self.settings.identity_file.rename(self.settings.identity_file.with_suffix(".away"))

    def bring_identity_back(self) -> None:
        """Put the vault's key back in its place."""
        assert self.settings.identity_file is not None
        self.settings.identity_file.with_suffix(".away").rename(self.settings.identity_file)

    def key(self, name: str, organization: records.Organization | None = None) -> records.ApiKey:
        """Store an API key that was tested."""
        where = organization or self.acme
        made = self.world.add_api_key(self.ada, where, name)
        connection = Connection(
            id=f"conn_{name}",
            name=name,
            description="Nightly export",
            kind=Kind.API_KEY,
            organization=Organization(where.id, where.name),
            user=User(self.ada.id, self.ada.email, self.ada.name),
            app=None,
            app_id=None,
            key_id=made.id,
            scope="",
            expires_at=None,
            generation=1,
            fingerprint="",
            can_refresh=False,
            created_at=self.clock(),
        )
        self.vault.add_key(connection, Secret(made.text))
        self.check(connection.id)
        return made

    def check(self, connection_id: str, outcome: str = "ok", status: int = 200) -> None:
        """Store a test call an hour ago."""
        headroom = RateLimit(100, 98, 1) if outcome == "ok" else None
        latency = 182.0 if outcome == "ok" else None
        self.vault.checked(
            connection_id, Check(self.clock() - 3600, outcome, status, latency, headroom, 1)
        )

    def named(self, name: str) -> Connection:
        """Read a connection again."""
        return next(c for c in self.vault.connections() if c.name == name)

    def open(self, url: str) -> bool:
        """Be the browser."""
        self.opened_urls.append(url)
        return self.opener(url) if self.opener else True

    @asynccontextmanager
    async def show(
        self,
        size: tuple[int, int] = (120, 40),
        *,
        settings: Settings | None = None,
        make_desk: Callable[[], Desk] | None = None,
    ) -> AsyncIterator[Screen]:
        """Run the app until the block is left."""
        app = CloseTuiApp(
            settings or self.settings,
            clock=self.clock,
            make_desk=make_desk,
            opener=self.open,
            surroundings=self.surroundings,
        )
        try:
            async with app.run_test(size=size, notifications=True) as pilot:
                screen = Screen(app, pilot)
                await screen.until(lambda: screen.board.seen is not NOTHING)
                yield screen
                # As where an app's own loop ends, which this way out does not wait for: nothing
                # may look for a widget that is being taken away.
                app.workers.cancel_all()
        finally:
            app.verbs.stop()


@dataclass
class Screen:
    """The app as a person sees it."""

    app: CloseTuiApp
    pilot: Pilot[None]

    @property
    def board(self) -> Board:
        """The main screen."""
        board = self.app.screen_stack[0]
        assert isinstance(board, Board)
        return board

    def __getitem__(self, selector: str) -> Widget:
        """Find a widget on the screen that is on top."""
        return self.app.screen.query_one(selector)

    @property
    def text(self) -> str:
        """What stands on the screen."""
        return text_of(self.app)

    @property
    def words(self) -> str:
        """What can be read on the sheet on top, or else on the screen, wherever lines break."""
        lines = self.text.splitlines()
        for sheet in self.app.screen.query(Sheet):
            x, y, width, height = sheet.content_region
            lines = [_cut(line, x, width) for line in lines[y : y + height]]
        return " ".join(" ".join(lines).split())

    async def press(self, *keys: str) -> None:
        """Press keys, and wait after each until the app is idle; pilot does so twice."""
        for key in keys:
            assert self.app._driver is not None
            self.app._driver.send_message(_pressed(key))
            await self.pilot.pause()

    async def type(self, selector: str, words: str) -> None:
        """Go to a field and type, by pasting."""
        from textual.events import Paste

        box = self[selector]
        box.focus()
        await self.pilot.pause()
        box.post_message(Paste(words))
        await self.pilot.pause()

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until something is so."""
        for _ in range(PATIENCE):
            await self.pilot.pause(0.02)
            if condition():
                return
        raise AssertionError(f"It did not come to that:\n{self.text}")

    async def sees(self, *words: str) -> None:
        """Wait until all these words can be read."""

        def seen() -> bool:
            text = f"{self.words} {' '.join(self.text.split())}"
            return all(each in text for each in words)

        await self.until(seen)

    async def opened(self) -> None:
        """Wait until the vault was unlocked by itself."""
        await self.until(lambda: self.board.seen.vault is VaultState.OPEN)

    async def on(self, kind: str) -> None:
        """Wait until a screen of this class is on top."""
        await self.until(lambda: type(self.app.screen).__name__ == kind)
        await self.pilot.pause()

    def lines(self, names: list[str]) -> list[str]:
        """Return those of some names that are in the list, in its order."""
        return [c.name for c in self.board.connection_list.connections if c.name in names]


def _pressed(key: str) -> Key:
    """Return what a terminal sends for a key: with its character, where it has one."""
    name = _character_to_key(key) if len(key) == 1 and not key.isalnum() else key
    try:
        character = lookup(_get_unicode_name_from_key(REPLACED_KEYS.get(name, name)))
    except KeyError:
        character = key if len(key) == 1 else ""
    return Key(name, character or None)


def text_of(app: TextualApp[Any]) -> str:
    """Return the whole screen as plain text, as the terminal would show it."""
    width, height = app.size
    console = Console(
        width=width,
        height=height,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        record=True,
        legacy_windows=False,
        safe_box=False,
    )
    stack = app._background_screens
    console.print(app.screen._compositor.render_update(full=True, screen_stack=stack))
    return "\n".join(line.rstrip() for line in console.export_text().splitlines())


def _cut(line: str, start: int, width: int) -> str:
    """Return some cells of a line."""
    before = set_cell_size(line, start)
    return set_cell_size(line, start + width)[len(before) :]


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
