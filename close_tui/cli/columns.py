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
    known: dict[str, _Measured] = {}
    cells = [[_measured(each, known) for each in row] for row in rows]
    widths = [max([cell.width for cell in column]) for column in zip(*cells, strict=True)]
    if console.stdout.isatty():
        import shutil  # 2 ms that scripts do not need

        _fit(widths, shutil.get_terminal_size().columns)
    coloured = console.in_colour(console.stdout)
    lines = [
        _GAP.join([_painted(cell, size, coloured) for cell, size in zip(row, widths, strict=True)])
        for row in cells
    ]
    console.write("".join([f"{line.rstrip()}\n" for line in lines]))


def _width(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


class _Measured(NamedTuple):
    """A cell whose text was cleaned, and how many terminal cells it takes."""

    text: str
    width: int
    paint: str


def _measured(given: Cell | str, known: dict[str, _Measured]) -> _Measured:
    """Measure a cell; what stands in many rows, as most does, is measured once."""
    text, paint = given if isinstance(given, Cell) else (given, "")
    found = known.get(text)
    if found is None:
        cleaned = clean(text, _CELL_LIMIT)
        found = known[text] = _Measured(cleaned, width(cleaned), "")
    return _Measured(found.text, found.width, paint) if paint else found


def _fit(widths: list[int], terminal: int) -> None:
    """Take from the widest column until the line fits, or all of them are narrow."""
    while sum(widths) + len(_GAP) * (len(widths) - 1) > terminal:
        widest = widths.index(max(widths))
        if widths[widest] <= _NARROWEST:
            return
        widths[widest] -= 1


def _painted(cell: _Measured, size: int, coloured: bool) -> str:
    text, taken, paint = cell
    if taken > size:
        text = cut(text, size)
        taken = width(text)
    if coloured and paint:
        text = f"\x1b[{paint}m{text}\x1b[0m"
    return text + " " * (size - taken)
