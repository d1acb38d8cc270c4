"""Keep: remove and rename. Nothing here changes anything in Close."""

from __future__ import annotations

from argparse import ArgumentParser

from close_tui.cli import words
from close_tui.cli.call import Call
from close_tui.cli.commands import example, json_flag, yes_flag
from close_tui.cli.session import at_desk
from close_tui.cli.several import tell
from close_tui.errors import Cancelled, StillNeeded, UsageError
from close_tui.operations import keep, names
from close_tui.operations.add import remove_app
from close_tui.operations.pending import is_pending


def remove_arguments(parser: ArgumentParser) -> None:
    """Declare ``remove NAME`` and ``remove app NAME``."""
    parser.usage = "close-tui remove [-h] [--forget-unrevoked] [--yes] [--json] [app] NAME"
    parser.add_argument(
        "target", metavar="NAME", nargs="+", help="a connection; or the word app, and an app"
    )
    parser.add_argument(
        "--forget-unrevoked",
        action="store_true",
        help="also when its revocation is not done, and nothing could finish it afterwards",
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
        found = names.connection(session.desk.vault, call.args.old, exact=True)
        return tell(call, [keep.rename(session.desk, found, call.args.new)])


def _remove_connection(call: Call, name: str) -> int:
    with at_desk(call) as session:
        found = names.connection(session.desk.vault, name, exact=True)
        forget = call.args.forget_unrevoked
        if is_pending(found, call.clock()) and not forget:
            raise StillNeeded(f"The revocation of {found.name} is not done.")
        if found.revoked_at is None:
            say = call.console.note if call.args.yes else call.console.warn
            say(
                "Removing forgets it here and does NOT revoke it: Close goes on accepting it. "
                "To kill it, use close-tui revoke."
            )
        _confirm(call, f"Remove {words.sentence(found)}?")
        return tell(call, [keep.remove(session.desk, found, forget_unrevoked=forget)])


def _remove_app(call: Call, name: str) -> int:
    with at_desk(call) as session:
        found = names.app(session.desk.vault, name, exact=True)
        _confirm(call, f"Forget the OAuth app {found.name}, and its client secret, here?")
        return tell(call, [remove_app(session.desk, found)])


def _confirm(call: Call, question: str) -> None:
    if call.args.yes:
        return
    call.require_person()
    if not call.console.agrees(question):
        raise Cancelled("Nothing was removed.")
