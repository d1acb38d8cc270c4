"""Close's rate-limit headers, in both of their forms.

Documented: ``RateLimit: limit=100, remaining=50, reset=5``. Seen live:
``ratelimit: limit=100; remaining=100; reset=1`` beside ``ratelimit-limit``,
``ratelimit-remaining`` and ``ratelimit-reset``. Numbers may be decimals.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Final

from close_tui.model import RateLimit

LONGEST_WAIT_S: Final = 3600.0
"""A server that asks for a longer pause is not believed."""

DEFAULT_WAIT_S: Final = 2.0
"""The pause when a 429 does not say how long."""

_MOST_REQUESTS: Final = 1e9
_NAMES: Final = ("limit", "remaining", "reset")
_NUMBER: Final = re.compile(r"[0-9]+(?:\.[0-9]*)?|\.[0-9]+")


def parse(headers: Mapping[str, str]) -> RateLimit | None:
    """Return the headroom an answer speaks of, or None when it does not say.

    Header names may be in any case. What is not a plain, finite number that is zero or more is
    ignored; numbers are capped (a reset at 3600 s).
    """
    said = _lower(headers)
    found = _separate(said) | _combined(said)
    limit, remaining = found.get("limit"), found.get("remaining")
    if limit is None or remaining is None:
        return None
    return RateLimit(
        min(limit, _MOST_REQUESTS),
        min(remaining, _MOST_REQUESTS),
        min(found.get("reset", 0.0), LONGEST_WAIT_S),
    )


def retry_after(headers: Mapping[str, str], now: float) -> float:
    """Return how many seconds a 429 asks to wait, above 0 and at most 3600.

    In this order: the reset of ``RateLimit``, ``ratelimit-reset``, ``Retry-After`` (seconds or an
    HTTP date, RFC 9110 §10.2.3), else 2. A pause of nothing is not an answer to a 429 and passes
    the question on. ``now`` is Unix seconds.
    """
    said = _lower(headers)
    given = said.get("retry-after", "")
    waits = (
        _combined(said).get("reset"),
        _separate(said).get("reset"),
        _number(given),
        _until(given, now),
    )
    return next((min(wait, LONGEST_WAIT_S) for wait in waits if wait), DEFAULT_WAIT_S)


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _combined(said: Mapping[str, str]) -> dict[str, float]:
    """Return what the one ``RateLimit`` header says; the first of a name counts."""
    found: dict[str, float] = {}
    for part in re.split("[;,]", said.get("ratelimit", "")):
        name, _, text = part.partition("=")
        if (number := _number(text)) is not None:
            found.setdefault(name.strip().lower(), number)
    return found


def _separate(said: Mapping[str, str]) -> dict[str, float]:
    """Return what the ``ratelimit-limit``, ``-remaining`` and ``-reset`` headers say."""
    numbers = {name: _number(said.get(f"ratelimit-{name}", "")) for name in _NAMES}
    return {name: number for name, number in numbers.items() if number is not None}


def _number(text: str) -> float | None:
    return float(text) if _NUMBER.fullmatch(text := text.strip()) else None


def _until(text: str, now: float) -> float | None:
    try:
        at = parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return max(0.0, at - now)
