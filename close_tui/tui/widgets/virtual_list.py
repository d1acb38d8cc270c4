"""A list that draws only the lines on the screen, and only those that read differently."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import ClassVar, Final

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from close_tui.tui.widgets.line import Piece
from close_tui.tui.widgets.seconds import each_second
from close_tui.tui.widgets.sight import in_sight
from close_tui.tui.widgets.styled_lines import StyledLines

_CURSOR_BAR: Final = "▌"


class FromList(Message):
    """Something that a list tells; ``control`` is the list."""

    def __init__(self, control: VirtualList) -> None:
        super().__init__()
        self._control = control

    @property
    def control(self) -> VirtualList:
        """The list that tells."""
        return self._control


class VirtualList(StyledLines, can_focus=True, inherit_bindings=False):
    """The cursor, keys, mouse, scrolling and ticking that our lists share.

    A list of ours says how many rows it has (:attr:`count`), what a row reads
    (:meth:`pieces`) and which part of that changes with time (:meth:`living`). Text is drawn as
    segments, which are never parsed as markup. Ten thousand rows cost what a screenful costs.
    """

    ALLOW_SELECT = False

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "cursor(1)", "Down", show=False, id="list.down", tooltip="Next row"),
        Binding("k,up", "cursor(-1)", "Up", show=False, id="list.up", tooltip="Previous row"),
        Binding("g,home", "first", "First", show=False, id="list.first", tooltip="First row"),
        Binding("G,end", "last", "Last", show=False, id="list.last", tooltip="Last row"),
        Binding(
            "pagedown,ctrl+f",
            "page(1)",
            "Page down",
            show=False,
            id="list.page_down",
            tooltip="One screenful down",
        ),
        Binding(
            "pageup,ctrl+b",
            "page(-1)",
            "Page up",
            show=False,
            id="list.page_up",
            tooltip="One screenful up",
        ),
        Binding("enter", "open", "Open", id="list.open", tooltip="Open the highlighted row"),
    ]

    HEADER_LINES: ClassVar[int] = 0
    """Lines at the top that do not scroll."""

    cursor_row: reactive[int] = reactive(0, repaint=False)
    """The highlighted row; 0 in an empty list."""

    def __init__(
        self,
        *,
        empty_text: str = "",
        id: str | None = None,  # noqa: A002 - textual's word
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._drawn: dict[int, Hashable] = {}
        self.empty_text = empty_text
        """What stands in the list when it has no rows."""

    # What a list of ours says

    @property
    def count(self) -> int:
        """The number of rows."""
        raise NotImplementedError

    def pieces(self, row: int, width: int) -> Iterable[Piece]:
        """Return the text of a row, ``width`` cells wide, without the cursor's first cell."""
        raise NotImplementedError

    def header_pieces(self, width: int) -> Iterable[Piece]:
        """Return the text of the header line, likewise; asked only where there is one."""
        raise NotImplementedError

    def living(self, row: int) -> Hashable:
        """Return what may change in a row by itself; lines where it differs are drawn anew."""
        raise NotImplementedError

    def highlight_moved(self) -> None:
        """Be told that another row is highlighted."""

    def opened(self) -> None:
        """Be told that the highlighted row was opened."""

    def clicked(self, x: int) -> None:
        """Be told that the highlighted row was clicked, ``x`` cells from the left."""

    def header_clicked(self, x: int) -> None:
        """Be told that the header line was clicked, likewise."""

    # Drawing

    @property
    def rows_in_view(self) -> int:
        """How many rows fit on the screen."""
        return max(0, self.scrollable_content_region.height - self.HEADER_LINES)

    def render_line(self, y: int) -> Strip:
        """Draw one line of the widget."""
        width = self.scrollable_content_region.width
        if y < self.HEADER_LINES:
            return self.strip(((" ", ""), *self.header_pieces(width - 1)), width, "header")
        row = self._row_at(y)
        if row is None:
            if y == self.HEADER_LINES and not self.count:
                return self.strip(((f"  {self.empty_text}", "muted"),), width)
            return self.strip((), width)
        self._drawn[y] = self.living(row)
        if row != self.cursor_row:
            return self.strip(((" ", ""), *self.pieces(row, width - 1)), width)
        bar = (_CURSOR_BAR, "cursor")
        return self.strip((bar, *self.pieces(row, width - 1)), width, "highlighted")

    def repaint_row(self, row: int) -> None:
        """Draw a row anew, if it is on the screen."""
        y = row - self.scroll_offset.y + self.HEADER_LINES
        if self.HEADER_LINES <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def rows_changed(self) -> None:
        """Measure and draw everything anew."""
        self._drawn.clear()
        width = self.scrollable_content_region.width
        self.virtual_size = Size(width, self.count + self.HEADER_LINES)
        self.refresh()

    def follow(self, row: int, line: int) -> None:
        """Highlight a row and keep it at a line of the view, so that nothing jumps."""
        self.set_reactive(VirtualList.cursor_row, max(0, min(row, self.count - 1)))
        self.rows_changed()
        self.scroll_to(y=self.cursor_row - line, animate=False, force=True)
        self._reveal_cursor()

    @property
    def cursor_line(self) -> int:
        """The line of the view, from 0, on which the highlighted row stands."""
        return self.cursor_row - self.scroll_offset.y

    def _row_at(self, y: int) -> int | None:
        row = y - self.HEADER_LINES + self.scroll_offset.y
        return row if y >= self.HEADER_LINES and 0 <= row < self.count else None

    def _reveal_cursor(self) -> None:
        top, rows = self.scroll_offset.y, self.rows_in_view
        if not rows:
            return
        if self.cursor_row < top:
            self.scroll_to(y=self.cursor_row, animate=False, force=True)
        elif self.cursor_row >= top + rows:
            self.scroll_to(y=self.cursor_row - rows + 1, animate=False, force=True)

    # Time

    def on_mount(self) -> None:
        """Start to tick."""
        each_second(self, self.tick)

    def tick(self) -> None:
        """Draw those visible lines anew that read differently now; none while out of sight."""
        if not in_sight(self):
            return
        top, width = self.scroll_offset.y - self.HEADER_LINES, self.size.width
        lines = range(self.HEADER_LINES, min(self.size.height, self.count - top))
        for begin, end in _runs([y for y in lines if self._drawn.get(y) != self.living(y + top)]):
            self.refresh(Region(0, begin, width, end - begin))

    # Keys and mouse

    def validate_cursor_row(self, row: int) -> int:
        """Keep the cursor within the list."""
        return max(0, min(row, self.count - 1))

    def watch_cursor_row(self, old: int, new: int) -> None:
        """Draw the two rows, bring the cursor into view, and tell."""
        self.repaint_row(old)
        self.repaint_row(new)
        self._reveal_cursor()
        self.highlight_moved()

    def on_resize(self) -> None:
        """Measure anew."""
        self.rows_changed()
        self._reveal_cursor()

    def on_click(self, event: events.Click) -> None:
        """Highlight the row under the mouse; open it at the second click."""
        place = event.get_content_offset(self)
        if place is not None and place.y < self.HEADER_LINES:
            self.header_clicked(place.x)
            return
        row = self._row_at(place.y) if place else None
        if place is None or row is None:
            return
        self.cursor_row = row
        if event.chain == 2:
            self.opened()
        else:
            self.clicked(place.x)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer nothing for rows where there is none."""
        if action in ("open", "toggle_mark"):
            return self.count > 0
        return super().check_action(action, parameters)

    def action_cursor(self, by: int) -> None:
        """Move the cursor by a number of rows."""
        self.cursor_row += by

    def action_first(self) -> None:
        """Move the cursor to the first row."""
        self.cursor_row = 0

    def action_last(self) -> None:
        """Move the cursor to the last row."""
        self.cursor_row = self.count - 1

    def action_page(self, by: int) -> None:
        """Move the cursor by screenfuls."""
        self.cursor_row += by * max(1, self.rows_in_view)

    def action_open(self) -> None:
        """Open the highlighted row."""
        if self.count:
            self.opened()


def _runs(lines: Iterable[int]) -> list[tuple[int, int]]:
    """Return lines (ascending) as runs, each its first and the one behind its last.

    >>> _runs([3, 4, 5, 9])
    [(3, 6), (9, 10)]
    """
    runs: list[tuple[int, int]] = []
    for line in lines:
        begin = runs.pop()[0] if runs and runs[-1][1] == line else line
        runs.append((begin, line + 1))
    return runs
