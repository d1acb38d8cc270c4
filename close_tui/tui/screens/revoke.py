"""The question before a revocation: what dies, what will happen, and what cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Button, Input, Static

from close_tui.errors import UsageError
from close_tui.model import Connection, Kind, Status
from close_tui.tui.screens.dialog import Buttons, Dialog, Field, Sheet
from close_tui.tui.verbs import Verbs

_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A revocation that was confirmed; the reason goes into the history."""

    reason: str


def prospect(connection: Connection, now: float) -> str:
    """Say beforehand what a revocation of this connection will come to."""
    if connection.status(now) is Status.REJECTED and not connection.can_refresh:
        return "refused by Close already; that is made sure of, and written down"
    if connection.kind is Kind.API_KEY:
        return f"by hand: Close's settings open, you delete {connection.key_id} there"
    if connection.app_id is None:
        return "cannot be revoked: its OAuth app was removed, and with it the secret"
    if connection.expires_at is not None and connection.expires_at <= now:
        return "revoked; not provable, because its access token has expired"
    return "revoked, and proved dead by its access token"


class Revoke(Dialog[Confirmed]):
    """Names what will be revoked and starts on Cancel; many at once ask for their count."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "app.focus_previous", show=False, id="revoke.previous", tooltip="Back."),
        Binding("right", "app.focus_next", show=False, id="revoke.next", tooltip="On."),
    ]

    def __init__(self, verbs: Verbs, targets: list[Connection]) -> None:
        super().__init__(verbs)
        self._targets = targets

    def compose(self) -> ComposeResult:
        """Lay it out."""
        count = len(self._targets)
        with Sheet(
            f"Revoke {self._targets[0].name}" if count == 1 else f"Revoke {count} connections"
        ):
            yield Static(self._sentence(), markup=False)
            for target in self._targets[:_SHOWN]:
                yield Static(self._line(target), classes="target", markup=False)
            if count > _SHOWN:
                yield Static(f"… and {count - _SHOWN} more", classes="target", markup=False)
            yield Static(
                "Each is frozen first, so that nothing renews it meanwhile. This cannot be undone.",
                markup=False,
            )
            if count > 1:
                yield Field(
                    f"Type {count} to confirm",
                    Input(placeholder=str(count), type="integer", id="count"),
                    id="count-field",
                )
            yield Field("Reason, for the history", Input(placeholder="may stay empty", id="reason"))
            with Buttons():
                yield Button("Cancel", id="cancel")
                yield Button("Revoke", id="revoke", variant="error")

    def on_mount(self) -> None:
        """Start on Cancel."""
        self.query_one("#cancel").focus()

    def _sentence(self) -> str:
        names = dict.fromkeys(t.organization.name or t.organization.id for t in self._targets)
        shown = ", ".join(list(names)[:_SHOWN])
        if len(names) > _SHOWN:
            shown += f" and {len(names) - _SHOWN} more"
        return f"In {shown}:"

    def _line(self, target: Connection) -> str:
        kind = "API key" if target.kind is Kind.API_KEY else f"OAuth, {target.app or 'app removed'}"
        who = target.user.email or target.user.id
        return f"{target.name} ({kind}, {who})\n  → {prospect(target, self.verbs.clock())}"

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.query_one("#cancel").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer."""
        if event.button.id == "cancel":
            self.dismiss(None)
        elif self._is_counted():
            self.dismiss(Confirmed(self.query_one("#reason", Input).value))

    def _is_counted(self) -> bool:
        count = len(self._targets)
        if count == 1 or self.query_one("#count", Input).value.strip() == str(count):
            return True
        field = self.query_one("#count-field", Field)
        field.refuse(UsageError(f"{count} connections would be revoked: type {count}."))
        return False
