"""A command line as bash has it: taken apart up to the cursor, and put together again.

POSIX.1, Shell Command Language, 2.2 (quoting); readline's rules say what Tab replaces.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_PIECE: Final = re.compile(
    r"""(?P<space>[ \t\n]+)
    | \\(?P<escaped>.?)
    | '(?P<single>[^']*)(?P<single_end>'?)
    | "(?P<double>(?:\\.?|[^"\\])*+)(?P<double_end>"?)
    | (?P<plain>[^\\'" \t\n]+)""",
    re.DOTALL | re.VERBOSE,
)
_ESCAPE: Final = re.compile(r'\\(["$\\`])')
_SAFE: Final = frozenset("%+,-./@_")
_IN_DOUBLE: Final = frozenset('"$\\`')


class Line(NamedTuple):
    """A command line up to the cursor.

    Attributes:
        words: those that are finished, without their quotes.
        current: the one that the cursor is in, without its quotes.
        kept: how many characters of it Tab leaves as they are.
        quote: the quote that is open at the cursor: ``"``, ``'`` or none.

    """

    words: list[str]
    current: str
    kept: int
    quote: str


def split(line: str, breaks: str = "") -> Line:
    """Take a line apart; at one of ``breaks``, unless it is quoted, readline begins anew."""
    words: list[str] = []
    current, kept, quote, begun = "", 0, "", False
    for piece in _PIECE.finditer(line):
        if piece["space"]:
            if begun:
                words.append(current)
            current, kept, begun = "", 0, False
            continue
        plain = piece["plain"] or ""
        broken = max((plain.rfind(each) for each in breaks), default=-1)
        if broken >= 0:
            kept = len(current) + broken + 1
        if quote := _open_quote(piece):
            kept = len(current)
        current += plain or piece["escaped"] or piece["single"] or _unescaped(piece["double"])
        begun = True
    return Line(words, current, kept, quote)


def _open_quote(piece: re.Match[str]) -> str:
    if piece["single"] is not None and not piece["single_end"]:
        return "'"
    return '"' if piece["double"] is not None and not piece["double_end"] else ""


def _unescaped(double: str | None) -> str:
    return _ESCAPE.sub(r"\1", double or "")


def quoted(text: str, quote: str = "") -> str:
    """Return text that the shell reads as itself, also where a quote is open already."""
    if quote == "'":
        return text.replace("'", "'\\''")
    if quote == '"':
        return "".join('"\\!"' if c == "!" else f"\\{c}" if c in _IN_DOUBLE else c for c in text)
    return "".join(c if c.isalnum() or c in _SAFE else f"\\{c}" for c in text)
