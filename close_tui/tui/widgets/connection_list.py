"""The list of connections, with countdowns."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType

from close_tui.model import Connection
from close_tui.tui.widgets import connection_row
from close_tui.tui.widgets.connection_row import Columns, Living
from close_tui.tui.widgets.line import Piece
from close_tui.tui.widgets.virtual_list import FromList, VirtualList


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
        self._busy: dict[str, str] = {}
        self._told: Connection | None = None
        self._told_marks = 0

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
        at the same line of the screen; when that one is gone, it stays where it was.
        """
        line, row = self.cursor_line, self.cursor_row
        before = self.highlighted
        wanted = keep or (before.id if before else None)
        self._connections = tuple(connections)
        # It only grows, so that the columns stand still while a filter is typed.
        self._longest = max(self._longest, *(cell_len(one.name) for one in connections), 0)
        self._organizations.update({one.organization.name for one in connections})
        if wanted is not None:
            ids = (i for i, one in enumerate(self._connections) if one.id == wanted)
            row = next(ids, row)
        self.follow(row, line)
        self.highlight_moved()
        self._tell_marks()

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

    def mark(self, ids: Iterable[str]) -> None:
        """Mark these, and no others."""
        self._marked = frozenset(ids)
        self.refresh()
        self._tell_marks()

    def keep_marks(self, ids: Iterable[str]) -> None:
        """Take the marks away from all but these: the others are gone."""
        self._marked &= frozenset(ids)

    def clear_marks(self) -> None:
        """Take all marks away."""
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
        return connection_row.living(connection, self._busy.get(connection.id), self._clock())

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
        several = len(self._organizations) > 1
        longest = max(map(cell_len, self._organizations)) if several else 0
        return connection_row.columns(width, self._longest, longest)

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
        if x <= connection_row.MARK_CELLS:
            self.toggle_mark()

    def action_toggle_mark(self) -> None:
        """Mark the highlighted connection and go on to the next."""
        self.toggle_mark()
        self.cursor_row += 1

    def _marked_in_view(self) -> list[Connection]:
        if not self._marked:
            return []
        return [one for one in self._connections if one.id in self._marked]

    def _tell_marks(self) -> None:
        count = len(self._marked_in_view())
        if count != self._told_marks:
            self._told_marks = count
            self.post_message(self.Marked(self, count))
