"""Words from elsewhere, made harmless; times and durations, made readable."""

from __future__ import annotations

import unicodedata
from collections.abc import Container
from time import gmtime, strftime
from typing import Final

NAME_LIMIT: Final = 200
"""Characters kept of a foreign name."""

# Controls, format characters (bidi, zero-width, tags), surrogates, private use, line separators.
_UNWANTED: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

_END_OF_TIME: Final = 253_402_300_799  # 9999-12-31T23:59:59Z: a year has four digits


def clean(foreign: object, limit: int = NAME_LIMIT) -> str:
    """Return foreign text as one line that no terminal acts on.

    Control, format and surrogate characters are dropped, white space becomes single spaces,
    the rest is NFC, at most ``limit`` characters, the last one an ellipsis where it was cut.
    Anything but text becomes the empty string.
    """
    if not isinstance(foreign, str):
        return ""
    if len(foreign) > limit * 8:
        foreign = foreign[: limit * 8]
    if not (foreign.isascii() and foreign.isprintable()):
        foreign = unicodedata.normalize(
            "NFC",
            "".join(
                " " if c.isspace() else c
                for c in foreign
                if c.isspace() or unicodedata.category(c) not in _UNWANTED
            ),
        )
    if "  " in foreign or foreign[:1] == " " or foreign[-1:] == " ":
        foreign = " ".join(foreign.split())
    return foreign if len(foreign) <= limit else foreign[: limit - 1] + "…"


def plain_name(*parts: str) -> str:
    """Return a connection name made from foreign words: lower case, dashes, at most 60 characters.

    >>> plain_name("Reporting App", "Acme (EU) GmbH")
    'reporting-app-acme-eu-gmbh'
    """
    words = clean(" ".join(parts)).casefold()
    kept = "".join(c if c.isalnum() else "-" for c in words)
    return "-".join(filter(None, kept.split("-")))[:60].strip("-") or "connection"


def rfc3339(at: float | None) -> str | None:
    """Return Unix seconds as UTC RFC 3339 to the second, from 1970 to 9999, or None."""
    if at is None:
        return None
    if not 0 <= at <= _END_OF_TIME:
        at = min(max(at, 0.0), _END_OF_TIME)
    return strftime("%Y-%m-%dT%H:%M:%SZ", gmtime(at))


def duration(seconds: float) -> str:
    """Return a length of time in at most two units: ``12s``, ``4m 05s``, ``3h 20m``, ``9d 4h``."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole}s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}m {rest:02}s"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours}h {minutes:02}m"
    days, hours = divmod(hours, 24)
    return f"{days}d {hours}h"


def counted(count: int, noun: str) -> str:
    """Return a number and what it counts: ``1 line``, ``1,200 lines``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def short_fingerprint(sha256: bytes) -> str:
    """Return the part of a fingerprint that is shown: its first 16 hex digits."""
    return sha256.hex()[:16]


def numbered(wanted: str, taken: Container[str]) -> str:
    """Return a name that is free: the wanted one, or with the first number that is.

    >>> numbered("acme", {"acme", "acme-2"})
    'acme-3'
    """
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted[:58]}-{number}"
    return name
