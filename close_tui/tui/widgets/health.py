"""How all connections are, in one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from math import ceil
from typing import Final, NamedTuple

from textual.content import Content
from textual.widgets import Static

from close_tui.model import Connection, Status
from close_tui.tui.widgets.expiry import coarse
from close_tui.tui.widgets.status_look import LOOKS, MUTED

_CALM: Final = (Status.OK, Status.EXPIRING, Status.EXPIRED, Status.UNTESTED)
_ENDING: Final = frozenset({Status.OK, Status.EXPIRING, Status.UNTESTED})
_NEVER: Final = float("inf")


class Health(Static):
    """A strip: ``! 2 need you · ● 7 ok · ◐ 1 expiring · next expiry in 4m``."""

    DEFAULT_CSS = """
    Health {
        width: auto;
        height: 1;
        text-wrap: nowrap;
        text-overflow: ellipsis;
    }
    """

    def __init__(
        self,
        *,
        id: str | None = None,  # noqa: A002 - textual's word
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._shown = Content("")
        self._counted: tuple[Iterable[Connection], Count] | None = None

    def show(self, connections: Iterable[Connection], now: float) -> None:
        """Count the connections as they are at a time."""
        counted = self._counted
        if counted is None or counted[0] is not connections or not counted[1].holds(now):
            counted = self._counted = connections, count(connections, now)
        words = Content(" · ").join(_groups(counted[1].statuses, counted[1].soonest - now))
        if not words.is_same(self._shown):
            self._shown = words
            self.update(words)


def health(connections: Iterable[Connection], now: float) -> Content:
    """Say whether all is well, what needs a person, and when something expires next.

    What is revoked is over, and counts nowhere.
    """
    counted = count(connections, now)
    return Content(" · ").join(_groups(counted.statuses, counted.soonest - now))


class Count(NamedTuple):
    """How many have which status, when the next one expires, and from when until when it is so."""

    statuses: Counter[Status]
    soonest: float
    since: float
    until: float

    def holds(self, now: float) -> bool:
        """Tell whether it is still so: ten thousand are not counted every second."""
        return self.since <= now < self.until


def count(connections: Iterable[Connection], now: float) -> Count:
    """Count the connections as they are at a time."""
    found: dict[str, int] = {}
    soonest = until = _NEVER
    for connection in connections:
        status = connection.status(now)
        found[status.value] = found.get(status.value, 0) + 1
        if connection.expires_at is not None or connection.intent is not None:
            until = min(until, connection.steady_until(now))
            if connection.expires_at is not None and status in _ENDING:
                soonest = min(soonest, connection.expires_at)
    statuses = Counter({Status(value): number for value, number in found.items()})
    return Count(statuses, soonest, now, until)


def _groups(counts: Counter[Status], next_s: float) -> Iterator[Content]:
    if not any(number for status, number in counts.items() if status is not Status.REVOKED):
        yield Content.styled("no connections", MUTED)
        return
    if needs := sum(number for status, number in counts.items() if status.needs_you):
        verb = "needs" if needs == 1 else "need"
        yield Content.styled(f"! {needs} {verb} you", "bold $text-error")
    else:
        yield Content.styled("✓ nothing needs you", "$text-success")
    for status in _CALM:
        if counts[status]:
            look = LOOKS[status]
            yield Content.assemble((look.glyph, look.style), f" {counts[status]} {look.word}")
    if next_s < _NEVER:
        yield Content.styled(f"next expiry in {coarse(ceil(next_s))}", MUTED)
