"""What a revocation came to as a whole, what is left to do, and where it is written down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from close_tui.leaks import DEAD
from close_tui.model import Connection, Result
from close_tui.operations.names import listed
from close_tui.operations.plan import newer_may_live
from close_tui.tui.widgets.kill_words import verdict_look

_REMOVE_APP: Final = (
    "remove the app's access in Close (Settings → Developer → OAuth Apps), somebody may hold newer "
    "tokens."
)


def ending(targets: Sequence[Connection], results: Iterable[Result], records: list[str]) -> str:
    """Say it in a paragraph, with the keys that go on from there."""
    verdicts = {result.id: result.outcome for result in results}
    counts = Counter(verdict_look(outcome).counted for outcome in verdicts.values())
    total = len(targets)
    if counts["dead"] == total:
        words = "All dead, proved."
    elif counts["dead"] + counts["already dead"] == total:
        words = f"All revoked; {counts['dead']} of {total} proved dead just now."
    else:
        words = f"{counts['dead']} of {total} are proved to be dead."
    if unproved := counts["not proved"]:
        words += f" {unproved} revoked, and not proved dead."
    if newer := _newer(targets, verdicts):
        words += f" For {listed(newer)}: {_REMOVE_APP}"
    if pending := counts["failed"] + counts["by hand"]:
        stay, them = ("1 stays", "it") if pending == 1 else (f"{pending} stay", "them")
        words += f" {stay} frozen: P tries {them} again."
    if records:
        words += f" Record: {listed(records)}; y copies it."
    return words


def _newer(targets: Iterable[Connection], verdicts: dict[str, str]) -> list[str]:
    """Return the names of those of which somebody may hold tokens that are not stored here."""
    return [
        target.name
        for target in targets
        if target.id in verdicts and verdicts[target.id] not in DEAD and newer_may_live(target)
    ]
