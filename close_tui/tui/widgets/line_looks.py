"""What the parts of a list's lines look like: colours by the names of the theme's variables.

A style sheet would say the same, and would take a thirtieth of the start for it: each component
class of each list is matched and styled there like a widget of its own.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Look(NamedTuple):
    """How one part is drawn on top of what lies under it; what is empty stays as it is.

    Attributes:
        text: a variable, and how much of it: ``text-success 60%``.
        ground: likewise.
        style: ``bold``, ``dim`` or ``underline``.

    """

    text: str = ""
    ground: str = ""
    style: str = ""


class Circumstances(NamedTuple):
    """What a look depends on: the list's focus, the theme, and the terminal."""

    focused: bool
    light: bool
    no_color: bool
    ansi: bool


PLAIN: Final = Look()

_LOOKS: Final = {
    "highlighted": Look(ground="foreground 8%"),
    "header": Look("text-muted"),
    "cursor": Look("foreground 40%"),
    "strong": Look(style="bold"),
    "mark": Look("text-accent", style="bold"),
    "muted": Look("text-muted"),
    "primary": Look("text-primary"),
    "success": Look("text-success"),
    "warning": Look("text-warning"),
    "error": Look("text-error", style="bold"),
    "full": Look("text-success 60%", "foreground 10%"),
    "spent": Look("foreground 20%", "foreground 10%"),
    "low": Look("text-warning", "foreground 10%"),
}
_FOCUSED: Final = {
    "highlighted": Look(ground="primary 20%"),
    "cursor": Look("text-primary"),
}
_LIGHT: Final = {
    "full": Look("success-darken-2 70%", "foreground 10%"),
    "low": Look("warning-darken-2", "foreground 10%"),
}
_NO_COLOR: Final = {
    "error": Look("foreground", style="bold"),
    "primary": Look("foreground"),
}
_NO_COLOR_FOCUSED: Final = {"highlighted": Look(ground="foreground 20%")}
_ANSI: Final = {
    "highlighted": Look(ground="ansi_default", style="underline"),
    "spent": Look("ansi_bright_black", "foreground 10%"),
    "muted": Look("ansi_default", style="dim"),
    "header": Look("ansi_default", style="dim"),
}
_ANSI_FOCUSED: Final = {"highlighted": Look(ground="ansi_default")}

PARTS: Final = frozenset(_LOOKS)
"""Every part that a piece of a line may name."""


def look(part: str, here: Circumstances) -> Look:
    """Return what a part looks like; a part that is not known is plain."""
    found = _LOOKS.get(part, PLAIN)
    for holds, others in (
        (here.focused, _FOCUSED),
        (here.light, _LIGHT),
        (here.no_color, _NO_COLOR),
        (here.no_color and here.focused, _NO_COLOR_FOCUSED),
        (here.ansi, _ANSI),
        (here.ansi and here.focused, _ANSI_FOCUSED),
    ):
        if holds:
            found = others.get(part, found)
    return found
