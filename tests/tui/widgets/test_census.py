"""How many connections are, worked out once."""

from __future__ import annotations

from close_tui.model import Intent, Status
from close_tui.tui.widgets.census import NEVER, census

from .conftest import NOW, World


def test_it_says_how_many_are_how(world: World) -> None:
    """Each connection's status stands at its place; what none has is not counted."""
    ok, refused = world.connection(), world.connection("b", refused_at=NOW)
    taken = census([ok, refused, world.key()], NOW)

    assert [Status.OK, Status.NEEDS_AUTHORIZATION, Status.OK] == taken.statuses
    assert {Status.OK: 2, Status.NEEDS_AUTHORIZATION: 1} == taken.counts
    assert ok.expires_at == taken.soonest


def test_it_holds_until_one_changes_by_itself(world: World) -> None:
    """Five minutes before its end a token is expiring; before that nobody looks at each again."""
    taken = census([world.connection(expires_at=NOW + 1_000), world.key()], NOW)

    assert taken.holds(NOW)
    assert taken.holds(NOW + 699)
    assert not taken.holds(NOW + 700)
    assert not taken.holds(NOW - 1)


def test_a_refresh_under_way_is_looked_at_again(world: World) -> None:
    """Forty seconds on, a call that has not ended is lost."""
    calling = world.key(intent=Intent(4, 1, NOW, None))
    taken = census([calling], NOW)

    assert taken.holds(NOW + 39)
    assert not taken.holds(NOW + 41)
    assert [Status.REFRESH_UNKNOWN] == census([calling], NOW + 41).statuses


def test_what_has_no_end_holds_for_ever(world: World) -> None:
    """API keys, and nothing at all."""
    assert NEVER == census([world.key()], NOW).until
    assert NEVER == census([], NOW).soonest
