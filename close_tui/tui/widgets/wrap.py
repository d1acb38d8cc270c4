"""Paragraphs broken into lines, with an indent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from textual.content import Content

_LEAST: Final = 8


def wrapped(text: Content, width: int, *, indent: int = 0, first: int = 0) -> Iterator[Content]:
    """Break text into lines of ``width`` cells, ``indent`` of them empty, ``first`` in the first.

    No text has no lines.
    """
    if not text.plain:
        return
    for number, line in enumerate(text.wrap(max(_LEAST, width - indent))):
        yield Content.assemble(" " * (indent if number else first), line)
