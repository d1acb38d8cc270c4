"""How far this machine's clock is from Close's, by the ``Date`` of an answer (RFC 9110 §6.6.1)."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import Final

from close_tui.close.received import Received
from close_tui.model import ClockSkew

_EARLIEST: Final = 1_577_836_800.0  # 2020-01-01: a server that says less does not know the time
_LATEST: Final = 4_102_444_800.0  # 2100-01-01
_CACHED: Final = "age"


def skew(received: Received) -> ClockSkew | None:
    """Return how many seconds this machine's clock is ahead, or None when the answer cannot tell.

    Close wrote the date between the request and the last byte, and cut it to whole seconds: the
    middle of both is taken, so the error is at most half of the call's duration and half a second.
    A date that is missing, unreadable, without a zone or outside of 2020 to 2100 tells nothing, nor
    does an answer that comes out of a cache.
    """
    said = {name.lower(): value for name, value in received.headers.items()}
    if _CACHED in said:
        return None
    there = _seconds(said.get("date", ""))
    if there is None or not _EARLIEST <= there < _LATEST:
        return None
    return ClockSkew(received.at - received.seconds / 2 - (there + 0.5), received.at)


def _seconds(text: str) -> float | None:
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return None if at.tzinfo is None else at.timestamp()
