"""A wrong clock: noticed by any answer, kept only while it is news, said for a day."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from close_tui.model import ClockSkew
from close_tui.operations.overview import overview
from close_tui.operations.refresh import refresh
from close_tui.operations.skew import LASTS_S, remember, said

if TYPE_CHECKING:
    from close_tui.vault.vault import Vault
    from tests.conftest import Clock
    from tests.operations.conftest import Town


@pytest.mark.parametrize(("ahead", "way"), [(300.0, "behind"), (-300.0, "ahead of")])
async def test_a_clock_that_is_wrong_loses_no_token_and_is_said(
    town: Town, ahead: float, way: str
) -> None:
    """Expiry is counted on our own clock from the answer; the difference is kept for the next."""
    connection = town.connect()
    town.world.policies.clock_ahead_s = ahead
    done = await refresh(town.desk, connection.id)
    words = said(overview(town.desk).skew, town.clock())
    expires_at = town.shown(connection.id).expires_at
    await town.desk.leave()
    said_later = said(overview(town.open_desk()).skew, town.clock())

    assert "refreshed" == done.outcome
    assert expires_at == pytest.approx(town.clock() + 3600, abs=5)
    # A date has whole seconds.
    assert re.fullmatch(f"This machine's clock is (4m 59s|5m 0[01]s) {way} Close's.", words)
    assert words == said_later


async def test_a_clock_that_was_set_right_is_not_said_any_more(town: Town) -> None:
    """The next answer takes it away."""
    connection = town.connect()
    town.world.policies.clock_ahead_s = 300
    await refresh(town.desk, connection.id)
    wrong = overview(town.desk).skew
    town.world.policies.clock_ahead_s = 30
    await refresh(town.desk, connection.id)

    assert wrong is not None
    assert overview(town.desk).skew is None


async def test_leaving_keeps_what_was_seen(town: Town) -> None:
    """A command that ends at once has nobody to look afterwards."""
    connection = town.connect()
    town.world.policies.clock_ahead_s = 300
    await refresh(town.desk, connection.id)
    await town.desk.leave()

    skew = town.open_desk().vault.clock_skew()
    assert skew is not None
    assert skew.seconds == pytest.approx(-300, abs=5)


def test_only_news_is_written(vault: Vault, clock: Clock) -> None:
    """A clock that is right writes nothing, and a wrong one not with every answer."""

    def changes() -> int:
        return vault.database._sqlite.total_changes

    start = changes()
    remember(vault, ClockSkew(60.0, clock()))
    remember(vault, ClockSkew(-60.0, clock()))
    right = changes()
    remember(vault, ClockSkew(200.0, clock()))
    remember(vault, ClockSkew(203.0, clock() + 60))
    once = changes()
    remember(vault, ClockSkew(203.0, clock() + 3700))
    remember(vault, ClockSkew(90.0, clock() + 3700))

    assert (0, 1, 2) == (right - start, once - right, changes() - once)
    assert ClockSkew(90.0, clock() + 3700) == vault.clock_skew()


@pytest.mark.parametrize("later", [-1.0, LASTS_S + 1])
def test_what_was_seen_long_ago_or_before_the_clock_was_set_is_not_said(later: float) -> None:
    """The clock may be right by now."""
    skew = ClockSkew(200.0, 1000.0)

    assert "" == said(skew, 1000.0 + later)
    assert "" == said(ClockSkew(60.0, 1000.0), 1000.0) == said(None, 1000.0)
    assert said(skew, 1000.0 + LASTS_S)
