"""Asking where API keys are to be imported from."""

from __future__ import annotations

import os
import shlex
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Button, Input, Static

from close_tui.errors import CloseTuiError, NotFound, UsageError
from close_tui.operations.desk import Desk, in_daemon_thread
from close_tui.tui.screens.dialog import Buttons, Dialog, Field, Sheet, Words
from close_tui.tui.widgets.plain_input import PlainInput
from close_tui.tui.widgets.ticks import Tick

if TYPE_CHECKING:
    from close_tui.operations.foreign.candidates import Candidate

_FORMS = (
    "A .env file or another text, CSV with a heading (name,api_key), an export of 1Password "
    "(.1pux, .csv) or Bitwarden (.json, .csv; not encrypted). It is read, never changed."
)
_NEXT = "Nothing is stored yet: first you see what would happen."
ENVIRONMENT = "environment"


class ImportFrom(Dialog["list[Candidate]"]):
    """Asks for a file, or the environment; its result is the places where keys were found."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "look", "Look", tooltip="Read it, and show what would happen.",
                id="import.look"),
    ]  # fmt: skip

    _is_at_work = False

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with Sheet("Import API keys"):
            yield Field(
                "File", PlainInput(placeholder="~/clients.csv", id="path"), _FORMS, id="file"
            )
            yield Tick("Also from this terminal's environment", id="environment", compact=True)
            yield Static(_NEXT, classes="hint", markup=False)
            yield Words(id="state")
            with Buttons():
                yield Button("Look", id="look", variant="primary")
                yield Button("Cancel", id="cancel")

    def on_mount(self) -> None:
        """Begin with the file."""
        self.query_one("#path").focus()

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.action_look()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Look, or give up."""
        if event.button.id == "cancel":
            self.dismiss(None)
        else:
            self.action_look()

    def action_look(self) -> None:
        """Read what was named."""
        field = self.query_one("#file", Field)
        field.accept()
        given = self.query_one("#path", Input).value.strip()
        environment = self.query_one(Tick).value
        if not (given or environment):
            field.refuse(UsageError("Name a file, or tick the environment."))
        elif not self._is_at_work:
            self._is_at_work = True
            self.run_worker(self._look(given, environment), group="import", name="read the file")

    async def _look(self, given: str, environment: bool) -> None:
        self.query_one("#state", Words).say("Reading …")
        try:
            self.dismiss(await self.verbs.run(_found, given, environment))
        except CloseTuiError as error:
            self.query_one("#file", Field).refuse(error)
            self.query_one("#state", Words).say("")
            self._is_at_work = False


def _path(given: str) -> Path:
    """Return the path that was typed, or dropped on the terminal, which quotes it."""
    if given[:1] in "'\"" or "\\ " in given:
        with suppress(ValueError):  # no quotes of a shell then, but a name that has one in it
            given = " ".join(shlex.split(given))
    try:
        return Path(given).expanduser()
    except RuntimeError:  # ~somebody who does not exist
        return Path(given)


async def _found(_: Desk, given: str, environment: bool) -> list[Candidate]:
    from close_tui.operations.foreign.dotenv import found_in_environment
    from close_tui.operations.foreign.reading import read_file

    found: list[Candidate] = []
    if given:
        path = _path(given)
        # In a thread of its own: a path may name a pipe that nobody writes into.
        read = await in_daemon_thread(lambda: read_file(path))
        found += [each._replace(source=str(path)) for each in read]
    if environment:
        found += [
            each._replace(source=ENVIRONMENT) for each in found_in_environment(os.environ, ())
        ]
    if not found:
        raise NotFound(
            "No Close API key was found.",
            advice="A key begins with api_ and has a dot in the middle.",
        )
    return found
