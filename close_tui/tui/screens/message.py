"""An error in full: what kind, what happened, what to do."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Button, Static

from close_tui.errors import CloseTuiError
from close_tui.tui.screens.dialog import Buttons, Dialog, Sheet
from close_tui.tui.verbs import Verbs


class Message(Dialog[bool]):
    """Shows one of our errors; the command line says the same words."""

    def __init__(self, verbs: Verbs, error: CloseTuiError) -> None:
        super().__init__(verbs)
        self._error = error

    def compose(self) -> ComposeResult:
        """Lay it out."""
        words = str(self._error)
        with Sheet(self._error.title):
            if words != self._error.title:
                yield Static(words, markup=False)
            if self._error.advice:
                yield Static(self._error.advice, classes="advice", markup=False)
            with Buttons():
                yield Button("Close", id="close", variant="primary")

    def on_button_pressed(self) -> None:
        """Close."""
        self.dismiss(True)
