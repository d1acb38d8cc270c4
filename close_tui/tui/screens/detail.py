"""The detail pane as a screen of its own, where the terminal has no room for it beside the list."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from close_tui.errors import CloseTuiError
from close_tui.leaks import Revocability
from close_tui.model import Connection, Event, Kind
from close_tui.operations.overview import history
from close_tui.operations.plan import is_settled
from close_tui.tui.screens.dialog import STYLES
from close_tui.tui.screens.freshness import can_refresh
from close_tui.tui.screens.on_top import OnTop
from close_tui.tui.verbs import Verbs
from close_tui.tui.widgets.detail import Detail
from close_tui.tui.widgets.keys import Keys


class DetailScreen(OnTop[str]):
    """Shows everything about one connection; its result is the action of a verb that was called."""

    CSS_PATH = STYLES

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "app.help", "Help", key_display="?", id="detail.help",
                tooltip="Show the keys for this place."),
        Binding(
            "escape,enter,q", "close", "Back", tooltip="Go back to the list.", id="detail.back"
        ),
        Binding("a", "verb('authorize')", "Authorize", id="detail.authorize",
                tooltip="Authorize it again in the browser."),
        Binding("r", "verb('refresh_tokens')", "Refresh", id="detail.refresh",
                tooltip="Renew its tokens."),
        Binding("t", "verb('test')", "Test", id="detail.test", tooltip="Test it: who answers?"),
        Binding("X", "verb('revoke')", "Revoke", id="detail.revoke",
                tooltip="Revoke it, and prove it."),
        Binding("n", "verb('rename')", "Name", show=False, id="detail.rename",
                tooltip="Give it another name."),
        Binding("y", "verb('copy_secret')", "Copy", show=False, id="detail.copy",
                tooltip="Copy its API key or access token."),
        Binding("Y", "verb('reveal')", "Reveal", show=False, id="detail.reveal",
                tooltip="Show its API key or access token for a while."),
        Binding("D", "verb('remove')", "Remove", show=False, id="detail.remove",
                tooltip="Forget it here. Does not revoke."),
        Binding("A", "verb('add_key')", "Key", show=False, id="detail.add_key",
                tooltip="Add an API key; it is tested first."),
        Binding("j,down", "scroll(1)", "Down", tooltip="Read on.", id="detail.down"),
        Binding("k,up", "scroll(-1)", "Up", tooltip="Read back.", id="detail.up"),
    ]  # fmt: skip

    def __init__(self, verbs: Verbs, connection: Connection, plan: Revocability | None) -> None:
        super().__init__()
        self._verbs = verbs
        self._connection = connection
        self._plan = plan

    def compose(self) -> ComposeResult:
        """Lay it out."""
        yield Detail(clock=self._verbs.clock)
        yield Keys(compact=True)

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
        now = self._verbs.clock()
        self.query_one(Detail).show(self._connection, events, now, self._plan)

    def check_action(self, action: str, parameters: tuple[Any, ...]) -> bool | None:
        """Offer only what is possible for this connection."""
        one = self._connection
        match (action, *parameters):
            case ("verb", "authorize"):
                return one.kind is Kind.OAUTH and one.app_id is not None
            case ("verb", "refresh_tokens"):
                return can_refresh(one)
            case ("verb", "test" | "copy_secret" | "reveal"):
                return one.frozen_at is None and one.revoked_at is None
            case ("verb", "revoke"):
                return not is_settled(one, self._verbs.clock())
        return super().check_action(action, parameters)

    def action_verb(self, action: str) -> None:
        """Go back, and on to a verb."""
        self.dismiss(action)

    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)

    def action_scroll(self, by: int) -> None:
        """Scroll by lines."""
        self.query_one(Detail).scroll_relative(y=by, animate=False)
