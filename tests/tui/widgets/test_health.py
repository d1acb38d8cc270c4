"""Counts of all connections in one line."""

from __future__ import annotations

from close_tui.tui.widgets.census import census
from close_tui.tui.widgets.health import Health, health

from .conftest import NOW, Shelf, World


def test_health_counts_by_what_is_to_be_said(world: World) -> None:
    """What needs a person comes first, then when, then what is calm; the revoked are over."""
    assert (
        "! 4 need you · next expiry in 4m · ● 4 ok · ◐ 1 expiring · ○ 1 expired · ◌ 1 untested"
        == health(world.varied(), NOW).plain
    )


def test_where_nothing_needs_a_person_that_is_said_first(world: World) -> None:
    """One glance is enough, in words and not in green alone."""
    shown = health([world.connection(expires_at=NOW + 2_000)], NOW).plain

    assert "✓ nothing needs you · next expiry in 33m · ● 1 ok" == shown


def test_what_has_expired_or_is_refused_is_not_the_next_to_expire(world: World) -> None:
    """Their time says nothing any more, and an API key has none."""
    past = world.connection(expires_at=NOW - 5)
    refused = world.connection(expires_at=NOW + 60, refused_at=NOW)
    key = world.connection(expires_at=None)

    assert "expiry" not in health([past, refused, key], NOW).plain


def test_one_that_needs_you_is_singular(world: World) -> None:
    """Groups without members are left out."""
    assert "! 1 needs you" == health([world.connection(refused_at=NOW)], NOW).plain


def test_nothing_left_says_so(world: World) -> None:
    """Neither an empty vault nor one of revoked connections shows an empty strip."""
    assert "no connections" == health([], NOW).plain
    assert "no connections" == health([world.connection(revoked_at=NOW)], NOW).plain


async def test_the_strip_follows_the_time(world: World) -> None:
    """The same connections are counted anew as they expire."""
    strip = Health(clock=world.clock)
    app = Shelf(strip)
    async with app.run_test(size=(60, 3)) as pilot:
        strip.show(census([world.connection(expires_at=NOW + 400)], NOW))
        await pilot.pause()
        before = app.lines()[0]
        world.now += 200
        await pilot.pause(1.2)
        after = app.lines()[0]

    assert "✓ nothing needs you · next expiry in 6m · ● 1 ok" == before
    assert "✓ nothing needs you · next expiry in 3m · ◐ 1 expiring" == after
