"""Unlocking the vault: by its passphrase, or by waiting for the system's keyring."""

from __future__ import annotations

from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.widgets import Button

from close_tui.errors import CloseTuiError, VaultLocked, WrongPassphrase
from close_tui.operations.desk import Desk
from close_tui.secret import Secret
from close_tui.tui.screens.dialog import Buttons, Dialog, Field, Sheet, Words
from close_tui.tui.verbs import Verbs
from close_tui.tui.widgets.secret_input import SecretInput

KEYRING_WAIT_S: Final = 60.0
"""How long a person at the keyring's own prompt is given."""


class Unlock(Dialog[bool]):
    """Asks for the passphrase, or waits for the keyring; True once the vault is open."""

    def __init__(
        self, verbs: Verbs, error: VaultLocked, *, by_passphrase: bool, make: bool = False
    ) -> None:
        super().__init__(verbs)
        self._error = error
        self._by_passphrase = by_passphrase
        self._make = make
        self._until = 0.0
        self._is_opening = False

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with Sheet("Unlock the vault"):
            if self._by_passphrase:
                yield Field("Passphrase", SecretInput(id="passphrase"))
            yield Words(str(self._error), id="state")
            with Buttons():
                yield Button("Unlock" if self._by_passphrase else "Try again", id="unlock")
                yield Button("Cancel", id="cancel")

    def on_mount(self) -> None:
        """Begin to wait at once, where there is nothing to type."""
        if self._by_passphrase:
            self._say("Names, times and history can be seen while it is locked; secrets cannot.")
        else:
            self.set_interval(1.0, self._count_down)
            self._begin()

    @on(SecretInput.Submitted)
    def _submitted(self) -> None:
        self._begin()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Unlock, or give up."""
        if event.button.id == "cancel":
            self.action_cancel()
        else:
            self._begin()

    def _begin(self) -> None:
        if not self._is_opening:
            self._is_opening = True
            self.query_one("#unlock", Button).disabled = True
            self.run_worker(self._open_vault(), group="unlock", name="unlock")

    async def _open_vault(self) -> None:
        passphrase = None
        if self._by_passphrase:
            passphrase = self.query_one(SecretInput).secret()
            self._say("Opening: this takes some seconds, on purpose …")
        self._until = self.verbs.clock() + KEYRING_WAIT_S
        self._count_down()
        try:
            await self.verbs.run_while_waited_for(
                _unlocked, passphrase, KEYRING_WAIT_S, make=self._make
            )
        except CloseTuiError as error:
            self._refuse(error)
        else:
            self.dismiss(True)

    def _refuse(self, error: CloseTuiError) -> None:
        self._is_opening = False
        self.query_one("#unlock", Button).disabled = False
        if self._by_passphrase and isinstance(error, WrongPassphrase):
            self._say("")
            self.query_one(SecretInput).clear_secret()
            self.query_one(Field).refuse(error)
        else:
            self._say(f"✕ {error.in_full}")

    def _count_down(self) -> None:
        if self._is_opening and not self._by_passphrase:
            left = max(0.0, self._until - self.verbs.clock())
            self._say(
                "Waiting for the system's keyring. If it shows a window of its own, unlock it "
                f"there. {left:.0f} s left."
            )

    def _say(self, words: str) -> None:
        self.query_one("#state", Words).say(words)


async def _unlocked(desk: Desk, passphrase: Secret | None, wait_s: float, *, make: bool) -> None:
    if make:
        desk.make_vault()
    await desk.unlock(passphrase, wait_s)
