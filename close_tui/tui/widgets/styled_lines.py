"""How the lines of our lists are coloured."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.scroll_view import ScrollView
from textual.strip import Strip

from close_tui.tui.widgets.contrast import legible
from close_tui.tui.widgets.hue import PART, hue
from close_tui.tui.widgets.line import BARS, Piece

RICHER: Final = {
    "list--header",
    "list--mark",
    "list--primary",
    "list--success",
    "list--warning",
    "list--full",
    "list--low",
    "list--spent",
}
"""Component classes of the lists that say more of a row than its name and a count."""


class StyledLines(ScrollView):
    """Draws pieces of text in component classes, legibly in every theme and without colour."""

    DEFAULT_CSS = """
    StyledLines {
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        & > .list--highlighted { background: $foreground 8%; }
        &:focus > .list--highlighted { background: $primary 20%; }
        & > .list--header { color: $text-muted; }
        & > .list--cursor { color: $foreground 40%; }
        &:focus > .list--cursor { color: $text-primary; }
        & > .list--strong { text-style: bold; }
        & > .list--mark { color: $text-accent; text-style: bold; }
        & > .list--muted { color: $text-muted; }
        & > .list--primary { color: $text-primary; }
        & > .list--success { color: $text-success; }
        & > .list--warning { color: $text-warning; }
        & > .list--error { color: $text-error; text-style: bold; }
        & > .list--full { color: $text-success 60%; background: $foreground 10%; }
        & > .list--spent { color: $foreground 20%; background: $foreground 10%; }
        & > .list--low { color: $text-warning; background: $foreground 10%; }
        &:light {
            & > .list--full { color: $success-darken-2 70%; }
            & > .list--low { color: $warning-darken-2; }
        }
        &:nocolor {
            & > .list--error { color: $foreground; }
            & > .list--primary { color: $foreground; }
            &:focus > .list--highlighted { background: $foreground 20%; }
        }
        &:ansi {
            & > .list--highlighted { background: ansi_default; text-style: underline; }
            &:focus > .list--highlighted { background: ansi_default; text-style: none; }
            & > .list--spent { color: ansi_bright_black; }
            & > .list--muted { color: ansi_default; text-style: dim; }
            & > .list--header { color: ansi_default; text-style: dim; }
        }
    }
    """

    # What every list draws in, and no more: each takes as long to style as a widget.
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "list--highlighted",
        "list--cursor",
        "list--strong",
        "list--muted",
        "list--error",
    }

    def __init__(
        self,
        *,
        id: str | None = None,  # noqa: A002 - textual's word
        classes: str | None = None,
    ) -> None:
        # Textual works a style out anew for each segment, which takes most of a line's time.
        self._looks: dict[tuple[str, str], Style] = {}
        super().__init__(id=id, classes=classes)

    def strip(self, pieces: Iterable[Piece], width: int, ground: str = "") -> Strip:
        """Return a line of pieces, on the background of a component class."""
        segments = [Segment(text, self._style(ground, part)) for text, part in pieces if text]
        strip = Strip(segments)
        return strip.adjust_cell_length(width, self._style(ground, ""))

    def _style(self, ground: str, part: str) -> Style:
        if (style := self._looks.get((ground, part))) is None:
            style = self._looks[ground, part] = self._made_style(ground, part)
        return style

    def _made_style(self, ground: str, part: str) -> Style:
        if part.startswith(PART):
            return self._hued_style(ground, part)
        visual = self.get_visual_style(*(f"list--{name}" for name in (ground, part) if name))
        text, ground_colour = visual.foreground, visual.background
        if part in BARS or text is None or ground_colour is None:
            return visual.rich_style
        if not self.app.native_ansi_color:
            colour = legible(ground_colour + text, ground_colour)
            return visual.rich_style + Style(color=colour.rich_color)
        # The terminal's own colours cannot be measured, nor mixed to a tint: the cursor is inverse,
        # and of one colour, on which nothing is dim.
        if ground == "highlighted" and self.has_focus:
            return Style(reverse=True, bold=visual.bold)
        return visual.rich_style

    def _hued_style(self, ground: str, part: str) -> Style:
        plain, behind = self._style(ground, ""), self.background_colors[1]
        if self.app.native_ansi_color:  # the terminal's own twelve colours mean other things
            return plain
        if plain.bgcolor is not None and plain.bgcolor.triplet is not None:
            behind = Color(*plain.bgcolor.triplet)
        return plain + Style(color=legible(hue(part), behind).rich_color)

    def notify_style_update(self) -> None:
        """Forget the styles that are remembered: focus or theme changed."""
        self._looks.clear()
        super().notify_style_update()
