"""The footer, in an order of its own."""

from __future__ import annotations

from typing import Final

from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

_FIRST: Final = ("app.help", "quit", "unlock", "undo_remove")
_MOVES: Final = ("open", "toggle_mark")
_ADDS: Final = ("add_key", "add_app")


class Keys(Footer):
    """Shows the keys that do something now; what stands first is seen in the narrowest terminal.

    Help and the way out stand first, then what is wanted at once.
    Keys that only move carry the class ``-move``, those that add
    the class ``-add``.
    """

    def compose(self) -> ComposeResult:
        """Lay it out."""
        keys = list(super().compose())
        for key in keys:
            key.set_class(_action(key) in _MOVES, "-move")
            key.set_class(_action(key) in _ADDS, "-add")
        yield from sorted(keys, key=_place)


def _place(key: Widget) -> int:
    action = _action(key)
    return _FIRST.index(action) if action in _FIRST else len(_FIRST)


def _action(key: Widget) -> str:
    return key.action if isinstance(key, FooterKey) else ""
