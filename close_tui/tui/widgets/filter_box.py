"""The line in which a filter is typed, and under it what is wrong with it or what may follow."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from close_tui.tui.widgets.plain_input import PlainInput


class FilterInput(PlainInput):
    """A field that says in the footer how to leave it; the arrow goes into the list, too."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Keep it", id="filter.keep",
                tooltip="Keep the filter, and go to the list."),
        Binding("down", "submit", show=False, id="filter.list",
                tooltip="Go to the list."),
        Binding("escape", "screen.back", "Clear it", id="filter.clear",
                tooltip="Clear the filter, and show everything again."),
    ]  # fmt: skip


class FilterBox(Vertical):
    """An input with the id ``filter``, and a sentence under it while there is something to say."""

    DEFAULT_CSS = """
    FilterBox {
        height: auto;
        background: $surface;
        Input, Input:focus {
            width: 1fr;
            height: 1;
            border: none;
            padding: 0 1;
            background: $surface;
        }
        Static {
            display: none;
            width: 1fr;
            height: auto;
            max-height: 3;
            padding: 0 1;
            color: $text-muted;
        }
        &.-told Static { display: block; }
        &.-refused Static { color: $text-error; }
    }
    """

    def __init__(self, placeholder: str) -> None:
        super().__init__()
        self._placeholder = placeholder

    def compose(self) -> ComposeResult:
        """Lay it out."""
        yield FilterInput(placeholder=self._placeholder, id="filter")
        yield Static("", markup=False)

    @property
    def input(self) -> Input:
        """Where it is typed."""
        return self.query_one(Input)

    def say(self, wrong: str, hint: str = "") -> None:
        """Say what is wrong, or else what may follow, literally; nothing where all is well."""
        words = f"✕ {wrong}" if wrong else hint
        if words or self.has_class("-told"):
            self.query_one(Static).update(Content(words))
            self.set_class(bool(words), "-told")
            self.set_class(bool(wrong), "-refused")

    def on_show(self) -> None:
        """Tell the screen, which keeps its toasts off what is said here."""
        self.screen.add_class("-filtering")

    def on_hide(self) -> None:
        """Tell the screen that the room is free again."""
        self.screen.remove_class("-filtering")
