"""The keys for the place that help was asked for."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from close_tui.operations.filtering import TERMS
from close_tui.tui.screens.board import Board
from close_tui.tui.screens.dialog import STYLES, Sheet
from close_tui.tui.widgets.hanging import Hanging

_MOVES: Final = ("list.", "welcome.")  # what comes last: the eye looks for verbs
_KEY: Final = "bold $text-accent"

_NOTE = (
    "Only what is possible now is listed. Everything is in the palette (ctrl+p) too, and "
    "close-tui --help lists the same verbs for the command line."
)


class Help(ModalScreen[None]):
    """Lists the keys that do something on the screen below, and what they do."""

    CSS_PATH = STYLES

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1,question_mark,q", "close", "Close", tooltip="Go back.", id="help.close"),
    ]

    def __init__(self, place: Screen[Any]) -> None:
        super().__init__(classes="-help")
        self._rows = keys_of(place)
        self._is_board = isinstance(place, Board) and bool(place.seen.connections)

    def compose(self) -> ComposeResult:
        """Lay it out."""
        width = max((len(key) for key, _ in self._rows), default=0)
        with Sheet("Keys for this place") as sheet:
            sheet.can_focus = True
            yield Hanging(
                (Content.styled(f"{key:>{width}}  ", _KEY), Content(words))
                for key, words in self._rows
            )
            if self._is_board:
                yield Static(Content.styled("The filter", "bold"), classes="section")
                width = max(len(term) for term, _ in TERMS)
                yield Hanging(
                    (Content.styled(f"{term:<{width}}  ", _KEY), Content(words))
                    for term, words in TERMS
                )
            yield Static(_NOTE, classes="hint", markup=False)

    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)


def keys_of(place: Screen[Any]) -> list[tuple[str, str]]:
    """Return the keys that are possible on a screen now, those of one action together.

    What is used most, which the footer has too, stands first, and moving about last.
    """
    often: dict[str, list[str]] = {}
    verbs: dict[str, list[str]] = {}
    moves: dict[str, list[str]] = {}
    for _, binding, enabled, tooltip in place.active_bindings.values():
        # Textual's own bindings have no id, and mean nothing to a person here.
        if enabled and binding.id and (words := tooltip or binding.description):
            seldom = moves if binding.id.startswith(_MOVES) else verbs
            rows = often if binding.show else seldom
            key = binding.key_display or place.app.get_key_display(binding)
            rows.setdefault(words, []).append(key)
    shown = {**often, **verbs, **moves, "Go to the next pane or field": ["tab"], "Palette": ["^p"]}
    return [(" ".join(dict.fromkeys(keys)), words) for words, keys in shown.items()]
