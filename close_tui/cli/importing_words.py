"""What was imported, in words and in JSON."""

from __future__ import annotations

from collections.abc import Sequence

from close_tui.cli import json_shapes as shapes
from close_tui.model import Result
from close_tui.operations.import_keys import Imported, where
from close_tui.text import clean


def detail(each: Imported) -> str:
    """Return what became of a candidate, and where it stands."""
    place = where(each.candidate)
    return each.result.detail + ("" if each.result.name == place else f" ({place})")


def as_json(done: Sequence[Imported], unread: Sequence[Result], *, dry_run: bool) -> str:
    """Return what became of everything, as published."""
    return shapes.dumps(
        dry_run=dry_run,
        results=[
            *(
                shapes.of_result(each.result)
                | {
                    "source": each.candidate.source,
                    "line": each.candidate.line,
                    "place": clean(each.candidate.place) or None,
                    "stored": each.is_stored,
                }
                for each in done
            ),
            *(
                shapes.of_result(each)
                | {"source": each.name, "line": None, "place": None, "stored": False}
                for each in unread
            ),
        ],
    )
