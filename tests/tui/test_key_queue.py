"""What is said while a key waits for a person to delete it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from close_tui.sandbox.faults import UNAVAILABLE
from close_tui.tui.screens import pending
from close_tui.tui.screens.pending import RetriesPending

if TYPE_CHECKING:
    from tests.tui.town import Town


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test wait for seconds."""
    monkeypatch.setattr(pending, "LOOK_S", 0.02)
    monkeypatch.setattr(RetriesPending, "back_off", staticmethod(lambda tries: 0.05 * tries))


async def test_what_failed_is_told_while_a_key_is_waited_for(town: Town) -> None:
    """Both at once: the key to delete, and why another target is not dead."""
    town.grant("acme-reports")
    key = town.key("acme-export")
    town.world.faults.add(UNAVAILABLE, "revoke", times=None)
    async with town.show() as screen:
        await screen.press("g", "space", "space", "X")
        await screen.on("Revoke")
        await screen.type("#count", "2")
        screen["#revoke"].focus()
        await screen.press("enter")
        await screen.on("Revoking")
        await screen.sees(f"Delete this API key by hand: {key.id}", "acme-reports: ", "HTTP 503")
        await screen.sees("Closing this (esc) stops only the watching")

        assert "stops nothing" not in screen.words


@pytest.mark.usefixtures("quick")
async def test_a_key_is_looked_at_again_soon_after_its_watch_was_closed(town: Town) -> None:
    """The time of its death is recorded, though nobody watches it any more."""
    key = town.key("acme-export")
    async with town.show() as screen:
        board = screen.board
        assert isinstance(board, RetriesPending)
        await screen.opened()
        await screen.press("X")
        await screen.on("Revoke")
        screen["#revoke"].focus()
        await screen.press("enter")
        await screen.sees("Watching until Close refuses it")
        await screen.pilot.pause(0.2)
        board._tries, board._try_at = 9, float("inf")
        await screen.press("escape")
        town.world.delete_api_key(key.id)
        await screen.until(lambda: town.named("acme-export").proved_dead_at)
