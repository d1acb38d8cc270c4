"""Keys and automatic refresh at once in one app, where a second use kills the family: none lost."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from close_tui.sandbox.policies import Reuse
from close_tui.tui.screens import freshness
from close_tui.tui.widgets.connection_list import ConnectionList

if TYPE_CHECKING:
    from tests.tui.town import Town

CONNECTIONS, ROUNDS = 20, 5
LEFT_S = 60


@pytest.mark.timeout(240)
async def test_keys_and_automatic_refresh_spend_no_token_twice(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Round by round everything is about to expire, and r and t are pressed on all of it."""
    monkeypatch.setattr(freshness, "START_S", 0.01)
    assert Reuse.FAMILY is town.world.policies.reuse
    organizations = [town.world.add_organization(f"Organization {n}") for n in range(CONNECTIONS)]
    names = [town.grant(f"acme-{n}", each, lasts=LEFT_S).id for n, each in enumerate(organizations)]
    async with town.show() as screen:
        listed = screen.board.query_one(ConnectionList)
        await screen.until(lambda: len(listed.connections) == CONNECTIONS)
        await screen.press("g", *["space"] * CONNECTIONS)
        assert set(names) == set(listed.marked)
        for generation in range(2, ROUNDS + 2):
            await screen.press("r", "t")
            await screen.until(partial(_are_all_of, town, generation))
            await screen.until(lambda: not listed.busy)
            while screen.app.screen is not screen.board:
                await screen.press("escape")
            town.clock.advance(3600 - LEFT_S)

    _each_token_was_sent_once(town)


def _are_all_of(town: Town, generation: int) -> bool:
    return all(each.generation >= generation for each in town.vault.connections())


def _each_token_was_sent_once(town: Town) -> None:
    refreshes = town.world.journal.entries(route="refresh")
    presented = [entry.presented for entry in refreshes]
    assert len(presented) == len(set(presented))
    assert {"rotated"} == {entry.outcome for entry in refreshes}
    assert len(presented) == sum(each.generation - 1 for each in town.vault.connections())
