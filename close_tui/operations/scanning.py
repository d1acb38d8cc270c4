"""A stream of bytes, cut into blocks that cut no secret, and freed of what hides one.

Nothing is assumed of the bytes: logs hold broken UTF-8, colours, NULs, UTF-16 and endless lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

BLOCK: Final = 128 * 1024
"""Bytes looked at together: what is held in memory is a small multiple of them."""

LONGEST: Final = 8 * 1024
"""Bytes of the longest secret that is found in a line without a single space, quote or comma."""

_APART: Final = (b" ", b'"', b",", b"'", b"\t", b"&", b";", b"<", b">")
"""What ends a line where there is no line; none of them stands in a secret."""

_WIDE: Final = re.compile(rb"(?:[\t\n\r -~]\0){15,}[ -~]?")
"""ASCII in UTF-16, of either byte order; shorter ones are left to be what they are."""

_COLOUR: Final = re.compile(rb"(?:\x1b|\\u001[bB]|\\x1[bB]|\\033|\\e)\[[0-?]*+[ -/]*+[@-~]")
"""A control sequence (ECMA-48 §5.4), as it is or as loggers write it down."""


_WRITTEN: Final = (b"1b[", b"1B[", b"\\033[", b"\\e[")


class Block(NamedTuple):
    """Whole lines, or of an endless line a part; ``line`` is the number of the first one."""

    text: bytes
    line: int


class Reading:
    """A stream in blocks; counts what was read, so far and in the end."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self.bytes_read = 0
        self.lines_read = 0

    def blocks(self) -> Iterator[Block]:
        """Cut the stream, once. Of endless lines the end of a block begins the next one too."""
        waiting, line, last = b"", 1, b""
        for part in _parts(self._chunks):
            self.bytes_read += len(part)
            last = part.rstrip(b"\0")[-1:] or last
            waiting += part
            if len(waiting) < BLOCK:
                continue
            end, begin = _cut(waiting)
            yield Block(_plain(waiting[:end]), line)
            line += waiting.count(b"\n", 0, begin)
            waiting = waiting[begin:]
            self.lines_read = line - 1
        if waiting:
            yield Block(_plain(waiting), line)
            line += waiting.count(b"\n")
        self.lines_read = line - 1 + (last not in (b"", b"\n"))


def _parts(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Take large chunks apart, so that no block is larger than two."""
    for chunk in chunks:
        if len(chunk) <= BLOCK:
            yield chunk
        else:
            yield from (chunk[at : at + BLOCK] for at in range(0, len(chunk), BLOCK))


def _cut(text: bytes) -> tuple[int, int]:
    """Return where this block ends and where the next one begins."""
    if end := text.rfind(b"\n") + 1:
        return end, end
    end = max(text.rfind(apart) for apart in _APART) + 1
    if len(text) - end < BLOCK // 2:
        return end, end
    return len(text), len(text) - LONGEST


def _plain(text: bytes) -> bytes:
    """Return a block in one byte a character and without colours; its lines stay its lines."""
    if b"\0" in text:
        text = _WIDE.sub(lambda wide: wide[0].replace(b"\0", b""), text)
    if b"\x1b" in text or (b"\\" in text and any(begin in text for begin in _WRITTEN)):
        text = _COLOUR.sub(b"", text)
    return text
