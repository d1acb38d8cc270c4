"""Writing the whole vault into one sealed file."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Button, Input, Static

from close_tui.errors import CloseTuiError, NameTaken, NotFound, UsageError
from close_tui.model import Result
from close_tui.operations.desk import Desk
from close_tui.secret import Secret
from close_tui.tui.screens.dialog import Buttons, Dialog, Field, Sheet, Words
from close_tui.tui.screens.passphrase import SHORTEST
from close_tui.tui.widgets.plain_input import PlainInput
from close_tui.tui.widgets.secret_input import SecretInput

_WHAT = (
    "Everything goes into one age file that any age opens: secrets and history included. Whoever "
    "opens it has all of it."
)
_RECIPIENTS = "Public keys of age, separated by spaces; then no passphrase is needed."


class ExportVault(Dialog[Result]):
    """Asks for a new file, and for recipients or a passphrase."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "export", "Export", id="export.do", tooltip="Seal it and write it."),
    ]

    _is_at_work = False

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with Sheet("Export the vault"):
            yield Static(_WHAT, markup=False)
            yield Field(
                "New file",
                PlainInput(placeholder="~/close-tui-backup.age", id="path"),
                id="path-field",
            )
            yield Field(
                "Recipients (may stay empty)",
                PlainInput(placeholder="age1…", id="recipients"),
                _RECIPIENTS,
                id="recipients-field",
            )
            hint = f"At least {SHORTEST} characters. Nobody can recover it."
            yield Field("Passphrase", SecretInput(id="first"), hint, id="first-field")
            yield Field("The same again", SecretInput(id="second"), id="second-field")
            yield Words(id="state")
            with Buttons():
                yield Button("Export", id="export", variant="primary")
                yield Button("Cancel", id="cancel")

    def on_mount(self) -> None:
        """Begin with the file."""
        self.query_one("#path").focus()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        following = {"path": "#recipients", "recipients": "#first", "first": "#second"}
        if (place := event.input.id or "") in following:
            self.query_one(following[place]).focus()
        else:
            self.action_export()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Export, or give up."""
        if event.button.id == "cancel":
            self.dismiss(None)
        else:
            self.action_export()

    def action_export(self) -> None:
        """Seal it and write it, if nothing is missing."""
        for field in self.query(Field):
            field.accept()
        path = self.query_one("#path", Input).value.strip()
        recipients = self.query_one("#recipients", Input).value.split()
        first = self.query_one("#first", SecretInput).secret()
        second = self.query_one("#second", SecretInput).secret()
        if not path:
            self._refuse("#path-field", "Name a new file.")
        elif recipients and (first or second):
            self._refuse("#recipients-field", "Seal it to recipients, or with a passphrase.")
        elif not recipients and len(first) < SHORTEST:
            self._refuse("#first-field", f"It has {len(first)} characters, and needs {SHORTEST}.")
        elif first != second:
            self._refuse("#second-field", "The two are not the same.")
        elif not self._is_at_work:
            self._is_at_work = True
            exporting = self._export(path, recipients, first or None)
            self.run_worker(exporting, group="vault.export", name="export the vault")

    def _refuse(self, field: str, words: str) -> None:
        self.query_one(field, Field).refuse(UsageError(words))

    async def _export(self, given: str, recipients: list[str], passphrase: Secret | None) -> None:
        slow = "" if recipients else ": some seconds, on purpose"
        self.query_one("#state", Words).say(f"Sealing it{slow} …")
        try:
            path = _path(given)
            exported = await self.verbs.run(_exported, path, recipients, passphrase)
        except NameTaken as error:
            self.query_one("#path-field", Field).refuse(error)
        except UsageError as error:
            self.query_one("#recipients-field", Field).refuse(error)
        except CloseTuiError as error:
            self.query_one("#path-field", Field).refuse(error)
        else:
            self.dismiss(exported)
            return
        self.query_one("#state", Words).say("")
        self._is_at_work = False


def _path(given: str) -> Path:
    try:
        return Path(given).expanduser().absolute()
    except RuntimeError:
        raise NotFound("There is no such home folder.", advice="Name another file.") from None


async def _exported(
    desk: Desk, path: Path, recipients: list[str], passphrase: Secret | None
) -> Result:
    from close_tui.operations import vault_backup as backup

    backup.refuse_existing(path)
    exported = await backup.export(desk, recipients=recipients, passphrase=passphrase)
    backup.write(path, exported)
    left = " ".join(f"Left out: {each}" for each in exported.left_out)
    said = f"{exported.connections} connections, in {path}."
    return Result("", "vault", "export", "ok", said, left, desk.clock())
