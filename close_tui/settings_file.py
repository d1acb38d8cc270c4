"""The settings file: TOML, read without trusting it. What it may say is in :mod:`.settings`."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from close_tui.text import clean

_SIZE_LIMIT: Final = 64 * 1024
_SHARED: Final = stat.S_IWGRP | stat.S_IWOTH


class Written(NamedTuple):
    """What a settings file says.

    Attributes:
        values: by name; their types are not checked yet.
        lines: the line of each name, from 1.
        problems: sentences; none holds a value from the file.

    """

    values: Mapping[str, object]
    lines: Mapping[str, int]
    problems: tuple[str, ...]


NOTHING: Final = Written({}, {}, ())


def written(path: Path, known: Collection[str]) -> Written:
    """Return what the file says. A file that cannot be used says nothing, and why is a problem.

    Unknown names are problems, with their line and the known name that is nearest.
    """
    try:
        handle = os.open(path, os.O_RDONLY)
    except (FileNotFoundError, NotADirectoryError):
        return NOTHING
    except OSError as error:
        return _unusable(path, f"cannot be read: {error.strerror}")
    try:
        with os.fdopen(handle, "rb") as file:
            facts = os.fstat(file.fileno())
            raw = file.read(_SIZE_LIMIT + 1)
    except OSError as error:
        return _unusable(path, f"cannot be read: {error.strerror}")
    # Whoever can write here could send every secret to an address of their own.
    if os.name == "posix" and facts.st_uid not in (os.geteuid(), 0):
        return _unusable(path, "belongs to another user")
    if os.name == "posix" and facts.st_mode & _SHARED:
        return _unusable(path, "can be written by other users (chmod 600 closes it)")
    if len(raw) > _SIZE_LIMIT:
        return _unusable(path, "is too large to be one")
    return _parsed(path, raw, known)


def _parsed(path: Path, raw: bytes, known: Collection[str]) -> Written:
    import tomllib  # 5 ms that only those who have a file pay

    try:
        text = raw.decode("utf-8-sig")
        values = tomllib.loads(text)
    except UnicodeDecodeError:
        return _unusable(path, "is not UTF-8 text")
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return _unusable(path, f"is not TOML: {clean(str(error)).rstrip('.')}")
    lines = {name: _line(text, name) for name in values}
    problems = [
        f"{path}, line {lines[name]}: {clean(name, 60)!r} is not a setting. {_nearest(name, known)}"
        for name in values
        if name not in known
    ]
    return Written({n: v for n, v in values.items() if n in known}, lines, tuple(problems))


def _nearest(name: str, known: Collection[str]) -> str:
    from difflib import get_close_matches

    found = get_close_matches(name.casefold(), known, 1)
    return f"Did you mean {found[0]}?" if found else "close-tui settings show lists them."


def _line(text: str, name: str) -> int:
    """Return the first line on which a name is given a value, alone, as a table or in one."""
    begins = re.compile(rf"""\s*\[{{0,2}}\s*["']?{re.escape(name)}["']?\s*[=.\]]""")
    lines = enumerate(text.splitlines(), 1)
    return next((number for number, line in lines if begins.match(line)), 1)


def _unusable(path: Path, why: str) -> Written:
    return Written({}, {}, (f"{path} {why}. Its settings are not used.",))
