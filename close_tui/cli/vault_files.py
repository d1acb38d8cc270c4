"""A whole vault in one age file: export and import."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Final

from close_tui.cli import json_shapes
from close_tui.cli.call import Call
from close_tui.cli.commands import example, json_flag
from close_tui.cli.session import at_desk
from close_tui.cli.several import tell
from close_tui.errors import Cancelled, UsageError
from close_tui.operations import vault_backup as backup
from close_tui.secret import Secret

_STDOUT: Final = "-"
_SECONDS: Final = "That takes a few seconds."


def export_arguments(parser: ArgumentParser) -> None:
    """Declare ``vault export``."""
    parser.description = (
        "Write everything in the vault, secrets and history included, into one new age file "
        "that any age opens. Without --recipient it is sealed with a passphrase."
    )
    parser.add_argument("file", metavar="FILE", help="a new file; - is standard output")
    parser.add_argument(
        "--recipient",
        metavar="age1…",
        action="append",
        help="who can open it, a public key of age; may be repeated (default: a passphrase)",
    )
    passphrase_flag(parser, "the passphrase")
    json_flag(parser)
    parser.set_defaults(run=run_export)
    example(
        parser,
        "close-tui vault export backup.age",
        "close-tui vault export - --recipient age1… > backup.age",
    )


def import_arguments(parser: ArgumentParser) -> None:
    """Declare ``vault import``."""
    parser.description = (
        "Bring what is new in an export into the vault, or into a new one. Authorizations must be "
        "authorized here before they are refreshed: the other machine may refresh them too."
    )
    parser.add_argument("file", metavar="FILE", help="what close-tui vault export has written")
    parser.add_argument(
        "--identity",
        metavar="KEYFILE",
        help="the age identity file that opens it (default: a passphrase does)",
    )
    passphrase_flag(parser, "the passphrase")
    parser.add_argument("--dry-run", action="store_true", help="say what would happen, no more")
    json_flag(parser)
    parser.set_defaults(run=run_import)
    example(
        parser,
        "close-tui vault import backup.age --dry-run",
        "close-tui vault import backup.age --identity key.txt",
    )


def passphrase_flag(parser: ArgumentParser, what: str) -> None:
    """Let a passphrase come from a variable."""
    parser.add_argument(
        "--passphrase-from-env",
        metavar="VAR",
        help=f"take {what} from an environment variable (default: ask)",
    )


def run_export(call: Call) -> int:
    """Export the vault."""
    args, console = call.args, call.console
    path = None if args.file == _STDOUT else Path(args.file).expanduser().absolute()
    if args.recipient and args.passphrase_from_env:
        raise UsageError("Seal it to recipients, or with a passphrase: one of the two.")
    if path is None and args.json:
        raise UsageError("Standard output takes the export, or JSON: name a file.")
    if path is not None:
        backup.refuse_existing(path)
    with at_desk(call) as session:
        session.unlock()
        passphrase = None
        if not args.recipient:
            passphrase = new_passphrase(call, "Passphrase of the export")
            console.note(f"Sealing the export. {_SECONDS}")
        exported = session.run(
            backup.export(session.desk, recipients=args.recipient or (), passphrase=passphrase)
        )
    if path is None:
        console.write(exported.sealed.decode("ascii"))
    else:
        backup.write(path, exported)
        if args.json:
            console.data(
                json_shapes.dumps(
                    file=str(path),
                    count=exported.connections,
                    left_out=list(exported.left_out),
                )
            )
    console.note(
        f"Exported, connections: {exported.connections}. Whoever opens {path or 'the export'} has "
        "every secret in it."
    )
    for line in exported.left_out:
        console.warn(f"Left out: {line}")
    return int(bool(exported.left_out))


def run_import(call: Call) -> int:
    """Import an export."""
    args, console = call.args, call.console
    if args.identity and args.passphrase_from_env:
        raise UsageError("Open it with an identity, or with a passphrase: one of the two.")
    sealed = backup.read(Path(args.file).expanduser().absolute())
    identity = passphrase = None
    if args.identity:
        identity = backup.identities(Path(args.identity).expanduser().absolute())
    elif not backup.is_behind_passphrase(sealed):
        raise UsageError(
            "This export is sealed to a recipient.", advice="Name the key: --identity KEYFILE."
        )
    else:
        passphrase = _passphrase(call)
        console.note(f"Opening the export. {_SECONDS}")
    with at_desk(call) as session:
        document = session.run(backup.opened(sealed, identity=identity, passphrase=passphrase))
        # A file that is wrong is refused before a vault is made for it.
        results = backup.import_document(session.desk, document, dry_run=True)
        if args.dry_run:
            console.note("This is what would happen; nothing was changed.")
        else:
            session.prepare()
            results = backup.import_document(session.desk, document)
        return tell(call, results)


def new_passphrase(call: Call, question: str) -> Secret:
    """Take a new passphrase: from a variable, or asked twice."""
    console = call.console
    if call.args.passphrase_from_env:
        return console.secret(question, call.args.passphrase_from_env)
    _require_terminal(call)
    given = console.ask_secret(question)
    if not given:
        raise UsageError("A passphrase cannot be empty.")
    if given != console.ask_secret("The same again"):
        raise Cancelled("The two were not the same. Nothing was changed.")
    return given


def _passphrase(call: Call) -> Secret:
    console = call.console
    if call.args.passphrase_from_env:
        return console.secret("", call.args.passphrase_from_env)
    _require_terminal(call)
    return console.ask_secret("Passphrase of the export")


def _require_terminal(call: Call) -> None:
    if not call.console.interactive:
        raise UsageError(
            "There is no terminal to ask for a passphrase on.",
            advice="Name a variable that holds it: --passphrase-from-env VAR.",
        )
