"""Incidents: list, show, export, close. Needs no key, no network, and nothing heavy."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from close_tui.cli import incident_shapes, json_shapes, words
from close_tui.cli.call import Call
from close_tui.cli.columns import Cell, table
from close_tui.cli.commands import example, json_flag
from close_tui.cli.looking import looking
from close_tui.errors import UsageError
from close_tui.leaks import Incident
from close_tui.operations.incident import NEWEST, close, hash_of_last, incident, incidents, save
from close_tui.operations.incident_text import (
    left_to_do,
    limits,
    markdown,
    summary,
    took,
    verdict,
)
from close_tui.operations.kill import who
from close_tui.text import clean

_FORMATS: Final = ("markdown", "json")
_REASON_LIMIT: Final = 400
_ID: Final = "id of an incident, or its beginning; last is the newest"


def incident_arguments(parser: ArgumentParser) -> None:
    """Declare ``incident list``, ``show``, ``export`` and ``close``."""
    what = parser.add_subparsers(dest="what", metavar="list|show|export|close", required=True)
    example(parser, "close-tui incident list", "close-tui incident export last > incident.md")

    every = what.add_parser("list", description="List the incidents, newest first.")
    json_flag(every)
    every.set_defaults(run=run_list)
    example(every, "close-tui incident list")

    show = what.add_parser(
        "show", description="Show the verdict on each target, and what is left to do."
    )
    show.add_argument(
        "id", metavar="ID", nargs="?", default=NEWEST, help=f"{_ID} (default: %(default)s)"
    )
    json_flag(show)
    show.set_defaults(run=run_show)
    example(show, "close-tui incident show last", "close-tui incident show inc-20270115-7f3a")

    export = what.add_parser(
        "export",
        description="Write the whole record, for a post-mortem. No secret is in it: only "
        "fingerprints and key IDs.",
    )
    export.add_argument(
        "id", metavar="ID", nargs="?", default=NEWEST, help=f"{_ID} (default: %(default)s)"
    )
    export.add_argument(
        "--format", choices=_FORMATS, default=_FORMATS[0], help="(default: %(default)s)"
    )
    export.add_argument(
        "--json", action="store_const", const="json", dest="format", help="like --format json"
    )
    export.add_argument(
        "--output", metavar="FILE", help="a new file that only you can read (default: print it)"
    )
    export.set_defaults(run=run_export)
    example(
        export,
        "close-tui incident export last > incident.md",
        "close-tui incident export inc-20270115-7f3a --format json --output incident.json",
    )

    ends = what.add_parser(
        "close",
        description="Close an incident in which something was not proved dead, when you have seen "
        "to it in Close.\nIt is written into the history; the verdicts stay as they are.",
    )
    ends.add_argument("id", metavar="ID", help=_ID)
    ends.add_argument(
        "--reason", metavar="TEXT", required=True, help="what was done about what is left"
    )
    json_flag(ends)
    ends.set_defaults(run=run_close)
    example(ends, "close-tui incident close last --reason 'removed the app in Close'")


def run_list(call: Call) -> int:
    """List the incidents."""
    with looking(call) as desk:
        found = incidents(desk)
    if call.args.json:
        shapes = [incident_shapes.of_incident(each) for each in found]
        call.console.data(json_shapes.dumps(incidents=shapes))
    elif found:
        rows: list[Sequence[Cell | str]] = [
            [Cell(title, words.BOLD) for title in ("ID", "OPENED", "TOOK", "VERDICTS", "REASON")]
        ]
        for each in found:
            glyph, paint = _state(each)
            ended = took(each.seconds)
            opened = words.moment(each.opened_at)
            said = Cell(f"{glyph} {summary(each)}", paint)
            rows.append((each.id, opened, ended, said, each.reason or "–"))
        table(call.console, rows)
    else:
        call.console.note(
            "There was no incident yet. One is opened by close-tui revoke (X in the app); "
            "close-tui find says which connection a leaked text belongs to."
        )
    return 0


def run_show(call: Call) -> int:
    """Show one incident."""
    found, last_hash = _found(call)
    if call.args.json:
        shape = incident_shapes.of_incident_in_full(found, last_hash)
        call.console.data(json_shapes.dumps(incident=shape))
        return 0
    who = found.operator
    facts = [
        ("incident", found.id),
        ("reason", found.reason or "–"),
        ("operator", f"{who.name or '–'} on {who.host or '–'}"),
        ("opened", words.moment(found.opened_at)),
        ("last verdict", words.moment(found.ended_at)),
        ("took", took(found.seconds)),
        ("state", "open" if found.is_open else "closed"),
        *_closed(found),
        ("last event", last_hash[:16]),
    ]
    table(call.console, [(Cell(name, words.DIM), value) for name, value in facts])
    call.console.data("")
    heading = ("CONNECTION", "ORGANIZATION", "USER", "VERDICT", "TOOK", "REQUESTS")
    rows: list[Sequence[Cell | str]] = [[Cell(title, words.BOLD) for title in heading]]
    for each in found.targets:
        glyph, paint = ("✓", words.GREEN) if each.is_over else ("!", words.RED)
        said = Cell(f"{glyph} {verdict(each.verdict)}", paint)
        where = each.organization or each.organization_id or "–"
        rows.append(
            (each.name, where, each.user or "–", said, took(each.seconds), str(len(each.sent)))
        )
    table(call.console, rows)
    for each in found.targets:
        if todo := left_to_do(each):
            call.console.warn(f"{each.name}: {todo}")
    if proves_not := limits(found):
        call.console.note(proves_not)
    if found.is_open and all(each.verdict for each in found.targets):
        call.console.note(
            f"When you have seen to it: close-tui incident close {found.id} --reason TEXT"
        )
    return 0


def run_export(call: Call) -> int:
    """Print the record of an incident, or write it into a new file."""
    found, last_hash = _found(call)
    if call.args.format == "json":
        text = json_shapes.dumps(incident=incident_shapes.of_incident_in_full(found, last_hash))
        text += "\n"
    else:
        text = markdown(found, last_hash)
    if call.args.output is None:
        call.console.write(text)
    else:
        path = Path(call.args.output).expanduser().absolute()
        save(path, text)
        call.console.note(f"Written: {path}")
    return 0


def run_close(call: Call) -> int:
    """Close an incident that a person has seen to."""
    reason = clean(call.args.reason, _REASON_LIMIT)
    if not reason:
        raise UsageError("Say what was done about what is left.", advice="--reason TEXT")
    with looking(call) as desk:
        before = incident(desk, call.args.id)
        found = close(desk, before, reason, who())
    if call.args.json:
        call.console.data(json_shapes.dumps(incident=incident_shapes.of_incident(found)))
    elif not before.is_open:
        call.console.note(f"{found.id} is closed already.")
    else:
        call.console.note(f"{found.id} is closed. The verdicts stay: {summary(found)}.")
    return 0


def _state(found: Incident) -> tuple[str, str]:
    """Return glyph and colour: closed is not the same as dead."""
    if found.is_open:
        return "!", words.RED
    return ("✓", words.GREEN) if found.is_over else ("–", words.DIM)


def _closed(found: Incident) -> list[tuple[str, str]]:
    if found.closed_at is None:
        return []
    return [("closed", words.moment(found.closed_at)), ("closed for", found.closed_for or "–")]


def _found(call: Call) -> tuple[Incident, str]:
    with looking(call) as desk:
        found = incident(desk, call.args.id)
        return found, hash_of_last(desk, found)
