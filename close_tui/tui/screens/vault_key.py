"""Giving the vault a new key, or its key another place."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Button, Input, RadioSet, Static

from close_tui.errors import CloseTuiError, UsageError
from close_tui.model import Result
from close_tui.operations.desk import Desk
from close_tui.secret import Secret
from close_tui.tui.screens.dialog import Buttons, Dialog, Field, Sheet, Words
from close_tui.tui.screens.passphrase import SHORTEST
from close_tui.tui.verbs import Verbs
from close_tui.tui.widgets.plain_input import PlainInput
from close_tui.tui.widgets.secret_input import SecretInput
from close_tui.tui.widgets.ticks import Pick

_REKEY: Final = (
    "Every secret is sealed to a new key, and the old one opens nothing here any more. Other "
    "close-tui programs that run must unlock again. Copies of the vault from before need the old "
    "key: export first, if you rely on them."
)
_MOVE: Final = (
    "The key is written to the new place and read back there before the old place is emptied."
)
_PLACES: Final = (
    ("keyring", "The system keyring"),
    ("passphrase", "A key file, behind a passphrase"),
    ("file", "An age identity file of yours (0600)"),
)


class _KeyDialog(Dialog[Result]):
    """Changes the vault's key; asks for the present passphrase where there is one."""

    def __init__(self, verbs: Verbs, place: str) -> None:
        super().__init__(verbs)
        self._place = place
        self._is_at_work = False

    def present_passphrase(self) -> ComposeResult:
        """Lay out the question for the present passphrase, where no file holds it."""
        if self._place == "passphrase" and self.verbs.settings.passphrase_file is None:
            yield Field("Present passphrase", SecretInput(id="present"), id="present-field")

    def present(self) -> Secret | None:
        """Return the present passphrase; None where none was asked for."""
        fields = self.query("#present").results(SecretInput)
        return next((field.secret() for field in fields), None)

    def begin(self) -> None:
        """Do it, once everything is answered."""
        raise NotImplementedError

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Do it, or give up."""
        if event.button.id == "cancel":
            self.dismiss(None)
        else:
            self.begin()

    def action_do_it(self) -> None:
        """Do it."""
        self.begin()

    def action_cancel(self) -> None:
        """Close, but not in the middle: what is under way ends by itself."""
        if not self._is_at_work:
            self.dismiss(None)

    def start(self, place: str, file: str = "", new: Secret | None = None) -> None:
        """Change the key in the background; a place that is empty means a new key."""
        if not self._is_at_work:
            self._is_at_work = True
            changing = self._change(place, file, new)
            self.run_worker(changing, group="vault.key", name="change the vault's key")

    async def _change(self, place: str, file: str, new: Secret | None) -> None:
        state = self.query_one("#state", Words)
        state.say("Changing the key: it may take some seconds …")
        try:
            changed = await self.verbs.run(_changed, place, file, self.present(), new)
        except CloseTuiError as error:
            state.say(f"✕ {error} {error.advice}".strip())
            self._is_at_work = False
        else:
            self.dismiss(changed)


class Rekey(_KeyDialog):
    """Asks before a new key is made; starts on Cancel."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "do_it", "New key", id="rekey.do", tooltip="Make the new key."),
    ]

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with Sheet("A new key for the vault"):
            yield Static(_REKEY, classes="advice", markup=False)
            yield from self.present_passphrase()
            yield Words(id="state")
            with Buttons():
                yield Button("Cancel", id="cancel")
                yield Button("Make a new key", id="do", variant="error")

    def on_mount(self) -> None:
        """Start on Cancel, or with what is asked."""
        asked = self.query("#present")
        (asked.first() if asked else self.query_one("#cancel")).focus()

    def begin(self) -> None:
        """Make the new key."""
        self.start("")


class MoveKey(_KeyDialog):
    """Asks where the key shall live."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "do_it", "Move", id="move_key.do", tooltip="Move the key there."),
    ]

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with Sheet("Where the vault's key lives"):
            yield Static(_MOVE, markup=False)
            with RadioSet(id="place", compact=True):
                for place, words in _PLACES:
                    here = "  (here now)" if place == self._place else ""
                    yield Pick(f"{words}{here}", value=place == self._place)
            yield from self.present_passphrase()
            yield Field(
                "File", PlainInput(placeholder="~/close-tui.key", id="path"), id="path-field"
            )
            hint = f"At least {SHORTEST} characters. Nobody can recover it."
            yield Field("New passphrase", SecretInput(id="first"), hint, id="first-field")
            yield Field("The same again", SecretInput(id="second"), id="second-field")
            yield Words(id="state")
            with Buttons():
                yield Button("Cancel", id="cancel")
                yield Button("Move the key", id="do", variant="primary")

    def on_mount(self) -> None:
        """Begin with the place."""
        self.query_one("#place").focus()
        self._ask_for_what_is_needed()

    def on_radio_set_changed(self) -> None:
        """Ask only for what this place needs."""
        self._ask_for_what_is_needed()

    def _ask_for_what_is_needed(self) -> None:
        chosen = self._chosen()
        self.query_one("#path-field").display = chosen == "file"
        for place in ("#first-field", "#second-field"):
            self.query_one(place).display = chosen == "passphrase"

    def _chosen(self) -> str:
        return _PLACES[max(0, self.query_one("#place", RadioSet).pressed_index)][0]

    def begin(self) -> None:
        """Move the key, if nothing is missing."""
        for field in self.query(Field):
            field.accept()
        place, path = self._chosen(), self.query_one("#path", Input).value.strip()
        first = self.query_one("#first", SecretInput).secret()
        second = self.query_one("#second", SecretInput).secret()
        if place == "file" and not path:
            self._refuse("#path-field", "Name the file.")
        elif place == "passphrase" and len(first) < SHORTEST:
            self._refuse("#first-field", f"It has {len(first)} characters, and needs {SHORTEST}.")
        elif place == "passphrase" and first != second:
            self._refuse("#second-field", "The two are not the same.")
        else:
            file = path if place == "file" else ""
            self.start(place, file, first if place == "passphrase" else None)

    def _refuse(self, field: str, words: str) -> None:
        self.query_one(field, Field).refuse(UsageError(words))


async def _changed(
    desk: Desk, place: str, file: str, present: Secret | None, new: Secret | None
) -> Result:
    from close_tui.operations.vault_key import move_key, rekey

    if not place:
        return await rekey(desk, present)
    return await move_key(
        desk, place, file=Path(file) if file else None, passphrase=present, new_passphrase=new
    )
