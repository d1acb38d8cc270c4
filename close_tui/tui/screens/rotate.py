"""Putting a new API key in the place of an old one: it is tried out before anything changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Button, Input, Static

from close_tui.errors import CloseTuiError, WrongUser
from close_tui.model import Connection
from close_tui.operations.desk import Desk
from close_tui.secret import Secret
from close_tui.tui.screens.dialog import Buttons, Dialog, Field, Sheet, Words
from close_tui.tui.verbs import Verbs
from close_tui.tui.widgets.plain_input import PlainInput
from close_tui.tui.widgets.secret_input import SecretInput
from close_tui.tui.widgets.ticks import Tick

if TYPE_CHECKING:
    from close_tui.operations.rotate import Rotated


class RotateKey(Dialog["Rotated"]):
    """Asks for the new key, and lets it take over the name."""

    STORES = "#rotate"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "rotate", "Test and replace", id="rotate.do",
                tooltip="Test the new key, then let it take over the name."),
    ]  # fmt: skip

    def __init__(self, verbs: Verbs, connection: Connection) -> None:
        super().__init__(verbs)
        self._connection = connection

    def compose(self) -> ComposeResult:
        """Lay it out."""
        one = self._connection
        where = one.organization.name or one.organization.id
        with Sheet(f"Replace the key of {one.name}"):
            yield Static(
                f"Make a new key for {where} in Close, as {one.user.email or one.user.id}. It is "
                f"tested, then {one.name} means the new key. The old one is frozen, and you "
                "delete it in Close next.",
                markup=False,
            )
            yield Field("New API key", SecretInput(placeholder="api_…", id="key"), id="key-field")
            yield Field(
                "Reason, for the record", PlainInput(placeholder="may stay empty", id="reason")
            )
            yield Tick("The new key may be another user's", id="other-user", compact=True)
            yield Words(id="state")
            with Buttons():
                yield Button("Test and replace", id="rotate", variant="primary")
                yield Button("Cancel", id="cancel")

    @on(SecretInput.Submitted, "#key")
    def _key_submitted(self) -> None:
        self.query_one("#reason").focus()

    @on(Input.Submitted, "#reason")
    def _reason_submitted(self) -> None:
        self.action_rotate()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Replace, or give up."""
        if event.button.id == "cancel":
            self.action_cancel()
        else:
            self.action_rotate()

    def action_rotate(self) -> None:
        """Test the key and replace the old one."""
        button = self.query_one("#rotate", Button)
        if not button.disabled:
            button.disabled = True
            self.run_worker(self._rotate(), group="rotate", name="rotate key")

    async def _rotate(self) -> None:
        field = self.query_one("#key-field", Field)
        field.accept()
        self.query_one("#state", Words).say("Asking Close whose key this is …")
        try:
            rotated = await self.verbs.run(
                _rotated,
                self._connection,
                self.query_one(SecretInput).secret(),
                self.query_one("#reason", Input).value,
                self.query_one("#other-user", Tick).value,
            )
        except WrongUser as error:
            error.advice = "Nothing was changed. Tick the box below to take it all the same."
            field.refuse(error)
        except CloseTuiError as error:
            field.refuse(error)
        else:
            self.dismiss(rotated)
            return
        self.query_one("#state", Words).say("")
        self.query_one("#rotate", Button).disabled = False


async def _rotated(
    desk: Desk, connection: Connection, key: Secret, reason: str, other_user: bool
) -> Rotated:
    from close_tui.operations.kill import who
    from close_tui.operations.rotate import rotate_key

    return await rotate_key(desk, connection, key, who(), other_user=other_user, reason=reason)
