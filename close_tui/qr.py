"""QR codes as text: two modules in the height of a line, with the light margin that readers need.

The blocks are the dark modules: show them dark on light, whatever colours the terminal has.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

MARGIN: Final = 4
"""Modules of light around the code (ISO/IEC 18004: four)."""

_HALVES: Final = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}


class Code(NamedTuple):
    """A QR code, line by line.

    Attributes:
        lines: all of the same width, which includes the margin.

    """

    lines: tuple[str, ...]

    @property
    def width(self) -> int:
        """Columns that it takes."""
        return len(self.lines[0])

    @property
    def height(self) -> int:
        """Lines that it takes."""
        return len(self.lines)


def encode(text: str) -> Code:
    """Return the smallest QR code that holds a text.

    The lowest level of error correction makes the largest modules, and a screen has no stains.
    """
    import segno

    made = segno.make_qr(text, error="l", boost_error=False)
    rows: list[Sequence[int]] = [tuple(map(bool, row)) for row in made.matrix_iter(border=MARGIN)]
    if len(rows) % 2:
        rows.append((False,) * len(rows[0]))
    return Code(
        tuple(
            "".join(_HALVES[upper, lower] for upper, lower in zip(*pair, strict=True))
            for pair in zip(rows[::2], rows[1::2], strict=True)
        )
    )
