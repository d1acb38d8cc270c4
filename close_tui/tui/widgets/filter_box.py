"""The line in which a filter is typed, with what is wrong with it beside."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Static

from close_tui.tui.widgets.plain_input import PlainInput


class FilterBox(Horizontal):
    """An input with the id ``filter``, and a sentence to its right while something is wrong."""

    DEFAULT_CSS = """
    FilterBox {
        height: 1;
        Input, Input:focus {
            width: 1fr;
            height: 1;
            border: none;
            padding: 0 1;
            background: $surface;
        }
        Static {
            display: none;
            width: auto;
            max-width: 65%;
            padding: 0 1;
            text-wrap: nowrap;
            text-overflow: ellipsis;
            color: $text-error;
            background: $surface;
        }
        &.-refused Static { display: block; }
    }
    """

    def __init__(self, placeholder: str) -> None:
        super().__init__()
        self._placeholder = placeholder

    def compose(self) -> ComposeResult:
        """Lay it out."""
        yield PlainInput(placeholder=self._placeholder, id="filter")
        yield Static("", markup=False)

    @property
    def input(self) -> Input:
        """Where it is typed."""
        return self.query_one(Input)

    def refuse(self, words: str) -> None:
        """Say what is wrong, literally; the empty text says that all is well."""
        if not words and not self.has_class("-refused"):
            return
        self.query_one(Static).update(Content(f"✕ {words}" if words else ""))
        self.set_class(bool(words), "-refused")
