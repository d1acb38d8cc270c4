"""The targets of a revocation at work: one line each, with its step and then its verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from rich.cells import cell_len

from close_tui.leaks import Step
from close_tui.model import Connection, Result
from close_tui.tui.widgets.kill_words import STEPS, verdict_look, verdict_words
from close_tui.tui.widgets.line import Piece, fit
from close_tui.tui.widgets.virtual_list import FromList, VirtualList

_WORDS: Final = len("✓ dead, proved 14:03:11Z, 1.2 s")
_ORGANIZATION: Final = 24


class _Reads(NamedTuple):
    """What changes in a line."""

    glyph: str
    words: str
    colour: str


class TargetList(VirtualList):
    """One line for each target; a step or verdict draws one line anew, and no other."""

    class Highlighted(FromList):
        """Another target is under the cursor."""

    def __init__(
        self,
        targets: Sequence[Connection],
        *,
        clock: Callable[[], float],
        id: str | None = None,  # noqa: A002 - textual's word
    ) -> None:
        super().__init__(id=id)
        self._clock = clock
        self._targets = tuple(targets)
        self._rows = {target.id: row for row, target in enumerate(targets)}
        self._steps: dict[str, str] = {}
        self._frozen: dict[str, float] = {}
        self._results: dict[str, Result] = {}
        self._longest = max((cell_len(target.name) for target in targets), default=0)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer nothing to open: a target has no more to show than its line."""
        return False if action == "open" else super().check_action(action, parameters)

    # What is known

    def take_step(self, step: Step) -> None:
        """Show how far a target has come."""
        if step.step == "frozen":
            self._frozen.setdefault(step.connection_id, step.at)
        self._steps[step.connection_id] = step.step
        self._repaint(step.connection_id)

    def take_result(self, result: Result) -> None:
        """Show a target's verdict; a later one replaces it."""
        self._results[result.id] = result
        self._repaint(result.id)

    @property
    def results(self) -> list[Result]:
        """The verdicts so far, in the order of the targets."""
        return [self._results[one.id] for one in self._targets if one.id in self._results]

    @property
    def highlighted(self) -> tuple[Connection, Result | None]:
        """The target under the cursor, and its verdict if there is one."""
        target = self._targets[self.cursor_row]
        return target, self._results.get(target.id)

    def counts(self) -> Counter[str]:
        """Count the verdicts by their words; what has none is ``working``."""
        found = Counter(verdict_look(one.outcome).counted for one in self._results.values())
        found["working"] = len(self._targets) - len(self._results)
        return found

    def go_to(self, connection_id: str) -> None:
        """Highlight a target."""
        self.cursor_row = self._rows[connection_id]

    def _repaint(self, connection_id: str) -> None:
        if (row := self._rows.get(connection_id)) is not None:
            self.repaint_row(row)

    # What a list says

    @property
    def count(self) -> int:
        """The number of targets."""
        return len(self._targets)

    def living(self, row: int) -> _Reads:
        """Return the step or the verdict."""
        target = self._targets[row]
        result = self._results.get(target.id)
        if result is None:
            step = self._steps.get(target.id, "")
            return _Reads(
                "…" if step else "·", STEPS.get(step, step), "primary" if step else "muted"
            )
        look = verdict_look(result.outcome)
        began = self._frozen.get(target.id)
        seconds = None if began is None else result.at - began
        words = verdict_words(result.outcome, result.at, seconds, result.http_status)
        return _Reads(look.glyph, words, look.colour)

    def pieces(self, row: int, width: int) -> Iterable[Piece]:
        """Return glyph, name, organization, and the words."""
        target, reads = self._targets[row], self.living(row)
        words = min(_WORDS + 8, max(_WORDS, width // 2))
        organization = min(_ORGANIZATION, max(0, (width - words - 4) // 3))
        name = max(8, min(self._longest, width - words - organization - 6))
        yield f"{reads.glyph} ", reads.colour
        yield fit(target.name, name), "strong"
        yield "  ", ""
        where = target.organization.name or target.organization.id
        yield fit(where, organization), "muted"
        yield "  ", ""
        yield fit(reads.words, max(1, width - name - organization - 6)), reads.colour

    def highlight_moved(self) -> None:
        """Tell it."""
        self.post_message(self.Highlighted(self))
