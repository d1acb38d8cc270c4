"""The address of the consent screen as a QR code, alone, as large as it gets."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from close_tui.tui.screens.dialog import Dialog, Words
from close_tui.tui.verbs import Verbs
from close_tui.tui.widgets.qr import QR

_BY_TUNNEL = "Read it with a phone that is signed in to Close. esc goes back."
_BY_PASTE = (
    "Read it with a phone that is signed in to Close. The page at the end cannot load there: "
    "send its address here and paste it. esc goes back."
)


class QrCode(Dialog[None]):
    """Shows a QR code, or how large the window would have to be."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+r,r", "cancel", "Back", show=False, tooltip="Go back.", id="qr.back"),
    ]

    def __init__(self, verbs: Verbs, url: str, *, comes_back: bool) -> None:
        super().__init__(verbs)
        self._url = url
        self._comes_back = comes_back

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with Vertical(id="qr-sheet"):
            yield QR(id="qr-alone")
            yield Words(id="qr-words")

    def on_mount(self) -> None:
        """Draw it; no message of before may lie upon it."""
        self.app.clear_notifications()
        self.query_one(QR).hold(self._url)
        self._fit()

    def on_resize(self) -> None:
        """A larger window may have room for it."""
        self._fit()

    def _fit(self) -> None:
        code, words = self.query_one(QR), self.query_one(Words)
        (width, height), size = code.needs, self.app.size
        if not width:
            return
        code.display = width <= size.width and height < size.height
        self.set_class(not code.display, "-too-small")
        if code.display:
            words.say(_BY_TUNNEL if self._comes_back else _BY_PASTE)
        else:
            words.say(
                f"The QR code needs a window of {width} columns and {height + 1} lines; this one "
                f"has {size.width} and {size.height}. Make it larger, or its letters smaller. "
                "esc goes back."
            )
