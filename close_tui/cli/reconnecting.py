"""End: reconnect, one browser visit after another, what a purge has left behind."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence

from close_tui.cli import json_shapes, words
from close_tui.cli.authorizing import Wait, way_arguments
from close_tui.cli.call import Call
from close_tui.cli.columns import Cell, table
from close_tui.cli.commands import example, json_flag
from close_tui.cli.session import Session, at_desk
from close_tui.cli.several import tell
from close_tui.errors import Cancelled, CloseTuiError, UsageError, VaultError
from close_tui.model import Result
from close_tui.operations.reconnect import Lost, judged, lost


def reconnect_arguments(parser: ArgumentParser) -> None:
    """Declare ``reconnect``."""
    parser.add_argument(
        "--organization", metavar="ORG", help="only of this one: its id or name (default: all)"
    )
    parser.add_argument("--app", metavar="APP", help="only through this OAuth app (default: all)")
    parser.add_argument("--dry-run", action="store_true", help="only list them")
    way_arguments(parser)
    json_flag(parser)
    parser.set_defaults(run=run_reconnect)
    parser.description = (
        f"{parser.description}\nThose that were revoked in an incident, and those whose tokens "
        "Close refuses. They keep their\nnames. What is declined, or not answered in time, is left "
        "for the next call. Ctrl-C stops."
    )
    example(parser, "close-tui reconnect --dry-run", "close-tui reconnect --app reports")


def run_reconnect(call: Call) -> int:
    """Walk through all that needs a browser."""
    args, console = call.args, call.console
    with at_desk(call) as session:
        vault = session.desk.vault
        found = lost(vault, call.clock(), organization=args.organization, app=args.app)
        if args.dry_run:
            return _show(call, found)
        if not found:
            return tell(call, []) if args.json else _nothing(call)
        for each in found:
            console.note(_line(each))
        if not console.interactive:
            raise UsageError(
                "Somebody has to allow access in a browser, and there is no terminal.",
                advice="One after another: close-tui authorize APP --organization orga_… "
                "--name NAME --no-browser",
            )
        session.unlock()
        return _tell(call, found, _walk(call, session, found))


def _walk(call: Call, session: Session, found: Sequence[Lost]) -> list[Result]:
    """Authorize one after another, whatever becomes of the others; Ctrl-C stops."""
    desk, wait, results = session.desk, Wait(call), list[Result]()
    for number, each in enumerate(found, 1):
        meant = each.connection
        call.console.warn(f"{number} of {len(found)}: {_line(each)}")
        call.console.warn(f"In the browser, pick {words.whose(meant)}.")
        try:
            work = wait.authorize(desk, each.app, each.name or None, meant.organization.id)
            done = judged(desk, each, session.run(work))
        except KeyboardInterrupt:
            break
        except VaultError:
            raise
        except CloseTuiError as error:
            done = desk.failure(meant, "authorize", error)
            call.console.error(error)
        results.append(done)
    return results


def _tell(call: Call, found: Sequence[Lost], results: Sequence[Result]) -> int:
    code = tell(call, results) if results or call.args.json else 0
    again = sum(each.outcome == "authorized" for each in results)
    call.console.note(f"{again} of {len(found)} authorized again.")
    if len(results) < len(found):
        call.console.warn("Stopped. To go on: close-tui reconnect")
        return max(code, Cancelled.exit_code)
    return code


def _show(call: Call, found: Sequence[Lost]) -> int:
    if call.args.json:
        call.console.data(json_shapes.dumps(connections=[_shape(each) for each in found]))
    elif found:
        head = [Cell(title, words.BOLD) for title in ("ORGANIZATION", "NAME", "APP", "USER", "WHY")]
        table(call.console, [head, *(_row(each) for each in found)])
    else:
        return _nothing(call)
    return 0


def _nothing(call: Call) -> int:
    call.console.note("Nothing needs to be authorized again.")
    return 0


def _row(one: Lost) -> list[Cell | str]:
    was = one.connection
    return [words.whose(was), one.name or was.name, one.app.name, words.person(was), one.why]


def _line(one: Lost) -> str:
    was = one.connection
    return f"{one.name or was.name} ({words.whose(was)}, {words.person(was)}): {one.why}"


def _shape(one: Lost) -> dict[str, object]:
    was = one.connection
    return {
        "id": was.id,
        "name": one.name or was.name,
        "organization": {"id": was.organization.id, "name": was.organization.name},
        "user": {"id": was.user.id, "email": was.user.email},
        "app": one.app.name,
        "why": one.why,
    }
