"""Text that can be read on its background, whatever the theme (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from textual.color import Color

ENOUGH: Final = 4.5
"""The contrast ratio of text that WCAG level AA asks for."""

PLAIN: Final = 6.0
"""The ratio of plain text, so that what stands back beside it still does."""

SHEETS: Final = ("background", "surface")
"""The variables that the screens and the dialogs are made of."""

GROUNDS: Final = (*SHEETS, "panel")
"""The variables that text of every colour may stand on."""

FIELDS: Final = ("surface + foreground 8%", "surface + primary 25%", "surface + error 25%")
"""What a field is filled with: at rest, while typed into, and refused."""

BANNERS: Final = ("primary-muted", "warning-muted", "error-muted")

_STEPS: Final = 20
_SET_BACK: Final = 0.3
_SELECTION: Final = "input-selection-background"
_TEXTS: Final = ("primary", "secondary", "warning", "error", "success", "accent")
_WITH_FOREGROUND: Final = (
    "footer-foreground",
    "footer-description-foreground",
    "block-cursor-blurred-foreground",
    "input-cursor-background",
    "input-selection-foreground",
    "button-foreground",
)
"""What is the foreground where a theme says nothing else."""

_PAIRS: Final = {
    **{f"text-{name}": GROUNDS for name in _TEXTS},
    "footer-foreground": ("footer-background",),
    "footer-key-foreground": ("footer-background",),
    "footer-description-foreground": ("footer-background",),
    "block-cursor-foreground": ("block-cursor-background",),
    "block-cursor-blurred-foreground": tuple(
        f"{one} + block-cursor-blurred-background" for one in ("surface", "panel")
    ),
    "input-selection-foreground": (_SELECTION,),
}


def ratio(one: Color, other: Color) -> float:
    """Return the contrast ratio of two opaque colours: 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def legible(colour: Color, ground: Color, enough: float = ENOUGH) -> Color:
    """Return the colour, moved towards black or white as little as makes it legible."""
    black, white = Color(0, 0, 0), Color(255, 255, 255)
    end = max(black, white, key=lambda one: ratio(one, ground))
    mixtures = (colour.blend(end, step / _STEPS) for step in range(_STEPS))
    return next((mixed for mixed in mixtures if ratio(mixed, ground) >= enough), end)


def ground_of(variables: Mapping[str, str], layers: str) -> Color:
    """Return the colour of variables that lie one on another: ``surface + primary 25%``."""
    lowest, *above = layers.split(" + ")
    colour = Color.parse(variables[lowest])
    for layer in above:
        name, *strength = layer.split()
        colour = _colour(" ".join((variables[name], *strength)), colour)
    return colour


def legible_variables(variables: Mapping[str, str]) -> dict[str, str]:
    """Return those of a theme's variables that colour text, made legible on all its grounds.

    Many a theme is chosen for its looks: the success of textual-light is 3.8:1 on its own
    background, the footer of solarized-light 3.4:1. ``foreground-muted`` is what stands back beside
    plain text, ``text-disabled`` what a field says while it is empty.
    """
    known = dict(variables)

    def move(name: str, colour: Color, grounds: tuple[str, ...], enough: float = ENOUGH) -> None:
        for layers in grounds:
            colour = legible(colour, ground_of(known, layers), enough)
        known[name] = colour.hex

    foreground = Color.parse(known["foreground"])
    move("foreground", foreground, SHEETS, PLAIN)
    move("foreground", Color.parse(known["foreground"]), (*GROUNDS, *FIELDS, *BANNERS))
    followers = [name for name in _WITH_FOREGROUND if known[name] == variables["foreground"]]
    known.update(dict.fromkeys(followers, known["foreground"]))
    set_back = foreground.blend(Color.parse(known["background"]), _SET_BACK)
    move("foreground-muted", set_back, SHEETS)
    move("text-disabled", set_back, FIELDS)
    # Half transparent it would be another on each ground of a field, one too dark, one too light.
    known[_SELECTION] = ground_of(known, f"surface + {_SELECTION}").hex
    for name, grounds in _PAIRS.items():
        move(name, _colour(known[name], ground_of(known, grounds[0])), grounds)
    return {name: value for name, value in known.items() if value != variables.get(name)}


def mixed(variables: Mapping[str, str], words: str, ground: Color) -> Color:
    """Return what ``text-success 60%`` is in a theme: a variable, or a colour, and how much of it.

    ``ground`` is what it will lie on: some variables are the opposite of that.
    """
    name, *strength = words.split()
    return _parsed(" ".join((variables.get(name, name), *strength)), ground)


def _parsed(said: str, ground: Color) -> Color:
    """Return what a variable such as ``#81a1c1 35%`` or ``auto 87%`` says."""
    name, *strengths = said.split()
    colour = ground.get_contrast_text(1) if name == "auto" else Color.parse(name)
    for strength in strengths:
        colour = colour.multiply_alpha(float(strength.removesuffix("%")) / 100)
    return colour


def _colour(said: str, ground: Color) -> Color:
    return ground + _parsed(said, ground)


@lru_cache(maxsize=1024)
def _luminance(colour: Color) -> float:
    red, green, blue = (_linear(channel / 255) for channel in colour.rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
