"""What a line of a list is made of."""

from __future__ import annotations

from typing import Final, TypeAlias

from rich.cells import set_cell_size

Piece: TypeAlias = tuple[str, str]
"""Text, and the last part of the component class that it is drawn in; empty: plain."""

BARS: Final = frozenset({"full", "low", "spent"})
"""The parts of component classes in which bars are drawn; they bring their own background."""


def fit(text: str, width: int) -> str:
    """Return text in exactly ``width`` cells, the last one an ellipsis where it was cut."""
    cut = set_cell_size(text, width)
    if width > 1 and not (cut.startswith(text)):
        return set_cell_size(set_cell_size(text, width - 1).rstrip() + "…", width)
    return cut
