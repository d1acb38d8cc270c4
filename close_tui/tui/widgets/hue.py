"""An organization's own colour: the same on every machine, in every list, for ever."""

from __future__ import annotations

from functools import lru_cache
from typing import Final
from zlib import crc32

from textual.color import Color

CHIP: Final = "▎"
"""What carries the colour, beside the name that says the same."""

PART: Final = "hue-"
"""How a part of a line begins that is drawn in a hue; its number follows."""

HUES: Final = tuple(Color.from_hsl(turn / 18, 0.65, (0.55, 0.75)[turn % 2]) for turn in range(18))
"""Evenly round the circle, deep and pale in turn: more could not be told apart."""


@lru_cache(maxsize=512)
def part_of(organization_id: str) -> str:
    """Return the part of a line that has an organization's colour, chosen by its id alone."""
    return f"{PART}{crc32(organization_id.encode()) % len(HUES)}"


def hue(part: str) -> Color:
    """Return the colour of such a part."""
    return HUES[int(part.removeprefix(PART))]
