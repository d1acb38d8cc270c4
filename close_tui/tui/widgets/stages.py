"""How far something with few steps is: what is done, what is under way, and the time left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual.content import Content
from textual.widget import Widget

from close_tui.tui.widgets.status_look import MUTED

_BETWEEN: Final = (" ── ", "  ", " ")
_SPACE: Final = 2
_LONGEST: Final = 24
_LEAST: Final = 6


class Stages(Widget):
    """Two lines: every step by its name, and a sentence on the present one with a bar that drains.

    ``names`` are the steps in order. A step can be renamed when it has gone another way.
    """

    DEFAULT_CSS = """
    Stages { width: 100%; height: 2; }
    """

    def __init__(self, names: Sequence[str], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._names = list(names)
        self._words = ""
        self._share: float | None = None
        self._has_failed = False
        self.step = 0

    def show(
        self, step: int, words: str, share: float | None = None, *, has_failed: bool = False
    ) -> None:
        """Show which step is under way, and how much of its time is left, from 0 to 1."""
        self.step, self._words, self._share = step, words, share
        self._has_failed = has_failed
        self.refresh()

    def rename(self, step: int, name: str) -> None:
        """Call a step something else."""
        self._names[step] = name
        self.refresh()

    def render(self) -> Content:
        """Draw both lines in the width that there is."""
        width = self.content_size.width
        return Content("\n").join([self._steps(width), self._sentence(width)])

    def _steps(self, width: int) -> Content:
        pieces = [self._piece(number) for number in range(len(self._names))]
        for between in _BETWEEN:
            line = Content.styled(between, MUTED).join(pieces)
            if line.cell_length <= width:
                break
        return line

    def _piece(self, number: int) -> Content:
        name = self._names[number]
        if number < self.step:
            return Content.assemble(("✓ ", "$text-success"), name)
        if number > self.step:
            return Content.styled(f"○ {name}", MUTED)
        if self._has_failed:
            return Content.styled(f"✕ {name}", "bold $text-error")
        return Content.styled(f"● {name}", "bold $text-primary")

    def _sentence(self, width: int) -> Content:
        words = Content.styled(self._words, "bold")
        room = min(_LONGEST, width - words.cell_length - _SPACE)
        if self._share is None or room < _LEAST:
            return words
        full = round(room * min(1.0, max(0.0, self._share)))
        bar = Content.assemble(("━" * full, "$text-primary"), ("─" * (room - full), MUTED))
        return Content.assemble(words, " " * _SPACE, bar)
