"""Import: API keys out of .env files, CSV, password managers and the environment."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from close_tui.cli import importing_words as told
from close_tui.cli import words
from close_tui.cli.call import Call
from close_tui.cli.columns import Cell, table
from close_tui.cli.commands import example, json_flag
from close_tui.cli.console import Console
from close_tui.cli.session import Session, at_desk
from close_tui.cli.several import progress, tell_advice
from close_tui.errors import CloseTuiError, NotFound, UsageError
from close_tui.model import Result
from close_tui.operations.foreign.candidates import LIMIT, Candidate
from close_tui.operations.foreign.dotenv import found_in_environment
from close_tui.operations.foreign.reading import read_bytes, read_file
from close_tui.operations.import_keys import Imported, import_keys
from close_tui.operations.plain_text import plain_text
from close_tui.text import clean

_STDIN: Final = "-"
ENVIRONMENT: Final = "environment"


def import_arguments(parser: ArgumentParser) -> None:
    """Declare ``import``."""
    parser.description = (
        f"{parser.description}\n"
        "Each key is tested first; one that is stored already, or is refused, is left out.\n"
        "FILE may be a .env file or another text, CSV with a heading (name,api_key), an export of\n"
        "1Password (.1pux, .csv) or Bitwarden (.json, .csv; not encrypted). No file is changed:\n"
        "afterwards it says where the keys still stand in plain text.\n"
        "An export of close-tui itself is brought in with close-tui vault import."
    )
    parser.add_argument("files", metavar="FILE", nargs="*", help="- is standard input")
    parser.add_argument(
        "--from-env",
        metavar="VAR",
        nargs="?",
        const="",
        action="append",
        help="take the key from an environment variable; without VAR, from all that hold one "
        "(default: from none)",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="test the keys, say what would happen, no more"
    )
    parser.add_argument(
        "--offline", action="store_true", help="with --dry-run: do not even test the keys"
    )
    json_flag(parser)
    parser.set_defaults(run=run_import)
    example(
        parser,
        "close-tui import clients.csv --dry-run",
        "close-tui import .env 1password.1pux",
        "close-tui import --from-env",
    )


def run_import(call: Call) -> int:
    """Import what is found, and say where it still stands in plain text."""
    args, console = call.args, call.console
    if not args.files and args.from_env is None:
        raise UsageError("Name a file, or say --from-env.", advice="- is standard input.")
    if args.offline and not args.dry_run:
        raise UsageError("A key that was not tested is not stored.", advice="Say --dry-run too.")
    found: list[Candidate] = []
    unread: list[Result] = []
    for source, read in _sources(call):
        try:
            found += [each._replace(source=source) for each in read]
        except CloseTuiError as error:
            unread.append(_unread(call, source, error))
    if not found and not unread:
        raise NotFound(
            "No Close API key was found.",
            advice="A key begins with api_ and has a dot in the middle.",
        )
    with at_desk(call) as session:
        done = _import(call, session, found)
    if args.json:
        console.data(told.as_json(done, unread, dry_run=args.dry_run))
    else:
        _tell(console, done, unread)
        if args.dry_run:
            console.note("This is what would happen; nothing was changed.")
        else:
            for line in plain_text(done):
                console.note(line)
    return max(each.exit_code for each in [*(d.result for d in done), *unread])


def _sources(call: Call) -> Iterator[tuple[str, Iterator[Candidate]]]:
    """Give each source with what reads it: an error is of one source only."""
    args, environment = call.args, call.console.environment
    for name in dict.fromkeys(args.files):
        yield ("standard input" if name == _STDIN else name), _read(call.console, name)
    if args.from_env is not None:
        variables = () if "" in args.from_env else tuple(args.from_env)
        yield ENVIRONMENT, found_in_environment(environment, variables)


def _read(console: Console, name: str) -> Iterator[Candidate]:
    if name != _STDIN:
        yield from read_file(Path(name))
        return
    if console.stdin.isatty():
        console.warn("Paste the text, then press Enter and Ctrl-D.")
    yield from read_bytes(_stdin(console))


def _stdin(console: Console) -> bytes:
    try:
        descriptor = console.stdin.fileno()
    except (OSError, ValueError):  # a stream that is no file
        return console.stdin.read(LIMIT + 1).encode("utf-8", "surrogateescape")
    content = b""
    while len(content) <= LIMIT and (chunk := os.read(descriptor, LIMIT)):
        content += chunk
    return content


def _import(call: Call, session: Session, found: Sequence[Candidate]) -> list[Imported]:
    args, done = call.args, 0
    if not args.dry_run and any(each.key is not None for each in found):
        session.prepare()

    def tested() -> None:
        nonlocal done
        done += 1

    async def work() -> list[Imported]:
        async with progress(call.console, lambda: f"import: {done} keys tested"):
            return await import_keys(
                session.desk, found, dry_run=args.dry_run, offline=args.offline, tested=tested
            )

    return session.run(work())


def _unread(call: Call, source: str, error: CloseTuiError) -> Result:
    failed = Result("", clean(source), "import", error.outcome, str(error), at=call.clock())
    return failed._replace(advice=error.advice, error=error)


def _tell(console: Console, done: Sequence[Imported], unread: Sequence[Result]) -> None:
    rows = [
        (Cell(each.result.name), words.outcome(each.result), told.detail(each)) for each in done
    ]
    rows += [(Cell(each.name), words.outcome(each), each.detail) for each in unread]
    table(console, rows)
    tell_advice(console, [*(each.result for each in done), *unread])
