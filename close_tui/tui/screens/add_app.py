"""Adding an OAuth app, as it is registered in Close."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Button, Input, Static

from close_tui.errors import CloseTuiError, NameTaken, UsageError
from close_tui.model import Result
from close_tui.operations.desk import Desk
from close_tui.secret import Secret
from close_tui.settings import is_loopback
from close_tui.tui.screens.dialog import Buttons, Dialog, Field, Sheet, Words
from close_tui.tui.screens.gate import open_vault
from close_tui.tui.widgets.plain_input import PlainInput
from close_tui.tui.widgets.secret_input import SecretInput
from close_tui.tui.widgets.ticks import Tick

_REDIRECT = (
    "Enter exactly this in Close's form (ctrl+y copies it). Close refuses http://, also for "
    "localhost: close-tui brings a certificate, and your browser asks about it once."
)

_UNLIKE = "! Close's client IDs are oa2client_ and 22 letters or digits. It is taken as it is."


class AddApp(Dialog[Result]):
    """Asks for what Close shows of an OAuth app, and stores it."""

    AUTO_FOCUS = ""  # Textual's way to the first field scrolls past what is above it
    STORES = "#add"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "add", "Add", tooltip="Store the OAuth app.", id="add"),
        Binding("ctrl+y", "copy_redirect", "Copy redirect URI", id="add.copy_redirect",
                tooltip="Copy the redirect URI, to paste it into Close's form."),
    ]  # fmt: skip

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with Sheet("Add an OAuth app"):
            yield Static("In Close: Settings → Developer → OAuth Apps → Create App.", markup=False)
            yield Field("Name", PlainInput(placeholder="reporting", id="name"), id="name-field")
            yield Field(
                "Redirect URI",
                PlainInput(self.verbs.settings.redirect_uri, id="redirect", select_on_focus=False),
                _REDIRECT,
                id="redirect-field",
            )
            yield Field(
                "A tunnel forwards it to (empty: it is pasted)",
                PlainInput(placeholder="http://127.0.0.1:8400", id="listen"),
                id="listen-field",
            )
            yield Field(
                "Client ID", PlainInput(placeholder="oa2client_…", id="client"), id="id-field"
            )
            yield Field(
                "Client secret", SecretInput(id="secret"), "Close shows it once.", id="secret-field"
            )
            yield Tick("PKCE: leave it on unless Close refuses it", value=True, compact=True)
            yield Words(id="state")
            with Buttons():
                yield Button("Add", id="add", variant="primary")
                yield Button("Cancel", id="cancel")

    def on_mount(self) -> None:
        """Begin with the name."""
        self.query_one("#listen-field").display = False
        self.query_one("#name").focus(scroll_visible=False)

    @on(Input.Changed, "#client")
    async def _client_changed(self, event: Input.Changed) -> None:
        await self._check_as_typed("#id-field", event.value, _check_client_id, "✓ A client id.")
        if await self.verbs.ask(lambda _: _is_unlike_close_s(event.value)):
            self.query_one("#id-field", Field).tell(_UNLIKE, "fair")

    @on(Input.Changed, "#redirect")
    async def _redirect_changed(self, event: Input.Changed) -> None:
        await self._check_as_typed("#redirect-field", event.value, _check_redirect_uri, _REDIRECT)

    async def _check_as_typed(
        self, place: str, text: str, check: Callable[[str], object], good: str
    ) -> None:
        """Say beside the field whether it would be taken; it keeps the focus."""
        field = self.query_one(place, Field)
        try:
            await self.verbs.ask(lambda _: check(text))
        except UsageError as error:
            if text.strip():
                field.tell(f"✕ {error.in_full}", "weak")
            else:
                field.accept()
        else:
            field.tell(good)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        is_elsewhere = self.query_one("#listen-field").display
        following = {
            "name": "#redirect",
            "redirect": "#listen" if is_elsewhere else "#client",
            "listen": "#client",
            "client": "#secret",
        }
        if (place := event.input.id or "") in following:
            self.query_one(following[place]).focus()
        else:
            self.action_add()

    @on(Input.Blurred, "#redirect")
    def _redirect_left(self) -> None:
        self.run_worker(self._look_at_port(), group="port", name="look at the port", exclusive=True)

    async def _look_at_port(self) -> None:
        """Warn beside the field where the browser could not come back now."""
        uri = self.query_one("#redirect", Input).value.strip()
        field = self.query_one("#redirect-field", Field)
        try:
            words = await self.verbs.ask(_port_warning, uri)
        except UsageError:  # adding says what is wrong with it
            return
        if field.is_attached and self.query_one("#redirect", Input).value.strip() == uri:
            field.warn(words)

    @on(Input.Changed, "#redirect")
    def _offer_tunnel(self, event: Input.Changed) -> None:
        """Ask for the near end of a tunnel where the redirect URI is not this machine itself."""
        self.query_one("#listen-field").display = _is_elsewhere(event.value)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Add, or give up."""
        if event.button.id == "cancel":
            self.action_cancel()
        else:
            self.action_add()

    def action_copy_redirect(self) -> None:
        """Send the redirect URI to the terminal's clipboard."""
        self.app.copy_to_clipboard(self.query_one("#redirect", Input).value.strip())
        self.notify("Sent to the terminal's clipboard (OSC 52).", markup=False)

    def action_add(self) -> None:
        """Store the app."""
        button = self.query_one("#add", Button)
        if not button.disabled:
            button.disabled = True
            self.run_worker(self._add(), group="add", name="add app")

    async def _add(self) -> None:
        if not await self._is_refused() and await open_vault(self.app, self.verbs, make=True):
            try:
                self.dismiss(
                    await self.verbs.run(
                        _added, *self._answers(), pkce=self._pkce, listen=self._listen
                    )
                )
            except NameTaken as error:
                self.query_one("#name-field", Field).refuse(error)
            except CloseTuiError as error:
                self.query_one("#state", Words).say(f"✕ {error.in_full}")
            else:
                return
        self.query_one("#add", Button).disabled = False

    async def _is_refused(self) -> bool:
        """Show every wrong field its error; the first one gets the focus."""
        name, client_id, secret, redirect_uri = self._answers()
        listen = self._listen
        checks: tuple[tuple[str, Callable[[Desk], object]], ...] = (
            ("#name-field", lambda _: _check_name(name)),
            ("#redirect-field", lambda _: _check_redirect_uri(redirect_uri)),
            ("#listen-field", lambda _: _check_listen(listen, redirect_uri)),
            ("#id-field", lambda _: _check_client_id(client_id)),
            ("#secret-field", lambda _: _check_secret(secret)),
        )
        refused: list[tuple[Field, UsageError]] = []
        for place, check in checks:
            field = self.query_one(place, Field)
            field.accept()
            try:
                await self.verbs.ask(check)
            except UsageError as error:
                refused.append((field, error))
        for field, problem in reversed(refused):
            field.refuse(problem)
        return bool(refused)

    def _answers(self) -> tuple[str, str, Secret, str]:
        return (
            self.query_one("#name", Input).value.strip(),
            self.query_one("#client", Input).value.strip(),
            self.query_one("#secret", SecretInput).secret(),
            self.query_one("#redirect", Input).value.strip(),
        )

    @property
    def _listen(self) -> str:
        """The near end of the tunnel, as long as it is asked for."""
        shown = self.query_one("#listen-field").display
        return self.query_one("#listen", Input).value.strip() if shown else ""

    @property
    def _pkce(self) -> bool:
        return self.query_one(Tick).value


