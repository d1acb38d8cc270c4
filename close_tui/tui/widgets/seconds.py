"""Everything that happens each second, at one moment of it: one paint, one time awake."""

from __future__ import annotations

import time
from collections.abc import Callable
from math import floor
from typing import Final

from textual.message_pump import MessagePump

_EARLY_S: Final = 0.1
"""How much before its second a tick may come and still count as on time."""


def each_second(node: MessagePump, tick: Callable[[], object], every_s: float = 1.0) -> None:
    """Call whenever the clock turns to a full second, as long as the node lives."""

    def begin() -> None:
        node.set_interval(every_s, tick)
        tick()

    node.set_timer(every_s - time.time() % every_s, begin)


def full_second(now: float) -> float:
    """Return the second that a clock shows: a countdown neither skips one nor stands still for one.

    Ticks come a little early or late; rounding each for itself would show 12, 12, 10, 10.
    """
    return floor(now + _EARLY_S)
