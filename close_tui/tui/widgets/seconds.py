"""Everything that happens each second, at one moment of it: one paint, one time awake."""

from __future__ import annotations

import time
from collections.abc import Callable

from textual.message_pump import MessagePump


def each_second(node: MessagePump, tick: Callable[[], object], every_s: float = 1.0) -> None:
    """Call whenever the machine's own clock turns to a full second, as long as the node lives."""

    def begin() -> None:
        node.set_interval(every_s, tick)
        tick()

    node.set_timer(every_s - time.monotonic() % every_s, begin)
