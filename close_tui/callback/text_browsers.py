"""Browsers that need a terminal for themselves: they are never opened, not even by ``BROWSER``."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path, PurePath
from typing import Final

NAMES: Final = frozenset(
    {
        "browsh", "carbonyl", "cha", "chawan", "edbrowse", "elinks", "links", "links2", "lynx",
        "netrik", "retawq", "w3m", "www-browser",
    }
)  # fmt: skip
"""``www-browser`` is Debian's name for whichever of them is installed."""


def is_text_only(command: str, path: str | None = None) -> bool:
    """Tell whether a command line of ``BROWSER`` runs one of them, also behind a symbolic link.

    ``path`` is where programs are looked for, the process's own when it is None.
    """
    try:
        words = shlex.split(command)
    except ValueError:
        return False
    if not words:
        return False
    found = shutil.which(words[0], path=path)
    names = {words[0], str(Path(found).resolve())} if found else {words[0]}
    return any(_plain(name) in NAMES for name in names)


def _plain(name: str) -> str:
    """Return a program's name without folder, ending and variant: ``w3m-img`` is ``w3m``."""
    return PurePath(name).name.lower().partition(".")[0].partition("-img")[0]
