"""The question before connections are forgotten here: nothing is revoked by it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Button, Static

from close_tui.model import Connection
from close_tui.tui.screens.dialog import Buttons, Dialog, Sheet
from close_tui.tui.verbs import Verbs

_SHOWN = 8


class Remove(Dialog[bool]):
    """Asks whether to forget; starts on Cancel."""

    def __init__(self, verbs: Verbs, targets: list[Connection]) -> None:
        super().__init__(verbs)
        self._targets = targets

    def compose(self) -> ComposeResult:
        """Lay it out."""
        count = len(self._targets)
        alive = sum(target.revoked_at is None for target in self._targets)
        with Sheet("Remove" if count == 1 else f"Remove {count} connections"):
            for target in self._targets[:_SHOWN]:
                where = target.organization.name or target.organization.id
                yield Static(f"{target.name}, {where}", classes="target", markup=False)
            if count > _SHOWN:
                yield Static(f"… and {count - _SHOWN} more", classes="target", markup=False)
            yield Static(_consequence(alive), classes="advice" if alive else "", markup=False)
            with Buttons():
                yield Button("Cancel", id="cancel")
                yield Button("Remove", id="remove", variant="error")

    def on_mount(self) -> None:
        """Start on Cancel."""
        self.query_one("#cancel").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer."""
        self.dismiss(event.button.id == "remove" or None)


def _consequence(alive: int) -> str:
    if not alive:
        return "It was revoked. Only what is known of it here is forgotten; its history stays."
    return (
        "This does NOT revoke: Close goes on accepting what is forgotten here, and close-tui can "
        "no longer revoke it afterwards. To kill it, cancel and press X."
    )
