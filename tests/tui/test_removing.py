"""A removal can be undone for ten seconds, because it has not happened yet."""

from __future__ import annotations

import pytest

from close_tui.tui.screens import removing
from close_tui.tui.screens.removing import Removal, removal_words
from tests.tui.town import Screen, Town


async def remove(screen: Screen) -> None:
    """Press D and confirm."""
    await screen.press("D")
    await screen.on("Remove")
    await screen.sees("U undoes it, for ten seconds.")
    await screen.press("tab", "enter")
    await screen.until(lambda: screen.app.screen is screen.board)


def names(town: Town) -> list[str]:
    """Return what the vault holds."""
    return sorted(one.name for one in town.vault.connections())


async def test_u_keeps_what_was_going_to_be_removed(town: Town) -> None:
    """The seconds are seen; afterwards vault, history and list are as before."""
    town.key("acme-export")
    before = town.vault.history("conn_acme-export", 100)
    async with town.show() as screen:
        await remove(screen)
        await screen.sees("Removing acme-export in 10 s: U keeps it", "removing", "U Undo")
        await screen.sees("in 9 s")
        assert ["acme-export"] == names(town)
        await screen.press("U")
        await screen.sees("kept, nothing was removed.")
        assert "U Undo" not in screen.text

    assert ["acme-export"] == names(town)
    assert before == town.vault.history("conn_acme-export", 100)


async def test_after_the_time_it_is_removed(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several at once, also while a dialog is open; the history says so."""
    monkeypatch.setattr(removing, "UNDO_S", 0.6)
    town.key("acme-export")
    town.key("acme-zap")
    town.key("kept")
    async with town.show() as screen:
        await screen.press("g", "space", "space")
        await remove(screen)
        await screen.press("question_mark")
        await screen.until(lambda: names(town) == ["kept"])

    verbs = [event.verb for event in town.vault.history("conn_acme-zap", 100)]
    assert "remove" in verbs


async def test_leaving_does_what_was_asked_for(town: Town) -> None:
    """Q does not wait for the ten seconds."""
    town.key("acme-export")
    async with town.show() as screen:
        await remove(screen)
        await screen.press("q")
        await screen.until(lambda: not names(town))


async def test_an_app_that_dies_has_removed_nothing(town: Town) -> None:
    """What has not happened yet is simply not done."""
    town.key("acme-export")
    async with town.show() as screen:
        await remove(screen)

    assert ["acme-export"] == names(town)


async def test_what_is_to_be_removed_is_not_offered_again(town: Town) -> None:
    """D means the others; each U takes back the last answer."""
    town.key("acme-export")
    town.key("acme-zap")
    async with town.show() as screen:
        await screen.press("g")
        await remove(screen)
        assert not screen.board.check_action("remove", ())
        await screen.press("j")
        await remove(screen)
        await screen.sees("Removing 2 connections")
        await screen.press("U")
        await screen.sees("Removing acme-export")
        await screen.press("U")
        await screen.until(lambda: "Removing" not in screen.text)

    assert ["acme-export", "acme-zap"] == names(town)


def test_the_words_count_down(town: Town) -> None:
    """Whole seconds, and what U keeps."""
    one = town.grant("acme")

    assert "" == removal_words([], 0)
    assert "Removing acme in 3 s: U keeps it" == removal_words([Removal((one,), 7.5)], 5.0)
    two = [Removal((one,), 7.0), Removal((one, one), 9.0)]
    assert "Removing 3 connections in 4 s: U keeps the last 2" == removal_words(two, 5.0)
