"""Keys that come quicker than screens: typed ahead, or kept back by a slow line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from textual.css.query import NoMatches
from textual.events import Key
from textual.screen import ModalScreen

from tests.tui.town import PATIENCE

if TYPE_CHECKING:
    from tests.tui.town import Screen, Town

PLACES = ("I", "O", "W", "H", ",", "?", "T", "!", "n", "i", "o", "A", "R", "C", "y", "Y", "X", "D")


def at_once(screen: Screen, *keys: str) -> None:
    """Let the terminal send keys without a pause."""
    assert screen.app._driver is not None
    for key in keys:
        screen.app._driver.send_message(Key(key, key if len(key) == 1 else None))


async def back(screen: Screen) -> None:
    """Close what has come after all, because its escape was too early."""
    for _ in range(PATIENCE):
        await screen.pilot.pause(0.02)
        assert screen.app._exception is None
        begun = {each.group for each in screen.app.workers._workers} - {
            "keep fresh",
            "history",
            "watch",
        }
        if screen.app.screen is screen.board and not begun:
            return
        at_once(screen, "escape")
    raise AssertionError(screen.text)


@pytest.mark.usefixtures("open_at_once")
async def test_a_place_may_be_left_before_it_is_there(still_town: Town) -> None:
    """What it still had in hand finds its widgets gone: the app goes on, and so does the next."""
    still_town.key("acme-export")
    still_town.grant("acme-reports")
    async with still_town.show() as screen:
        await screen.opened()
        for key in PLACES:
            named = {",": "comma", "?": "question_mark", "!": "exclamation_mark"}.get(key, key)
            for _ in range(2):
                at_once(screen, named, "escape")
                await screen.pilot._wait_for_screen()
            await back(screen)

        assert screen.app.is_running


@pytest.mark.parametrize("is_shown", [True, False])
async def test_a_widget_that_is_missing_is_a_bug_where_its_screen_is_shown(
    still_town: Town, is_shown: bool
) -> None:
    """Only what is asked for after the screen was closed may be missing."""

    class Forgetful(ModalScreen[None]):
        async def on_key(self) -> None:
            if not is_shown:
                self.dismiss()
            self.query_one("#nowhere")

    async def show() -> Any:
        async with still_town.show() as screen:
            screen.app.push_screen(Forgetful())
            await screen.on("Forgetful")
            await screen.press("x")
            return screen.app._exception

    if is_shown:
        with pytest.raises(NoMatches):
            await show()
    else:
        assert None is await show()
