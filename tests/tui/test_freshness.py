"""Keeping fresh, as a person sees it: lines that renew themselves, two switches, a wrong clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from close_tui.sandbox.faults import late_answer
from close_tui.tui.screens import freshness
from close_tui.vault.vault import Vault

if TYPE_CHECKING:
    from tests.tui.town import Screen, Town


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """It begins without waiting for the screen to settle."""
    monkeypatch.setattr(freshness, "START_S", 0.01)


async def unlocked(town: Town, screen: Screen) -> None:
    """Bring the key back, press u and wait until the vault is open."""
    await screen.sees("vault locked")
    town.bring_identity_back()
    await screen.press("u")
    await screen.sees("vault open")


async def looked(town: Town, screen: Screen) -> None:
    """Wait until it has looked at what is due, which it does once in a second."""
    witness = town.grant("witness", town.globex, lasts=60)
    await screen.until(lambda: town.named(witness.name).generation > 1)


async def test_a_token_about_to_expire_renews_itself(town: Town) -> None:
    """Nobody presses a key: the row says what is going on, then counts down from an hour again."""
    town.grant("acme-reports", lasts=92)
    town.grant("acme-old", town.globex, lasts=-1)
    town.world.faults.add(late_answer(0.5), "refresh", times=None)
    async with town.show() as screen:
        await screen.sees("refreshing")
        await screen.until(lambda: town.named("acme-reports").generation == 2)
        await screen.sees("in 1h")

        assert 1 == town.named("acme-old").generation
        assert 1 == town.world.journal.count(route="refresh")
        assert "Not refreshed" not in screen.text


async def test_a_locked_vault_stays_locked(town: Town) -> None:
    """Without its key it says so, and nothing is sent, however long it is open."""
    town.grant("acme-reports", lasts=92)
    town.hide_identity()
    async with town.show() as screen:
        await screen.pilot.pause(2.5)

        assert "vault locked" in screen.text
    assert 0 == town.world.journal.count(route="refresh")


async def test_f_switches_it_for_the_highlighted_connection(town: Town) -> None:
    """Off: the detail says so and nothing is sent; f again, and it is renewed."""
    town.grant("acme-reports", lasts=92)
    town.hide_identity()
    async with town.show() as screen:
        await screen.sees("Auto-refresh on")
        await screen.press("f")
        await screen.sees("automatic refresh is off", "Auto-refresh off")
        await unlocked(town, screen)
        await looked(town, screen)
        untouched = town.named("acme-reports").generation
        await screen.press("f")
        await screen.until(lambda: town.named("acme-reports").generation == 2)

        assert 1 == untouched


async def test_f_on_marked_ones_switches_them_together(town: Town) -> None:
    """Where they differ, all are switched on first; an API key has nothing to switch."""
    town.grant("acme-a")
    town.grant("acme-b", by=town.bob)
    town.key("acme-export")
    town.vault.set_auto_refresh(False, "conn_acme-a")
    async with town.show() as screen:
        await screen.press("space", "space", "space", "f")
        await screen.until(lambda: town.named("acme-a").auto_refresh)
        both = town.named("acme-b").auto_refresh
        await screen.sees("2 connections: automatic refresh is on")
        await screen.until(lambda: all(c.auto_refresh for c in screen.board.seen.connections))
        await screen.press("f")
        await screen.until(lambda: not town.named("acme-b").auto_refresh)

        assert both
        assert not town.named("acme-a").auto_refresh
        assert town.named("acme-export").auto_refresh


async def test_shift_f_switches_all_and_it_stays_in_sight(town: Town) -> None:
    """The corner says so, another process sees it, and nothing is renewed."""
    town.grant("acme-reports", lasts=92)
    town.hide_identity()
    async with town.show() as screen:
        await screen.press("F")
        await screen.sees("auto-refresh off")
        await unlocked(town, screen)
        await screen.sees("vault open, auto-refresh off")
        await screen.pilot.pause(1.5)
        before = town.world.journal.count(route="refresh")
        other = Vault.open(town.settings)
        try:
            other.set_auto_refresh(True)
        finally:
            other.close()
        await screen.until(lambda: town.named("acme-reports").generation == 2)
        await screen.until(lambda: "auto-refresh off" not in screen.text)

        assert 0 == before


async def test_both_switches_are_in_the_palette(town: Town) -> None:
    """With what they do; without anything to refresh they are not offered."""
    town.grant("acme-reports")
    async with town.show() as screen:
        offered = {c.title for c in screen.app.get_system_commands(screen.app.screen)}

    assert {"Auto refresh", "Auto refresh of all"} <= offered


async def test_without_authorizations_there_is_nothing_to_switch(town: Town) -> None:
    """An API key does not expire."""
    town.key("acme-export")
    async with town.show() as screen:
        offered = {c.title for c in screen.app.get_system_commands(screen.app.screen)}

    assert not {"Auto refresh", "Auto refresh of all"} & offered


async def test_trouble_is_noted_once_and_never_as_a_dialog(town: Town) -> None:
    """Three refusals are three lines in the list and one quiet note."""
    for name, person in (("acme-a", town.ada), ("acme-b", town.bob)):
        town.grant(name, lasts=92, by=person)
    town.grant("globex-a", town.globex, lasts=92)
    for token in list(town.world.grants._tokens):
        town.world.kill(token)
    town.hide_identity()
    async with town.show() as screen:
        await unlocked(town, screen)
        await screen.sees("! 3 need you")
        await screen.sees("Not refreshed by itself")
        noted = [n for n in screen.app._notifications if n.title == "Not refreshed by itself"]

        assert 1 == len(noted)
        assert screen.app.screen is screen.board
        assert [] == town.opened_urls


async def test_a_wrong_clock_is_said_until_it_is_right(town: Town) -> None:
    """A line across the screen, after any answer of Close that shows it."""
    town.grant("acme-reports", lasts=3600)
    town.world.policies.clock_ahead_s = -200
    async with town.show() as screen:
        assert "clock" not in screen.text
        await screen.press("r")
        await screen.sees("This machine's clock is 3m", "ahead of Close's.")
        town.world.policies.clock_ahead_s = 0
        await screen.press("r")
        await screen.until(lambda: "This machine's clock" not in screen.text)


async def test_leaving_while_a_renewal_is_under_way_stores_its_tokens(town: Town) -> None:
    """As with a refresh that was asked for."""
    town.grant("acme-reports", lasts=92)
    town.world.faults.add(late_answer(0.7), "refresh", times=None)
    town.hide_identity()
    async with town.show() as screen:
        await unlocked(town, screen)
        await screen.sees("refreshing")
        await screen.press("q")
        await screen.until(lambda: not screen.app.is_running)

    assert 2 == town.named("acme-reports").generation
