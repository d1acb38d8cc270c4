"""A box and a choice whose mark is there or not: Textual's own differ in colour alone."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Checkbox, RadioButton


class Tick(Checkbox):
    """A box that is empty until it is ticked."""

    @property
    def _button(self) -> Content:
        return _marked(super()._button, self.BUTTON_INNER, self.value)


class Pick(RadioButton):
    """One of several, empty until it is chosen."""

    @property
    def _button(self) -> Content:
        return _marked(super()._button, self.BUTTON_INNER, self.value)


def _marked(button: Content, mark: str, is_on: bool) -> Content:
    if is_on:
        return button
    return Content(button.plain.replace(mark, " "), list(button.spans))
