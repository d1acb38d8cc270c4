"""What in a text may be a secret: runs of token characters, unescaped, decoded and taken apart.

A secret is opaque (RFC 6749 §1.4): all that is known is the alphabet of credentials, that of
``b64token`` (RFC 6750 §2.1), and that it has at least 20 characters.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

RUN: Final = re.compile(rb"[A-Za-z0-9._~+/=%\\-]{20,}")
"""A maximal run of token characters, and of those that escape one."""

_WHOLE: Final = re.compile(rb"[A-Za-z0-9._~+/-]{18,}+={0,2}")
_SEPARATOR: Final = re.compile(rb"[._~+/-]")
_WORD: Final = re.compile(rb"[A-Za-z0-9]{20,}")
_UUID: Final = re.compile(rb"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}")

# A secret glued to something else on one side: from each word's beginning to the run's end (and,
# in the text read backwards, the reverse). The length is bounded, and nothing is tried twice: a
# hostile line costs no more than its length times a constant.
_GLUED: Final = rb"(?=([%b]{20,512}+))[A-Za-z0-9]*+[^A-Za-z0-9]*+|[%b]+"
_ALPHABETS: Final = tuple(
    (separators[:1], separators[1:], re.compile(_GLUED.replace(b"%b", rb"A-Za-z0-9" + alphabet)))
    for separators, alphabet in (
        (b"-_", rb"_-"),  # base64url, RFC 4648 §5
        (b"..", rb"._~-"),  # the same in parts: an API key, a JWT
        (b"/+", rb"+/"),  # base64, RFC 4648 §4
    )
)

_FAR: Final = 512
"""How far back in a padded run a secret may begin that is glued to something."""

# The number of backslashes is bounded, or a line of nothing else would take hours.
_ESCAPE: Final = re.compile(rb"%([0-9A-Fa-f]{2})|\\{1,15}+(?:(?:u00|x)([0-9A-Fa-f]{2})|([nrtbf/]))")
_DEPTH: Final = 3
"""How many times something may have been escaped."""

# Base64 of ASCII: the leading bit of each byte is zero, so three of four digits are of one half of
# the alphabet. Five groups of anything else look like that once in 32,768 times.
_DIGITS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_HALVES: Final = tuple(
    bytes(digit for value, digit in enumerate(_DIGITS) if not value & bit) for bit in (32, 8, 2)
)
_ENCODED: Final = re.compile(rb"[A-Za-z0-9+/_-]{20,}")
_ASCII: Final = re.compile(rb"(?:[%b][%b][%b][A-Za-z0-9+/_-]){5,}[A-Za-z0-9+/_-]{0,3}" % _HALVES)
_TO_BASE64: Final = bytes.maketrans(b"-_", b"+/")
_CONTROLS: Final = bytes.maketrans(bytes(range(32)), b" " * 32)
"""What was decoded stays on the line of its run."""


class Sheet(NamedTuple):
    """Runs in one spelling: line n of the text is how ``runs[n]`` reads in it."""

    text: bytes
    runs: list[bytes]


def sheets(runs: Collection[bytes]) -> Iterator[Sheet]:
    """Return the runs as they are, unescaped, and out of base64, where they read differently."""
    plain = Sheet(b"\n".join(runs), list(runs))
    yield plain
    yield from _decoded(plain)
    escaped = [run for run in runs if b"%" in run or b"\\" in run[:-1]]
    if escaped:
        unescaped = Sheet(_unescaped(b"\n".join(escaped)), escaped)
        yield unescaped
        yield from _decoded(unescaped)


def candidates(text: bytes) -> set[bytes]:
    """Return every part of a sheet's text that may be a whole secret."""
    whole = set(_WHOLE.findall(text))
    padded = [run for run in whole if run.endswith(b"=")] if b"=" in text else []
    whole.difference_update(padded)
    whole.update([run.rstrip(b"=") for run in padded])
    # A UUID is one word to everybody; taking those apart would be most of the work in most logs.
    several = [run for run in whole if not (run.isalnum() or _UUID.fullmatch(run))]
    found = whole.union(_WORD.findall(b"\n".join(several)))
    for one, other, glued in _ALPHABETS:
        part = b"\n".join([run for run in several if one in run or other in run])
        found.update(glued.findall(part))
        found.update([turned[::-1] for turned in glued.findall(part[::-1]) if turned])
    for run in padded:
        found.update(run[at.end() :] for at in _SEPARATOR.finditer(run, max(0, len(run) - _FAR)))
    found.update(padded)
    found.discard(b"")
    return found


def _unescaped(text: bytes) -> bytes:
    for _ in range(_DEPTH):
        before, text = text, _ESCAPE.sub(_character, text)
        if before == text:
            break
    return text


def _character(escape: re.Match[bytes]) -> bytes:
    code = escape[1] or escape[2]
    if code is None:
        return b"/" if escape[3] == b"/" else b" "
    return bytes.fromhex(code.decode("ascii")).translate(_CONTROLS)


def _decoded(sheet: Sheet) -> Iterator[Sheet]:
    """Return what was ASCII before it was base64: a Basic header (RFC 7617), a stored secret."""
    texts, runs = [], []
    line = last = 0
    for word in _ENCODED.finditer(sheet.text):
        encoded = _ASCII.match(sheet.text, *word.span())
        if encoded is None:
            continue
        line += sheet.text.count(b"\n", last, word.start())
        last = word.start()
        runs.append(sheet.runs[line])
        texts.append(_from_base64(encoded[0]))
    if texts:
        yield Sheet(b"\n".join(texts), runs)


def _from_base64(digits: bytes) -> bytes:
    if len(digits) % 4 == 1:  # half a byte, and nothing that could be decoded
        digits = digits[:-1]
    padded = digits.translate(_TO_BASE64) + b"=" * (-len(digits) % 4)
    return binascii.a2b_base64(padded).translate(_CONTROLS)
