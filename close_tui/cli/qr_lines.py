"""A QR code on stderr, dark on light, where the terminal has room for it."""

from __future__ import annotations

import os
from typing import Final

from close_tui.cli.console import Console

_DARK_ON_LIGHT: Final = "\x1b[30;107m"  # ECMA-48 black, and the bright white of aixterm
_PLAIN: Final = "\x1b[0m"


def show(console: Console, text: str) -> None:
    """Show a text as a QR code, or say how large a window would have to be."""
    if not console.stderr.isatty():
        console.warn("A QR code is shown on a terminal only.")
        return
    if not _shows_blocks(console):
        console.warn("This terminal's encoding has no characters for a QR code.")
        return
    from close_tui.qr import encode

    code = encode(text)
    width, height = os.get_terminal_size(console.stderr.fileno())
    if 0 < width < code.width or 0 < height <= code.height:
        console.warn(
            f"The QR code needs a window of {code.width} columns and {code.height + 1} lines; this "
            f"one has {width} and {height}."
        )
        return
    console.flush()
    for line in code.lines:
        console.stderr.write(f"{_DARK_ON_LIGHT}{line}{_PLAIN}\n")
    console.stderr.flush()


def _shows_blocks(console: Console) -> bool:
    try:
        "█▀▄".encode(console.stderr.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
