"""The question before an OAuth app is forgotten here."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Button, Static

from close_tui.model import App
from close_tui.tui.screens.dialog import Buttons, Dialog, Sheet
from close_tui.tui.verbs import Verbs

_CONSEQUENCE = (
    "Its client secret is destroyed here; Close shows it only once. In Close the app stays: delete "
    "it there under Settings → Developer → OAuth Apps."
)


class RemoveApp(Dialog[bool]):
    """Asks whether to forget an app; starts on Cancel."""

    def __init__(self, verbs: Verbs, app: App) -> None:
        super().__init__(verbs)
        self._oauth_app = app

    def compose(self) -> ComposeResult:
        """Lay it out."""
        one = self._oauth_app
        with Sheet("Remove an OAuth app"):
            yield Static(f"{one.name}, {one.client_id}", classes="target", markup=False)
            if one.connections:
                yield Static(_needed(one.connections), classes="advice", markup=False)
            else:
                yield Static(_CONSEQUENCE, classes="advice", markup=False)
            with Buttons():
                yield Button("Close" if one.connections else "Cancel", id="cancel")
                if not one.connections:
                    yield Button("Remove", id="remove", variant="error")

    def on_mount(self) -> None:
        """Start on Cancel."""
        self.query_one("#cancel").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer."""
        self.dismiss(event.button.id == "remove")


def _needed(connections: int) -> str:
    many = f"{connections} connections need" if connections > 1 else "One connection needs"
    return f"{many} it to be refreshed and revoked. Revoke or remove what needs it first."
