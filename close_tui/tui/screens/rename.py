"""Giving a connection another name."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Button, Input, Static

from close_tui.errors import CloseTuiError
from close_tui.model import Connection, Result
from close_tui.operations.desk import Desk
from close_tui.tui.screens.dialog import Buttons, Dialog, Field, Sheet
from close_tui.tui.verbs import Verbs
from close_tui.tui.widgets.plain_input import PlainInput

_SCRIPTS = "Scripts that use the old name do not find it any more. Nothing changes in Close."


class Rename(Dialog[Result]):
    """Asks for the new name; what is wrong with it stands beside it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "rename", "Rename", tooltip="Give it this name.", id="rename.do"),
    ]

    def __init__(self, verbs: Verbs, connection: Connection) -> None:
        super().__init__(verbs)
        self._connection = connection
        self._is_at_work = False

    def compose(self) -> ComposeResult:
        """Lay it out."""
        one = self._connection
        with Sheet("Rename"):
            where = one.organization.name or one.organization.id
            yield Static(f"{one.name}, {where}", classes="target", markup=False)
            yield Field("New name", PlainInput(one.name, id="new-name"), _SCRIPTS, id="name-field")
            with Buttons():
                yield Button("Rename", id="rename", variant="primary")
                yield Button("Cancel", id="cancel")

    def on_mount(self) -> None:
        """Begin with the name."""
        self.query_one("#new-name").focus()

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.action_rename()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Rename, or give up."""
        if event.button.id == "cancel":
            self.dismiss(None)
        else:
            self.action_rename()

    def action_rename(self) -> None:
        """Give it the name that was typed; its own name changes nothing."""
        name = self.query_one("#new-name", Input).value.strip()
        if name == self._connection.name:
            self.dismiss(None)
        elif not self._is_at_work:
            self._is_at_work = True
            self.run_worker(self._rename(name), group="rename", name="rename")

    async def _rename(self, name: str) -> None:
        try:
            self.dismiss(await self.verbs.ask(_renamed, self._connection.id, name))
        except CloseTuiError as error:
            self._is_at_work = False
            self.query_one("#name-field", Field).refuse(error)


def _renamed(desk: Desk, connection_id: str, name: str) -> Result:
    from close_tui.errors import NotFound
    from close_tui.operations.keep import rename

    now = desk.vault.connection(connection_id)
    if now is None:
        raise NotFound("This connection was removed.")
    return rename(desk, now, name)
