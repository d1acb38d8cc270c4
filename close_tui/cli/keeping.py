"""Keep: remove and rename. Nothing here changes anything in Close."""

from __future__ import annotations

from argparse import ArgumentParser

from close_tui.cli import words
from close_tui.cli.call import Call
from close_tui.cli.commands import example, json_flag, yes_flag
from close_tui.cli.session import at_desk
from close_tui.cli.several import tell
from close_tui.errors import Cancelled, UsageError
from close_tui.operations import keep, names
from close_tui.operations.add import remove_app


def remove_arguments(parser: ArgumentParser) -> None:
    """Declare ``remove NAME`` and ``remove app NAME``."""
    parser.usage = "close-tui remove [-h] [--yes] [--json] [app] NAME"
    parser.add_argument(
        "target", metavar="NAME", nargs="+", help="a connection; or the word app, and an app"
    )
    yes_flag(parser)
    json_flag(parser)
    parser.set_defaults(run=run_remove)
    example(parser, "close-tui remove acme", "close-tui remove app reports")


def rename_arguments(parser: ArgumentParser) -> None:
    """Declare ``rename``."""
    parser.add_argument("old", metavar="OLD", help="name or id of a connection")
    parser.add_argument("new", metavar="NEW", help="what to call it")
    json_flag(parser)
    parser.set_defaults(run=run_rename)
    example(parser, "close-tui rename acme acme-eu")


def run_remove(call: Call) -> int:
    """Forget a connection, or an app after the word ``app``."""
    match call.args.target:
        case [name]:
            return _remove_connection(call, name)
        case ["app", name]:
            return _remove_app(call, name)
        case _:
            raise UsageError("Remove one connection, or one app: remove NAME, remove app NAME.")


def run_rename(call: Call) -> int:
    """Give a connection another name."""
    with at_desk(call) as session:
        found = names.connection(session.desk.vault, call.args.old)
        return tell(call, [keep.rename(session.desk, found, call.args.new)])


def _remove_connection(call: Call, name: str) -> int:
    with at_desk(call) as session:
        found = names.connection(session.desk.vault, name)
        if found.revoked_at is None:
            call.console.note(
                "Removing forgets it here and does NOT revoke it: Close goes on accepting it. "
                "To kill it, use close-tui revoke."
            )
        _confirm(call, f"Remove {words.sentence(found)}?")
        return tell(call, [keep.remove(session.desk, found)])


def _remove_app(call: Call, name: str) -> int:
    with at_desk(call) as session:
        found = names.app(session.desk.vault, name)
        _confirm(call, f"Forget the OAuth app {found.name}, and its client secret, here?")
        return tell(call, [remove_app(session.desk, found)])


def _confirm(call: Call, question: str) -> None:
    if call.args.yes:
        return
    call.require_person()
    if not call.console.agrees(question):
        raise Cancelled("Nothing was removed.")
