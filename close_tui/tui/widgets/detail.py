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
from close_tui.tui.widgets.seconds import each_second, full_second
from close_tui.tui.widgets.sight import in_sight
from close_tui.tui.widgets.status_look import MUTED
from close_tui.tui.widgets.wrap import wrapped

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
        self._heading, self._identity, self._expires = _Words(), _Words(), _Words()
        self._tokens, self._check, self._timeline = _Words(), _Words(), _Words()

    def compose(self) -> ComposeResult:
        """Lay it out, unless that is left for later."""
        if not self._is_late:
            yield from self._parts()

    def furnish(self) -> None:
        """Lay out what was left for later; until then it is an empty pane, soon painted."""
        self.mount_all(self._parts())

    def _parts(self) -> Iterator[Widget]:
        """Put the history where it can grow: below everything, or in a column of its own."""
        yield self._heading
        who = Container(self._identity, self._expires, self._tokens)
        yield Container(who, Container(self._check, self._timeline), id="columns")

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
        one, zone, column = self._connection, self._zone, self._column
        if one is None:
            return
        from close_tui.tui.widgets import detail_text

        known = one, self._width
        now = full_second(now)
        told = detail_text.living(one, now)
        self._heading.write(
            (known, told.status), lambda: detail_text.heading(one, now, self._width)
        )
        self._identity.write(known, lambda: detail_text.identity(one, column))
        self._expires.write(
            (known, told.status, told.expires), lambda: detail_text.expires(one, now, column)
        )
        self._tokens.write(
            (known, told.imported, self._plan),
            lambda: detail_text.tokens(one, now, column, zone, self._plan),
        )
        self._check.write(
            (known, told.checked, self._measured),
            lambda: detail_text.last_check(one, now, column, zone, self._measured),
        )

    @property
    def _width(self) -> int:
        return max(16, self.scrollable_content_region.width)

    @property
    def _column(self) -> int:
        return (self._width - _GUTTER) // 2 if self._width >= _TWO_COLUMNS else self._width

    def _write(self, now: float) -> None:
        self.set_class(self._width >= _TWO_COLUMNS, "-two-columns")
        if self._connection is None:
            lines = wrapped(Content.styled(self._empty_text, MUTED), self._width)
            words = Content("\n").join(lines)
            self._heading.write((self._empty_text, self._width), lambda: words)
            for part in (self._identity, self._expires, self._tokens, self._check, self._timeline):
                part.write("", lambda: Content(""))
            return
        from close_tui.tui.widgets import detail_text

        self.tick(now)
        past = self._history
        self._timeline.write(
            (self._column, past), lambda: detail_text.timeline(past, self._column, self._zone)
        )

    def _on_second(self) -> None:
        if in_sight(self):
            self.tick(self._clock())


class _Words(Static):
    """Text that is put together only where what it depends on is another."""

    _reads: object = None
    _height = -1

    def write(self, reads: object, put_together: Callable[[], Content]) -> None:
        if reads != self._reads:
            words, self._reads = put_together(), reads
            height, self._height = self._height, words.plain.count("\n")
            self.update(words, layout=height != self._height)
