"""How the lines of our lists are coloured."""

from __future__ import annotations

from collections.abc import Iterable

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style as VisualStyle

from close_tui.tui.widgets.contrast import legible, mixed
from close_tui.tui.widgets.hue import PART, hue
from close_tui.tui.widgets.line import BARS, Piece
from close_tui.tui.widgets.line_looks import Circumstances, look


class StyledLines(ScrollView):
    """Draws pieces of text in the theme's colours, legibly in every theme and without colour."""

    DEFAULT_CSS = """
    StyledLines { overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1; }
    """

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
        """Return a line of pieces, on the background of a part that the line is as a whole."""
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
        visual = self._drawn_style(ground, part)
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

    def _drawn_style(self, *parts: str) -> VisualStyle:
        app, plain = self.app, self.visual_style
        here = Circumstances(
            self.has_focus, not app.current_theme.dark, app.no_color, app.native_ansi_color
        )
        behind, text = plain.background or Color(0, 0, 0, 0), plain.foreground
        variables, styles = app.theme_variables, set()
        for drawn in [look(part, here) for part in parts]:
            if drawn.ground:
                behind += mixed(variables, drawn.ground, behind)
            if drawn.text:
                text = mixed(variables, drawn.text, behind)
            styles.add(drawn.style)
        return VisualStyle(
            behind,
            text,
            bold="bold" in styles or None,
            dim="dim" in styles or None,
            underline="underline" in styles or None,
        )

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
