"""Adding an API key: it is tried out before anything is stored."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Button, Input

from close_tui.errors import CloseTuiError, NameTaken, UsageError
from close_tui.model import Result
from close_tui.operations.desk import Desk
from close_tui.secret import Secret
from close_tui.tui.screens.dialog import Buttons, Dialog, Field, Sheet, Words
from close_tui.tui.screens.gate import open_vault
from close_tui.tui.verbs import Verbs
from close_tui.tui.widgets.plain_input import PlainInput
from close_tui.tui.widgets.secret_input import SecretInput

if TYPE_CHECKING:
    from close_tui.operations.preview import Preview  # loads the HTTP client

_WHERE = (
    "In Close: Settings → Developer → API Keys → Create New API Key. Close shows it once. "
    "It is tested before it is stored."
)


STILL_S: Final = 0.4
"""Seconds without another character, after which Close is asked."""


class AddKey(Dialog[Result]):
    """Asks for a name and an API key, asks Close whose it is, and stores it."""

    STORES = "#add"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "add", "Test and add", tooltip="Test the key, then store it.", id="add"),
    ]

    def __init__(self, verbs: Verbs) -> None:
        super().__init__(verbs)
        self._suggested = ""

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with Sheet("Add an API key"):
            yield Field(
                "API key",
                SecretInput(placeholder="api_…", id="key", takes_lines=True),
                _WHERE,
                id="key-field",
            )
            yield Field("Name", PlainInput(placeholder="acme-export", id="name"), id="name-field")
            yield Field(
                "Description",
                PlainInput(placeholder="what it is for (may stay empty)", id="description"),
                id="description-field",
            )
            yield Words(id="state")
            with Buttons():
                yield Button("Test and add", id="add", variant="primary")
                yield Button("Cancel", id="cancel")

    @on(SecretInput.Changed, "#key")
    def _key_changed(self) -> None:
        self.run_worker(self._look(), group="look at key", name="look at key", exclusive=True)

    async def _look(self) -> None:
        """Say what was pasted and, when nobody has typed for a moment, whose key it is.

        Typing on cancels it. Nothing is stored.
        """
        field = self.query_one("#key-field", Field)
        pasted = self.query_one(SecretInput).secret()
        if not pasted:
            field.accept()
            return
        try:
            form, known = await self.verbs.ask(_known, pasted)
            if known:
                field.tell(f"! Recognized: {form}. {known}", "fair")
                return
            field.tell(f"Recognized: {form}. Asking Close whose it is …")
            await asyncio.sleep(STILL_S)
            found = await self.verbs.run_while_waited_for(_seen, pasted)
        except UsageError as error:
            # Not everybody is done yet who has begun to type.
            field.tell(f"Not recognized yet. {error.advice}")
        except CloseTuiError as error:
            field.tell(f"✕ {error.in_full}", "weak")
        else:
            field.tell(
                f"✓ {found.organization}, as {found.user}. Nothing is stored yet.",
                "strong",
            )
            name = self.query_one("#name", Input)
            if name.value in ("", self._suggested):
                self._suggested = name.value = found.suggested
                if name.has_focus:
                    name.action_select_all()

    @on(SecretInput.Submitted, "#key")
    def _key_submitted(self) -> None:
        self.query_one("#name").focus()

    @on(Input.Submitted, "#name")
    def _name_submitted(self) -> None:
        self.query_one("#description").focus()

    @on(Input.Submitted, "#description")
    def _description_submitted(self) -> None:
        self.action_add()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Add, or give up."""
        if event.button.id == "cancel":
            self.action_cancel()
        else:
            self.action_add()

    def action_add(self) -> None:
        """Test the key and store it."""
        button = self.query_one("#add", Button)
        if not button.disabled:
            button.disabled = True
            self.run_worker(self._add(), group="add", name="add key")

    async def _add(self) -> None:
        self.workers.cancel_group(self, "look at key")
        for field in self.query(Field):
            field.accept()
        key = self.query_one(SecretInput).secret()
        name = self.query_one("#name", Input).value.strip()
        description = self.query_one("#description", Input).value
        where = "#key-field"
        try:
            await self.verbs.ask(_check_key, key)
            where = "#name-field"
            await self.verbs.ask(_check_name, name)
            if await open_vault(self.app, self.verbs, make=True):
                self._say("Asking Close whose key this is …")
                self.dismiss(await self.verbs.run(_added, name, key, description))
                return
        except NameTaken as error:
            self.query_one("#name-field", Field).refuse(error)
        except UsageError as error:
            self.query_one(where, Field).refuse(error)
        except CloseTuiError as error:
            self.query_one("#key-field", Field).refuse(error)
        self._say("")
        self.query_one("#add", Button).disabled = False

    def _say(self, words: str) -> None:
        self.query_one("#state", Words).say(words)


def _known(desk: Desk, pasted: Secret) -> tuple[str, str]:
    from close_tui.operations.preview import known_as

    found, known = known_as(desk, pasted)
    return found.form, known


async def _seen(desk: Desk, pasted: Secret) -> Preview:
    from close_tui.operations.preview import preview

    return await preview(desk, pasted)


def _check_key(_: Desk, key: Secret) -> None:
    from close_tui.operations.add import recognized_key

    recognized_key(key)


def _check_name(_: Desk, name: str) -> None:
    from close_tui.operations.names import checked

    checked(name)


async def _added(desk: Desk, name: str, key: Secret, description: str) -> Result:
    from close_tui.operations.add import add_key

    return await add_key(desk, name, key, description)
