"""What a revocation would come to, in words and in JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from close_tui.cli import json_shapes, words
from close_tui.cli.columns import Cell, table
from close_tui.cli.console import Console
from close_tui.operations.plan import advice

if TYPE_CHECKING:
    from close_tui.leaks import Revocability

_SHOWN = 5


def sentence(planned: Revocability) -> str:
    """Say in one sentence what a revocation of a connection would come to."""
    match planned.word:
        case "provable":
            return "Close revokes it, and its death can be proved."
        case "not_provable":
            said = f"Close revokes it; its death cannot be proved. {planned.why_not}"
            return f"{said} {advice(planned.why_not)}".rstrip()
        case "by_hand":
            key = planned.connection.key_id
            return planned.why_not or f"You delete {key} in Close; it is watched until it is dead."
        case "impossible":
            return f"It can only be frozen. {planned.why_not}"
        case _ if planned.why_not:
            return f"It is revoked as far as possible. {planned.why_not} {advice(planned.why_not)}"
        case _:
            return "It is revoked; nothing is left to do."


def sent(planned: Revocability) -> str:
    """Say what is sent to Close's revocation endpoint; a dash for nothing."""
    return " + ".join(words.spoken(kind) for kind in planned.sends) or "–"


def show(console: Console, planned: Sequence[Revocability]) -> None:
    """Print a plan: a line for each target, then what else hangs on the same OAuth apps."""
    heading = ("NAME", "ORGANIZATION", "USER", "DEATH", "SENT", "WHAT HAPPENS")
    rows: list[Sequence[Cell | str]] = [[Cell(title, words.BOLD) for title in heading]]
    for each in planned:
        target = each.connection
        death = words.revocability(each.word)
        whose = (words.whose(target), words.person(target))
        rows.append((target.name, *whose, death, sent(each), sentence(each)))
    table(console, rows)
    for line in others(planned):
        console.note(line)


def others(planned: Sequence[Revocability]) -> list[str]:
    """Say, for each OAuth app, which live connections hang on it and are not meant."""
    meant = {each.connection.name for each in planned if each.connection.revoked_at is None}
    of_app = {each.connection.app: each.also for each in planned if each.connection.app}
    lines = []
    for app, names in of_app.items():
        if left := [name for name in names if name not in meant]:
            shown = ", ".join(left[:_SHOWN])
            more = f" and {len(left) - _SHOWN} more" if len(left) > _SHOWN else ""
            lines.append(f"Not among them, and on the same OAuth app {app}: {shown}{more}.")
    return lines


def of_plan(planned: Sequence[Revocability], note: str) -> str:
    """Return a plan as JSON, one element for each target."""
    return json_shapes.dumps(plan=[_of(each) for each in planned], advice=note)


def _of(planned: Revocability) -> json_shapes.Shape:
    target = planned.connection
    return {
        "id": target.id,
        "name": target.name,
        "kind": target.kind.value,
        "organization": {"id": target.organization.id, "name": target.organization.name},
        "user": {"id": target.user.id, "email": target.user.email},
        "app": target.app,
        "key_id": target.key_id,
        "revocability": planned.word,
        "sends": list(planned.sends),
        "missing": list(planned.missing),
        "provable": planned.provable,
        "detail": sentence(planned),
        "why_not": planned.why_not,
        "also": list(planned.also),
    }
