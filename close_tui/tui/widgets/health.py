"""How all connections are, in one line."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from math import ceil
from typing import Final

from textual.content import Content
from textual.widgets import Static

from close_tui.model import Connection, Status
from close_tui.tui.widgets.census import NEVER, NOBODY, Census, census
from close_tui.tui.widgets.expiry import coarse
from close_tui.tui.widgets.seconds import each_second, full_second
from close_tui.tui.widgets.sight import in_sight
from close_tui.tui.widgets.status_look import LOOKS, MUTED

_CALM: Final = (Status.OK, Status.EXPIRING, Status.EXPIRED, Status.UNTESTED)


class Health(Static):
    """A strip: ``! 2 need you · next expiry in 4m · ● 7 ok · ◐ 1 expiring``."""

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
        clock: Callable[[], float] = time.time,
        id: str | None = None,  # noqa: A002 - textual's word
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._clock = clock
        self._taken = NOBODY
        self._shown = Content("")

    def on_mount(self) -> None:
        """Begin to follow the time."""
        each_second(self, self._on_second)

    def show(self, taken: Census) -> None:
        """Say how the connections are."""
        self._taken = taken
        self._say()

    def _on_second(self) -> None:
        if in_sight(self):
            self._say()

    def _say(self) -> None:
        now = full_second(self._clock())
        if not self._taken.holds(now):
            self._taken = census(self._taken.connections, now)
        words = Content(" · ").join(_groups(self._taken.counts, self._taken.soonest - now))
        if not words.is_same(self._shown):
            self._shown = words
            self.update(words)


def health(connections: Iterable[Connection], now: float) -> Content:
    """Say whether all is well, what needs a person, and when something expires next.

    What is revoked is over, and counts nowhere.
    """
    taken = census(connections, now)
    return Content(" · ").join(_groups(taken.counts, taken.soonest - now))


def _groups(counts: Counter[Status], next_s: float) -> Iterator[Content]:
    if not any(number for status, number in counts.items() if status is not Status.REVOKED):
        yield Content.styled("no connections", MUTED)
        return
    if needs := sum(number for status, number in counts.items() if status.needs_you):
        verb = "needs" if needs == 1 else "need"
        yield Content.styled(f"! {needs} {verb} you", "bold $text-error")
    else:
        yield Content.styled("✓ nothing needs you", "$text-success")
    if next_s < NEVER:  # before what a narrow line cuts
        yield Content.styled(f"next expiry in {coarse(ceil(next_s))}", MUTED)
    for status in _CALM:
        if counts[status]:
            look = LOOKS[status]
            yield Content.assemble((look.glyph, look.style), f" {counts[status]} {look.word}")
