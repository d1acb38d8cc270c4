"""Incidents: list, show, export. Needs no key, no network, and nothing heavy."""

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
from close_tui.leaks import Incident
from close_tui.operations.incident import hash_of_last, incident, incidents, save
from close_tui.operations.incident_text import left_to_do, markdown, summary, took, verdict

_FORMATS: Final = ("markdown", "json")
_ID: Final = "id of an incident, or its beginning; last is the newest"


def incident_arguments(parser: ArgumentParser) -> None:
    """Declare ``incident list``, ``show`` and ``export``."""
    what = parser.add_subparsers(dest="what", metavar="list|show|export", required=True)
    example(parser, "close-tui incident list", "close-tui incident export last > incident.md")

    every = what.add_parser("list", description="List the incidents, newest first.")
    json_flag(every)
    every.set_defaults(run=run_list)
    example(every, "close-tui incident list")

    show = what.add_parser(
        "show", description="Show the verdict on each target, and what is left to do."
    )
    show.add_argument("id", metavar="ID", help=_ID)
    json_flag(show)
    show.set_defaults(run=run_show)
    example(show, "close-tui incident show last", "close-tui incident show inc-20270115-7f3a")

    export = what.add_parser(
        "export",
        description="Write the whole record, for a post-mortem. No secret is in it: only "
        "fingerprints and key IDs.",
    )
    export.add_argument("id", metavar="ID", help=_ID)
    export.add_argument(
        "--format", choices=_FORMATS, default=_FORMATS[0], help="(default: %(default)s)"
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
            paint = words.RED if each.is_open else words.GREEN
            glyph = "!" if each.is_open else "✓"
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
            call.console.note(f"{each.name}: {todo}")
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


def _found(call: Call) -> tuple[Incident, str]:
    with looking(call) as desk:
        found = incident(desk, call.args.id)
        return found, hash_of_last(desk, found)
