"""Refreshing, testing and removing from the list: one, several, and everything that goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from close_tui.model import Status
from close_tui.sandbox.faults import DROPPED, NON_JSON, Fault, latency, rate_limited
from close_tui.tui.screens import removing
from close_tui.tui.widgets.connection_list import ConnectionList

if TYPE_CHECKING:
    from tests.tui.town import Town


async def test_r_refreshes_and_says_for_how_long(town: Town) -> None:
    """One refresh is a toast, and the row counts down from a full hour again."""
    town.grant("acme-reports", lasts=92)
    async with town.show() as screen:
        await screen.sees("in 1m 32s")
        await screen.press("r")
        await screen.sees("Refreshed", "in 1h")

        assert 2 == town.named("acme-reports").generation


async def test_a_refused_refresh_says_what_to_do(town: Town) -> None:
    """A spent token is a dialog with advice, and the row asks for authorization."""
    town.grant("acme-reports")
    town.world.kill_family(next(iter(town.world.grants._tokens)))
    async with town.show() as screen:
        await screen.press("r")
        await screen.on("Results")
        await screen.sees("Must be authorized again", "invalid_grant", "Authorize again")
        await screen.press("escape")
        await screen.sees("! authorize again")


async def test_t_shows_who_answers(town: Town) -> None:
    """User, organization, latency and headroom stand in the result."""
    town.grant("acme-reports")
    async with town.show() as screen:
        await screen.press("t")
        await screen.on("Results")
        await screen.sees("Close answers", "Ada Byron", "ada@acme.example", "Acme GmbH")
        await screen.sees("Latency", "HTTP 200", "Headroom", "requests")
        await screen.press("enter")

        assert screen.app.screen is screen.board


@pytest.mark.parametrize(
    ("fault", "words", "status"),
    [
        (None, "Refused: Close says 401", Status.REJECTED),
        (DROPPED, "Unreachable: Close was not asked", Status.OK),
        (NON_JSON, "Close is not answering properly", Status.OK),
        (rate_limited(7), "Limited: Close asks to slow down", Status.OK),
    ],
)
async def test_refused_unreachable_and_limited_are_told_apart(
    town: Town, fault: Fault | None, words: str, status: Status
) -> None:
    """Only a 401 speaks against the key."""
    key = town.key("acme-export")
    if fault is None:
        town.world.delete_api_key(key.id)
    else:
        town.world.faults.add(fault, times=None)
    async with town.show() as screen:
        await screen.press("t")
        await screen.on("Results")
        await screen.sees(words)

    assert status is town.named("acme-export").status(town.clock())


async def test_marked_connections_are_tested_together(town: Town) -> None:
    """Space marks, t tests all marked ones, and the summary counts, worst first."""
    town.grant("acme-reports")
    town.key("acme-export")
    dead = town.key("acme-zap")
    town.world.delete_api_key(dead.id)
    async with town.show() as screen:
        await screen.press("g", "space", "space", "space")
        await screen.sees("3 marked")
        await screen.press("t")
        await screen.sees("Tested 3: 2 fine, 1 rejected.")
        await screen.press("L")
        await screen.on("Results")
        await screen.sees("Test of 3", "✕ 1 rejected ✓ 2 ok")


async def test_progress_is_seen_on_the_row(town: Town) -> None:
    """While the call runs the row says so, and the keys still work."""
    town.grant("acme-reports")
    town.world.faults.add(latency(3), "me")
    async with town.show() as screen:
        await screen.press("t")
        await screen.sees("testing")
        await screen.press("question_mark")
        await screen.on("Help")
        await screen.press("escape")
        await screen.on("Results")


async def test_a_row_at_work_is_not_called_again(town: Town) -> None:
    """Pressing t twice sends one call."""
    town.grant("acme-reports")
    town.world.faults.add(latency(0.5), "me")
    async with town.show() as screen:
        await screen.press("t", "t", "t")
        await screen.on("Results")

        assert 1 == town.world.journal.count(route="me")


async def test_remove_says_that_it_does_not_revoke(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D starts on Cancel; Remove forgets here, and Close still accepts the key."""
    monkeypatch.setattr(removing, "UNDO_S", 0.1)
    key = town.key("acme-export")
    async with town.show() as screen:
        await screen.press("D")
        await screen.on("Remove")
        await screen.sees("acme-export, Acme GmbH", "This does NOT revoke")
        await screen.press("enter")
        await screen.until(lambda: screen.app.screen is screen.board)
        kept = [c.name for c in town.vault.connections()]
        await screen.press("D")
        await screen.on("Remove")
        await screen.press("tab", "enter")
        await screen.until(lambda: not town.vault.connections())

    assert ["acme-export"] == kept
    assert town.world.is_alive(key.text)


async def test_the_list_has_the_focus_again_after_a_dialog(town: Town) -> None:
    """Whatever was opened and closed, j and k move the cursor."""
    town.grant("acme-reports")
    async with town.show() as screen:
        for key in ("A", "o", "X", "D", "question_mark"):
            await screen.press(key)
            await screen.until(lambda: screen.app.screen is not screen.board)
            await screen.press("escape")
            await screen.until(lambda: screen.app.screen is screen.board)

            assert isinstance(screen.app.focused, ConnectionList)
