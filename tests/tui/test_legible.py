"""Text that can be read: contrast of at least 4.5:1, measured on what is painted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import pytest
from rich.segment import Segment
from textual.color import Color
from textual.geometry import Region

from close_tui.tui.widgets.contrast import ENOUGH, ratio
from tests.tui.town import Screen, Town

THEMES: Final = ("textual-dark", "textual-light")
SHAPES: Final = frozenset(" ─━│┃╭╮╰╯▁▂▃▄▅▆▇█▏▎▍▌▋▊▉▐▔▕▀▖▗▘▝▚▞▟▙▛▜═║●○◌◐□■◆🔎")
"""What is drawn, not read: a shape repeats what a word beside it says (WCAG 2.2, 1.4.11)."""

PLACES: Final[dict[str, tuple[str, ...]]] = {
    "main": (),
    "organizations": ("shift+tab",),
    "detail": ("enter",),
    "help": ("question_mark",),
    "filter": ("slash", *"acme"),
    "palette": ("ctrl+p",),
    "add key": ("A",),
    "add key, refused": ("A", "ctrl+s"),
    "add app": ("o",),
    "add app, refused": ("o", "ctrl+s"),
    "authorize": ("a", "enter"),
    "test": ("t",),
    "revoke": ("X",),
    "revoke several": ("space", "space", "X"),
    "remove": ("D",),
    "leak": ("exclamation_mark",),
    "incidents": ("I",),
    "rotate": ("R",),
    "rename": ("n",),
    "reveal": ("Y",),
    "apps": ("O",),
    "import": ("i",),
    "import, refused": ("i", "ctrl+s"),
    "doctor": ("H",),
    "settings": ("comma",),
    "vault": ("W",),
    "certificate": ("T",),
    "removal": ("D", "tab", "enter"),
}
"""How each place is reached from the main screen."""


def painted(screen: Screen) -> Iterator[Segment]:
    """Give what is on the screen in front, piece by piece; what shows through it is set back."""
    front = screen.app.screen
    shown = [Region(0, 0, *screen.app.size)]
    if front.is_modal:
        shown = [child.region for child in front.query("Sheet, #--input, CommandList")] or shown
    for y, strip in enumerate(front._compositor.render_strips(screen.app.size)):
        for part in shown:
            if part.y <= y < part.bottom:
                yield from strip.crop(part.x, part.right)


def faint(segments: Sequence[Segment], ground: Color) -> list[str]:
    """Return the words that cannot be read, with their contrast."""
    found: list[str] = []
    for text, style, _ in segments:
        if style is None or not set(text) - SHAPES:
            continue
        front = style.color.triplet if style.color else None
        behind = style.bgcolor.triplet if style.bgcolor else None
        colours = Color(*front) if front else ground.inverse, Color(*behind) if behind else ground
        if style.reverse:
            colours = colours[1], colours[0]
        if style.dim:
            colours = colours[0].blend(colours[1], 0.5), colours[1]
        if colours[0] == colours[1]:  # not there: an empty box
            continue
        if (contrast := ratio(*colours)) < ENOUGH - 0.01:
            found.append(f"{text.strip()!r}: {contrast:.2f}")
    return found


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("place", PLACES)
async def test_every_word_can_be_read(town: Town, theme: str, place: str) -> None:
    """In both default themes, in each place, the greyed and the highlighted words too."""
    town.grant("acme-reports")
    town.check(town.grant("acme-refused", by=town.bob).id, "rejected", 401)
    town.key("acme-export")
    town.key("globex-export", town.globex)
    async with town.show() as screen:
        screen.app.theme = theme
        await screen.sees("acme-reports", "Quit")
        await screen.press(*PLACES[place])
        await screen.pilot.pause(0.4)
        segments = list(painted(screen))
        ground = screen.app.screen.background_colors[1]

        assert len(segments) > 20
        assert [] == faint(segments, ground)
