"""A new passphrase, for a vault whose key has no other place to live."""

from __future__ import annotations

from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.widgets import Button, Static

from close_tui.errors import CloseTuiError, UsageError
from close_tui.operations.desk import Desk
from close_tui.operations.strength import Strength
from close_tui.secret import Secret
from close_tui.tui.screens.dialog import Buttons, Dialog, Field, Sheet, Words
from close_tui.tui.verbs import Verbs
from close_tui.tui.widgets.secret_input import SecretInput

SHORTEST: Final = 10
"""Characters of a passphrase, at least."""


_GLYPHS: Final = {"weak": "▁", "fair": "▁▃", "strong": "▁▃▅"}


class NewPassphrase(Dialog[bool]):
    """Asks for a passphrase twice and makes the vault with it; True once that is done."""

    def __init__(self, verbs: Verbs, error: CloseTuiError) -> None:
        super().__init__(verbs)
        self._error = error
        self._is_making = False

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with Sheet("A passphrase for the new vault"):
            yield Static(
                "No keyring can keep the vault's key here. Choose a passphrase: it wraps the key "
                "to everything that is stored here, and is asked for once in each run. Nobody can "
                "recover it.",
                markup=False,
            )
            yield Field("Passphrase", SecretInput(id="first"), f"At least {SHORTEST} characters.")
            yield Field("The same again", SecretInput(id="second"))
            yield Words(id="state")
            with Buttons():
                yield Button("Make the vault", id="make", variant="primary")
                yield Button("Cancel", id="cancel")
            yield Static(str(self._error), classes="hint", markup=False)

    @on(SecretInput.Changed, "#first")
    def _first_changed(self) -> None:
        self.run_worker(self._estimate(), group="strength", name="strength", exclusive=True)

    async def _estimate(self) -> None:
        chosen = self.query_one("#first", SecretInput).secret()
        field = self.query(Field).first()
        if len(chosen) < SHORTEST:
            field.accept()
            return
        found = await self.verbs.ask(_estimated, chosen)
        field.tell(f"{_GLYPHS[found.level]} {found.sentence}", found.level)

    @on(SecretInput.Submitted, "#first")
    def _first_submitted(self) -> None:
        self.query_one("#second").focus()

    @on(SecretInput.Submitted, "#second")
    def _second_submitted(self) -> None:
        self._begin()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Make it, or give up."""
        if event.button.id == "cancel":
            self.dismiss(None)
        else:
            self._begin()

    def _begin(self) -> None:
        first, second = (field for field in self.query(Field))
        second.accept()
        chosen = self.query_one("#first", SecretInput).secret()
        again = self.query_one("#second", SecretInput).secret()
        if len(chosen) < SHORTEST:
            first.refuse(UsageError(f"It has {len(chosen)} characters, and needs {SHORTEST}."))
        elif chosen != again:
            second.refuse(UsageError("The two are not the same."))
        elif not self._is_making:
            self._is_making = True
            self.query_one("#state", Words).say("Making the vault: some seconds, on purpose …")
            self.run_worker(self._make(), group="unlock", name="make the vault")

    async def _make(self) -> None:
        chosen = self.query_one("#first", SecretInput).secret()
        try:
            await self.verbs.ask(_made, chosen)
        except CloseTuiError as error:
            self._is_making = False
            self.query_one("#state", Words).say(f"✕ {error.in_full}")
        else:
            self.dismiss(True)


def _estimated(_: Desk, passphrase: Secret) -> Strength:
    from close_tui.operations.strength import strength

    return strength(passphrase)


def _made(desk: Desk, passphrase: Secret) -> None:
    desk.make_vault(passphrase)
