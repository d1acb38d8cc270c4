"""How far each target of a revocation is: one line for each, kept up to date on a terminal."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from close_tui.cli import words
from close_tui.cli.columns import cut
from close_tui.cli.console import Console
from close_tui.text import clean

if TYPE_CHECKING:
    from close_tui.leaks import Step
    from close_tui.model import Connection, Result

_STEPS: Final = {
    "frozen": "frozen, nothing refreshes it any more",
    "refresh_token_revoked": "Close accepted the revocation of the refresh token",
    "access_token_revoked": "Close accepted the revocation of the access token",
    "proving": "trying the old access token, which must be refused now",
}
_WIDTH, _HEIGHT = 80, 24
_LINE_LIMIT: Final = 400


class Live:
    """Shows steps and verdicts on stderr while they come; silent where that is no terminal.

    A terminal that is too low for all of the lines gets each verdict as it comes.
    """

    def __init__(self, console: Console, targets: Sequence[Connection]) -> None:
        self._stream = console.stderr
        self._names = {target.id: target.name for target in targets}
        self._rows = {connection_id: row for row, connection_id in enumerate(self._names)}
        self._is_shown = console.shows_progress
        self._width, height = _size(console)
        self._fits = len(targets) < height
        self._in_place = self._fits and console.environment.get("TERM", "dumb") != "dumb"
        self._is_drawn = False

    def step(self, step: Step) -> None:
        """Show that a target has come one step further."""
        if self._fits:
            self._show(step.connection_id, f"{_STEPS.get(step.step, words.spoken(step.step))}.")

    def verdict(self, result: Result) -> None:
        """Show what a target has come to; of one that may live, why."""
        why = f": {result.detail}" if result.outcome == "failed" else "."
        self._show(result.id, f"{words.spoken(result.outcome)}{why}")

    def _show(self, connection_id: str, said: str) -> None:
        if not self._is_shown or connection_id not in self._names:
            return
        line = clean(f"{self._names[connection_id]}: {said}", _LINE_LIMIT)
        if not self._in_place:
            self._stream.write(f"{line}\n")
        else:
            if not self._is_drawn:
                waiting = [cut(clean(name), self._width - 1) for name in self._names.values()]
                self._stream.write("".join(f"{name}\n" for name in waiting))
                self._is_drawn = True
            up = len(self._names) - self._rows[connection_id]
            line = cut(line, self._width - 1)
            # ECMA-48: up, to the left edge, the line anew, back down.
            self._stream.write(f"\x1b[{up}A\r{line}\x1b[K\x1b[{up}B\r")
        self._stream.flush()


def _size(console: Console) -> tuple[int, int]:
    """Return width and height of the terminal behind stderr."""
    try:
        width, height = os.get_terminal_size(console.stderr.fileno())
    except (OSError, ValueError):
        return _WIDTH, _HEIGHT
    return width or _WIDTH, height or _HEIGHT
