"""Where imported keys still stand in plain text, and how to take them out of there."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Sequence
from typing import Final

from close_tui.operations.import_keys import Imported
from close_tui.text import clean

_LINES: Final = 12
_NO_FILES: Final = frozenset({"standard input", "environment"})


def plain_text(done: Sequence[Imported]) -> Iterator[str]:
    """Say for each source how to take the keys out of it that the vault has now."""
    sources = dict.fromkeys(each.candidate.source for each in done if each.is_stored)
    for source in sources:
        of_source = [each for each in done if each.candidate.source == source]
        stored = [each for each in of_source if each.is_stored]
        left = [each for each in of_source if each.candidate.key and not each.is_stored]
        if source == "environment":
            variables = " ".join(dict.fromkeys(each.candidate.place for each in stored))
            yield (
                f"The environment still holds keys: unset {variables}, and take them out of the "
                "file that sets them."
            )
        elif source not in _NO_FILES:
            yield from _of_file(source, stored, left)
    if sources:
        yield (
            "close-tui deletes nothing. What reads a key there can be given it so: close-tui exec "
            "NAME -- COMMAND. Backups and a repository's history may have it too: where others "
            "may have seen it, replace it with close-tui rotate NAME."
        )


def _of_file(source: str, stored: Sequence[Imported], left: Sequence[Imported]) -> Iterator[str]:
    shown = clean(source)
    yield f"{shown} still holds keys in plain text: {_places(stored)}."
    if left:
        yield f"Other keys there are not stored: {_places(left)}. Look at those first."
    else:
        how = "shred -u --" if os.name == "posix" else "del"
        yield f"When you need nothing else in it: {how} {shlex.quote(shown)}"


def _places(those: Sequence[Imported]) -> str:
    found = [each.candidate for each in those]
    lines = sorted({each.line for each in found if each.line is not None})
    if lines:
        more = f" and {len(lines) - _LINES} more" if len(lines) > _LINES else ""
        return f"line{'s' * (len(lines) > 1)} {', '.join(map(str, lines[:_LINES]))}{more}"
    items = list(dict.fromkeys(clean(each.place, 60) for each in found))
    more = f" and {len(items) - _LINES} more" if len(items) > _LINES else ""
    return f"item{'s' * (len(items) > 1)} {', '.join(items[:_LINES])}{more}"
