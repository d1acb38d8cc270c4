"""Everything about one connection."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone
from typing import Any

import pytest
from rich.cells import cell_len

from close_tui.leaks import Revocability
from close_tui.model import Connection, Event, Intent
from close_tui.text import clean
from close_tui.tui.widgets import detail_text
from close_tui.tui.widgets.detail import Detail
from close_tui.tui.widgets.detail_text import (
    expires,
    heading,
    identity,
    last_check,
    timeline,
    tokens,
)
from close_tui.tui.widgets.sentences import meaning

from .conftest import CHECKED, HOSTILE_NAMES, NOW, Shelf, World

BERLIN = timezone(timedelta(hours=1), "CET")


def reads(connection: Connection, width: int = 60) -> list[str]:
    """Return the lines of identity, tokens and last check."""
    parts = (
        identity(connection, width),
        expires(connection, NOW, width),
        tokens(connection, NOW, width, UTC),
        last_check(connection, NOW, width, UTC),
    )
    return [line.rstrip() for part in parts for line in part.plain.split("\n")]


def test_what_a_leak_would_come_to_is_said_on_a_calm_day(world: World) -> None:
    """Beside the tokens; nothing once it is settled. What was imported says so."""
    connection = world.connection(imported_at=NOW - 7200)
    plan = Revocability(connection, "revoke", ("access_token",), provable=True)
    said = tokens(connection, NOW, 60, UTC, plan).plain
    over = tokens(connection, NOW, 60, UTC, Revocability(connection, "settled")).plain

    assert "If leaked     Access token (no refresh token) revoked, and" in said
    assert "Imported      2h ago; the other machine may renew it" in said
    assert "If leaked" not in over


def test_name_and_status_come_first(world: World) -> None:
    """On one line where they fit, else below each other; then what it means, and our own words."""
    connection = world.connection(refused_at=NOW, description="Nightly report")

    assert [
        "reporting-acme   ! authorize again",
        "Close does not accept its refresh token any more. Authorize",
        "again (a).",
        "Nightly report",
    ] == heading(connection, NOW, 60).plain.split("\n")
    assert ["reporting-acme", "! authorize again"] == (
        heading(connection, NOW, 30).plain.split("\n")[:2]
    )


def test_identity_names_everything_that_is_safe_to_share(world: World) -> None:
    """Organization and user with their ids, kind, app, scope, generation, fingerprint."""
    assert [
        "",
        "Identity ───────────────────────────────────────────────────",
        "Organization  Acme GmbH  orga_7vKqAcme0000000000001",
        "User          Mira Lind  mira@acme.example  user_8Xk1",
        "Kind          OAuth",
        "App           Reporting",
        "",
        "Tokens ─────────────────────────────────────────────────────",
        "Expires       in 43m  █████▊",
        "              2027-01-15 08:43:00 UTC",
        "Auto-refresh  on",
        "Generation    4",
        "Scope         all.full_access offline_access",
        "Fingerprint   9f2c41d07ab3e58c",
        "",
        "Last check ─────────────────────────────────────────────────",
        "When          2h ago",
        "              2027-01-15 06:00:00 UTC",
        "Outcome       answered · HTTP 200 · 182 ms",
        "Rate limit    95 of 100 left  ███████▋",
    ] == reads(world.connection())


def test_a_key_shows_its_id_and_never_expires(world: World) -> None:
    """There is no app, no scope and no expiry."""
    lines = reads(world.key(last_check=None))

    assert "Key ID        api_4yJk2Rw0000000000000000000" in lines
    assert "Expires       never; it lives until it is deleted in Close" in lines
    assert "When          never" in lines
    assert not any(line.startswith(("App", "Scope")) for line in lines)


def test_times_are_given_in_utc_and_in_local_time(world: World) -> None:
    """Both stand there where they differ."""
    lines = tokens(world.connection(), NOW, 60, BERLIN).plain.split("\n")

    assert "              2027-01-15 08:43:00 UTC" in lines
    assert "              2027-01-15 09:43:00 CET" in lines


def test_in_a_narrow_pane_long_values_stand_below_their_labels(world: World) -> None:
    """At 30 cells nothing is cut."""
    lines = reads(world.connection(), 30)

    assert ["Organization", "  Acme GmbH", "  orga_7vKqAcme0000000000001"] == lines[2:5]
    assert "Kind          OAuth" in lines
    assert all(cell_len(line) <= 30 for line in lines)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "Close accepted it when it was last tested."),
        ({"last_check": None}, "never tried. Test it (t)"),
        ({"expires_at": NOW + 60}, "Refresh it (r), or let it be."),
        ({"expires_at": NOW - 60}, "Nothing is wrong"),
        ({"expires_at": NOW - 60, "can_refresh": False}, "no refresh token. Authorize again (a)."),
        ({"refused_at": NOW}, "does not accept its refresh token any more. Authorize again (a)."),
        ({"intent": Intent(4, 1, NOW, NOW)}, "One more try is left (r)"),
        ({"intent": Intent(4, 2, NOW, NOW)}, "may be spent. Authorize again (a)."),
        ({"frozen_at": NOW}, "Revoke it again (X)."),
        ({"frozen_at": NOW, "revoked_at": NOW}, "that it is dead was not proved."),
        (
            {"frozen_at": NOW, "revoked_at": NOW + 1, "proved_dead_at": NOW + 3},
            "Dead, and proved: Close answers 401 to it. It took 3s.",
        ),
    ],
)
def test_each_status_says_what_it_means_and_what_to_do(
    world: World, changes: dict[str, Any], words: str
) -> None:
    """One plain sentence, with the key to press where there is one."""
    assert words in meaning(world.connection(**changes), NOW)


def test_a_refused_credential_can_be_helped_by_its_kind(world: World) -> None:
    """A deleted key must be replaced; a refused access token may be refreshed."""
    refused = CHECKED._replace(outcome="rejected", http_status=401)

    assert "Add a new one (A)" in meaning(world.key(last_check=refused), NOW)
    assert "Refresh it (r)." in meaning(world.connection(last_check=refused), NOW)


def test_unreachable_is_not_refused(world: World) -> None:
    """Trouble on the way is told as such."""
    check = CHECKED._replace(outcome="unreachable", http_status=None, latency_ms=None)

    assert "Outcome       Close was not reached" in reads(world.connection(last_check=check))


def test_history_tells_time_verb_outcome_and_detail(world: World) -> None:
    """Failures stand out by a sign and their HTTP status."""
    lines = timeline(world.history(), 50, UTC).plain.split("\n")

    assert "· 15 Jan 06:00:00  test       ok" == lines[2]
    assert "  Mira Lind answered in 182 ms." == lines[3]
    assert "✕ 15 Jan 04:13:20  refresh    unavailable" == lines[6]
    assert "  HTTP 502 · Close answered 502 without a body." == lines[7]


def test_a_long_history_is_cut_and_says_so() -> None:
    """The newest are shown, the rest is counted."""
    events = [Event(NOW - i, "id", "x", "test", "ok") for i in range(1_000)]
    lines = timeline(events, 50, UTC).plain.split("\n")

    assert "… and 950 older" == lines[-1]
    assert "Nothing has happened yet." == timeline([], 50, UTC).plain.split("\n")[-1]


async def test_the_pane_counts_down_by_itself(world: World) -> None:
    """Expiry, status and advice follow the clock."""
    detail = Detail(clock=world.clock, zone=UTC)
    app = Shelf(detail)
    async with app.run_test(size=(60, 40)) as pilot:
        detail.show(world.connection(expires_at=NOW + 301), world.history(), NOW)
        await pilot.pause()
        before = app.lines()
        world.now += 2
        await pilot.pause(1.5)
        after = app.lines()

    assert " reporting-acme   ● ok" == before[0]
    assert " reporting-acme   ◐ expiring" == after[0]
    assert any("in 4m 59s" in line for line in after)
    assert any("History" in line for line in after)


async def test_only_what_counts_down_is_put_together_anew(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Identity and history stay as they are while seconds pass."""
    put_together: list[str] = []
    for name in ("identity", "expires", "tokens", "timeline"):
        whole = getattr(detail_text, name)

        def counted(*given: Any, name: str = name, whole: Any = whole) -> Any:
            put_together.append(name)
            return whole(*given)

        monkeypatch.setattr(detail_text, name, counted)
    detail = Detail(clock=world.clock, zone=UTC)
    async with Shelf(detail).run_test(size=(60, 40)) as pilot:
        detail.show(world.connection(expires_at=NOW + 60), world.history(), NOW)
        await pilot.pause()
        put_together.clear()
        for second in range(1, 4):
            detail.tick(NOW + second)

    assert ["expires"] * 3 == put_together


