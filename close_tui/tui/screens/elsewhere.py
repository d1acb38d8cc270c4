"""The question what becomes of a grant for another organization than the one that was meant."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Button, Static

from close_tui.operations.elsewhere import DECIDE_S, Elsewhere
from close_tui.tui.screens.dialog import Buttons, Dialog, Sheet
from close_tui.tui.verbs import Verbs


class KeepElsewhere(Dialog[bool]):
    """Names both organizations; True keeps the grant, everything else revokes it."""

    def __init__(self, verbs: Verbs, found: Elsewhere) -> None:
        super().__init__(verbs)
        self._found = found

    def compose(self) -> ComposeResult:
        """Lay it out."""
        chosen, meant = self._found.connection.organization, self._found.meant
        with Sheet("The wrong organization was authorized"):
            yield Static(
                f"You chose    {chosen.name or '(no name)'}  {chosen.id}\n"
                f"Expected     {meant.name or '(no name)'}  {meant.id}",
                classes="target",
                markup=False,
            )
            yield Static(
                "It is set aside and frozen: nothing uses it. Revoked, it is dead at once and "
                "nothing is kept. Kept, it becomes a connection of its own. Without an answer it "
                f"is revoked in {DECIDE_S / 60:g} minutes.",
                markup=False,
            )
            with Buttons():
                yield Button("Revoke it", id="revoke", variant="primary")
                yield Button("Keep it", id="keep")

    def on_mount(self) -> None:
        """Start on the safe answer, and give it where nobody does."""
        self.query_one("#revoke").focus()
        self.set_timer(DECIDE_S, self.action_cancel)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer."""
        self.dismiss(event.button.id == "keep")
