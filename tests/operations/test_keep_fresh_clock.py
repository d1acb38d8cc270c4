"""Keep fresh, when the wall clock jumps, sleeps or is wrong: never hammering, never forgetting."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tests.operations.days import crowd, days, ends, sent_per_second

if TYPE_CHECKING:
    from tests.operations.conftest import Town


async def test_after_a_suspend_everything_is_renewed_once(town: Town) -> None:
    """Ten hours of sleep: all have expired, all come back, none twice, a few in each second."""
    connections = crowd(town, 40)
    async with days(town) as passing:
        await passing.go(5)
        town.clock.advance(10 * 3600)
        await passing.go(120)

    assert {"refreshed": 40} == Counter(passing.outcomes)
    assert max(sent_per_second(town).values()) <= 4
    assert {2} == {town.shown(each.id).generation for each in connections}


async def test_tokens_that_live_shortly_are_not_renewed_all_the_time(town: Town) -> None:
    """Once in a minute is the most, also where the server grants nothing at all."""
    town.world.policies.expires_in = 1
    connection = town.connect()
    async with days(town) as passing:
        await passing.go(300)

    assert 1 <= town.sent() <= 6
    assert connection.generation < town.shown(connection.id).generation


async def test_a_clock_that_is_set_back_sends_nothing(town: Town) -> None:
    """Five hours back and forth, again and again: one refresh, when it is due."""
    connection = town.connect()
    async with days(town) as passing:
        for _ in range(20):
            await passing.go(5)
            town.clock.advance(-5 * 3600)
            await passing.go(5)
            town.clock.advance(5 * 3600)
        jumping = town.sent()
        await passing.until(ends(connection) - 239)

    assert (0, 1) == (jumping, town.sent())


async def test_a_clock_that_was_ahead_when_the_app_was_opened_hides_nothing(town: Town) -> None:
    """Set right later, it does not make living tokens look as if they had expired before."""
    town.clock.advance(10 * 3600)
    async with days(town) as passing:
        await passing.go(1)
        town.clock.advance(-10 * 3600)
        connection = town.connect()
        await passing.until(ends(connection) - 239)

    assert ["refreshed"] == passing.outcomes


async def test_a_clock_that_jumps_between_two_times_does_not_hammer(town: Town) -> None:
    """Each jump ahead makes everything look expired; once in a minute is the most."""
    town.connect()
    async with days(town) as passing:
        await passing.go(1)
        for _ in range(60):
            town.clock.advance(7200)
            await passing.go(1)
        hammered = town.sent()

    assert 1 <= hammered <= 2
