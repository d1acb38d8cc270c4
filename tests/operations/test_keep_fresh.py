"""Keep fresh: tokens are renewed before they end, by a clock that the test moves."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from close_tui.operations.keep_fresh import Pace
from close_tui.operations.refresh import refresh
from close_tui.sandbox.faults import late_answer
from tests.operations.days import crowd, days, ends, sent_per_second

if TYPE_CHECKING:
    from tests.operations.conftest import Town


async def test_a_token_is_renewed_in_its_last_five_minutes_and_goes_on(town: Town) -> None:
    """Not earlier than at five minutes left, not later than at four; hour after hour."""
    connection = town.connect()
    async with days(town) as passing:
        await passing.until(ends(connection) - 301)
        before = town.sent()
        await passing.until(ends(connection) - 239)
        first = town.sent()
        await passing.go(3 * 3600)

    assert (0, 1) == (before, first)
    assert 4 == town.sent() == town.shown(connection.id).generation - 1
    assert ["refreshed"] * 4 == passing.outcomes
    assert ends(town.shown(connection.id)) > town.clock() + 239


async def test_two_hundred_that_end_at_once_do_not_fire_at_once(town: Town) -> None:
    """At most four in a second, each once, and all of them before they end."""
    connections = crowd(town, 200)
    async with days(town) as passing:
        await passing.until(ends(connections[0]) - 180)

    assert max(sent_per_second(town).values()) <= 4
    assert {"refreshed": 200} == Counter(passing.outcomes)
    assert {2} == {town.shown(each.id).generation for each in connections}


async def test_what_had_expired_before_is_left_alone_until_it_is_used(town: Town) -> None:
    """Opening the app in the morning sends nothing; what a person renews is kept from then on."""
    connections = crowd(town, 3)
    town.clock.advance(8 * 3600)
    async with days(town) as passing:
        await passing.go(120)
        untouched = town.sent()
        await refresh(town.desk, connections[0].id)
        await passing.go(3600)

    assert 0 == untouched
    assert [connections[0].id] == [result.id for result in passing.results]


async def test_a_locked_vault_is_never_opened_for_it(town: Town) -> None:
    """Nothing is sent; once a person has unlocked it, what ended meanwhile is renewed."""
    connection = town.connect()
    locked = town.open_desk()
    async with days(town, locked) as passing:
        await passing.go(3700)
        before = town.sent(), locked.vault.is_locked
        await locked.unlock()
        await passing.go(2)

    assert (0, True) == before
    assert 2 == town.shown(connection.id).generation


async def test_no_vault_yet_is_no_trouble(empty_town: Town) -> None:
    """It waits until there is one."""
    async with days(empty_town) as passing:
        await passing.go(5)

    assert [] == passing.begun


async def test_what_is_switched_off_while_it_runs_stays(town: Town) -> None:
    """For one, and for all."""
    first, second = town.connect("first"), town.connect("second", organization=town.globex)
    async with days(town) as passing:
        town.desk.vault.set_auto_refresh(False, first.id)
        await passing.go(3400)
        one = [result.id for result in passing.results]
        town.desk.vault.set_auto_refresh(False)
        await passing.go(3400)

    assert [second.id] == one
    assert 1 == town.sent()


async def test_what_a_sibling_has_renewed_is_adopted(town: Town) -> None:
    """Two apps are open: each token is presented once."""
    connections = crowd(town, 8)
    sibling = town.open_desk()
    await sibling.unlock()
    async with days(town) as passing:
        await passing.until(ends(connections[0]) - 301)
        await asyncio.gather(
            passing.go(70), *(refresh(sibling, each.id, each.generation) for each in connections)
        )

    assert 8 == town.sent() == town.world.journal.count(route="refresh", outcome="rotated")
    assert {2} == {town.shown(each.id).generation for each in connections}


async def test_a_person_who_refreshes_meanwhile_shares_the_call(town: Town) -> None:
    """The key and the timer come to one request."""
    connection = town.connect()
    town.world.faults.add(late_answer(0.3), "refresh", times=None)
    async with days(town) as passing:
        passing.is_patient = False
        while not passing.begun:
            await passing.go(60)
        by_hand = await refresh(town.desk, connection.id)

    assert "refreshed" == by_hand.outcome
    assert 1 == town.sent()


async def test_stopping_cuts_nothing_off(town: Town) -> None:
    """The app is closed in the middle of a refresh: its tokens are stored."""
    connection = town.connect()
    town.world.faults.add(late_answer(0.3), "refresh", times=None)
    async with days(town) as passing:
        passing.is_patient = False
        while not town.desk.flights:
            await passing.go(60)
    await town.desk.leave()

    town.desk = town.open_desk()
    assert 2 == town.shown(connection.id).generation


async def test_leaving_ends_it(town: Town) -> None:
    """Nothing is begun at a desk that is being left."""
    town.connect()
    async with days(town) as passing:
        town.desk.is_leaving = True
        town.clock.advance(3500)
        passing._steps.release()
        await asyncio.sleep(0.05)

    assert [] == passing.begun


@pytest.mark.parametrize("name", ["look", "each_look"])
def test_the_pace_is_what_is_promised(name: str) -> None:
    """A look each second is what a suspend ends with; four in a look is what bounds the rate."""
    assert {"look": 1.0, "each_look": 4}[name] == getattr(Pace(), name)
