"""``.env`` files, and any text in which keys stand line by line; the environment too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Final

from close_tui.operations.foreign.candidates import IN_A_COMMENT, NO_KEY, Candidate, keys

_ASSIGNMENT: Final = re.compile(
    r"\s*(?:export\s+|set\s+|\$env:|-\s+)?[\"']?([A-Za-z_][A-Za-z0-9_.-]{0,99})[\"']?\s*[=:](.*)",
    re.DOTALL,
)
_CODE: Final = re.compile(r"""(?:'[^']*'|"[^"]*"|[^'"#]|(?<!\s)\#|['"])*?(?=\s\#|$)""")
_LONGEST: Final = 64 * 1024
_MEANT: Final = re.compile(r"CLOSE.*API_?KEY", re.IGNORECASE)
_EMPTY: Final = frozenset({"", '""', "''", "null"})
_GENERAL: Final = frozenset(
    {"api", "apikey", "close", "closecom", "closeio", "com", "crm", "io", "key", "secret", "token"}
)


def found_in_text(text: str) -> Iterator[Candidate]:
    """Return every key, with its line and variable, and variables that should hold one."""
    for number, line in enumerate(StringIO(text, newline=None), 1):
        if "api_" not in line and "close" not in line[:200].lower():
            continue
        code, comment = _parted(line)
        assignment = _ASSIGNMENT.match(code)
        variable = assignment[1] if assignment else ""
        found = keys(code)
        for key in found:
            yield Candidate(key, name_of(variable), number, variable)
        if assignment and not found and is_meant(variable, assignment[2]):
            yield Candidate(None, name_of(variable), number, variable, NO_KEY)
        for key in keys(comment):
            yield Candidate(key, line=number, why_not=IN_A_COMMENT)


def found_in_environment(
    environment: Mapping[str, str], variables: tuple[str, ...] = ()
) -> Iterator[Candidate]:
    """Return the keys in some variables, or in all; one that was named must hold one."""
    for variable in variables or sorted(environment):
        found = keys(environment.get(variable, ""))
        for key in found:
            yield Candidate(key, name_of(variable), place=variable)
        if variables and not found:
            why = NO_KEY if environment.get(variable) else "It is not set, or empty."
            yield Candidate(None, name_of(variable), place=variable, why_not=why)


def _parted(line: str) -> tuple[str, str]:
    """Return a line in front of its comment, and the comment; a very long line is all the first."""
    if line.lstrip().startswith(("#", "//", ";")):
        return "", line
    if len(line) > _LONGEST:
        return line, ""
    match = _CODE.match(line)
    end = match.end() if match else len(line)
    return line[:end], line[end:]


def is_meant(variable: str, value: str) -> bool:
    """Tell whether a variable, by its name, should hold a key and is not just left open."""
    return bool(_MEANT.search(variable)) and value.strip() not in _EMPTY


def name_of(variable: str) -> str:
    """Return what a variable's name says beyond that it is a key of Close's.

    >>> name_of("ACME_CLOSE_API_KEY")
    'acme'
    """
    words = re.split("[_.-]+", variable.lower())
    return "-".join(word for word in words if word and word not in _GENERAL)
