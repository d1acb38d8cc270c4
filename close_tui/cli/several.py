"""A verb on several targets: chosen before anything is sent, run a few at a time, told in order."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final, TypeAlias, TypeVar

from close_tui.cli import json_shapes, words
from close_tui.cli.call import Call
from close_tui.cli.columns import Cell, table
from close_tui.cli.console import Console
from close_tui.cli.naming import CONNECTION, HELP, default_name
from close_tui.cli.session import Session
from close_tui.errors import CloseTuiError, UsageError
from close_tui.model import Connection, Result
from close_tui.operations import names
from close_tui.operations.desk import Desk
from close_tui.operations.filtering import parse

AT_ONCE: Final = 8
"""How many targets are worked on at the same time."""

PATIENCE_S: Final = 0.5
"""What takes longer than this shows how far it is."""

T = TypeVar("T")
Verb: TypeAlias = Callable[[Desk, Connection], Awaitable[Result]]


def target_arguments(parser: ArgumentParser, every: str) -> None:
    """Declare ``NAME…|--all|--filter FILTER``."""
    parser.add_argument("names", metavar="NAME", nargs="*", help=f"{HELP} (default: ${CONNECTION})")
    parser.add_argument("--all", action="store_true", help=every)
    parser.add_argument(
        "--filter",
        metavar="FILTER",
        help="of all of these only what fits it, as list has it (default: none)",
    )


def chosen(call: Call, session: Session, belongs: Callable[[Connection], bool]) -> list[Connection]:
    """Return the targets that were named, each once; with ``--all``, those that belong.

    With ``--filter``, those of them that fit. An unknown name is NotFound, and nothing has been
    done yet.
    """
    wanted: list[str] = call.args.names
    line: str | None = call.args.filter
    every = call.args.all or line is not None
    default = None if wanted or every else default_name(call)
    if default is not None:
        return [names.connection(session.desk.vault, default, exact=True)]
    if bool(wanted) == every or line == "":
        raise UsageError(
            "Name the connections, or say --all or --filter.",
            advice=f"close-tui {call.args.command} --help says more.",
        )
    vault = session.desk.vault
    if not wanted:
        found = [each for each in vault.connections() if belongs(each)]
        return parse(line).matching(found, call.clock()) if line else found
    found = [names.connection(vault, name) for name in wanted]
    return list({each.id: each for each in found}.values())


def run_all(
    session: Session, targets: Sequence[Connection], verb: Verb, doing: str
) -> list[Result]:
    """Run a verb on every target, whatever becomes of the others; results in the same order."""
    return session.run(_run_all(session, targets, verb, doing))


def tell(call: Call, results: Sequence[Result]) -> int:
    """Print what was done to each target and return the highest exit code."""
    if call.args.json:
        call.console.data(json_shapes.of_results(results))
    elif results:
        rows = [(Cell(each.name), words.outcome(each), each.detail) for each in results]
        table(call.console, rows)
        tell_advice(call.console, results)
        if len(results) > 1:
            call.console.note(_counted(results))
    else:
        call.console.note("There is nothing to do.")
    return max((each.exit_code for each in results), default=0)


def _counted(results: Sequence[Result]) -> str:
    """Say how many came to what; what is worst stands last, where one looks."""
    counts = Counter(each.outcome for each in sorted(results, key=lambda each: each.exit_code))
    return ", ".join(f"{count} {words.spoken(outcome)}" for outcome, count in counts.items())


async def _run_all(
    session: Session, targets: Sequence[Connection], verb: Verb, doing: str
) -> list[Result]:
    gate = asyncio.Semaphore(AT_ONCE)
    desk, done, total = session.desk, 0, len(targets)

    async def run(target: Connection) -> Result:
        nonlocal done
        async with gate:
            try:
                result = await verb(desk, target)
            except CloseTuiError as error:
                result = desk.failure(target, doing, error)
        done += 1
        return result

    async with progress(session.console, lambda: f"{doing}: {done} of {total}"):
        return await asyncio.gather(*(run(target) for target in targets))


async def shown(console: Console, doing: str, work: Awaitable[T]) -> T:
    """Wait for one piece of work, and show on a terminal that it goes on when it takes long."""
    async with progress(console, lambda: doing):
        return await work


@asynccontextmanager
async def progress(console: Console, line: Callable[[], str]) -> AsyncIterator[None]:
    """Show on a terminal how far the work inside is, once it takes longer than half a second."""
    shown = asyncio.create_task(_show(console, line))
    try:
        yield
    finally:
        shown.cancel()
        with suppress(asyncio.CancelledError):
            await shown


async def _show(console: Console, line: Callable[[], str]) -> None:
    """Keep the last line of a terminal up to date, and clear it at the end."""
    await asyncio.sleep(PATIENCE_S)
    if not console.shows_progress:
        return
    try:
        while True:
            console.stderr.write(f"\r\x1b[K{line()} …")
            console.stderr.flush()
            await asyncio.sleep(PATIENCE_S / 4)
    finally:
        console.stderr.write("\r\x1b[K")
        console.stderr.flush()


def tell_advice(console: Console, results: Sequence[Result]) -> None:
    """Say each advice once, with the names that it is for; what went wrong is never kept back."""
    found: dict[str, list[Result]] = {}
    for each in results:
        if each.advice:
            found.setdefault(each.advice, []).append(each)
    for advice, of in found.items():
        say = console.warn if any(each.exit_code for each in of) else console.note
        say(f"{', '.join(each.name for each in of)}: {advice}")