async def test_a_longer_text_pushes_what_is_below_it_down(world: World) -> None:
    """Nothing is cut when a connection has more to tell than the one before."""
    detail = Detail(clock=world.clock, zone=UTC)
    app = Shelf(detail)
    async with app.run_test(size=(60, 40)) as pilot:
        detail.show(world.connection(), world.history(), NOW)
        await pilot.pause()
        detail.show(world.connection("b", description="Our own words"), world.history(), NOW)
        await pilot.pause()
        lines = [line.strip() for line in app.lines()]

    assert "Our own words" == lines[2]
    assert lines[4].startswith("Identity ─")


@pytest.mark.parametrize(("width", "beside"), [(120, True), (60, False)])
async def test_a_wide_pane_puts_the_history_beside(world: World, width: int, beside: bool) -> None:
    """Two columns where there is room, one below the other where there is not."""
    detail = Detail(clock=world.clock, zone=UTC)
    app = Shelf(detail)
    async with app.run_test(size=(width, 40)) as pilot:
        detail.show(world.connection(), world.history(), NOW)
        await pilot.pause()
        line = next(line for line in app.lines() if "Identity" in line)

    assert beside == ("Last check" in line)


async def test_without_a_connection_it_says_so(world: World) -> None:
    """Nothing of the connection before stays behind."""
    detail = Detail(clock=world.clock)
    app = Shelf(detail)
    async with app.run_test(size=(60, 20)) as pilot:
        detail.show(world.connection(), world.history(), NOW)
        await pilot.pause()
        detail.show(None, [], NOW)
        await pilot.pause()
        lines = [line.strip() for line in app.lines() if line.strip()]

    assert ["No connection is highlighted."] == lines


@pytest.mark.parametrize("name", HOSTILE_NAMES)
@pytest.mark.parametrize("width", [24, 60, 120])
async def test_foreign_words_are_shown_literally(world: World, name: str, width: int) -> None:
    """Wherever they stand, markup stays text, and no line is longer than the pane."""
    words = clean(name)
    connection = world.connection(words, description=words, app=words, scope=words)
    connection = connection._replace(
        organization=connection.organization._replace(name=words),
        user=connection.user._replace(name=words, email=words),
    )
    event = Event(NOW, "id", words, words, words, words, 500, words)
    detail = Detail(clock=world.clock, zone=UTC)
    app = Shelf(detail)
    async with app.run_test(size=(width, 120)) as pilot:
        detail.show(connection, [event], NOW)
        await pilot.pause()
        await pilot.click(detail, offset=(3, 0))
        screen = "".join("".join(app.lines()).split())
        running = app.is_running

    assert running
    assert "".join(words.split())[:8] in screen
    assert all(cell_len(line) <= width for line in reads(connection, width))
