"""What a line of a list is made of."""

from __future__ import annotations

from typing import Final, TypeAlias

from rich.cells import cell_len, set_cell_size

Piece: TypeAlias = tuple[str, str]
"""Text, and the part that it is drawn as, see ``line_looks``; empty: plain."""

BARS: Final = frozenset({"full", "low", "spent"})
"""The parts in which bars are drawn; they bring their own background."""

_NAME_ENDS: Final = 12
"""From so many cells on there is room for both ends of a name."""


def fit(text: str, width: int) -> str:
    """Return text in exactly ``width`` cells, the last one an ellipsis where it was cut."""
    cut = set_cell_size(text, width)
    if width > 1 and not (cut.startswith(text)):
        return set_cell_size(set_cell_size(text, width - 1).rstrip() + "…", width)
    return cut


def fit_name(text: str, width: int) -> str:
    """Return a name in exactly ``width`` cells, cut in its middle where it is too long.

    Whoever has many calls them alike: ``acme-logistics-key``, ``acme-logistics-reports``. The end
    tells them apart.
    """
    if cell_len(text) <= width or width < _NAME_ENDS:
        return fit(text, width)
    tail, room = "", (width - 1) // 2
    for character in reversed(text):
        if cell_len(character + tail) > room:
            break
        tail = character + tail
    return fit(set_cell_size(text, width - cell_len(tail) - 1).rstrip() + "…" + tail, width)
