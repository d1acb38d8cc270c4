"""What the screens share that are read: a text that scrolls, a footer, and the way back."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from close_tui.errors import CloseTuiError
from close_tui.tui.screens.dialog import STYLES
from close_tui.tui.screens.on_top import OnTop
from close_tui.tui.verbs import Verbs
from close_tui.tui.widgets.keys import Keys
from close_tui.tui.widgets.paper import Paper

R = TypeVar("R")

COPIED = "sent to the terminal's clipboard (OSC 52)."


class Page(OnTop[R | None], Generic[R]):
    """A screenful about one thing; a screen of ours writes it with :meth:`write`."""

    CSS_PATH = STYLES
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "app.help", "Help", key_display="?", id="page.help",
                tooltip="Show the keys for this place."),
        Binding("escape,q", "close", "Back", tooltip="Go back.", id="page.back"),
        Binding("j,down", "scroll(1)", "Down", show=False, tooltip="Read on.", id="page.down"),
        Binding("k,up", "scroll(-1)", "Up", show=False, tooltip="Read back.", id="page.up"),
    ]  # fmt: skip

    HEADING: ClassVar[str] = ""
    """What stands in the frame."""

    def __init__(self, verbs: Verbs) -> None:
        super().__init__(classes="-page")
        self.verbs = verbs

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with Paper(id="page") as page:
            page.border_title = Content(self.HEADING)
            yield Static("", id="written", markup=False)
        yield Keys(compact=True)

    def write(self, words: Content) -> None:
        """Replace what is to be read."""
        self.query_one("#written", Static).update(words)

    def complain(self, error: CloseTuiError) -> None:
        """Say an error where it hides nothing."""
        self.notify(f"{error} {error.advice}".strip(), severity="error", markup=False)

    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)

    def action_scroll(self, by: int) -> None:
        """Scroll by lines."""
        self.query_one("#page").scroll_relative(y=by, animate=False)
