"""Marks and ranges, and a cursor that nothing moves but a person."""

from __future__ import annotations

import pytest

from close_tui.vault.vault import Vault
from tests.tui.town import Screen, Town

NAMES = ["acme-0", "acme-1", "acme-2", "acme-3", "acme-4"]


@pytest.fixture
def row_town(still_town: Town) -> Town:
    """A town with five connections in a row."""
    for name in NAMES:
        still_town.key(name)
    return still_town


def marked(screen: Screen) -> list[str]:
    """Return the marked names, in the order of the list."""
    listed = screen.board.connection_list
    return [one.name for one in listed.connections if one.id in listed.marked]


def cursor(screen: Screen) -> str:
    """Return the name under the cursor."""
    highlighted = screen.board.connection_list.highlighted
    assert highlighted is not None
    return highlighted.name


@pytest.mark.parametrize(("down", "up"), [("shift+down", "shift+up"), ("J", "K")])
async def test_shift_marks_from_where_it_began(row_town: Town, down: str, up: str) -> None:
    """Going back takes the marks away again; a move without shift ends the range."""
    async with row_town.show() as screen:
        await screen.press("g", "j", down, down)
        grown = marked(screen)
        await screen.press(up)
        shrunk = marked(screen)
        await screen.press("j", "j")

        assert ["acme-1", "acme-2", "acme-3"] == grown
        assert ["acme-1", "acme-2"] == shrunk == marked(screen)
        assert "acme-4" == cursor(screen)


async def test_v_begins_a_range_that_follows_every_move(row_town: Town) -> None:
    """Older marks stay; V again ends it, and esc takes all marks away."""
    async with row_town.show() as screen:
        await screen.press("G", "space", "g", "V", "j", "j")
        await screen.press("V", "G")
        ended = marked(screen)
        await screen.press("escape")

        assert ["acme-0", "acme-1", "acme-2", "acme-4"] == ended
        assert [] == marked(screen)


async def test_star_marks_what_is_shown_and_no_more(row_town: Town) -> None:
    """With a filter only what it shows; pressed again, nothing."""
    async with row_town.show() as screen:
        await screen.press("slash", *"acme-3", "enter", "asterisk", "escape")
        filtered = marked(screen)
        await screen.press("asterisk")
        everything = marked(screen)
        await screen.press("asterisk")

        assert ["acme-3"] == filtered
        assert NAMES == everything
        assert [] == marked(screen)


async def test_the_mouse_does_what_the_keys_do(row_town: Town) -> None:
    """A click selects, one on the mark's column marks, the wheel scrolls, the footer is pressed."""
    async with row_town.show((120, 24)) as screen:
        where = "ConnectionList"
        await screen.pilot.click(where, offset=(8, 4))
        selected = cursor(screen)
        await screen.pilot.click(where, offset=(1, 5))
        by_mouse = marked(screen)
        await screen.pilot.click("OrganizationList", offset=(4, 2))
        await screen.pilot.pause()
        assert "Acme GmbH" in screen.text
        organization = screen.board.view.organization_id
        help_key = next(
            key for key in screen.app.screen.query("FooterKey") if "Help" in str(key.render())
        )
        await screen.pilot.click(help_key)
        await screen.on("Help")

        assert "acme-2" == selected
        assert ["acme-3"] == by_mouse
        assert row_town.acme.id == organization


async def test_a_double_click_opens(row_town: Town) -> None:
    """As enter does."""
    async with row_town.show((80, 24)) as screen:
        await screen.pilot.click("ConnectionList", offset=(8, 3), times=2)
        await screen.on("DetailScreen")
        await screen.sees("acme-1")


async def test_the_cursor_comes_back_when_a_filter_goes(row_town: Town) -> None:
    """What the filter hid is highlighted again, unless a person has moved on."""
    async with row_town.show() as screen:
        await screen.press("g", "j", "slash", *"acme-4", "enter")
        hidden = cursor(screen)
        await screen.press("escape")
        back = cursor(screen)
        await screen.press("slash", *"-acme-1", "enter", "G", "escape")

        assert ("acme-4", "acme-1", "acme-4") == (hidden, back, cursor(screen))


async def test_nothing_jumps_when_another_process_changes_the_vault(row_town: Town) -> None:
    """Cursor, its line on the screen and marks stay while others are added, renamed, removed."""
    async with row_town.show((80, 24)) as screen:
        listed = screen.board.connection_list
        await screen.press("g", "space", "j", "space")
        before, line = cursor(screen), listed.cursor_line
        other = Vault.open(row_town.settings)
        try:
            other.remove("conn_acme-1")
            other.rename("conn_acme-4", "aaa")
            row_town.key("acme-00")
            await screen.until(lambda: {"aaa", "acme-00"} <= {c.name for c in listed.connections})
            await screen.until(lambda: "acme-1" not in {c.name for c in listed.connections})
            moved = (cursor(screen), marked(screen))
            other.remove("conn_acme-3")
            await screen.until(lambda: len(listed.connections) == 4)
        finally:
            other.close()

        assert ("acme-3", 3) == (before, line)
        assert (before, ["acme-0", "acme-2"]) == moved
        assert cursor(screen) == "acme-2"
