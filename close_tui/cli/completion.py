"""Completion: a script that lets a shell complete commands, flags, and the names in the vault.

What it knows of commands and flags is read off the parsers themselves.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from importlib import import_module
from typing import Final

from close_tui import __version__
from close_tui.cli import completion_scripts as scripts
from close_tui.cli.call import Call
from close_tui.cli.commands import COMMANDS, QUIET, Parser, example
from close_tui.cli.completing import Row
from close_tui.text import clean

_HELP_LIMIT: Final = 60

_KINDS: Final = {
    "NAME": "connection",
    "OLD": "connection",
    "APP": "app",
    "ORG": "organization",
    "FILE": "file",
    "PATH": "file",
    "KEYFILE": "file",
}
"""What a metavar stands for; another one, such as TEXT, is for a person to think of."""

_OTHERWISE: Final = {
    ("add key", "name"): "",
    ("add app", "name"): "",
    ("authorize", "name"): "",
    ("set app", "name"): "app",
}
"""Where a metavar stands for something else: names that are new."""


def completion_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare ``completion``."""
    parser.add_argument("shell", choices=tuple(scripts.INSTALL), help="which shell it is for")
    installed = "\n".join(f"  {shell}: {line}" for shell, line in scripts.INSTALL.items())
    parser.description = (
        f"{parser.description}\nConnections, apps and organizations are completed too; the vault "
        "stays locked.\nTo install it, and again after an update of close-tui:\n" + installed
    )
    parser.set_defaults(run=run_completion)
    example(parser, "close-tui completion bash")


def run_completion(call: Call) -> int:
    """Print the script."""
    call.console.write(script(call.args.shell))
    return 0


def script(shell: str) -> str:
    """Return the script for a shell: ``bash``, ``zsh`` or ``fish``."""
    lines = "\n".join("\t".join(row) for row in table())
    return scripts.script(shell, lines, __version__)


def table() -> list[Row]:
    """Return what the parsers accept."""
    top = [Row("", "flag", "--help", "", ""), Row("", "flag", "--version", "", "")]
    top.append(Row("", "flag", QUIET, "", ""))
    found: list[Row] = []
    for command in COMMANDS:
        top.append(Row("", "word", command.name, "", _told(command.sentence)))
        parser = Parser(prog=f"close-tui {command.name}", description=command.sentence)
        module = import_module(f"close_tui.cli.{command.module}")
        getattr(module, f"{command.name}_arguments")(parser)
        found += _rows(command.name, parser)
    # The one command whose second word decides what the third is, without a parser of its own.
    found += [Row("remove", "word", "app", "", ""), Row("remove app", "one", "", "app", "")]
    return top + found


def _rows(path: str, parser: argparse.ArgumentParser) -> Iterator[Row]:
    for action in parser._actions:  # noqa: SLF001 - argparse offers no other way to read them
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for name, below in action.choices.items():
                yield Row(path, "word", name, "", _told(below.description))
                yield from _rows(f"{path} {name}", below)
        elif action.help == argparse.SUPPRESS:
            continue
        elif action.option_strings:
            what = "flag" if action.nargs == 0 else "option"
            for text in action.option_strings:
                if text.startswith("--"):
                    yield Row(path, what, text, _kind(path, action), _told(action.help))
        elif action.nargs == argparse.REMAINDER:
            yield Row(path, "rest", "", "command", "")
        else:
            what = "many" if action.nargs in ("*", "+") else "one"
            yield Row(path, what, "", _kind(path, action), "")


def _kind(path: str, action: argparse.Action) -> str:
    if action.choices is not None:
        return "=" + ",".join(map(str, action.choices))
    if action.nargs == 0:
        return ""
    return _OTHERWISE.get((path, action.dest), _KINDS.get(str(action.metavar), ""))


def _told(text: str | None) -> str:
    """Return the beginning of a help text, as short as a menu needs it."""
    first = clean((text or "").split("\n")[0].replace("%(default)s", "…"), _HELP_LIMIT)
    return first.split(" (")[0].split("; ")[0]
