"""Lines whose broken rest hangs below their words, not below their number or key."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from close_tui.tui.widgets.wrap import wrapped


class Hanging(Widget):
    """Shows lines of a head, which may be empty, and words that are broken beside it."""

    DEFAULT_CSS = """
    Hanging { width: 100%; height: auto; }
    """

    def __init__(
        self, lines: Iterable[tuple[Content, Content]], *, classes: str | None = None
    ) -> None:
        super().__init__(classes=classes)
        self._lines = list(lines)

    def get_content_height(
        self,
        container: Size,  # noqa: ARG002 - Textual's arguments
        viewport: Size,  # noqa: ARG002
        width: int,
    ) -> int:
        """Return how many lines it takes."""
        return len(self._broken(width))

    def render(self) -> Content:
        """Draw it."""
        return Content("\n").join(self._broken(self.content_size.width))

    def _broken(self, width: int) -> list[Content]:
        return [
            line if number else Content.assemble(head, line)
            for head, words in self._lines
            for number, line in enumerate(wrapped(words, width, indent=head.cell_length))
        ]
