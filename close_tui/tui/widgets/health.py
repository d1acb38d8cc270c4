"""How all connections are, in one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from textual.content import Content
from textual.widgets import Static

from close_tui.model import Connection, Status
from close_tui.tui.widgets.status_look import LOOKS, MUTED

_CALM: Final = (Status.OK, Status.EXPIRING, Status.EXPIRED, Status.UNTESTED)


class Health(Static):
    """A strip of counts: ``● 7 ok · ◐ 1 expiring · ! 2 need you``."""

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

    def show(self, connections: Iterable[Connection], now: float) -> None:
        """Count the connections as they are at a time."""
        words = health(connections, now)
        if not words.is_same(self._shown):
            self._shown = words
            self.update(words)


def health(connections: Iterable[Connection], now: float) -> Content:
    """Count connections by what is to be said of them; those that are revoked are over."""
    counts = Counter(connection.status(now) for connection in connections)
    return Content(" · ").join(_groups(counts))


def _groups(counts: Counter[Status]) -> Iterator[Content]:
    for status in _CALM:
        if counts[status]:
            look = LOOKS[status]
            yield Content.assemble((look.glyph, look.style), f" {counts[status]} {look.word}")
    if needs := sum(number for status, number in counts.items() if status.needs_you):
        verb = "needs" if needs == 1 else "need"
        yield Content.styled(f"! {needs} {verb} you", "bold $text-error")
    if not any(number for status, number in counts.items() if status is not Status.REVOKED):
        yield Content.styled("no connections", MUTED)
