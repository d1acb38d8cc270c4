"""Which commands there are, and how they are parsed. Only the module that is called is imported."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from itertools import takewhile
from typing import Any, Final, NamedTuple, NoReturn

from close_tui import __version__
from close_tui.cli.process import DEV
from close_tui.text import clean


class Command(NamedTuple):
    """A command: its name, the module that holds it, one sentence, and the heading it is under."""

    name: str
    module: str
    sentence: str
    heading: str


COMMANDS: Final = (
    Command("list", "looking", "List the connections and their status.", "Look"),
    Command("show", "looking", "Show everything that is known of one connection.", "Look"),
    Command("apps", "looking", "List the OAuth apps.", "Look"),
    Command("history", "looking", "Show what was done, newest first.", "Look"),
    Command("add", "adding", "Add an API key or an OAuth app.", "Begin"),
    Command("import", "importing", "Bring in the API keys that you have in files.", "Begin"),
    Command("authorize", "authorizing", "Authorize an OAuth app in the browser.", "Begin"),
    Command(
        "certificate",
        "certificates",
        "Show the local address's certificate; have browsers trust it.",
        "Begin",
    ),
    Command("set", "setting", "Change an OAuth app; switch automatic refresh.", "Begin"),
    Command("test", "using", "Call Close and say who answers.", "Use"),
    Command("refresh", "using", "Replace access tokens by fresh ones.", "Use"),
    Command("token", "handing_out", "Print an access token or API key, for a script.", "Use"),
    Command("exec", "executing", "Run a command with a credential in its environment.", "Use"),
    Command("find", "finding", "Say whose secret stands in a leaked text.", "End"),
    Command("revoke", "revoking", "Kill connections at Close and prove that they are dead.", "End"),
    Command(
        "incident", "incidents", "List, show, export, close what was done in a bad night.", "End"
    ),
    Command("rotate", "rotating", "Replace a key or authorization, and kill the old one.", "End"),
    Command("reconnect", "reconnecting", "Authorize again what only a browser brings back.", "End"),
    Command("remove", "keeping", "Forget a connection or app here; it is NOT revoked.", "End"),
    Command("rename", "keeping", "Give a connection another name.", "Keep"),
    Command(
        "vault",
        "vaulting",
        "Check, export, import, give a new key, destroy: the vault itself.",
        "Keep",
    ),
    Command("settings", "settings_command", "Show or edit the settings.", "Keep"),
    Command("completion", "completion", "Print a script that completes in your shell.", "Keep"),
    Command("doctor", "doctoring", "Say what is right and wrong on this machine.", "Keep"),
    Command("demo", "demo", "Try close-tui on invented organizations.", "Try"),
)

EXIT_CODES: Final = (
    (0, "done"),
    (1, "error; also: Close refused the key, wrong client secret, wrong organization"),
    (2, "usage; also: --yes is missing where nobody can be asked"),
    (3, "cancelled, declined, or timed out waiting for a person"),
    (4, "must be authorized again, or already revoked"),
    (5, "not found, or ambiguous"),
    (6, "state unknown: unreachable, 5xx, rate limited, another close-tui holds it"),
    (7, "vault or keyring locked or unavailable"),
    (8, "some targets are not proved dead"),
)
"""Published, and never renumbered."""

QUIET: Final = "--quiet"

_QUIETLY: Final = "say nothing on stderr but errors and questions"

DEFAULT_NAME: Final = "\0"
"""Stands for a NAME that was left out in front of ``--``; no word of a caller can be this."""

_KEY: Final = r"api_[A-Za-z0-9]+\.[A-Za-z0-9]+"


class Help(argparse.RawDescriptionHelpFormatter):
    """Help as wide as the terminal.

    Without a width argparse imports shutil (3 ms) at every argument, also when no help is shown.
    """

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_columns() - 2)


def _columns() -> int:
    try:
        return int(os.environ.get("COLUMNS") or 0) or os.get_terminal_size().columns or 80
    except (OSError, ValueError):
        return 80


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are safe to show."""

    name_may_be_left_out = False
    """Whether ``--`` may stand where a NAME could: argparse would take the word behind it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("formatter_class", Help)
        kwargs.setdefault("allow_abbrev", False)
        super().__init__(*args, **kwargs)
        # Without a default of its own it may stand in front of a command and behind it.
        self.add_argument(QUIET, action="store_true", default=argparse.SUPPRESS, help=_QUIETLY)

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """Parse, with :data:`DEFAULT_NAME` for a NAME that was left out."""
        if self.name_may_be_left_out and args:
            flags = list(takewhile(lambda word: word.startswith("-") and word != "--", args))
            if args[len(flags) :][:1] == ["--"]:
                args = [*flags, DEFAULT_NAME, *args[len(flags) :]]
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """Complain on stderr and exit with 2; an API key on the command line is not repeated."""
        hidden = re.sub(_KEY, "api_****", message)
        if hidden != message:
            hidden += " (secrets never go on the command line: others can see it there)"
        self.print_usage(sys.stderr)
        self.exit(2, f"close-tui: {clean(hidden, 1000)}\n")


_HABITS: Final = {"ls": "list", "login": "authorize", "help": "--help", "version": "--version"}
"""What other programs call it."""


class _Top(Parser):
    """The parser in front of the commands; its help groups them."""

    unknown = ""
    """The word that stands where a command should, when it is none."""

    def error(self, message: str) -> NoReturn:
        """Complain; of a command that does not exist, say which may be meant."""
        super().error(_no_command(self.unknown) if self.unknown else message)

    def format_help(self) -> str:
        lines = [
            "usage: close-tui [--version] [--quiet] [COMMAND …]",
            "",
            "The credential manager for people who run many Close organizations.",
            "Without a command it opens the app.",
        ]
        heading = ""
        for command in COMMANDS:
            if command.heading != heading:
                heading = command.heading
                lines += ["", f"{heading}:"]
            lines.append(f"  {command.name:<11} {command.sentence}")
        lines += ["", "close-tui COMMAND --help says more."]
        lines += [f"With {QUIET}, anywhere before a --, every command will {_QUIETLY}."]
        lines += ["", "Exit codes:"]
        lines += [f"  {code}  {meaning}" for code, meaning in EXIT_CODES]
        return "\n".join(lines) + "\n"


def _no_command(word: str) -> str:
    from difflib import get_close_matches  # for the complaint only

    names = [each.name for each in COMMANDS]
    begun = [name for name in names if name.startswith(word)]
    meant = [_HABITS[word]] if word in _HABITS else begun or get_close_matches(word, names, n=2)
    question = f" Did you mean {' or '.join(meant)}?" if meant else ""
    return f"There is no command {clean(word, 200)!r}.{question} close-tui --help lists them."


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Parse a call. ``run`` of the result does it; without it there was no command.

    SystemExit, after help on stdout or a complaint on stderr.
    """
    top = _Top(prog="close-tui")
    top.add_argument("--version", action="version", version=f"close-tui {__version__}")
    top.add_argument(DEV, action="store_true", help=argparse.SUPPRESS)
    wanted = next((word for word in argv if not word.startswith("-")), None)
    # The prog is given because argparse would otherwise format a usage to find it.
    commands = top.add_subparsers(
        dest="command", metavar="COMMAND", parser_class=Parser, prog="close-tui"
    )
    meant: argparse.ArgumentParser = top
    # A parser takes a third of a millisecond: one is enough, or all for the complaint.
    known = [each for each in COMMANDS if each.name == wanted]
    top.unknown = "" if known else wanted or ""
    for command in known or COMMANDS:
        parser = commands.add_parser(command.name, description=command.sentence)
        if command.name == wanted:
            module = import_module(f"close_tui.cli.{command.module}")
            getattr(module, f"{command.name}_arguments")(parser)
            meant = parser
    found: argparse.Namespace
    found, unknown = top.parse_known_args(argv)
    if unknown:
        # By the command's own parser, so that its usage is shown and not that of all.
        meant.error(f"unrecognized arguments: {' '.join(unknown)}{_near(unknown[0], meant)}")
    return found


def _near(flag: str, parser: argparse.ArgumentParser) -> str:
    """Ask after the option that may have been meant."""
    from difflib import get_close_matches

    name = flag.partition("=")[0]
    options = [each for action in parser._actions for each in action.option_strings]  # noqa: SLF001
    begun = [each for each in options if len(name) > 3 and each.startswith(name)]
    near = begun or get_close_matches(name, options, 1, 0.75)
    return f" (did you mean {near[0]}?)" if near and name.startswith("--") else ""


def example(parser: argparse.ArgumentParser, *lines: str) -> None:
    """Put an example below a command's help."""
    title = "example:" if len(lines) == 1 else "examples:"
    parser.epilog = "\n".join((title, *(f"  {line}" for line in lines)))


def json_flag(parser: argparse.ArgumentParser) -> None:
    """Let a command speak JSON."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def yes_flag(parser: argparse.ArgumentParser) -> None:
    """Let a command go ahead without asking."""
    parser.add_argument(
        "--yes", action="store_true", help="do not ask; needed where there is no terminal"
    )
