"""The list of incidents, one a line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from close_tui.leaks import Incident
from close_tui.tui.widgets.kill_words import took, verdict_look
from close_tui.tui.widgets.line import Piece, fit
from close_tui.tui.widgets.virtual_list import FromList, VirtualList

_WHEN = len("2026-11-22 14:03Z")
_ID = len("inc-20261122-7f3a")
_TOOK = len("59 min 59 s")
_VERDICTS = 34


class IncidentList(VirtualList):
    """Incidents in the order in which they are given: when, what became of it, and why."""

    HEADER_LINES = 1

    class Opened(FromList):
        """An incident was opened."""

        def __init__(self, control: IncidentList, incident: Incident) -> None:
            super().__init__(control)
            self.incident = incident

    class Highlighted(FromList):
        """Another incident is under the cursor."""

    def __init__(self) -> None:
        super().__init__(empty_text="Nothing was ever revoked here.")
        self._incidents: tuple[Incident, ...] = ()

    def show(self, incidents: Sequence[Incident]) -> None:
        """Replace the incidents."""
        self._incidents = tuple(incidents)
        self.follow(self.cursor_row, self.cursor_line)

    @property
    def highlighted(self) -> Incident | None:
        """The incident under the cursor."""
        return self._incidents[self.cursor_row] if self._incidents else None

    @property
    def count(self) -> int:
        """The number of incidents."""
        return len(self._incidents)

    def living(self, row: int) -> str:
        """Return what may change: nothing does by itself."""
        return self._incidents[row].id

    def pieces(self, row: int, width: int) -> Iterable[Piece]:
        """Return when, id, verdicts, time to kill and reason."""
        one = self._incidents[row]
        verdicts, reason = _widths(width)
        open_ = one.is_open
        yield ("□ " if open_ else "■ "), "error" if open_ else "muted"
        yield f"{datetime.fromtimestamp(one.opened_at, UTC):%Y-%m-%d %H:%MZ}  ", ""
        yield fit(one.id, _ID) + "  ", "strong"
        yield fit(verdict_counts(one), verdicts) + "  ", "error" if open_ else "success"
        yield fit("" if one.seconds is None else took(one.seconds), _TOOK) + "  ", "muted"
        if reason:
            yield fit(one.reason or "no reason given", reason), "" if one.reason else "muted"

    def header_pieces(self, width: int) -> Iterable[Piece]:
        """Return the names of the columns."""
        verdicts, reason = _widths(width)
        yield "  ", ""
        for title, cells in (
            ("When", _WHEN),
            ("Incident", _ID),
            ("Verdicts", verdicts),
            ("Took", _TOOK),
            ("Reason", reason),
        ):
            if cells:
                yield fit(title, cells) + "  ", ""

    def highlight_moved(self) -> None:
        """Tell it."""
        self.post_message(self.Highlighted(self))

    def opened(self) -> None:
        """Tell it."""
        if self.highlighted:
            self.post_message(self.Opened(self, self.highlighted))


def verdict_counts(incident: Incident) -> str:
    """Count the verdicts: ``dead 47, by hand 3``; what has none is pending."""
    counts = Counter(
        verdict_look(target.verdict).counted if target.verdict else "pending"
        for target in incident.targets
    )
    return ", ".join(f"{word} {count}" for word, count in counts.most_common())


def _widths(width: int) -> tuple[int, int]:
    """Share what is left between the verdicts and the reason; a narrow list has no reason."""
    left = width - 2 - _WHEN - _ID - _TOOK - 4 * 2
    if left < _VERDICTS + 16:
        return max(8, left), 0
    verdicts = min(_VERDICTS, left // 2)
    return verdicts, left - verdicts - 2
