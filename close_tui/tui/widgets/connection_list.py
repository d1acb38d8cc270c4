"""The list of connections, with countdowns."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from textual.binding import Binding, BindingType

from close_tui.model import Connection
from close_tui.tui.widgets import connection_row
from close_tui.tui.widgets.connection_row import Columns, Living
from close_tui.tui.widgets.line import Piece
from close_tui.tui.widgets.seconds import full_second
from close_tui.tui.widgets.virtual_list import FromList, VirtualList


class _Range(NamedTuple):
    """A range of marks: the id it begins at, the marks before it, and whether shift is held."""

    begins: str
    before: frozenset[str]
    is_held: bool


class ConnectionList(VirtualList):
    """Connections, one a line, in the order in which they are given.

    Filtering and sorting happen outside. Marks outlive both; what verbs act on is in view, so while
    every mark is out of view they act on nothing.
    """

    HEADER_LINES = 1

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "space",
            "toggle_mark",
            "Mark",
            id="list.mark",
            tooltip="Mark this connection, so that a verb acts on all the marked ones",
        ),
        Binding(
            "shift+down,J",
            "extend(1)",
            "Mark down",
            show=False,
            id="list.mark_down",
            tooltip="Mark from here downwards",
        ),
        Binding(
            "shift+up,K",
            "extend(-1)",
            "Mark up",
            show=False,
            id="list.mark_up",
            tooltip="Mark from here upwards",
        ),
        Binding(
            "V",
            "mark_range",
            "Mark range",
            show=False,
            id="list.mark_range",
            tooltip="Begin a range of marks that follows the cursor, or end it",
        ),
        Binding(
            "asterisk",
            "mark_shown",
            "Mark all shown",
            show=False,
            key_display="*",
            id="list.mark_shown",
            tooltip="Mark all that are shown, or take their marks away",
        ),
    ]

    class Highlighted(FromList):
        """Another connection is under the cursor, or the same with other values; or none."""

        def __init__(self, control: ConnectionList, connection: Connection | None) -> None:
            super().__init__(control)
            self.connection = connection

    class Opened(FromList):
        """A connection was opened, with enter or a double click."""

        def __init__(self, control: ConnectionList, connection: Connection) -> None:
            super().__init__(control)
            self.connection = connection

    class Marked(FromList):
        """The number of marked connections in view is another."""

        def __init__(self, control: ConnectionList, count: int) -> None:
            super().__init__(control)
            self.count = count

    class TitleClicked(FromList):
        """The title of a column was clicked."""

        def __init__(self, control: ConnectionList, title: str) -> None:
            super().__init__(control)
            self.title = title

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        empty_text: str = "No connections here.",
        id: str | None = None,  # noqa: A002 - textual's word
        classes: str | None = None,
    ) -> None:
        super().__init__(empty_text=empty_text, id=id, classes=classes)
        self._clock = clock
        self._connections: tuple[Connection, ...] = ()
        self._marked: frozenset[str] = frozenset()
        self._longest = 0
        self._organizations: set[str] = set()
        self._widest = 0
        self._busy: dict[str, str] = {}
        self._told: Connection | None = None
        self._told_marks = 0
        self._range: _Range | None = None
        self._lost: str | None = None

    @property
    def connections(self) -> tuple[Connection, ...]:
        """What is in the list."""
        return self._connections

    @property
    def highlighted(self) -> Connection | None:
        """The connection under the cursor."""
        return self._connections[self.cursor_row] if self._connections else None

    @property
    def marked(self) -> frozenset[str]:
        """The ids that are marked, in view or not."""
        return self._marked

    @property
    def busy(self) -> frozenset[str]:
        """The ids that something is being done to."""
        return frozenset(self._busy)

    def show(self, connections: Sequence[Connection], *, keep: str | None = None) -> None:
        """Replace the connections.

        The cursor stays on the connection with the id ``keep``, or else on the one it was on,
        at the same line of the screen; when that one is gone, it stays where it was, and goes
        back when that one is there again and nobody has moved it.
        """
        line, row = self.cursor_line, self.cursor_row
        before = self.highlighted
        wanted = (keep, self._lost, before.id if before else None)
        self._connections = tuple(connections)
        # It only grows, so that the columns stand still while a filter is typed.
        self._longest = max(self._longest, _longest(connections))
        self._organizations.update({one.organization.name for one in connections})
        several = len(self._organizations) > 1
        self._widest = max(map(cell_len, self._organizations)) if several else 0
        rows = _rows(self._connections, wanted) if any(wanted) else {}
        row = next((rows[each] for each in wanted if each in rows), row)
        if keep in rows or self._lost in rows:
            self._lost = None
        elif before and before.id not in rows:
            self._lost = self._lost or before.id
        self.follow(row, line)
        self.highlight_moved()
        self._tell_marks()

    def go_to(self, connection_id: str) -> None:
        """Put the cursor on a connection, if it is in the list."""
        rows = (i for i, one in enumerate(self._connections) if one.id == connection_id)
        self._let_go()
        self.cursor_row = next(rows, self.cursor_row)

    def selection(self) -> list[Connection]:
        """Return what a verb acts on: the marked ones in view; without marks, the cursor's."""
        if self._marked:
            return self._marked_in_view()
        return [self.highlighted] if self.highlighted else []

    def toggle_mark(self) -> None:
        """Mark the highlighted connection, or take its mark away."""
        if self.highlighted:
            self._marked ^= {self.highlighted.id}
            self.repaint_row(self.cursor_row)
            self._tell_marks()

    @property
    def hidden_marks(self) -> int:
        """How many marked connections are not in view."""
        return len(self._marked) - len(self._marked_in_view())

    def watch_cursor_row(self, old: int, new: int) -> None:
        """Let a range of marks follow the cursor."""
        self._lost = None
        super().watch_cursor_row(old, new)
        if self._range is not None and self._connections:
            begins = self._range.begins
            found = (i for i, one in enumerate(self._connections) if one.id == begins)
            first, last = sorted((next(found, new), new))
            ids = (one.id for one in self._connections[first : last + 1])
            self._marked = self._range.before.union(ids)
            self.refresh()
            self._tell_marks()

    def mark(self, ids: Iterable[str]) -> None:
        """Mark these, and no others."""
        self._marked = frozenset(ids)
        self.refresh()
        self._tell_marks()

    def keep_marks(self, ids: Iterable[str]) -> None:
        """Take the marks away from all but these: the others are gone."""
        if self._marked:
            self._marked &= frozenset(ids)

    def clear_marks(self) -> None:
        """Take all marks away."""
        self._range = None
        self._marked = frozenset()
        self.refresh()
        self._tell_marks()

    def set_busy(self, connection_id: str, word: str | None) -> None:
        """Show that something is being done to a connection ("refreshing…"), or no more."""
        if word:
            self._busy[connection_id] = word
        else:
            self._busy.pop(connection_id, None)
        self.tick()

    @property
    def count(self) -> int:
        """The number of connections."""
        return len(self._connections)

    def living(self, row: int) -> Living:
        """Return a row's countdown, status and progress."""
        connection = self._connections[row]
        return connection_row.living(
            connection, self._busy.get(connection.id), full_second(self._clock())
        )

    def pieces(self, row: int, width: int) -> Iterable[Piece]:
        """Return the text of a row."""
        connection = self._connections[row]
        return connection_row.row(
            connection,
            self.living(row),
            self._columns(width),
            marked=connection.id in self._marked,
        )

    def header_pieces(self, width: int) -> Iterable[Piece]:
        """Return the names of the columns."""
        return connection_row.header(self._columns(width))

    def _columns(self, width: int) -> Columns:
        return connection_row.columns(width, self._longest, self._widest)

    def highlight_moved(self) -> None:
        """Tell which connection is under the cursor, unless it is the same as before."""
        if self.highlighted != self._told:
            self._told = self.highlighted
            self.post_message(self.Highlighted(self, self._told))

    def opened(self) -> None:
        """Tell that the highlighted connection was opened."""
        if self.highlighted:
            self.post_message(self.Opened(self, self.highlighted))

    def clicked(self, x: int) -> None:
        """Mark a connection that was clicked in the column of the marks."""
        self._range = None
        if x <= connection_row.MARK_CELLS:
            self.toggle_mark()

    def header_clicked(self, x: int) -> None:
        """Tell which column's title was clicked."""
        columns = self._columns(self.scrollable_content_region.width - 1)
        self.post_message(self.TitleClicked(self, connection_row.title_at(columns, x - 1)))

    def action_toggle_mark(self) -> None:
        """Mark the highlighted connection and go on to the next."""
        self._range = None
        self.toggle_mark()
        self.cursor_row += 1

    def action_extend(self, by: int) -> None:
        """Move the cursor, and mark from where that began to where it is."""
        if self._range is None:
            self._begin_range(held=True)
        self.cursor_row += by

    def action_mark_range(self) -> None:
        """Begin a range that follows every move of the cursor, or end it; its marks stay."""
        if self._range is None or self._range.is_held:
            self._begin_range(held=False)
        else:
            self._range = None

    def action_mark_shown(self) -> None:
        """Mark all that are in the list; when all are marked, take their marks away."""
        self._range = None
        shown = frozenset(one.id for one in self._connections)
        self._marked = self._marked - shown if shown <= self._marked else self._marked | shown
        self.refresh()
        self._tell_marks()

    def action_cursor(self, by: int) -> None:
        """Move the cursor; a range that shift has made ends."""
        self._let_go()
        super().action_cursor(by)

    def action_first(self) -> None:
        """Likewise to the first row."""
        self._let_go()
        super().action_first()

    def action_last(self) -> None:
        """Likewise to the last row."""
        self._let_go()
        super().action_last()

    def action_page(self, by: int) -> None:
        """Likewise by screenfuls."""
        self._let_go()
        super().action_page(by)

    def _begin_range(self, *, held: bool) -> None:
        if self.highlighted:
            self._range = _Range(self.highlighted.id, self._marked, held)
            self._marked |= {self.highlighted.id}
            self.repaint_row(self.cursor_row)
            self._tell_marks()

    def _let_go(self) -> None:
        if self._range is not None and self._range.is_held:
            self._range = None

    def _marked_in_view(self) -> list[Connection]:
        if not self._marked:
            return []
        return [one for one in self._connections if one.id in self._marked]

    def _tell_marks(self) -> None:
        count = len(self._marked_in_view())
        if count != self._told_marks:
            self._told_marks = count
            self.post_message(self.Marked(self, count))


def _longest(connections: Iterable[Connection]) -> int:
    """Return the cells of the longest name; measuring them takes long where they are not ASCII."""
    names = [one.name for one in connections]
    return max(map(len if "".join(names).isascii() else cell_len, names), default=0)


def _rows(connections: Sequence[Connection], wanted: Collection[str | None]) -> dict[str, int]:
    return {one.id: row for row, one in enumerate(connections) if one.id in wanted}
