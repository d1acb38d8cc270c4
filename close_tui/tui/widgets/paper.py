"""What is read on a page: a screenful at a time, or to its end; lines are the screen's to turn."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll


class Paper(VerticalScroll, inherit_bindings=False):
    """Scrolls at once by the keys that the lists have; the arrows it leaves to its screen.

    Textual's own would take them first, and move by single columns.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("g,home", "first", "First", show=False, id="paper.first", tooltip="First line"),
        Binding("G,end", "last", "Last", show=False, id="paper.last", tooltip="Last line"),
        Binding("pagedown,ctrl+f", "turn(1)", "Page down", show=False, id="paper.page_down",
                tooltip="One screenful on"),
        Binding("pageup,ctrl+b", "turn(-1)", "Page up", show=False, id="paper.page_up",
                tooltip="One screenful back"),
    ]  # fmt: skip

    def action_first(self) -> None:
        """Go to the first line."""
        self.scroll_to(y=0, animate=False)

    def action_last(self) -> None:
        """Go to the last line."""
        self.scroll_to(y=self.max_scroll_y, animate=False)

    def action_turn(self, by: int) -> None:
        """Go on or back by screenfuls."""
        lines = by * self.scrollable_content_region.height
        self.scroll_relative(y=lines, animate=False)
