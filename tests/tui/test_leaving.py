"""The way out: quick, unless new tokens must still be stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from close_tui.model import Client, Grant, Status, Tokens
from close_tui.operations.desk import Desk, Unsaved
from close_tui.sandbox.faults import late_answer, latency
from close_tui.secret import Secret

if TYPE_CHECKING:
    from tests.tui.town import Town


@pytest.mark.parametrize("key", ["q", "ctrl+q"])
async def test_leaving_is_at_once_when_nothing_is_under_way(still_town: Town, key: str) -> None:
    """One key, no question."""
    still_town.key("acme-export")
    async with still_town.show() as screen:
        await screen.press(key)
        await screen.until(lambda: not screen.app.is_running)

    assert 0 == (screen.app.return_code or 0)


async def test_leaving_waits_for_a_refresh_and_stores_it(town: Town) -> None:
    """The server has replaced the token already: its answer is stored before the app ends."""
    town.grant("acme-reports")
    town.world.faults.add(late_answer(1.5), "refresh")
    async with town.show() as screen:
        await screen.press("r")
        await screen.sees("refreshing")
        await screen.press("q")
        await screen.sees("A refresh is under way", "at most 35 seconds")
        await screen.until(lambda: not screen.app.is_running)

    assert 2 == town.named("acme-reports").generation


async def test_esc_stays_while_a_refresh_is_waited_for(town: Town) -> None:
    """The refresh goes on, and so does the app."""
    town.grant("acme-reports")
    town.world.faults.add(late_answer(1.5), "refresh")
    async with town.show() as screen:
        await screen.press("r")
        await screen.sees("refreshing")
        await screen.press("q")
        await screen.on("Leaving")
        await screen.press("escape")
        await screen.until(lambda: screen.app.screen is screen.board)
        await screen.until(lambda: town.named("acme-reports").generation == 2)

        assert screen.app.is_running


async def test_leaving_asks_while_a_revocation_is_at_work(town: Town) -> None:
    """Stay is what enter does; the question goes away when the verdict is there."""
    town.grant("acme-reports")
    town.world.faults.add(latency(2.0), "revoke", times=1)
    async with town.show() as screen:
        await screen.press("X")
        await screen.on("Revoke")
        screen["#revoke"].focus()
        await screen.press("enter")
        await screen.on("Revoking")
        await screen.press("escape", "q")
        await screen.on("StillAlive")
        await screen.sees("1 of 1 is being revoked, and not dead yet. It stays frozen when you")
        await screen.press("enter")
        await screen.until(lambda: screen.app.screen is screen.board)
        await screen.press("q")
        await screen.on("StillAlive")
        await screen.until(lambda: screen.app.screen is screen.board)
        stayed = screen.app.is_running

    assert stayed
    assert town.named("acme-reports").proved_dead_at is not None


async def test_a_revocation_can_be_left_in_the_middle(town: Town) -> None:
    """What has no verdict stays frozen, to be gone on with."""
    town.grant("acme-reports")
    town.world.faults.add(latency(20.0), "revoke")
    async with town.show() as screen:
        await screen.press("X")
        await screen.on("Revoke")
        screen["#revoke"].focus()
        await screen.press("enter")
        await screen.on("Revoking")
        await screen.press("ctrl+q")
        await screen.on("StillAlive")
        await screen.press("tab", "enter")
        await screen.until(lambda: not screen.app.is_running)

    assert Status.REVOKING is town.named("acme-reports").status(town.clock())


async def test_leaving_asks_before_tokens_are_lost(town: Town) -> None:
    """Tokens that could not be saved are in memory only: Stay is what enter does."""
    connection = town.grant("acme-reports")
    desks: list[Desk] = []

    def make_desk() -> Desk:
        desk = Desk(town.settings, clock=town.clock)
        tokens = Tokens(Secret("a"), Secret("b"), town.clock() + 3600)
        desk.unsaved[connection.id] = Unsaved(
            1, Grant(tokens, "", ""), connection, Client("", None)
        )
        desks.append(desk)
        return desk

    town.hide_identity()  # with it they would be saved meanwhile
    async with town.show(make_desk=make_desk) as screen:
        await screen.press("q")
        await screen.on("Unsaved")
        await screen.sees("could not be written")
        await screen.press("enter")
        await screen.until(lambda: screen.app.screen is screen.board)
        stayed = screen.app.is_running
        await screen.press("q")
        await screen.on("Unsaved")
        await screen.press("tab", "enter")
        await screen.until(lambda: not screen.app.is_running)

    assert stayed
