"""Exec: run a command with a credential in its environment."""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NoReturn

from close_tui.cli import naming, process
from close_tui.cli.call import Call
from close_tui.cli.commands import Parser, example
from close_tui.cli.console import Console
from close_tui.cli.handing_out import handed_out
from close_tui.cli.session import at_desk
from close_tui.errors import UsageError
from close_tui.model import Kind
from close_tui.operations.token import Handed
from close_tui.text import clean

API_KEY: Final = "CLOSE_API_KEY"
ACCESS_TOKEN: Final = "CLOSE_ACCESS_TOKEN"  # noqa: S105 - a variable's name
ORGANIZATION_ID: Final = "CLOSE_ORGANIZATION_ID"

NOT_FOUND: Final = 127
NOT_RUN: Final = 126
"""As in every shell (POSIX.1, Shell Command Language, 2.8.2)."""

_KEYS_TO_THE_VAULT: Final = ("CLOSE_TUI_IDENTITY_FILE", "CLOSE_TUI_PASSPHRASE_FILE")


def exec_arguments(parser: Parser) -> None:
    """Declare ``exec``."""
    parser.name_may_be_left_out = True
    parser.usage = "close-tui exec [NAME] -- COMMAND [ARGUMENT …]"
    parser.description = (
        f"{parser.description}\n\n"
        f"It finds {API_KEY} or {ACCESS_TOKEN} there, whichever the connection\n"
        f"has, and {ORGANIZATION_ID}. The other one of the two is taken out, and so is what\n"
        "leads to the vault's key: CLOSE_TUI_IDENTITY_FILE and CLOSE_TUI_PASSPHRASE_FILE.\n"
        "An access token that expires within five minutes is refreshed first. It is not renewed\n"
        "while COMMAND runs: an hour after it was granted it has expired.\n\n"
        "COMMAND takes the place of close-tui: its signals and its exit code are its own. When it\n"
        "cannot be started, the exit code is 127 (not found) or 126 (found, cannot be run), and\n"
        "one of close-tui's own when the credential cannot be had; standard error says which."
    )
    parser.add_argument(
        "name",
        metavar="NAME",
        help=f"{naming.HELP}{naming.IN_FULL} (default: ${naming.CONNECTION})",
    )
    parser.add_argument(
        "words",
        metavar="-- COMMAND",
        nargs=argparse.REMAINDER,
        help="the command and its arguments; no shell reads them",
    )
    parser.set_defaults(run=run_exec)
    example(parser, "close-tui exec acme -- python3 sync.py", "close-tui exec acme -- make report")


def run_exec(call: Call) -> int:
    """Give a credential to a command, and this process with it."""
    words: list[str] = call.args.words
    if words[:1] == ["--"]:
        words = words[1:]
    if not words:
        raise UsageError(
            "There is no command to run.", advice="Like this: close-tui exec NAME -- COMMAND"
        )
    console = call.console
    path = shutil.which(words[0], path=console.environment.get("PATH", os.defpath))
    if path is None:
        if Path(words[0]).exists():
            return _not_run(console, words[0], "it is not an executable program")
        console.warn(f"close-tui: {clean(words[0], 100)} was not found. Nothing was handed out.")
        return NOT_FOUND
    with at_desk(call) as session:
        handed = handed_out(call, session, f"the command {clean(Path(words[0]).name, 40)}")
    console.flush()
    environment = environment_for(handed, console.environment)
    process.make_way(environment)
    try:
        return _become(path, words, environment)
    except OSError as error:
        return _not_run(console, words[0], error.strerror or "the system refused")


def environment_for(handed: Handed, environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment with one credential in it, and no other way to any."""
    ours = (API_KEY, ACCESS_TOKEN, ORGANIZATION_ID, *_KEYS_TO_THE_VAULT)
    made = {name: value for name, value in environment.items() if name not in ours}
    is_key = handed.connection.kind is Kind.API_KEY
    made[API_KEY if is_key else ACCESS_TOKEN] = handed.secret.reveal()
    if handed.connection.organization.id:
        made[ORGANIZATION_ID] = handed.connection.organization.id
    return made


def _become(path: str, words: list[str], environment: dict[str, str]) -> int:
    """Let the command take this process over; where a system cannot do that, wait for it."""
    if os.name == "posix":
        _replace(path, words, environment)
    import subprocess

    # Ctrl-C reaches the command as well, and what becomes of it is the command's to say.
    with subprocess.Popen(words, executable=path, env=environment) as command:  # noqa: S603
        while True:
            try:
                return command.wait()
            except KeyboardInterrupt:
                continue


def _replace(path: str, words: list[str], environment: dict[str, str]) -> NoReturn:
    os.execve(path, words, environment)  # noqa: S606 - no shell is what is wanted


def _not_run(console: Console, command: str, why: str) -> int:
    console.warn(f"close-tui: {clean(command, 100)} cannot be run: {why}.")
    return NOT_RUN
