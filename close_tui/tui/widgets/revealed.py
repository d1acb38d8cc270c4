"""A secret that can be read for a while."""

from __future__ import annotations

from typing import Final

from textual.content import Content
from textual.widget import Widget

from close_tui.secret import Secret

_MASK: Final = "••••••••••••••••"


class Revealed(Widget):
    """Shows a mask, and the text of a secret between :meth:`reveal` and :meth:`mask`.

    It cannot be selected: Textual would copy the selection, and keep the copy.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Revealed {
        width: 100%;
        height: auto;
        padding: 0 1;
        margin-bottom: 1;
        background: $foreground 8%;
        &.-revealed { color: $text-warning; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - textual's word
        super().__init__(id=id)
        self._secret: Secret | None = None

    @property
    def is_revealed(self) -> bool:
        """True while the secret can be read."""
        return self._secret is not None

    def reveal(self, secret: Secret) -> None:
        """Show a secret."""
        self._secret = secret
        self.add_class("-revealed")
        self.refresh(layout=True)

    def mask(self) -> None:
        """Show the mask again, and forget the secret."""
        if self._secret is not None:
            self._secret = None
            self.remove_class("-revealed")
            self.refresh()

    def on_unmount(self) -> None:
        """Forget it."""
        self._secret = None

    def render(self) -> Content:
        """Return the mask or the text."""
        return Content(_MASK if self._secret is None else self._secret.reveal())
