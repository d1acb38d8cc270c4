"""Aligned columns: counted in terminal cells, cut to the terminal, coloured only where shown."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final, NamedTuple

from close_tui.cli.console import Console
from close_tui.text import clean

_GAP: Final = "  "
_NARROWEST: Final = 8
_CELL_LIMIT: Final = 2000


class Cell(NamedTuple):
    """A text and how it is painted: SGR parameters (ECMA-48 §8.3.117), empty for none."""

    text: str
    paint: str = ""


def width(text: str) -> int:
    """Return how many terminal cells a text takes: two for wide ones, none for combining marks."""
    if text.isascii():
        return len(text)
    return sum(_width(character) for character in text)


def cut(text: str, cells: int) -> str:
    """Return a text in at most so many cells, the last an ellipsis where it was cut."""
    if width(text) <= cells:
        return text
    kept, taken = "", 0
    for character in text:
        taken += _width(character)
        if taken > cells - 1:
            break
        kept += character
    return kept + "…"


def table(console: Console, rows: Sequence[Sequence[Cell | str]]) -> None:
    """Write rows in aligned columns to stdout; the first row is the heading.

    A terminal's width is kept by cutting the widest columns; elsewhere nothing is cut.
    """
    cells = [[_cell(each) for each in row] for row in rows]
    widths = [max(width(cell.text) for cell in column) for column in zip(*cells, strict=True)]
    if console.stdout.isatty():
        import shutil  # 2 ms that scripts do not need

        _fit(widths, shutil.get_terminal_size().columns)
    coloured = console.in_colour(console.stdout)
    for row in cells:
        line = _GAP.join(
            _painted(cell, size, coloured=coloured) for cell, size in zip(row, widths, strict=True)
        )
        console.data(line.rstrip())


def _width(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def _cell(given: Cell | str) -> Cell:
    text, paint = given if isinstance(given, Cell) else (given, "")
    return Cell(clean(text, _CELL_LIMIT), paint)


def _fit(widths: list[int], terminal: int) -> None:
    """Take from the widest column until the line fits, or all of them are narrow."""
    while sum(widths) + len(_GAP) * (len(widths) - 1) > terminal:
        widest = widths.index(max(widths))
        if widths[widest] <= _NARROWEST:
            return
        widths[widest] -= 1


def _painted(cell: Cell, size: int, *, coloured: bool) -> str:
    text = cut(cell.text, size)
    padding = " " * (size - width(text))
    return (f"\x1b[{cell.paint}m{text}\x1b[0m" if coloured and cell.paint else text) + padding
