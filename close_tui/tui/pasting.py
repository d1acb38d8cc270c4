"""Pastes that arrive whole: what is pasted is never taken for keys."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from typing import Final

from textual._xterm_parser import BRACKETED_PASTE_END, BRACKETED_PASTE_START, XTermParser
from textual.driver import Driver
from textual.message import Message

_ESCAPE: Final = "\x1b"
_SEQUENCE: Final = re.compile(r"\x1b\[[0-?]*+[ -/]*+[@-~]")
"""A control sequence, ECMA-48 §5.4: the colours of a log."""

_BEGUN: Final = re.compile(r"\x1b(?:\[[0-?]{0,30}+[ -/]{0,2}+)?\Z")
"""A control sequence, or the paste's end, of which the rest has not been read yet."""


class WholePastes(XTermParser):
    """Takes the control sequences out of a bracketed paste before Textual looks for keys in it.

    Without that, an escape within a paste takes the characters after it out of the paste and makes
    keys of them: a coloured log would lose a part of a secret, and press keys of the screen.
    """

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._is_paste = False
        self._waiting = ""
        self._last = ""

    def feed(self, data: str) -> Iterable[Message]:
        """Parse what the terminal has sent; the empty string is its end."""
        if not data:
            yield from super().feed(data)
            return
        for part in self._parts(data):
            if part:
                yield from super().feed(part)

    def _parts(self, data: str) -> Iterator[str]:
        while data:
            if self._is_paste:
                part, data = self._of_paste(data)
            else:
                part, data = self._before_paste(data)
            yield part

    def _before_paste(self, data: str) -> tuple[str, str]:
        """Return what comes up to the beginning of a paste, that included, and the rest."""
        seen = self._last + data
        begins = seen.find(BRACKETED_PASTE_START)
        if begins < 0:
            self._last = seen[-len(BRACKETED_PASTE_START) + 1 :]
            return data, ""
        begins += len(BRACKETED_PASTE_START) - len(self._last)
        self._is_paste, self._last = True, ""
        return data[:begins], data[begins:]

    def _of_paste(self, data: str) -> tuple[str, str]:
        """Return what is pasted, with its end when that has come, and the rest."""
        data, self._waiting = self._waiting + data, ""
        pasted, end, rest = data.partition(BRACKETED_PASTE_END)
        if end:
            self._is_paste = False
        elif begun := _BEGUN.search(pasted):
            pasted, self._waiting = pasted[: begun.start()], begun[0]
        return _plain(pasted) + end, rest


def take_pastes_whole(driver: type[Driver]) -> None:
    """Let a driver of Textual read with :class:`WholePastes`.

    Each driver makes its parser from the name in its module; there is no argument for it.
    """
    for name in (driver.__module__, "textual.drivers.win32"):
        module = sys.modules.get(name)
        if getattr(module, "XTermParser", None) is XTermParser:
            setattr(module, "XTermParser", WholePastes)  # noqa: B010 - no attribute of ours


def _plain(pasted: str) -> str:
    """Take out the control sequences; what remains of escapes becomes white space."""
    if _ESCAPE not in pasted:
        return pasted
    return _SEQUENCE.sub("", pasted).replace(_ESCAPE, " ")
