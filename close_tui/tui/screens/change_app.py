"""Changing what is stored of an OAuth app, once Close's side was changed."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Button, Input, Static

from close_tui.errors import CloseTuiError, UsageError
from close_tui.model import App, Result
from close_tui.operations.desk import Desk
from close_tui.secret import Secret
from close_tui.tui.screens.dialog import Buttons, Dialog, Field, Sheet, Words
from close_tui.tui.screens.gate import open_vault
from close_tui.tui.verbs import Verbs
from close_tui.tui.widgets.app_list import AppRow
from close_tui.tui.widgets.plain_input import PlainInput
from close_tui.tui.widgets.secret_input import SecretInput
from close_tui.tui.widgets.ticks import Tick

_REDIRECT = "Exactly as it is registered in Close."


class ChangeApp(Dialog[Result]):
    """Asks for a redirect URI, PKCE and a new client secret; a secret left empty stays."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "change", "Change", id="change_app.do", tooltip="Store what is new."),
    ]

    def __init__(self, verbs: Verbs, row: AppRow) -> None:
        super().__init__(verbs)
        self._row = row
        self._is_at_work = False

    def compose(self) -> ComposeResult:
        """Lay it out."""
        app, has_secret = self._row
        hint = "Empty: the stored one stays." if has_secret else "None is stored."
        with Sheet(f"Change {app.name}"):
            yield Static(app.client_id, classes="target", markup=False)
            yield Field(
                "Redirect URI",
                PlainInput(app.redirect_uri, id="redirect", select_on_focus=False),
                _REDIRECT,
                id="redirect-field",
            )
            yield Field("New client secret", SecretInput(id="secret"), hint, id="secret-field")
            yield Tick("PKCE: leave it on unless Close refuses it", value=app.pkce, compact=True)
            yield Words(id="state")
            with Buttons():
                yield Button("Change", id="change", variant="primary")
                yield Button("Cancel", id="cancel")

    def on_mount(self) -> None:
        """Begin with the address."""
        self.query_one("#redirect").focus()

    @on(Input.Submitted, "#redirect")
    def _redirect_submitted(self) -> None:
        self.query_one("#secret").focus()

    @on(SecretInput.Submitted, "#secret")
    def _secret_submitted(self) -> None:
        self.action_change()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Change, or give up."""
        if event.button.id == "cancel":
            self.dismiss(None)
        else:
            self.action_change()

    def action_change(self) -> None:
        """Store what is new; nothing where nothing is."""
        for field in self.query(Field):
            field.accept()
        app = self._row.app
        redirect_uri = self.query_one("#redirect", Input).value.strip()
        pkce = self.query_one(Tick).value
        secret = self.query_one("#secret", SecretInput).secret()
        if not secret and (redirect_uri, pkce) == (app.redirect_uri, app.pkce):
            self.dismiss(None)
        elif not self._is_at_work:
            self._is_at_work = True
            changing = self._change(redirect_uri, pkce, secret or None)
            self.run_worker(changing, group="apps.change", name="change app")

    async def _change(self, redirect_uri: str, pkce: bool, secret: Secret | None) -> None:
        where = "#redirect-field"
        try:
            await self.verbs.ask(_check_redirect_uri, redirect_uri)
            where = "#secret-field"
            await self.verbs.ask(_check_secret, secret)
            if secret is None or await open_vault(self.app, self.verbs):
                app = self._row.app
                self.dismiss(await self.verbs.run(_changed, app, redirect_uri, pkce, secret))
                return
        except UsageError as error:
            self.query_one(where, Field).refuse(error)
        except CloseTuiError as error:
            self.query_one("#state", Words).say(f"✕ {error} {error.advice}")
        self._is_at_work = False


def _check_redirect_uri(_: Desk, text: str) -> None:
    from close_tui.callback.addresses import validate_redirect_uri

    validate_redirect_uri(text)


def _check_secret(_: Desk, secret: Secret | None) -> None:
    from close_tui.operations.add import checked_secret

    checked_secret(secret)


async def _changed(
    desk: Desk, app: App, redirect_uri: str, pkce: bool, secret: Secret | None
) -> Result:
    from close_tui.operations.add import set_app

    return await set_app(desk, app, redirect_uri=redirect_uri, pkce=pkce, client_secret=secret)
