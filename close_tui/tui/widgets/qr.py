"""A QR code in the terminal: dark on light whatever the theme, or nothing where it does not fit."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from close_tui import qr


class QR(Widget):
    """A QR code as large as it is; a part of one would be of no use to anybody."""

    # Not the theme's colours: cameras want black on white, and enough of it.
    DEFAULT_CSS = """
    QR { width: auto; height: auto; color: #000000; background: #ffffff; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - textual's word
        super().__init__(id=id)
        self._code: qr.Code | None = None
        self.display = False

    @property
    def needs(self) -> tuple[int, int]:
        """Columns and lines that it takes; none before it holds something."""
        return (self._code.width, self._code.height) if self._code else (0, 0)

    def hold(self, text: str) -> None:
        """Take the text that it stands for."""
        self._code = qr.encode(text)
        self.refresh(layout=True)

    def render(self) -> Content:
        """Draw it."""
        return Content("\n".join(self._code.lines if self._code else ()))
