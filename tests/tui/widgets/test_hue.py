"""An organization's colour: always the same, never the only sign, legible on any ground."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.color import Color

from close_tui.tui.widgets.contrast import ENOUGH, ratio
from close_tui.tui.widgets.hue import CHIP, HUES, hue, part_of
from close_tui.tui.widgets.organization_list import OrganizationList, OrganizationRow


def test_a_colour_belongs_to_an_id() -> None:
    """Whatever else is in the vault, and on every machine."""
    assert "hue-13 hue-9 hue-5" == " ".join(map(part_of, ("orga_a", "orga_b", "orga_c")))


def test_a_hundred_organizations_use_all_colours() -> None:
    """None is left out by the way they are chosen."""
    assert set(HUES) == {hue(part_of(f"orga_{number}")) for number in range(100)}


class Shelf(App[None]):
    """Shows organizations in a theme."""

    def compose(self) -> ComposeResult:
        """Lay it out."""
        yield OrganizationList()


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "nord", "solarized-light"])
async def test_a_chip_can_be_seen(theme: str) -> None:
    """Each colour stands out from what is behind it, highlighted or not."""
    app = Shelf()
    rows = [
        OrganizationRow(f"orga_{number}", f"Organization {number}", 1, 0) for number in range(60)
    ]
    async with app.run_test(size=(40, 70)) as pilot:
        app.theme = theme
        shown = app.query_one(OrganizationList)
        shown.show(rows)
        shown.focus()
        shown.cursor_row = 5
        await pilot.pause()
        chips = [
            segment.style
            for y in range(61)
            for segment in shown.render_line(y)
            if segment.text == CHIP
        ]
        ground = shown.background_colors[1]

    assert 60 == len(chips)
    for style in chips:
        assert style is not None
        assert style.color is not None
        assert style.color.triplet is not None
        behind = style.bgcolor.triplet if style.bgcolor and style.bgcolor.triplet else ground.rgb
        assert ratio(Color(*style.color.triplet), Color(*behind)) >= ENOUGH


async def test_the_terminals_own_colours_are_left_alone() -> None:
    """Where they are asked for, no other is mixed in."""
    app = Shelf()
    async with app.run_test(size=(40, 10)) as pilot:
        app.theme = "ansi-dark"
        shown = app.query_one(OrganizationList)
        shown.show([OrganizationRow("orga_1", "Acme", 1, 0)])
        await pilot.pause()
        (style,) = [segment.style for segment in shown.render_line(1) if segment.text == CHIP]

    assert style is not None
    assert style.color is None or style.color.triplet is None
