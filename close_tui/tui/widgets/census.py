"""How many connections are, each of them and together, worked out once for all who show it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final, NamedTuple

from close_tui.model import Connection, Status

NEVER: Final = float("inf")
_ENDING: Final = (Status.OK, Status.EXPIRING, Status.UNTESTED)


class Census(NamedTuple):
    """The connections as they are from one time on, until one of them changes by itself.

    Attributes:
        connections: all of them, in the order in which they were given.
        statuses: that of each, in the same order.
        counts: how many have which status; those that none has are left out.
        soonest: when the next access token expires that can still be used; infinity: never.
        since: the time from which it is so.
        until: the time from which it is no longer so, if nothing else happens before.

    """

    connections: tuple[Connection, ...]
    statuses: list[Status]
    counts: Counter[Status]
    soonest: float
    since: float
    until: float

    def holds(self, now: float) -> bool:
        """Tell whether it is still so: ten thousand are not looked at every second."""
        return self.since <= now < self.until


def census(connections: Iterable[Connection], now: float) -> Census:
    """Look at each connection once, as it is at a time."""
    every = tuple(connections)
    statuses = [each.status(now) for each in every]
    # Found by identity, which is quicker than a dictionary: members are hashed in Python.
    counts = Counter({status: found for status in Status if (found := statuses.count(status))})
    soonest = until = NEVER
    for each, status in zip(every, statuses, strict=True):
        if each.expires_at is not None or each.intent is not None:
            until = min(until, each.steady_until(now))
            if each.expires_at is not None and status in _ENDING:
                soonest = min(soonest, each.expires_at)
    return Census(every, statuses, counts, soonest, now, until)


NOBODY: Final = census((), 0.0)
"""What is known of no connections."""
