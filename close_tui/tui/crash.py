"""What is printed when the app stops on a bug: the way there, and no value of any variable."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Final

from rich.console import Group
from rich.text import Text

_WORDS: Final = (
    "close-tui has stopped on a bug of its own. What is stored is untouched, and no secret is "
    "shown below: only places in the program, and no values."
)


def report(error: BaseException | None) -> Group:
    """Return the report of a crash, to be printed once the terminal is the shell's again.

    Only file names, lines, functions and kinds of errors: an error's own words may quote the
    value that it was raised about.
    """
    lines = [Text(_WORDS, style="bold"), Text()]
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        lines += _of(error)
        error = error.__cause__ or error.__context__
    return Group(*lines)


def _of(error: BaseException) -> list[Text]:
    kind = type(error)
    lines = [Text(f"{kind.__module__}.{kind.__qualname__}", style="bold red")]
    for frame in traceback.extract_tb(error.__traceback__):
        place = f"{_short(frame.filename)}:{frame.lineno}"
        lines.append(Text(f"  {place}  in {frame.name}"))
    return lines


def _short(path: str) -> str:
    """Keep the last three parts of a path: the rest tells of the machine, not of the bug."""
    return str(Path(*Path(path).parts[-3:]))
