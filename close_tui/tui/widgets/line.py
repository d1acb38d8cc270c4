"""What a line of a list is made of."""

from __future__ import annotations

from typing import Final, TypeAlias

from rich.cells import set_cell_size

Piece: TypeAlias = tuple[str, str]
"""Text, and the part that it is drawn as, see ``line_looks``; empty: plain."""

BARS: Final = frozenset({"full", "low", "spent"})
"""The parts in which bars are drawn; they bring their own background."""


def fit(text: str, width: int) -> str:
    """Return text in exactly ``width`` cells, the last one an ellipsis where it was cut."""
    cut = set_cell_size(text, width)
    if width > 1 and not (cut.startswith(text)):
        return set_cell_size(set_cell_size(text, width - 1).rstrip() + "…", width)
    return cut
