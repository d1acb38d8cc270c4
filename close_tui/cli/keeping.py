"""Keep: remove, rename, and the key to the vault. Nothing here changes anything in Close."""

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
from close_tui.operations.identity import identity


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


def vault_arguments(parser: ArgumentParser) -> None:
    """Declare ``vault identity``."""
    what = parser.add_subparsers(dest="what", metavar="identity", required=True)
    example(parser, "close-tui vault identity")
    key = what.add_parser(
        "identity",
        description="Print the age identity that opens every secret in the vault, for its owner.",
    )
    yes_flag(key)
    key.set_defaults(run=run_identity)
    example(key, "close-tui vault identity --yes > identity.txt")


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


def run_identity(call: Call) -> int:
    """Print the key to the vault."""
    console = call.console
    if not call.args.yes:
        _require_person(call)
    with at_desk(call) as session:
        session.unlock()
        if not call.args.yes:
            console.note(
                "Whoever has this key and the vault's file has every secret in it. It is shown "
                "on the screen, or goes where you have sent standard output."
            )
            if console.ask("Type yes to print it:") != "yes":
                raise Cancelled("The key was not printed.")
        console.data(session.run(identity(session.desk)).reveal())
    return 0


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
    _require_person(call)
    if not call.console.agrees(question):
        raise Cancelled("Nothing was removed.")


def _require_person(call: Call) -> None:
    if not call.console.interactive:
        raise UsageError("There is no terminal to ask on.", advice="Say --yes if you mean it.")
