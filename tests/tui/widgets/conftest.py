"""Connections in every state, and names that try to break out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.widget import Widget

from close_tui.model import (
    Check,
    Connection,
    Event,
    Intent,
    Kind,
    Organization,
    RateLimit,
    User,
)

NOW = 1_800_000_000.0
"""2027-01-15T08:00:00Z."""

ACME = Organization("orga_7vKqAcme0000000000001", "Acme GmbH")
NORTH = Organization("orga_7vKqNorth000000000002", "Northwind Traders")
HANA = Organization("orga_7vKqHana0000000000003", "花丸商事")

CHECKED = Check(NOW - 7_200, "ok", 200, 182.4, RateLimit(100, 95, 1), 4)

HOSTILE_NAMES = (
    "[@click=app.quit]x[/]",
    "Acme [/x] [bold red",
    "花丸商事株式会社の接続",
    "🚀 launch 👩‍👩‍👧 crew",
    "e\u0301" * 40,
    "x" * 200,
)


class World:
    """A clock that stands where it is put, and connections around it."""

    def __init__(self) -> None:
        self.now = NOW

    def clock(self) -> float:
        """Return the time."""
        return self.now

    def connection(self, name: str = "reporting-acme", **changes: Any) -> Connection:
        """Return an authorization that is well for 43 minutes, with changes."""
        usual = Connection(
            id=f"id-{name}",
            name=name,
            description="",
            kind=Kind.OAUTH,
            organization=ACME,
            user=User("user_8Xk1", "mira@acme.example", "Mira Lind"),
            app="Reporting",
            app_id="app-1",
            key_id=None,
            scope="all.full_access offline_access",
            expires_at=NOW + 43 * 60,
            generation=4,
            fingerprint="9f2c41d07ab3e58c",
            can_refresh=True,
            created_at=NOW - 90_000,
            last_check=CHECKED,
        )
        return usual._replace(**changes)

    def key(self, name: str = "acme-key", **changes: Any) -> Connection:
        """Return an API key that is well, with changes."""
        usual = self.connection(
            name,
            kind=Kind.API_KEY,
            app=None,
            app_id=None,
            key_id="api_4yJk2Rw0000000000000000000",
            scope="",
            expires_at=None,
            can_refresh=False,
        )
        return usual._replace(**changes)

    def varied(self) -> list[Connection]:
        """Return a dozen connections, in every state there is."""
        rejected = CHECKED._replace(outcome="rejected", http_status=401, rate_limit=None)
        hana = User("user_9Hn2", "sato@hanamaru.example")
        north = User("user_2Nw7", "ops@northwind.example")
        return [
            self.connection("reporting-acme", description="Nightly revenue report"),
            self.connection("sync-acme", expires_at=NOW + 252, generation=31),
            self.connection("warehouse-acme", expires_at=NOW + 1_220),
            self.key("acme-imports"),
            self.connection(
                "reporting-northwind", organization=NORTH, user=north, expires_at=NOW - 8_000
            ),
            self.connection(
                "dialer-northwind", organization=NORTH, user=north, refused_at=NOW - 60
            ),
            self.key("northwind-legacy", organization=NORTH, user=north, last_check=rejected),
            self.connection(
                "export-northwind",
                organization=NORTH,
                user=north,
                intent=Intent(4, 1, NOW - 300, NOW - 280),
            ),
            self.connection(
                "花丸商事-連携",
                organization=HANA,
                user=hana,
                expires_at=NOW + 3_500,
                last_check=None,
            ),
            self.key("hanamaru-zapier", organization=HANA, user=hana, frozen_at=NOW - 40),
            self.connection(
                "contractor-2025",
                organization=HANA,
                user=hana,
                frozen_at=NOW - 90_060,
                revoked_at=NOW - 90_000,
                proved_dead_at=NOW - 89_998,
            ),
            self.connection("sync-hanamaru", organization=HANA, user=hana, expires_at=NOW + 2_700),
        ]

    def history(self) -> list[Event]:
        """Return a connection's history, newest first."""

        def event(before: float, verb: str, outcome: str, detail: str, status: int) -> Event:
            return Event(NOW - before, "id", "reporting-acme", verb, outcome, detail, status)

        return [
            event(7_200, "test", "ok", "Mira Lind answered in 182 ms.", 200),
            event(9_900, "refresh", "refreshed", "Generation 4.", 200),
            event(13_600, "refresh", "unavailable", "Close answered 502 without a body.", 502),
            event(90_000, "authorize", "authorized", "Acme GmbH, as mira@acme.example.", 200),
        ]


class Shelf(App[None]):
    """An app that holds some widgets and remembers what they say."""

    def __init__(self, *widgets: Widget) -> None:
        super().__init__()
        self._widgets: Sequence[Widget] = widgets
        self.said: list[object] = []

    def compose(self) -> ComposeResult:
        """Put the widgets below each other."""
        yield from self._widgets

    def lines(self) -> list[str]:
        """Return what stands on the screen, without the spaces at the end of each line."""
        strips = self.screen._compositor.render_strips()
        return [strip.text.rstrip() for strip in strips]


@pytest.fixture
def world() -> World:
    """Return connections around a clock that stands still."""
    return World()
