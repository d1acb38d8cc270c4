"""A town for each test, quiet cursors, and one time zone."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input

from close_tui.sandbox.server import running
from close_tui.sandbox.state import World
from close_tui.secret import Secret
from close_tui.settings import Settings
from close_tui.tui.screens import freshness
from close_tui.vault.vault import Vault
from tests.tui.town import APP, MARKER, Town, free_port

if TYPE_CHECKING:
    from tests.conftest import Clock


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let nothing blink, and let local time be UTC."""
    monkeypatch.setattr(Input, "_toggle_cursor", lambda self: None)
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def open_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the app unlock the vault as soon as it has started, and not a second later."""
    monkeypatch.setattr(freshness, "START_S", 0.01)


@pytest.fixture
def still_town(settings: Settings, vault: Vault, clock: Clock) -> Town:
    """A town whose Close is out of reach: for what is only looked at."""
    world = World(clock=clock, random=random.Random(7), marker=MARKER)
    acme, globex = world.add_organization("Acme GmbH"), world.add_organization("Globex")
    ada = world.add_user("ada@acme.example", "Ada Byron", [acme, globex])
    bob = world.add_user("bob@acme.example", "Bob Roe", [acme, globex])
    redirect_uri = f"https://localhost:{free_port()}/callback"
    oauth_app = world.add_app("Reporting", redirect_uri)
    app = APP._replace(client_id=oauth_app.client_id, redirect_uri=redirect_uri)
    vault.add_app(app, Secret(oauth_app.client_secret), clock())
    return Town(clock, world, settings, vault, acme, globex, ada, bob, oauth_app, app)


@pytest.fixture
def town(still_town: Town) -> Iterator[Town]:
    """A town whose Close answers, on a real socket."""
    with running(still_town.world) as url:
        still_town.settings = still_town.settings._replace(api_url=url, app_url=url)
        yield still_town
