"""What a test or refresh came to: one answer in full, or a summary with the worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final, NamedTuple

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Button, Static

from close_tui.model import OUTCOMES, Answer, Result
from close_tui.text import clean
from close_tui.tui.screens.dialog import Buttons, Dialog, Sheet
from close_tui.tui.verbs import Verbs
from close_tui.tui.widgets.wrap import wrapped


class Verdict(NamedTuple):
    """How an outcome reads: a glyph, a sentence, and a theme's colour."""

    glyph: str
    sentence: str
    colour: str


_VERDICTS: Final = {
    "ok": Verdict("✓", "Close answers", "success"),
    "refreshed": Verdict("✓", "Refreshed", "success"),
    "adopted": Verdict("✓", "Renewed by another close-tui", "success"),
    "skipped": Verdict("–", "Nothing to do", "muted"),
    "rejected": Verdict("✕", "Refused: Close says 401 to this credential", "error"),
    "forbidden": Verdict("✕", "Forbidden: valid, but it may not do this", "error"),
    "needs_authorization": Verdict("✕", "Must be authorized again", "error"),
    "already_revoked": Verdict("✕", "Already revoked", "error"),
    "rate_limited": Verdict("◔", "Limited: Close asks to slow down", "warning"),
    "unavailable": Verdict("?", "Close is not answering properly", "warning"),
    "unreachable": Verdict("?", "Unreachable: Close was not asked, so nothing is known", "warning"),
    "refresh_unknown": Verdict("?", "The answer was lost", "warning"),
}
_FAILED: Final = Verdict("✕", "It did not work", "error")
_SHOWN: Final = 200
"""Lines at most: the worst stand first."""

_STYLES: Final = {"muted": "$text-muted"}


def verdict(outcome: str) -> Verdict:
    """Return how an outcome reads."""
    return _VERDICTS.get(outcome, _FAILED)


class Results(Dialog[bool]):
    """Shows the results of one round of a verb."""

    def __init__(self, verbs: Verbs, results: list[Result]) -> None:
        super().__init__(verbs)
        self._results = results

    def compose(self) -> ComposeResult:
        """Lay it out."""
        first = self._results[0]
        many = len(self._results) > 1
        with Sheet(f"{first.verb.title()} of {len(self._results)}" if many else first.name):
            if many:
                yield Static(summary(self._results), classes="verdict")
                yield Static(id="answers", markup=False)
            else:
                yield Static(_headline(first), classes="verdict")
                yield Static(_explained(first), classes="facts")
                if first.advice:
                    yield Static(first.advice, classes="advice", markup=False)
            with Buttons():
                yield Button("Close", id="close", variant="primary")

    def on_resize(self) -> None:
        """Fold the answers anew."""
        self.call_after_refresh(self._write)

    def _write(self) -> None:
        for answers in self.query("#answers").results(Static):
            width = answers.scrollable_content_region.width
            ordered = worst_first(self._results)
            lines = [line for result in ordered[:_SHOWN] for line in _lines(result, width)]
            if len(ordered) > _SHOWN:
                lines.append(Content(f"… and {len(ordered) - _SHOWN} more"))
            answers.update(Content("\n").join(lines))

    def on_button_pressed(self) -> None:
        """Close."""
        self.dismiss(True)


def summary(results: list[Result]) -> Content:
    """Count the outcomes, worst first."""
    counts = Counter(r.outcome for r in worst_first(results))
    parts: list[Content] = []
    for outcome, count in counts.items():
        look = verdict(outcome)
        words = f"{look.glyph} {count} {outcome.replace('_', ' ')}"
        parts.append(Content.styled(words, _style(look)))
    return Content("   ").join(parts)


def worst_first(results: list[Result]) -> list[Result]:
    """Order by the exit code that an outcome means, then by name."""
    return sorted(results, key=lambda r: (-OUTCOMES.get(r.outcome, 1), r.name))


def _style(look: Verdict) -> str:
    return _STYLES.get(look.colour, f"$text-{look.colour}")


def _headline(result: Result) -> Content:
    look = verdict(result.outcome)
    return Content.styled(f"{look.glyph} {look.sentence}", f"bold {_style(look)}")


def _lines(result: Result, width: int) -> Iterator[Content]:
    look = verdict(result.outcome)
    head = Content.styled(f"{look.glyph} {result.name}", _style(look))
    told = Content.assemble(head, "  ", Content.styled(clean(result.detail), "$text-muted"))
    yield from wrapped(told, width, indent=2)
    if result.exit_code:
        advice = Content.styled(result.advice, "$text-warning")
        yield from wrapped(advice, width, indent=2, first=2)


def _explained(result: Result) -> Content:
    if result.answer is None:
        return Content(clean(result.detail, 500))
    return Content("\n").join(
        Content.assemble(Content.styled(f"{label:<14}", "$text-muted"), value)
        for label, value in _facts(result.answer)
    )


def _facts(answer: Answer) -> list[tuple[str, str]]:
    who = answer.user.name or answer.user.email or answer.user.id
    facts = [("Who answered", f"{who} {answer.user.email}".strip())]
    facts += [("Organization", o.name or o.id) for o in answer.organizations[:3]]
    facts.append(("Latency", f"{answer.latency_ms:.0f} ms, HTTP {answer.http_status}"))
    if rate := answer.rate_limit:
        facts.append(
            ("Headroom", f"{rate.remaining:g} of {rate.limit:g} requests, new in {rate.reset:g} s")
        )
    return facts
