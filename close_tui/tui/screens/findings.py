"""How findings read: a glyph, a word, a colour that only repeats them, and what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from textual.content import Content

from close_tui.text import clean

if TYPE_CHECKING:
    from close_tui.operations.findings import Finding

_LOOKS: Final = {
    "ok": ("✓", "$text-success"),
    "warning": ("!", "$text-warning"),
    "problem": ("✕", "bold $text-error"),
}
_LIMIT: Final = 2000
_LABEL: Final = len("✕ problem  ")
SUBJECT: Final = 13


def line(finding: Finding, width: int) -> Content:
    """Return a finding, its lines below each other in a column, with what to do."""
    glyph, style = _LOOKS[finding.level]
    label = Content.styled(f"{glyph} {finding.level}".ljust(_LABEL), style)
    subject = Content.styled(f"{finding.subject:<{SUBJECT}} ", "bold")
    detail = _folded(clean(finding.detail, _LIMIT), width)
    words = Content.assemble(label, subject, detail[0])
    lines = [words, *(Content(_margin() + each) for each in detail[1:])]
    if finding.advice:
        colour = "$text-muted" if finding.level == "ok" else "$text-warning"
        advice = _folded(clean(finding.advice, _LIMIT), width)
        lines += [Content.styled(_margin() + each, colour) for each in advice]
    return Content("\n").join(lines)


def waiting(name: str) -> Content:
    """Return the line of what has not been found yet."""
    return Content.styled(f"{'…':<{_LABEL}}looking at {name}", "$text-muted")


def counted(findings: Iterable[Finding]) -> Content:
    """Count findings by level, the worst first."""
    counts = Counter(each.level for each in findings)
    parts = []
    for level in ("problem", "warning", "ok"):
        if count := counts[level]:
            glyph, style = _LOOKS[level]
            plural = "s" if count > 1 and level != "ok" else ""
            parts.append(Content.styled(f"{glyph} {count} {level}{plural}", style))
    return Content("   ").join(parts)


def as_text(findings: Iterable[Finding]) -> str:
    """Return findings as the command line prints them, to be pasted elsewhere."""
    lines = []
    for each in findings:
        mark = f"{_LOOKS[each.level][0]} {each.level}"
        lines.append(f"{mark:<9}  {each.subject:<12}  {clean(each.detail, _LIMIT)}")
        if each.advice:
            lines.append(f"{'':25}{clean(each.advice, _LIMIT)}")
    return "\n".join(lines) + "\n"


def _margin() -> str:
    return " " * (_LABEL + SUBJECT + 1)


def _folded(text: str, width: int) -> list[str]:
    """Fold a text into the column that is left in a line of so many cells."""
    from textwrap import wrap

    return wrap(text, max(20, width - len(_margin()) - 2), break_on_hyphens=False) or [""]
