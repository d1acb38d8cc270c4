"""A key that was found in what people have, and how keys are recognized there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from close_tui.errors import CloseTuiError
from close_tui.secret import Secret

LIMIT: Final = 32 * 1024 * 1024
"""Bytes of a text that are read at most; a list of API keys has a thousandth of it."""

NO_KEY: Final = "It does not look like a Close API key: api_, and a dot in the middle."
IN_A_COMMENT: Final = "It stands in a comment."

_KEY: Final = re.compile(
    r"(?<![A-Za-z0-9_.])api_[A-Za-z0-9]{10,64}\.[A-Za-z0-9]{10,128}(?![A-Za-z0-9_])"
)


class NotReadable(CloseTuiError):
    """A file that cannot be read, or in which nothing can be looked for."""

    title = "This cannot be imported"


class Candidate(NamedTuple):
    """One place where an API key stands, or should.

    Attributes:
        key: the API key; None where there is none, and ``why_not`` says so.
        name: what it is called there, foreign, without any key; empty when nothing says.
        line: its line in a text, from 1; None where there are none.
        place: what else says where it is: a variable, or the title of an item.
        why_not: why it is not to be imported; empty when it is.
        source: what it was found in.

    """

    key: Secret | None
    name: str = ""
    line: int | None = None
    place: str = ""
    why_not: str = ""
    source: str = ""


def keys(*texts: object) -> list[Secret]:
    """Return the API keys in some texts, each once; what is not text holds none."""
    found: dict[Secret, None] = {}
    for text in texts:
        if isinstance(text, str) and "api_" in text:
            found.update((Secret(match[0]), None) for match in _KEY.finditer(text))
    return list(found)


def named(foreign: object) -> str:
    """Return what something is called, without any key: people paste those everywhere."""
    return _KEY.sub(" ", foreign) if isinstance(foreign, str) else ""


def of_item(name: object, texts: Iterable[object]) -> Iterator[Candidate]:
    """Return the keys in one item of a password manager."""
    title = named(name)
    for key in keys(*texts):
        yield Candidate(key, title, place=title)


def objects(value: object) -> list[dict[str, object]]:
    """Return the objects in a JSON array; [] when it is none."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def inside(value: object, name: str) -> dict[str, object]:
    """Return an object in a JSON object; {} where there is none."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}
