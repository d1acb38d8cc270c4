"""Refreshing and testing several: progress, a summary that waits, and every answer with advice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from close_tui.sandbox.faults import latency

if TYPE_CHECKING:
    from tests.tui.town import Town


async def test_a_round_shows_progress_and_blocks_nothing(town: Town) -> None:
    """The cursor moves while it goes on; at the end the summary stands above the list."""
    for name in ("acme-1", "acme-2", "acme-3"):
        town.key(name)
    dead = town.key("acme-4")
    town.world.delete_api_key(dead.id)
    town.world.faults.add(latency(1.5), "me", times=None)
    async with town.show() as screen:
        await screen.press("g", "asterisk", "t")
        await screen.sees("Testing: 0 of 4 done")
        await screen.press("j")
        assert screen.app.screen is screen.board
        await screen.sees("Tested 4: 3 fine, 1 rejected. L shows each answer", "L Results")
        assert screen.app.screen is screen.board
        await screen.press("L")
        await screen.on("Results")
        await screen.sees("Test of 4", "✕ 1 rejected ✓ 3 ok", "✕ acme-4")
        await screen.press("escape")
        await screen.until(lambda: "Tested 4" not in screen.text)


async def test_esc_takes_the_summary_away_before_the_marks(town: Town) -> None:
    """One esc, one thing; L still shows the answers."""
    town.key("acme-1")
    town.key("acme-2")
    async with town.show() as screen:
        await screen.press("g", "asterisk", "t")
        await screen.sees("Tested 2: 2 fine.")
        await screen.press("escape")
        await screen.until(lambda: "Tested 2" not in screen.text)
        assert 2 == len(screen.board.connection_list.marked)
        await screen.press("escape")
        assert 0 == len(screen.board.connection_list.marked)
        await screen.press("L")
        await screen.on("Results")


async def test_what_was_marked_and_has_no_part_in_it_is_counted(town: Town) -> None:
    """An API key among the marks: who marked two and reads of one would look for the other."""
    town.grant("acme-reports")
    town.key("acme-export")
    async with town.show() as screen:
        await screen.press("g", "asterisk", "r")
        await screen.sees("Refreshed 1: 1 fine, 1 left out (cannot be refreshed). L shows")
