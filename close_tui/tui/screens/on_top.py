"""What lies on the main screen, and may itself have something lie on it when it ends."""

from __future__ import annotations

from typing import Generic, TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

R = TypeVar("R")


class OnTop(ModalScreen[R], Generic[R]):
    """A screen that ends once, and only when it is itself on top.

    Many end by themselves: when Close has answered, or the browser came back. Textual would then
    close what is on top, which may be the help or the palette.
    """

    _given: tuple[R | None] | None = None

    def dismiss(self, result: R | None = None) -> AwaitComplete:
        """End with a result: at once, or as soon as nothing lies on it; the first one counts."""
        is_first, self._given = self._given is None, self._given or (result,)
        if is_first and self.app.screen is self:
            return super().dismiss(result)
        return AwaitComplete()

    def on_screen_resume(self) -> None:
        """End after all, where that was to be while something lay on it."""
        if self._given is not None:
            super().dismiss(self._given[0])
