"""Keep fresh, when something is in the way: few tries, nothing lost, and back by itself."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from close_tui.errors import VaultNotWritable
from close_tui.sandbox.faults import ANSWER_LOST, rate_limited
from close_tui.secret import Secret
from tests.operations.days import Cable, crowd, days, ends, sent_per_second

if TYPE_CHECKING:
    from tests.operations.conftest import Town


async def test_a_429_stops_all_of_them_for_as_long_as_close_asks(town: Town) -> None:
    """Nothing is sent meanwhile, and nothing is lost."""
    connections = crowd(town, 20)
    async with days(town) as passing:
        await passing.until(ends(connections[0]) - 240)
        town.world.journal.clear()
        await passing.until(ends(town.shown(connections[0].id)) - 301)
        town.world.faults.add(rate_limited(17.5), "refresh", times=1)
        await passing.go(120)

    entries = town.world.journal.entries(route="refresh")
    (refused,) = [entry.at for entry in entries if entry.status == 429]
    after = [entry.at for entry in entries if entry.at > refused]
    assert 18 == min(after) - refused
    assert sent_per_second(town)[min(after)] <= 4
    assert {3} == {town.shown(each.id).generation for each in connections}


async def test_without_a_network_few_are_tried_and_all_come_back(town: Town) -> None:
    """An hour offline costs some tries, one at a time; two minutes online, and all are renewed."""
    connections = crowd(town, 20)
    cable = Cable()
    desk = town.open_desk(transport=cable)
    await desk.unlock()
    async with days(town, desk) as passing:
        cable.is_cut = True
        await passing.until(ends(connections[0]) + 3600)
        offline = Counter(passing.outcomes)
        cable.is_cut = False
        await passing.go(180)

    assert {"unreachable"} == set(offline)
    assert offline["unreachable"] <= 40
    assert max(sent_per_second(town).values()) <= 4
    assert {2} == {town.shown(each.id).generation for each in connections}


async def test_a_lost_answer_is_left_to_a_person(town: Town) -> None:
    """The token is not sent again unasked; the others follow carefully, one first."""
    connections = crowd(town, 6)
    town.world.faults.add(ANSWER_LOST, "refresh", times=1)
    async with days(town) as passing:
        await passing.until(ends(connections[0]) + 120)

    lost = [each for each in connections if town.status(each) == "refresh_unknown"]
    assert ["refresh_unknown"] == passing.outcomes[:1]
    assert {"refresh_unknown": 1, "refreshed": 5} == Counter(passing.outcomes)
    assert 1 == len(lost)
    assert 1 == passing.begun.count(lost[0].id)


async def test_a_refusal_is_not_repeated(town: Town) -> None:
    """What must be authorized again is left alone from then on."""
    connection = town.connect()
    await town.desk.close.revoke(town.desk.vault.client(town.app), Secret(town.token(connection)))
    async with days(town) as passing:
        await passing.until(ends(connection) + 7200)

    assert ["needs_authorization"] == passing.outcomes
    assert "needs_authorization" == town.status(connection)


async def test_an_app_with_a_wrong_secret_is_tried_more_and_more_rarely(town: Town) -> None:
    """Half a minute, a minute … half an hour; it is not the way that is in trouble."""
    changed = replace(town.registered, client_secret="another")
    town.world.apps[town.registered.client_id] = changed
    connection = town.connect()
    async with days(town) as passing:
        await passing.until(ends(connection) + 2 * 3600)

    assert {"failed"} == set(passing.outcomes)
    assert 8 <= len(passing.outcomes) <= 14


async def test_tokens_that_could_not_be_saved_are_saved_when_it_is_possible(town: Town) -> None:
    """They were received and the disk was full: nothing more is sent, they are stored later."""
    connection = town.connect()
    real = town.desk.vault.replace_tokens

    def full(*_: object, **__: object) -> bool:
        raise VaultNotWritable("No space is left.")

    town.desk.vault.replace_tokens = full  # type: ignore[method-assign]
    async with days(town) as passing:
        await passing.until(ends(connection) - 200)
        kept = len(town.desk.unsaved)
        town.desk.vault.replace_tokens = real  # type: ignore[method-assign]
        await passing.go(300)

    assert 1 == kept
    assert {} == town.desk.unsaved
    assert (1, 2) == (town.sent(), town.shown(connection.id).generation)
    assert "refreshed" == passing.outcomes[-1]
