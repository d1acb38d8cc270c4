"""The footer, in an order of its own."""

from __future__ import annotations

from typing import Final

from textual.app import ComposeResult
from textual.screen import Screen
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

    _composed: tuple[object, ...] | None = None

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Compose anew where other keys are offered: at most presses of a key they are the same.

        That is a dozen widgets to style and lay out, and took longer than all else that a key does.
        """
        if self._composed is None or screen is not self.screen or self._composed != self._offered():
            super().bindings_changed(screen)

    def _offered(self) -> tuple[object, ...] | None:
        if not self._bindings_ready:
            return None
        return tuple(
            (one.binding, one.enabled, one.tooltip, self.app.get_key_display(one.binding))
            for one in self.screen.active_bindings.values()
            if one.binding.show or one.binding.key == self.app.COMMAND_PALETTE_BINDING
        )

    def compose(self) -> ComposeResult:
        """Lay it out."""
        self._composed = self._offered()
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
