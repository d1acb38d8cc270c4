"""Text that can be read on its background, whatever the theme (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from textual.color import Color

ENOUGH: Final = 4.5
"""The contrast ratio of text that WCAG level AA asks for."""

_STEPS: Final = 20
_TEXTS: Final = ("primary", "secondary", "warning", "error", "success", "accent")


def ratio(one: Color, other: Color) -> float:
    """Return the contrast ratio of two opaque colours: 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def legible(colour: Color, ground: Color) -> Color:
    """Return the colour, moved towards black or white as little as makes it legible."""
    black, white = Color(0, 0, 0), Color(255, 255, 255)
    end = max(black, white, key=lambda one: ratio(one, ground))
    mixtures = (colour.blend(end, step / _STEPS) for step in range(_STEPS))
    return next((mixed for mixed in mixtures if ratio(mixed, ground) >= ENOUGH), end)


def legible_variables(variables: Mapping[str, str]) -> dict[str, str]:
    """Return those of a theme's variables that colour text, made legible on all its grounds.

    Many a theme is chosen for its looks: the success of textual-light is 3.8:1 on its own
    background.
    """
    pairs: dict[str, tuple[str, ...]] = {
        f"text-{name}": ("background", "surface", "panel") for name in _TEXTS
    }
    pairs["footer-key-foreground"] = ("footer-background",)
    found: dict[str, str] = {}
    for name, grounds in pairs.items():
        colour = Color.parse(variables[name])
        for ground in grounds:
            colour = legible(colour, Color.parse(variables[ground]))
        found[name] = colour.hex
    return found


def _luminance(colour: Color) -> float:
    red, green, blue = (_linear(channel / 255) for channel in colour.rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
