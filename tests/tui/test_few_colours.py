"""Terminals that show few colours, or none."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console
from rich.segment import Segment

from close_tui.settings import Settings
from close_tui.tui.app import CloseTuiApp
from tests.tui.test_legible import SHAPES, painted
from tests.tui.town import Town


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "ansi-dark", "ansi-light"])
async def test_without_colour_every_word_stands_out(
    town: Town, theme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In greys, or in nothing but what the terminal itself writes in; also after a change."""
    monkeypatch.setenv("NO_COLOR", "1")
    town.key("acme-export")
    other = "ansi-light" if theme.startswith("textual") else "textual-dark"
    for begin in (theme, other):
        async with town.show(settings=town.settings._replace(theme=begin)) as screen:
            await screen.sees("acme-export", "Quit")
            screen.app.theme = theme
            await screen.pilot.pause(0.2)
            segments = list(painted(screen))

            assert [] == [each.text for each in segments if _is_lost(each)]
            assert [] == [each.text for each in segments if _is_coloured(each)]


@pytest.mark.parametrize(
    ("colours", "theme", "shown"),
    [
        ("standard", "textual-dark", "ansi-dark"),
        ("standard", "solarized-light", "ansi-light"),
        ("256", "nord", "nord"),
        ("truecolor", "textual-light", "textual-light"),
    ],
)
def test_a_terminal_of_16_colours_shows_its_own(
    colours: str, theme: str, shown: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The nearest of them to a theme's cannot be read."""
    monkeypatch.setattr(CloseTuiApp, "is_headless", False)
    app = CloseTuiApp(Settings(tmp_path, theme=theme))
    app.console = Console(color_system=colours, force_terminal=True)  # type: ignore[arg-type]
    app.suit_terminal()

    assert shown == app.theme


def _is_lost(segment: Segment) -> bool:
    """Tell whether words are of the colour that they stand on."""
    text, style, _ = segment
    if style is None or not set(text) - SHAPES or style.color is None:
        return False
    return style.color.triplet is not None and style.color == style.bgcolor


def _is_coloured(segment: Segment) -> bool:
    """Tell whether it is anything but grey."""
    style = segment.style
    triplets = [each.triplet for each in (style.color, style.bgcolor) if each] if style else []
    return any(len(set(triplet)) > 1 for triplet in triplets if triplet)
