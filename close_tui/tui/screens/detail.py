"""The detail pane as a screen of its own, where the terminal has no room for it beside the list."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Footer

from close_tui.errors import CloseTuiError
from close_tui.model import Connection, Event
from close_tui.operations.overview import history
from close_tui.tui.verbs import Verbs
from close_tui.tui.widgets.detail import Detail


class DetailScreen(ModalScreen[None]):
    """Shows everything about one connection."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape,enter,q", "close", "Back", tooltip="Go back to the list.", id="detail.back"
        ),
        Binding("j,down", "scroll(1)", "Down", tooltip="Read on.", id="detail.down"),
        Binding("k,up", "scroll(-1)", "Up", tooltip="Read back.", id="detail.up"),
    ]

    def __init__(self, verbs: Verbs, connection: Connection) -> None:
        super().__init__()
        self._verbs = verbs
        self._connection = connection

    def compose(self) -> ComposeResult:
        """Lay it out."""
        yield Detail(clock=self._verbs.clock)
        yield Footer()

    def on_mount(self) -> None:
        """Show what is known, then the history."""
        self._show([])
        self.run_worker(self._with_history(), group="history", name="history")

    async def _with_history(self) -> None:
        try:
            self._show(await self._verbs.ask(history, self._connection.id, 200))
        except CloseTuiError as error:
            self.notify(f"{error} {error.advice}", severity="error", markup=False)

    def _show(self, events: list[Event]) -> None:
        self.query_one(Detail).show(self._connection, events, self._verbs.clock())

    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)

    def action_scroll(self, by: int) -> None:
        """Scroll by lines."""
        self.query_one(Detail).scroll_relative(y=by, animate=False)