# The verbs' own checks. They are imported in the background thread: their imports take a while.


def _check_name(text: str) -> None:
    from close_tui.operations.names import checked

    checked(text)


def _check_redirect_uri(text: str) -> None:
    from close_tui.callback.addresses import validate_redirect_uri

    validate_redirect_uri(text)


def _port_warning(_: Desk, text: str) -> str:
    from close_tui.callback.addresses import validate_redirect_uri
    from close_tui.operations.port import warning

    return warning(validate_redirect_uri(text))


def _check_listen(listen: str, redirect_uri: str) -> None:
    from close_tui.callback.addresses import validate_redirect_uri
    from close_tui.callback.tunnel import validate_listen

    try:
        validate_redirect_uri(redirect_uri)
    except UsageError:
        return  # said beside its own field
    if listen:
        validate_listen(listen, redirect_uri)


def _is_elsewhere(text: str) -> bool:
    """Tell whether a redirect URI, typed so far, names another host with a dot in it."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(text.strip())
        host = parts.hostname or ""
    except ValueError:
        return False
    return parts.scheme == "https" and "." in host and not is_loopback(host)


def _check_client_id(text: str) -> None:
    from close_tui.operations.add import checked_client_id

    checked_client_id(text)


def _is_unlike_close_s(text: str) -> bool:
    """Tell whether it would be taken, and is probably cut or something else."""
    from close_tui.operations.add import checked_client_id, looks_like_close_s

    try:
        return not looks_like_close_s(checked_client_id(text))
    except UsageError:
        return False


def _check_secret(secret: Secret) -> None:
    from close_tui.operations.add import checked_secret

    checked_secret(secret)


async def _added(
    desk: Desk,
    name: str,
    client_id: str,
    secret: Secret,
    redirect_uri: str,
    *,
    pkce: bool,
    listen: str,
) -> Result:
    from close_tui.operations.add import add_app

    return await add_app(
        desk, name, client_id, secret, redirect_uri=redirect_uri, pkce=pkce, listen=listen
    )
