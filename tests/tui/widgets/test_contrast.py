"""Text can be read in every theme."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style
from textual.color import Color

from close_tui.settings import THEMES, Settings
from close_tui.tui.app import CloseTuiApp
from close_tui.tui.widgets.connection_list import ConnectionList
from close_tui.tui.widgets.contrast import (
    BANNERS,
    ENOUGH,
    FIELDS,
    GROUNDS,
    PLAIN,
    SHEETS,
    ground_of,
    legible,
    ratio,
)
from close_tui.tui.widgets.line import BARS
from close_tui.tui.widgets.line_looks import PARTS

from .conftest import Shelf, World

COLOURS = st.builds(Color, *([st.integers(0, 255)] * 3))


def test_the_ratio_is_that_of_wcag() -> None:
    """Black on white is 21, a colour on itself 1, #767676 on white just enough."""
    white = Color(255, 255, 255)

    assert pytest.approx(21) == ratio(Color(0, 0, 0), white)
    assert pytest.approx(1) == ratio(white, white)
    assert pytest.approx(4.54, abs=0.01) == ratio(Color.parse("#767676"), white)


@given(colour=COLOURS, ground=COLOURS)
def test_any_text_becomes_legible_on_any_ground(colour: Color, ground: Color) -> None:
    """What is legible already is left alone, everything else is moved until it is."""
    result = legible(colour, ground)

    assert ratio(result, ground) >= ENOUGH
    assert ratio(colour, ground) < ENOUGH or result == colour


async def test_the_lists_are_legible_in_every_theme(world: World) -> None:
    """Each kind of text in a list reaches 4.5:1, on plain and on highlighted lines."""
    connections = ConnectionList(clock=world.clock)
    app = Shelf(connections)
    poor: list[tuple[str, str, str, float]] = []
    async with app.run_test() as pilot:
        connections.show(world.varied())
        for theme in app.available_themes:
            if theme.startswith("ansi"):
                continue
            app.theme = theme
            await pilot.pause()
            for ground in ("", "highlighted"):
                for part in sorted(PARTS):
                    if part in BARS | {"highlighted", "cursor"}:
                        continue
                    measured = _measure(connections._style(ground, part))
                    if measured < ENOUGH:
                        poor.append((theme, ground, part, measured))

    assert [] == poor


@pytest.mark.parametrize("theme", [name for name in THEMES if not name.startswith("ansi")])
def test_what_a_theme_writes_in_can_be_read(theme: str, tmp_path: Path) -> None:
    """Plain, muted, coloured and highlighted text, fields, banners and the footer."""
    app = CloseTuiApp(Settings(tmp_path, theme=theme))
    app.verbs.stop()
    variables = app.get_css_variables()
    written = {
        "foreground": (*GROUNDS, *FIELDS, *BANNERS),
        "foreground-muted": SHEETS,
        "text-muted": SHEETS,
        "text-disabled": FIELDS,
        "text-primary": GROUNDS,
        "text-success": GROUNDS,
        "text-warning": GROUNDS,
        "text-error": GROUNDS,
        "text-accent": GROUNDS,
        "footer-foreground": ("footer-background",),
        "footer-key-foreground": ("footer-background",),
        "footer-description-foreground": ("footer-background",),
        "block-cursor-foreground": ("block-cursor-background",),
        "block-cursor-blurred-foreground": tuple(
            f"{one} + block-cursor-blurred-background" for one in ("surface", "panel")
        ),
        "input-selection-foreground": ("input-selection-background",),
    }
    poor = {
        (name, on): contrast
        for name, grounds in written.items()
        for on in grounds
        if (contrast := _contrast(variables, name, on)) < ENOUGH
    }

    assert theme == app.theme
    assert {} == poor
    assert min(_contrast(variables, "foreground", on) for on in SHEETS) >= PLAIN


def _contrast(variables: Mapping[str, str], name: str, on: str) -> float:
    """Return the ratio of a variable to what it stands on."""
    ground = ground_of(variables, on)
    return ratio(ground_of(variables, f"{on} + {name}"), ground)


def _measure(style: Style) -> float:
    assert style.color
    assert style.bgcolor
    return ratio(Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor))
