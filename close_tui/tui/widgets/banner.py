"""One line that must not be overlooked."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from textual.content import Content
from textual.widgets import Static

BannerKind: TypeAlias = Literal["warning", "error", "info"]

_GLYPHS: Final[dict[BannerKind, str]] = {"warning": "!", "error": "✕", "info": "·"}


class Banner(Static):
    """One line across the screen; not there when it has nothing to say."""

    DEFAULT_CSS = """
    Banner {
        display: none;
        width: 100%;
        height: 1;
        padding: 0 1;
        text-wrap: nowrap;
        text-overflow: ellipsis;
        background: $primary-muted;
        color: $text-primary;
        &.-shown { display: block; }
        &.-warning { background: $warning-muted; color: $text-warning; text-style: bold; }
        &.-error { background: $error-muted; color: $text-error; text-style: bold; }
        &:light { color: $foreground; }
        &:ansi { background: ansi_default; text-style: bold reverse; }
    }
    """

    def show(self, text: str, kind: BannerKind = "info") -> None:
        """Say something, literally; the empty text hides the line."""
        self.update(Content(f"{_GLYPHS[kind]} {text}" if text else ""))
        self.set_class(bool(text), "-shown")
        for one in _GLYPHS:
            self.set_class(one == kind, f"-{one}")
