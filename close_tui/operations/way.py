"""The way to Close, as the last answers have shown it: how many refreshes may be under way.

Begins narrow and gets narrow again after trouble, so that a network that is half dead can cost the
answer to one refresh, and not to every one that is due.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from close_tui.errors import (
    Busy,
    CloseTuiError,
    RateLimited,
    RefreshUnknown,
    Unavailable,
    Unreachable,
    VaultError,
)

ON_THE_WAY: Final = (Unreachable, Unavailable, RefreshUnknown, VaultError)
"""What would befall the next connection too: no network, a Close that is down, a full disk."""


class Width(NamedTuple):
    """How wide the way is, and how it closes.

    Attributes:
        at_once: refreshes under way at the same time, once one has been answered.
        pause: seconds without any after the first trouble; doubled after each further one.
        longest: the longest pause.

    """

    at_once: int = 4
    pause: float = 15.0
    longest: float = 120.0


class Way:
    """Whether to send anything now. Times are seconds that never run backwards.

    Attributes:
        troubles: how many ended in trouble since the last that did not.
        opens_at: when the next may be sent.

    """

    def __init__(self, width: Width = Width()) -> None:  # noqa: B008 - immutable
        self._width = width
        self._is_proved = False
        self.troubles = 0
        self.opens_at = 0.0

    def room(self, now: float, under_way: int) -> int:
        """Return how many more may be begun now."""
        if now < self.opens_at:
            return 0
        return max(0, (self._width.at_once if self._is_proved else 1) - under_way)

    def weigh(self, error: CloseTuiError | None, now: float) -> None:
        """Learn from how a refresh ended. A 429 closes the way for as long as Close asks for."""
        if isinstance(error, RateLimited):
            self._narrow(now + error.retry_after)
        elif isinstance(error, ON_THE_WAY):
            exponent = min(self.troubles, 16)
            self._narrow(now + min(self._width.pause * 2**exponent, self._width.longest))
        elif not isinstance(error, Busy):
            self._is_proved, self.troubles = True, 0

    def _narrow(self, until: float) -> None:
        self._is_proved = False
        self.troubles += 1
        self.opens_at = max(self.opens_at, until)
