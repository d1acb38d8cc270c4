"""Aligned columns: counted in terminal cells, cut to the terminal, coloured only where shown."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from close_tui.cli.console import Console
from close_tui.text import clean

_GAP: Final = "  "
_NARROWEST: Final = 8
_CELL_LIMIT: Final = 2000
_NONE: Final[Mapping[int, int]] = MappingProxyType({})


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


def table(
    console: Console,
    rows: Sequence[Sequence[Cell | str]],
    *,
    narrow: Mapping[int, int] = _NONE,
    drop: Sequence[int] = (),
) -> None:
    """Write rows in aligned columns to stdout; the first row is the heading.

    A terminal's width is kept; elsewhere nothing is cut. The columns in ``narrow`` give way first,
    in that order, each down to so many cells; where that is not enough, those in ``drop`` are left
    out, one after another; then the widest are cut.
    """
    known: dict[str, _Measured] = {}
    cells = [[_measured(each, known) for each in row] for row in rows]
    widths = [max([cell.width for cell in column]) for column in zip(*cells, strict=True)]
    if console.stdout.isatty():
        import shutil  # 2 ms that scripts do not need

        widths = _fitted(widths, shutil.get_terminal_size().columns, narrow, drop)
    coloured = console.in_colour(console.stdout)
    lines = [
        _GAP.join(
            [_painted(cell, size, coloured) for cell, size in zip(row, widths, strict=True) if size]
        )
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


def _fitted(
    wanted: Sequence[int], terminal: int, narrow: Mapping[int, int], drop: Sequence[int]
) -> list[int]:
    """Return the cells of each column so that the line fits; 0 is a column that is left out."""
    for dropped in range(len(drop) + 1):
        widths = [0 if i in drop[:dropped] else cells for i, cells in enumerate(wanted)]
        for column, least in narrow.items():
            too_long = max(0, _whole(widths) - terminal)
            widths[column] -= min(too_long, max(0, widths[column] - least))
        if _whole(widths) <= terminal:
            return widths
    while _whole(widths) > terminal:
        widest = widths.index(max(widths))
        if widths[widest] <= _NARROWEST:
            break
        widths[widest] -= 1
    return widths


def _whole(widths: Sequence[int]) -> int:
    shown = [cells for cells in widths if cells]
    return sum(shown) + len(_GAP) * (len(shown) - 1)


def _painted(cell: _Measured, size: int, coloured: bool) -> str:
    text, taken, paint = cell
    if taken > size:
        text = cut(text, size)
        taken = width(text)
    if coloured and paint:
        text = f"\x1b[{paint}m{text}\x1b[0m"
    return text + " " * (size - taken)
