"""A clock that is wrong: noticed by the answers of Close, kept, and said.

Expiry is counted from each answer on this machine's own clock, so a wrong clock loses no token. It
makes the times in the history wrong, and countdowns too when it is set right.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from close_tui.errors import CloseTuiError
from close_tui.model import ClockSkew
from close_tui.text import duration

if TYPE_CHECKING:
    from close_tui.vault.protocol import Store

WORTH_SAYING_S: Final = 60.0
"""A clock that is wrong by more than this is noted and said."""

LASTS_S: Final = 86400.0
"""What was seen longer ago than this is not said any more: the clock may have been set since."""

_SAME_S: Final = 5.0
_SEEN_AGAIN_S: Final = 3600.0


def remember(vault: Store, seen: ClockSkew) -> None:
    """Store what an answer has shown, when it is news; a vault that takes no writes goes without.

    A clock that is right takes away what was stored before.
    """
    with suppress(CloseTuiError):
        before = vault.clock_skew()
        if abs(seen.seconds) <= WORTH_SAYING_S:
            if before is not None:
                vault.set_clock_skew(None)
        elif before is None or _is_news(before, seen):
            vault.set_clock_skew(seen)


def said(skew: ClockSkew | None, now: float) -> str:
    """Say how wrong this machine's clock is, in one sentence; empty when it is not."""
    if skew is None or not 0 <= now - skew.seen_at <= LASTS_S:
        return ""
    if abs(skew.seconds) <= WORTH_SAYING_S:
        return ""
    way = "ahead of" if skew.seconds > 0 else "behind"
    return f"This machine's clock is {duration(round(abs(skew.seconds)))} {way} Close's."


def _is_news(before: ClockSkew, seen: ClockSkew) -> bool:
    moved = abs(before.seconds - seen.seconds) > _SAME_S
    return moved or not 0 <= seen.seen_at - before.seen_at <= _SEEN_AGAIN_S
