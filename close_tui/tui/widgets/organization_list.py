"""The list of organizations, with what each holds and needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from close_tui.tui.widgets.hue import CHIP, part_of
from close_tui.tui.widgets.line import Piece, fit
from close_tui.tui.widgets.virtual_list import FromList, VirtualList


class OrganizationRow(NamedTuple):
    """An organization's line: its id, its name, its connections, and those that need a person.

    The id None stands for all organizations.
    """

    id: str | None
    name: str
    live: int
    needs_you: int


class OrganizationList(VirtualList):
    """All organizations first, then each of them, in the order in which they are given."""

    class Highlighted(FromList):
        """Another organization is under the cursor; None stands for all."""

        def __init__(self, control: OrganizationList, organization_id: str | None) -> None:
            super().__init__(control)
            self.organization_id = organization_id

    class Opened(FromList):
        """An organization was opened, with enter or a double click; None stands for all."""

        def __init__(self, control: OrganizationList, organization_id: str | None) -> None:
            super().__init__(control)
            self.organization_id = organization_id

    def __init__(
        self,
        *,
        id: str | None = None,  # noqa: A002 - textual's word
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._rows: tuple[OrganizationRow, ...] = (_all(()),)
        self._cells = (1, 0)
        self._told: str | None = None

    @property
    def highlighted(self) -> str | None:
        """The id of the organization under the cursor; None stands for all."""
        return self._rows[self.cursor_row].id

    def show(self, rows: Sequence[OrganizationRow], *, keep: str | None = None) -> None:
        """Replace the organizations; the line for all of them is made where it is missing.

        The cursor stays on the organization with the id ``keep``, or else on the one it was on;
        when that one is gone, it goes to all of them.
        """
        line, wanted = self.cursor_line, keep or self.highlighted
        whole = any(row.id is None for row in rows)
        self._rows = tuple(rows) if whole else (_all(rows), *rows)
        needs = max(row.needs_you for row in self._rows)
        most = max(row.live for row in self._rows)
        self._cells = (len(str(most)), len(f"! {needs}") if needs else 0)
        same = (i for i, one in enumerate(self._rows) if one.id == wanted)
        self.follow(next(same, 0), line)
        self.highlight_moved()

    def choose(self, organization_id: str | None) -> None:
        """Put the cursor on an organization, if it has a line; None stands for all."""
        rows = (i for i, one in enumerate(self._rows) if one.id == organization_id)
        self.cursor_row = next(rows, self.cursor_row)

    @property
    def count(self) -> int:
        """The number of lines."""
        return len(self._rows)

    def pieces(self, row: int, width: int) -> Iterable[Piece]:
        """Return the text of a line: name, what needs a person, how many."""
        one = self._rows[row]
        needs = f"! {one.needs_you}" if one.needs_you else ""
        counts, needed = self._cells
        # A name that needs nobody has the room of the sign too; that is cells in a narrow window.
        right = needs.rjust(needed) if needs else ""
        room = max(1, width - len(right) - counts - 4)
        if one.id is None:
            yield f" {fit(one.name if len(one.name) <= room else 'All', room)} ", "strong"
        else:
            yield CHIP, part_of(one.id)
            yield f"{fit(one.name, room)} ", ""
        yield right, "error"
        yield f" {one.live:>{counts}} ", "muted"

    def living(self, row: int) -> OrganizationRow:
        """Return the line's values: nothing in it changes by itself."""
        return self._rows[row]

    def highlight_moved(self) -> None:
        """Tell which organization is under the cursor, unless it is the same as before."""
        if self.highlighted != self._told:
            self._told = self.highlighted
            self.post_message(self.Highlighted(self, self._told))

    def opened(self) -> None:
        """Tell that the highlighted organization was opened."""
        self.post_message(self.Opened(self, self.highlighted))


def _all(rows: Sequence[OrganizationRow]) -> OrganizationRow:
    return OrganizationRow(
        None,
        "All organizations",
        sum(row.live for row in rows),
        sum(row.needs_you for row in rows),
    )
