"""The pane that tells everything about one connection."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Final

from textual.app import ComposeResult
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from close_tui.model import Connection, Event, Measure
from close_tui.tui.widgets.seconds import each_second
from close_tui.tui.widgets.sight import in_sight
from close_tui.tui.widgets.status_look import MUTED

if TYPE_CHECKING:
    from close_tui.leaks import Revocability

_TWO_COLUMNS: Final = 88
_GUTTER: Final = 3


class Detail(VerticalScroll):
    """Identity, tokens, last check and history of one connection, with a live countdown."""

    DEFAULT_CSS = """
    Detail {
        padding: 0 1;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        & Container { width: 100%; height: auto; }
        & Static { width: 100%; height: auto; text-wrap: nowrap; }
        &.-two-columns #columns {
            layout: grid;
            grid-size: 2;
            grid-gutter: 0 3;
            grid-rows: auto;
        }
    }
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        zone: tzinfo | None = None,
        empty_text: str = "No connection is highlighted.",
        late: bool = False,
        id: str | None = None,  # noqa: A002 - textual's word
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._clock = clock
        self._zone = zone
        self._empty_text = empty_text
        self._is_late = late
        self._connection: Connection | None = None
        self._history: tuple[Event, ...] = ()
        self._measured: list[Measure] = []
        self._plan: Revocability | None = None
        self._heading, self._identity, self._check, self._timeline = (_Words() for _ in range(4))

    def compose(self) -> ComposeResult:
        """Lay it out, unless that is left for later."""
        if not self._is_late:
            yield from self._parts()

    async def furnish(self) -> None:
        """Lay out what was left for later; until then it is an empty pane, soon painted."""
        await self.mount_all(self._parts())

    def _parts(self) -> Iterator[Widget]:
        """Put the history where it can grow: below everything, or in a column of its own."""
        yield self._heading
        beside = Container(self._check, self._timeline)
        yield Container(self._identity, beside, id="columns")

    def on_mount(self) -> None:
        """Start to tick."""
        each_second(self, self._on_second)

    def on_resize(self) -> None:
        """Wrap anew."""
        self._write(self._clock())

    def show(
        self,
        connection: Connection | None,
        history: Sequence[Event],
        now: float,
        plan: Revocability | None = None,
    ) -> None:
        """Show a connection, its history (newest first) and plan; or that there is none."""
        before = self._connection
        self._connection = connection
        self._history = tuple(history)
        from close_tui.tui.widgets.chart import measures

        self._measured = measures(history)
        self._plan = plan
        self._write(now)
        if (before and before.id) != (connection and connection.id):
            self.scroll_home(animate=False)

    def tick(self, now: float) -> None:
        """Bring what depends on the time up to date."""
        connection, zone = self._connection, self._zone
        if connection is None:
            return
        from close_tui.tui.widgets.detail_text import heading, identity, last_check

        column = self._column
        self._heading.write(heading(connection, now, self._width))
        self._identity.write(identity(connection, now, column, zone, self._plan))
        self._check.write(last_check(connection, now, column, zone, self._measured))

    @property
    def _width(self) -> int:
        return max(16, self.scrollable_content_region.width)

    @property
    def _column(self) -> int:
        return (self._width - _GUTTER) // 2 if self._width >= _TWO_COLUMNS else self._width

    def _write(self, now: float) -> None:
        self.set_class(self._width >= _TWO_COLUMNS, "-two-columns")
        if self._connection is None:
            self._heading.write(Content.styled(self._empty_text, MUTED))
            for words in (self._identity, self._check, self._timeline):
                words.write(Content(""))
            return
        from close_tui.tui.widgets.detail_text import timeline

        self.tick(now)
        self._timeline.write(timeline(self._history, self._column, self._zone))

    def _on_second(self) -> None:
        if in_sight(self):
            self.tick(self._clock())


class _Words(Static):
    """Text that is drawn anew only when it reads differently."""

    _written: Content | None = None

    def write(self, words: Content) -> None:
        before, self._written = self._written, words
        if before is None or not before.is_same(words):
            same_height = before and before.plain.count("\n") == words.plain.count("\n")
            self.update(words, layout=not same_height)
