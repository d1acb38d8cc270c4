"""The question before a walk through all that must be authorized again, and between two of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.app import ComposeResult
from textual.widgets import Button, Static

from close_tui.tui.screens.dialog import Buttons, Dialog, Sheet
from close_tui.tui.verbs import Verbs

if TYPE_CHECKING:
    from close_tui.operations.reconnect import Lost

_SHOWN: Final = 10


class Reconnect(Dialog[bool]):
    """Shows what is lost, and how many browser visits lie ahead."""

    def __init__(self, verbs: Verbs, found: list[Lost]) -> None:
        super().__init__(verbs)
        self._found = found

    def compose(self) -> ComposeResult:
        """Lay it out."""
        count = len(self._found)
        with Sheet(f"Authorize again: {count}"):
            yield Static(
                "One after another the browser opens. Pick the organization that is named.",
                markup=False,
            )
            for each in self._found[:_SHOWN]:
                yield Static(_line(each), classes="target", markup=False)
            if count > _SHOWN:
                yield Static(f"… and {count - _SHOWN} more", classes="target", markup=False)
            with Buttons():
                yield Button("Begin", id="begin", variant="primary")
                yield Button("Cancel", id="cancel")

    def on_mount(self) -> None:
        """Start on the first button."""
        self.query_one("#begin").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer."""
        self.dismiss(event.button.id == "begin")


class GoOn(Dialog[bool]):
    """Asks, after one that was not authorized, whether to go on with the others."""

    def __init__(self, verbs: Verbs, missed: Lost, left: int) -> None:
        super().__init__(verbs)
        self._missed = missed
        self._left = left

    def compose(self) -> ComposeResult:
        """Lay it out."""
        was = self._missed.connection
        with Sheet(f"{was.name} was not authorized"):
            others = "1 is left." if self._left == 1 else f"{self._left} are left."
            yield Static(f"{others} C begins again with what is lost then.", markup=False)
            with Buttons():
                yield Button("Go on", id="go-on", variant="primary")
                yield Button("Stop", id="stop")

    def on_mount(self) -> None:
        """Start on the first button."""
        self.query_one("#go-on").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer."""
        self.dismiss(event.button.id == "go-on")


def _line(one: Lost) -> str:
    was = one.connection
    where = was.organization.name or was.organization.id
    return f"{one.name or was.name} ({where}, {was.user.email or was.user.id})\n  {one.why}"
