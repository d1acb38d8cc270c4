"""What all dialogs share: a sheet with a title, fields with their errors, and esc."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Final, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Input, Label, Static

from close_tui.errors import CloseTuiError
from close_tui.secret import Secret
from close_tui.tui.screens.on_top import OnTop
from close_tui.tui.verbs import Verbs
from close_tui.tui.widgets.keys import Keys

R = TypeVar("R")

STYLES: Final = Path(__file__).with_name("dialog.tcss")
"""How everything looks that lies on the main screen. Read with the first of them: parsing it would
take a twentieth of the start."""

_LINE: Final = 56
"""Characters that fit on one line of a sheet."""


class Dialog(OnTop[R | None], Generic[R]):
    """A question on top of the main screen. Its result is None when it was cancelled."""

    CSS_PATH = STYLES

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", tooltip="Close this, nothing is done.",
                id="dialog.cancel"),
        Binding("f1,question_mark", "app.help", "Help", id="dialog.help",
                tooltip="Show the keys for this place; in a field, ? is only a character."),
    ]  # fmt: skip

    STORES: ClassVar[str] = ""
    """The button that stores something, which is disabled meanwhile; empty where there is none."""

    def __init__(self, verbs: Verbs) -> None:
        super().__init__()
        self.verbs = verbs

    def on_mount(self) -> None:
        """Put its own keys over those of what lies below, which do nothing now."""
        self.call_after_refresh(self._furnish)

    async def _furnish(self) -> None:
        if self.is_attached:
            await self.mount(Keys(compact=True))
            self.refresh_bindings()

    def action_cancel(self) -> None:
        """Close without a result; not while what was asked for is being stored."""
        if self.STORES and self.query_one(self.STORES, Button).disabled:
            self.notify("One moment: it is being done.", markup=False)
        else:
            self.dismiss(None)


class Sheet(VerticalScroll, can_focus=False):
    """The framed sheet that a dialog is written on; it scrolls where the terminal is small."""

    def __init__(self, title: str, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        # Content, because a plain title would be read as markup.
        self.border_title = Content(title)


class Buttons(Horizontal):
    """The row of buttons at the end of a sheet."""

    def on_mount(self) -> None:
        """Make them one line high: a small terminal has no more."""
        for button in self.query(Button):
            button.compact = True


class Words(Static):
    """A paragraph that changes; it takes no room while it has nothing to say."""

    def __init__(self, words: str = "", *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(Content(words), id=id)
        self.display = bool(words)
        self._said = words

    def say(self, words: str) -> None:
        """Say something, literally; nothing hides it."""
        if words == self._said:
            return
        # One line that stays as long needs no new layout: counts and times change often.
        is_as_long = len(self._said) == len(words) <= _LINE and "\n" not in words
        self._said = words
        self.update(Content(words), layout=not is_as_long)
        self.display = bool(words)


class Field(Vertical):
    """One question: a label, the control that takes the answer, and what is wrong with it."""

    def __init__(
        self,
        label: str,
        control: Widget,
        hint: str = "",
        *,
        id: str | None = None,  # noqa: A002 - Textual's word
    ) -> None:
        super().__init__(id=id)
        self._label = label
        self._hint = hint
        self.control = control
        self._refused: Secret | None = None
        if isinstance(control, Input):
            control.compact = True

    def compose(self) -> ComposeResult:
        """Lay it out; the hint gives its place to the error."""
        yield Label(self._label, classes="label", markup=False)
        yield self.control
        yield Words(self._hint)

    def rename(self, label: str) -> None:
        """Ask in other words."""
        self.query_one(Label).update(Content(label))

    def refuse(self, error: CloseTuiError) -> None:
        """Show beside the control what is wrong and what to do, and go there."""
        self.query_one(Words).say(f"✕ {error.in_full}")
        self.set_class(True, "-refused")
        self._refused = self._answer
        self.control.focus()

    @property
    def _answer(self) -> Secret | None:
        return Secret(self.control.value) if isinstance(self.control, Input) else None

    @on(Input.Changed)
    def _answer_changed(self) -> None:
        """Let go of an error once the answer is not any more the one that was refused."""
        if self.has_class("-refused") and self._answer != self._refused:
            self.accept()

    def warn(self, words: str) -> None:
        """Show beside the control what to know about the answer, which is taken all the same."""
        self.query_one(Words).say(f"! {words}" if words else self._hint)
        self.set_class(bool(words), "-warned")
        self.set_class(False, "-refused")

    def tell(self, words: str, level: str = "") -> None:
        """Show beside the control what is found of the answer while it is typed.

        ``level``: ``weak``, ``fair`` or ``strong`` gives it a colour; empty, none.
        """
        self.accept()
        self.query_one(Words).say(words)
        if level:
            self.add_class(f"-{level}")

    def accept(self) -> None:
        """Show the hint again."""
        self.query_one(Words).say(self._hint)
        self.remove_class("-weak", "-fair", "-strong")
        self.set_class(False, "-refused")
        self.set_class(False, "-warned")
