"""A terminal's cells, filled by the control sequences that a Textual app sends."""

from __future__ import annotations

import codecs
import re
from typing import Final

from rich.cells import cell_len

_TOKEN: Final = re.compile(
    r"\x1b\[(?P<place>\d+;\d+)H|\x1b\[(?P<colour>[\d;]*)m|\x1b\[[0-?]*[ -/]*[@-~]"
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\)|\x1b[^\[\]PX^_]|(?P<text>[^\x00-\x1f]+)|[\x00-\x1a\x1c-\x1f]",
    re.DOTALL,
)

Cell = tuple[str, str]
"""A character, with what has no width of its own behind it, and its colours."""


class Grid:
    """What is seen, cell by cell. The right half of a wide character is an empty one."""

    def __init__(self, width: int, height: int) -> None:
        self.cells: list[list[Cell]] = [[(" ", "")] * width for _ in range(height)]
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._rest = ""
        self._x = self._y = 0
        self._colour = ""

    def feed(self, sent: bytes) -> set[int]:
        """Follow what was sent; return the lines that something was written on."""
        given = self._rest + self._decoder.decode(sent)
        written, place = set(), 0
        while found := _TOKEN.match(given, place):
            place = found.end()
            if at := found["place"]:
                self._y, self._x = (int(each) - 1 for each in at.split(";"))
            elif (colour := found["colour"]) is not None:
                self._colour = colour.removeprefix("0").removeprefix(";")
            elif text := found["text"]:
                written.add(self._y)
                self._write(text)
        self._rest = given[place:]
        return written

    def _write(self, text: str) -> None:
        line = self.cells[self._y]
        for character in text:
            width = 1 if character.isascii() else cell_len(character)
            if width:
                line[self._x : self._x + width] = [
                    (character, self._colour),
                    *[("", self._colour)] * (width - 1),
                ]
            else:
                before, colour = line[self._x - 1]
                line[self._x - 1] = before + character, colour
            self._x += width

    def line(self, y: int) -> str:
        """Return what a line reads."""
        return "".join(character for character, _ in self.cells[y])
