"""What a revocation would come to, how far it has come, and what it came to, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final, NamedTuple

from close_tui.leaks import Revocability

STEPS: Final = {
    "": "waiting",
    "frozen": "frozen",
    "refresh_token_revoked": "refresh token revoked",
    "access_token_revoked": "access token revoked",
    "proving": "proving",
}
"""How far the revocation of one target has come, before its verdict."""

COUNTED: Final = {
    "provable": "will be revoked and proved",
    "not_provable": "cannot be proved",
    "by_hand": "by hand",
    "impossible": "impossible",
    "settled": "done already",
}
"""What a revocation would come to, to be counted; in the order in which it is told."""


class VerdictLook(NamedTuple):
    """How a verdict reads: a glyph, its words, a theme's colour, and how it is counted."""

    glyph: str
    words: str
    colour: str
    counted: str


_VERDICTS: Final = {
    "dead_proved": VerdictLook("✓", "dead, proved", "success", "dead"),
    "already_revoked": VerdictLook("✓", "already revoked", "success", "already dead"),
    "accepted_not_proved": VerdictLook("◐", "accepted, not proved", "warning", "not proved"),
    "by_hand": VerdictLook("◔", "by hand", "warning", "by hand"),
    "skipped": VerdictLook("–", "nothing to do", "muted", "already dead"),
}
_FAILED: Final = VerdictLook("✕", "failed, still alive", "error", "failed")


def verdict_look(outcome: str) -> VerdictLook:
    """Return how a verdict reads; whatever is not a known good end has failed."""
    return _VERDICTS.get(outcome, _FAILED)


def verdict_words(
    outcome: str, at: float | None, seconds: float | None, http_status: int | None = None
) -> str:
    """Say a verdict in a few words: with its time where it is one, and how long it took."""
    look = verdict_look(outcome)
    words = look.words
    if outcome == "dead_proved" and at is not None:
        words += f" {datetime.fromtimestamp(at, UTC):%H:%M:%SZ}"
    if look is _FAILED:
        return f"{words} (HTTP {http_status})" if http_status else words
    if seconds is None or outcome in ("by_hand", "skipped"):
        return words
    return f"{words}, {took(seconds)}"


def took(seconds: float) -> str:
    """Return a length of time as people compare it: ``0.8 s``, ``41 s``, ``3 min 05 s``."""
    if seconds < 10:
        return f"{max(0.0, seconds):.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest:02} s"


def prospect(plan: Revocability) -> str:
    """Say what a revocation of one connection would come to."""
    match plan.word:
        case "provable":
            return f"{_sent(plan)} revoked, and proved dead."
        case "not_provable":
            return f"{_sent(plan)} revoked, but not proved. {plan.why_not}"
        case "by_hand":
            if plan.why_not:
                return f"{plan.why_not} That is checked once more, and recorded."
            key = plan.connection.key_id
            return f"By hand: delete {key} in Close. It is watched until Close refuses it."
        case "impossible":
            return f"Cannot be revoked. {plan.why_not}"
    if plan.why_not:
        return f"Revoked as far as possible. {plan.why_not}"
    return "Revoked already: nothing is left to do."


def counted(plans: Iterable[Revocability]) -> str:
    """Count what a revocation of several would come to, in one line."""
    counts = Counter(plan.word for plan in plans)
    return ", ".join(f"{counts[word]} {words}" for word, words in COUNTED.items() if counts[word])


def _sent(plan: Revocability) -> str:
    if plan.sends == ("refresh_token", "access_token"):
        return "Refresh and access token"
    return (
        "Refresh token" if plan.sends == ("refresh_token",) else "Access token (no refresh token)"
    )
