"""The vault itself: its key, its health, and all of it in one file."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from close_tui.cli import json_shapes, words
from close_tui.cli.call import Call
from close_tui.cli.columns import table
from close_tui.cli.commands import example, json_flag, yes_flag
from close_tui.cli.destroying import destroy_arguments
from close_tui.cli.session import at_desk
from close_tui.cli.several import tell
from close_tui.cli.vault_files import (
    export_arguments,
    import_arguments,
    new_passphrase,
    passphrase_flag,
)
from close_tui.errors import Cancelled, UsageError, VaultError
from close_tui.operations.identity import identity
from close_tui.operations.vault_check import unchecked, with_key, without_key
from close_tui.operations.vault_key import PLACES, move_key, rekey


def vault_arguments(parser: ArgumentParser) -> None:
    """Declare ``vault`` and everything that can be done with it."""
    what = parser.add_subparsers(
        dest="what", metavar="check|export|import|rekey|move-key|identity|destroy", required=True
    )
    example(parser, "close-tui vault check", "close-tui vault export backup.age")

    check = what.add_parser(
        "check",
        description="Say what is right and what is not with the vault. Changes nothing. "
        "Exit code 0, 1 with problems, 7 when the secrets could not be opened.",
    )
    json_flag(check)
    check.set_defaults(run=run_check)
    example(check, "close-tui vault check", "close-tui vault check --json")

    export_arguments(what.add_parser("export"))
    import_arguments(what.add_parser("import"))

    anew = what.add_parser(
        "rekey",
        description="Make a new key and seal every secret to it. Other programs of close-tui that "
        "run must unlock again; copies of the vault from before need the old key.",
    )
    json_flag(anew)
    anew.set_defaults(run=run_rekey)
    example(anew, "close-tui vault rekey")

    move = what.add_parser(
        "move-key",
        description="Move the key to another place. To the passphrase, where it is already, "
        "changes the passphrase. A file of yours keeps what it holds.",
    )
    move.add_argument("place", choices=PLACES, help="where the key shall live")
    move.add_argument("file", metavar="FILE", nargs="?", help="for the place file: which one")
    passphrase_flag(move, "the new passphrase")
    json_flag(move)
    move.set_defaults(run=run_move_key)
    example(
        move, "close-tui vault move-key keyring", "close-tui vault move-key file ~/close-tui.key"
    )

    key = what.add_parser(
        "identity",
        description="Print the age identity that opens every secret in the vault, for its owner.",
    )
    yes_flag(key)
    key.set_defaults(run=run_identity)
    example(key, "close-tui vault identity --yes > identity.txt")

    destroy_arguments(what.add_parser("destroy"))


def run_check(call: Call) -> int:
    """Look at the vault, and say what was found."""
    code = 0
    with at_desk(call) as session:
        found, usable = without_key(session.desk)
        if usable:
            try:
                session.unlock()
                found += with_key(session.desk)
            except VaultError as error:
                found.append(unchecked(error))
                code = VaultError.exit_code
    if call.args.json:
        call.console.data(json_shapes.dumps(findings=[each._asdict() for each in found]))
    else:
        table(call.console, [(words.level(f.level), f.subject, f.detail) for f in found])
        problems = {each.advice for each in found if each.level == "problem"}
        for advice in dict.fromkeys(each.advice for each in found if each.advice):
            (call.console.warn if advice in problems else call.console.note)(advice)
    return max(code, int(any(each.level == "problem" for each in found)))


def run_rekey(call: Call) -> int:
    """Give the vault a new key."""
    with at_desk(call) as session:
        passphrase = session.unlock()
        if session.desk.vault.place_kind == "passphrase":
            call.console.note("Making the new key; that takes some seconds.")
        return tell(call, [session.run(rekey(session.desk, passphrase))])


def run_move_key(call: Call) -> int:
    """Move the key to another place."""
    args = call.args
    if (args.place == "file") != (args.file is not None):
        raise UsageError("Name a file for the place file, and for no other.")
    with at_desk(call) as session:
        passphrase = session.unlock()
        new = (
            new_passphrase(call, "New passphrase of the vault")
            if args.place == "passphrase"
            else None
        )
        moving = move_key(
            session.desk,
            args.place,
            file=Path(args.file) if args.file else None,
            passphrase=passphrase,
            new_passphrase=new,
        )
        return tell(call, [session.run(moving)])


def run_identity(call: Call) -> int:
    """Print the key to the vault."""
    console = call.console
    if not call.args.yes:
        call.require_person()
    with at_desk(call) as session:
        session.unlock()
        if not call.args.yes:
            console.warn(
                "Whoever has this key and the vault's file has every secret in it. It is shown "
                "on the screen, or goes where you have sent standard output."
            )
            if console.ask("Type yes to print it:") != "yes":
                raise Cancelled("The key was not printed.")
        console.data(session.run(identity(session.desk)).reveal())
    return 0
