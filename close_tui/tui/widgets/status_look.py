"""How each status looks: a glyph, a word, and a colour that only repeats what they say."""

from __future__ import annotations

from typing import Final, NamedTuple

from close_tui.model import Status

MUTED: Final = "$foreground-muted"
"""What stands back, as a style of textual's ``Content``."""


class Look(NamedTuple):
    """One status: a glyph one cell wide, its word, and the name of a theme colour.

    ``colour`` is ``success``, ``warning``, ``error``, ``primary`` or ``muted``; it is the last
    part of a component class of the lists, and :attr:`style` is the same colour for text.
    """

    glyph: str
    word: str
    colour: str

    @property
    def label(self) -> str:
        """Glyph and word together, as they are shown."""
        return f"{self.glyph} {self.word}"

    @property
    def style(self) -> str:
        """The colour as a style of textual's ``Content``, where ``$text-muted`` has no meaning."""
        return MUTED if self.colour == "muted" else f"$text-{self.colour}"


LOOKS: Final = {
    # Circles live: full, draining, empty, not yet drawn.
    Status.OK: Look("●", "ok", "success"),
    Status.EXPIRING: Look("◐", "expiring", "warning"),
    Status.EXPIRED: Look("○", "expired", "muted"),
    Status.UNTESTED: Look("◌", "untested", "primary"),
    # Signs ask for a person.
    Status.REJECTED: Look("✕", "refused (401)", "error"),
    Status.NEEDS_AUTHORIZATION: Look("!", "authorize again", "error"),
    Status.REFRESH_UNKNOWN: Look("?", "refresh unknown", "error"),
    # Squares are dying or dead.
    Status.REVOKING: Look("□", "revoking", "error"),
    Status.REVOKED: Look("■", "revoked", "muted"),
}
"""The look of every status."""

WIDEST: Final = max(len(look.label) for look in LOOKS.values())
"""Cells that the longest glyph and word take."""
