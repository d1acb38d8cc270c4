"""The terminal is made small and large again under every screen; nothing breaks or is lost."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

import pytest
from textual.widgets import Input, TextArea

from close_tui.leaks import Operator
from close_tui.operations.desk import Desk
from close_tui.operations.kill import begin
from close_tui.tui.widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.town import Screen, Town

LARGE: Final = (200, 60)
SMALL: Final = (60, 15)

SOAK: Final = os.environ.get("CLOSE_TUI_SOAK") == "1"
"""Every place in ``make soak``, every second one otherwise."""

PLACES: Final = {
    "main": ("", "MainScreen"),
    "filter": ("slash x", "MainScreen"),
    "help": ("question_mark", "Help"),
    "apps": ("O", "Apps"),
    "change app": ("O e", "ChangeApp"),
    "remove app": ("O D", "RemoveApp"),
    "doctor": ("H", "Doctor"),
    "settings": ("comma", "ShowSettings"),
    "import": ("i", "ImportFrom"),
    "vault": ("W", "ShowVault"),
    "export": ("W e", "ExportVault"),
    "new key": ("W K", "Rekey"),
    "move key": ("W m", "MoveKey"),
    "certificate": ("T", "Certificate"),
    "incidents": ("I", "Incidents"),
    "incident": ("I enter", "OneIncident"),
    "close incident": ("I c", "CloseIncident"),
    "add key": ("A", "AddKey"),
    "add app": ("o", "AddApp"),
    "rename": ("n", "Rename"),
    "reveal": ("Y", "Reveal"),
    "copy": ("y", "Copy"),
    "remove": ("D", "Remove"),
    "leak": ("exclamation_mark", "Leak"),
    "revoke": ("X", "Revoke"),
    "choose": ("a", "Choose"),
    "authorize": ("a enter", "Authorize"),
}
"""The keys that lead to each place from the main screen, and what is on top there."""


async def resize(screen: Screen, size: tuple[int, int]) -> None:
    """Make the terminal another size, and let everything find its place."""
    await screen.pilot.resize_terminal(*size)
    await screen.pilot.pause(0.05)


def is_in_sight(screen: Screen) -> bool:
    """Tell whether what has the focus can be seen: in a list or a field, the cursor's own line."""
    focused = screen.app.screen.focused
    if focused is None:
        return True
    seen = focused.region.intersection(screen.app.screen.region)
    for above in focused.ancestors_with_self:
        if above is screen.app.screen:
            break
        seen = seen.intersection(above.region)  # type: ignore[attr-defined]
    if seen.area == 0:
        return False
    if isinstance(focused, VirtualList):
        top = focused.scroll_offset.y
        lines = focused.size.height - focused.HEADER_LINES
        return top <= focused.cursor_row < top + lines or not focused.count
    return True


def kept(screen: Screen) -> dict[str, object]:
    """Return what must not change: what has the focus, what is typed, where the cursor is."""
    top = screen.app.screen
    typed = {str(each.id): each.value for each in top.query(Input)}
    texts = {str(each.id): each.text for each in top.query(TextArea)}
    rows = {type(each).__name__: each.cursor_row for each in top.query(VirtualList)}
    return {"screen": type(top).__name__, "focus": top.focused, **typed, **texts, **rows}


def settled_text(screen: Screen) -> str:
    """Return what can be read on top; what counts seconds is left out."""
    return re.sub(r"\S+ left", "", screen.words)


async def go(screen: Screen, keys: str, kind: str) -> None:
    """Press what leads there."""
    for key in keys.split():
        await screen.press(key)
        await screen.pilot.pause(0.3)
    await screen.on(kind)
    await screen.pilot.pause(0.3)


async def fill(town: Town) -> None:
    """Store two dozen connections, and an incident that is under way."""
    for number in range(24):
        who = town.world.add_user(f"u{number:02}@acme.example", f"User {number}", [town.acme])
        town.grant(f"acme-{number:02}", lasts=3600 + 60 * number, by=who)
    async with Desk(town.settings, clock=town.clock) as desk:
        begin(desk, [town.named("acme-23")], "leaked in a ticket", Operator("ada", "desk"))


@pytest.mark.parametrize("place", PLACES if SOAK else list(PLACES)[::2])
async def test_a_place_outlives_a_small_terminal(town: Town, place: str) -> None:
    """From 200×60 to 60×15 and back: focus and cursor are in sight, and all is as it was."""
    keys, kind = PLACES[place]
    await fill(town)
    async with town.show(LARGE) as screen:
        await screen.opened()
        await screen.press("g", "j", "j")
        await go(screen, keys, kind)
        before, text = kept(screen), settled_text(screen)

        await resize(screen, SMALL)
        await screen.until(lambda: is_in_sight(screen))
        assert before == kept(screen)

        await resize(screen, LARGE)
        assert before == kept(screen)
        await screen.until(lambda: text == settled_text(screen))


async def test_the_detail_on_top_outlives_a_large_terminal(town: Town) -> None:
    """Opened where it has no room beside the list; back, the list has its cursor where it was."""
    await fill(town)
    async with town.show(SMALL) as screen:
        await screen.press("g", "j", "j", "enter")
        await screen.on("DetailScreen")
        before, text = kept(screen), settled_text(screen)
        await resize(screen, LARGE)
        assert before == kept(screen)
        await resize(screen, SMALL)
        await screen.until(lambda: text == settled_text(screen))
        await screen.press("escape")
        await screen.on("MainScreen")

        assert 2 == screen.board.connection_list.cursor_row
        assert is_in_sight(screen)


async def test_the_dry_run_of_an_import_outlives_it(town: Town, tmp_path: Path) -> None:
    """What was found stays found."""
    await fill(town)
    file = tmp_path / "keys.env"
    key = town.world.add_api_key(town.ada, town.acme)
    file.write_text(f"CLOSE_API_KEY={key.text}\n", encoding="utf-8")
    async with town.show(LARGE) as screen:
        await screen.press("i")
        await screen.on("ImportFrom")
        await screen.type("#path", str(file))
        await screen.press("enter")
        await screen.on("Importing")
        await screen.sees("1 to be added")
        text = screen.text
        await resize(screen, SMALL)
        await screen.sees("1 to be added")
        await resize(screen, LARGE)
        await screen.until(lambda: text == screen.text)


async def test_a_cursor_far_down_stays_in_sight(town: Town) -> None:
    """The last of many is still the last, and seen."""
    await fill(town)
    async with town.show(LARGE) as screen:
        await screen.press("G", "space")
        row = screen.board.connection_list.cursor_row
        for size in (SMALL, LARGE, SMALL):
            await resize(screen, size)
            await screen.until(lambda: is_in_sight(screen))

            assert row == screen.board.connection_list.cursor_row
            assert 1 == len(screen.board.connection_list.marked)
            assert screen.board.focused is screen.board.connection_list


async def test_a_list_that_loses_its_room_hands_the_focus_on(town: Town) -> None:
    """The list of organizations has none in a small terminal: the keys go to the connections."""
    await fill(town)
    async with town.show(LARGE) as screen:
        await screen.press("shift+tab")
        await screen.until(lambda: screen.board.focused is screen.board.organization_list)
        await resize(screen, SMALL)
        await screen.until(lambda: screen.board.focused is screen.board.connection_list)
        await screen.press("j")

        assert 1 == screen.board.connection_list.cursor_row
