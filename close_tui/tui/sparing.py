"""What is sent to the terminal: the cells that read differently, and no others.

Textual sends a line again from the left edge of its widget, with all of a colour's numbers for
every piece of it; a countdown of one digit would be 300 bytes over SSH, each second, on each line.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

_RESET: Final = "\x1b[0m"
_COMBINING: Final = "\u0300"
"""The first character that some terminal does not give a cell of its own."""

_PICTURES: Final = "\U0001f000"
"""The first of those of which every terminal has its own idea how wide they are."""


class OnTerminal:
    """What stands on the terminal, line by line, as far as it was sent through here."""

    def __init__(self) -> None:
        self._size = (0, 0)
        self._lines: dict[int, dict[int, Strip | None]] = {}

    def sparing(self, update: object) -> Any:
        """Return an update that sends no more than it must; a whole screen is sent as it is."""
        if isinstance(update, ChopsUpdate):
            return _Changes(update, self)
        if isinstance(update, LayoutUpdate):
            return _Whole(update, self)
        if update is not None:
            self._lines.clear()
        return update

    def whole(self, update: LayoutUpdate) -> None:
        """Take note of a whole screen that is sent."""
        self._lines.clear()
        region = update.region
        self._size = (region.height, region.width)
        for y, strips in enumerate(update.strips, region.y):
            x, line = region.x, self._lines.setdefault(y, {})
            for strip in strips:
                line[x] = strip
                x += strip.cell_length

    def changes(self, update: ChopsUpdate, system: ColorSystem) -> str:
        """Return what must be sent, and take it as sent."""
        size = (len(update.chops), update.chop_ends[0][-1] if update.chop_ends else 0)
        if size != self._size:
            self._lines.clear()
            self._size = size
        pen = _Pen(system)
        for y, first, last in update.spans:
            chops = update.chops[y]
            line = self._lines.get(y)
            if line is None or line.keys() != chops.keys():  # another layout: other pieces
                line = self._lines[y] = dict.fromkeys(chops)
            for end, (x, strip) in zip(update.chop_ends[y], chops.items(), strict=False):
                if strip is None or x >= last or end <= first:
                    continue
                before, line[x] = line[x], strip
                start, stop = difference(before, strip)
                if start < stop:
                    pen.draw(x + start, y, strip.crop(start, stop))
        return pen.lifted()


class _Changes(CompositorUpdate):
    """Some regions: of those, what differs from what stands there."""

    def __init__(self, update: ChopsUpdate, terminal: OnTerminal) -> None:
        self._update = update
        self._terminal = terminal

    def render_segments(self, console: Console) -> str:
        """Return the control sequences. Textual asks for them only when it does send them."""
        return self._terminal.changes(self._update, _colours(console))


class _Whole(CompositorUpdate):
    """A whole screen, as Textual sends it."""

    def __init__(self, update: LayoutUpdate, terminal: OnTerminal) -> None:
        self._update = update
        self._terminal = terminal

    def render_segments(self, console: Console) -> str:
        """Return the control sequences, likewise."""
        self._terminal.whole(self._update)
        return self._update.render_segments(console)


class _Pen:
    """Writes in colours that are told to the terminal only when they change."""

    def __init__(self, system: ColorSystem) -> None:
        self._system = system
        self._style: Style | None = None
        self._sent: list[str] = []

    def draw(self, x: int, y: int, segments: Iterable[Segment]) -> None:
        """Write at a place."""
        self._sent.append(f"\x1b[{y + 1};{x + 1}H")
        for text, style, _ in segments:
            if not text:
                continue
            if style is not None and style.link:
                self._sent += self.lift(), Strip.render_style(style, text, self._system)
                continue
            if style is not self._style and style != self._style:
                self._sent += self.lift(), self._dip(style)
            self._sent.append(text)

    def _dip(self, style: Style | None) -> str:
        self._style = style
        codes = "" if style is None else _codes(style, self._system)
        return f"\x1b[{codes}m" if codes else ""

    def lift(self) -> str:
        """Return what ends the colour that is written in."""
        coloured, self._style = self._style is not None, None
        return _RESET if coloured else ""

    def lifted(self) -> str:
        """Return everything that was written."""
        return "".join((*self._sent, self.lift()))


def difference(before: Strip | None, after: Strip) -> tuple[int, int]:
    """Return the first cell in which a line must be drawn, and the end of the last.

    Terminals do not agree on the width of every character. What stands behind a doubtful one is
    drawn together with it, so that it lies where this terminal puts it.

    >>> difference(Strip([Segment("in 59s ok")]), Strip([Segment("in 58s ok")]))
    (4, 5)
    """
    cells = after.cell_length
    if before is None or before.cell_length != cells:
        return 0, cells
    old, new = list(before), list(after)
    if old == new:
        return 0, 0
    start = _alike(old, new)
    old, new = ([_turned(one) for one in reversed(line)] for line in (old, new))
    return start, max(start, cells - _alike(old, new))


def _alike(old: Iterable[Segment], new: Iterable[Segment]) -> int:
    """Return how many first cells are the same, and of a width that nobody doubts."""
    cells = 0
    for one, other in zip(old, new, strict=False):
        if one == other and _is_plain(one.text):
            cells += len(one.text)
            continue
        if one.style != other.style:
            break
        for mine, theirs in zip(one.text, other.text, strict=False):
            if not (_is_plain(mine) and _is_plain(theirs)):
                # A mark that belongs to the character before it is drawn with that one.
                return max(0, cells - 1)
            if mine != theirs:
                break
            cells += 1
        break
    return cells


def _turned(segment: Segment) -> Segment:
    return Segment(segment.text[::-1], segment.style)


@lru_cache(maxsize=256)
def _codes(style: Style, system: ColorSystem) -> str:
    return Strip.render_ansi(style, system)


@lru_cache(maxsize=4096)
def _is_plain(text: str) -> bool:
    return text.isascii() or all(c < _COMBINING or _is_narrow(c) for c in text)


def _is_narrow(character: str) -> bool:
    return character < _PICTURES and cell_len(character) == 1


def _colours(console: Console) -> ColorSystem:
    return console._color_system or ColorSystem.TRUECOLOR  # noqa: SLF001 - as Textual has it
