"""The settings: what holds, where each comes from, and the file to change them in."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from close_tui.cli import json_shapes
from close_tui.cli.call import Call
from close_tui.cli.columns import Cell, table
from close_tui.cli.commands import example, json_flag
from close_tui.cli.words import BOLD
from close_tui.errors import UsageError
from close_tui.settings import SETTINGS, Told, read, said, settings_file


def settings_arguments(parser: ArgumentParser) -> None:
    """Declare ``settings show``, ``settings edit`` and ``settings path``."""
    what = parser.add_subparsers(dest="what", metavar="show|edit|path", required=True)
    example(parser, "close-tui settings show", "close-tui settings edit")

    show = what.add_parser(
        "show",
        description="Show every setting, its value and where it comes from. A flag wins over the "
        "environment, the environment over the file. Exit code 1 when the file has a mistake.",
    )
    json_flag(show)
    show.set_defaults(run=run_show)
    example(show, "close-tui settings show", "close-tui settings show --json")

    edit = what.add_parser(
        "edit",
        description="Open the settings file in $VISUAL or $EDITOR, then say what is wrong with it. "
        "Where there is none yet, one is made in which everything is explained.",
    )
    edit.set_defaults(run=run_edit)
    example(edit, "close-tui settings edit")

    path = what.add_parser("path", description="Print where the settings file is, or would be.")
    json_flag(path)
    path.set_defaults(run=run_path)
    example(path, "close-tui settings path")


def run_show(call: Call) -> int:
    """Show what holds."""
    told = read(call.console.environment)
    if call.args.json:
        call.console.data(
            json_shapes.dumps(
                file=str(told.file),
                exists=told.file.exists(),
                settings=[
                    {
                        "name": each.name,
                        "value": _plain(getattr(told.settings, each.name)),
                        "origin": told.origins[each.name],
                        "variable": each.variable,
                        "default": each.default,
                    }
                    for each in SETTINGS
                ],
                problems=list(told.problems),
            )
        )
    else:
        head = [Cell(word, BOLD) for word in ("SETTING", "VALUE", "FROM", "ENVIRONMENT")]
        rows: list[list[Cell | str]] = [list(head)]
        for each in SETTINGS:
            value = said(getattr(told.settings, each.name))
            rows.append([each.name, value, told.origins[each.name], each.variable])
        table(call.console, rows)
        state = "" if told.file.exists() else " (not made yet: close-tui settings edit)"
        call.console.note(f"File: {told.file}{state}")
    return _complain(call, told)


def run_edit(call: Call) -> int:
    """Let a person change the file, and check what they wrote."""
    from close_tui.operations.editing import edit
    from close_tui.operations.settings_template import ensure

    console = call.console
    if not (console.interactive and console.stdout.isatty()):
        raise UsageError(
            "There is no terminal to edit on.",
            advice="Write the file yourself; close-tui settings path says where it is.",
        )
    path = settings_file(console.environment)
    if ensure(path):
        console.note(f"Made {path}.")
    console.flush()
    edit(path, console.environment)
    told = read(console.environment)
    if not told.problems:
        console.note("The settings are fine.")
    return _complain(call, told)


def run_path(call: Call) -> int:
    """Print where the file is."""
    path = settings_file(call.console.environment)
    if call.args.json:
        call.console.data(json_shapes.dumps(file=str(path), exists=path.exists()))
    else:
        call.console.data(str(path))
    return 0


def _complain(call: Call, told: Told) -> int:
    for problem in told.problems:
        call.console.warn(problem)
    return 1 if told.problems else 0


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return dict(value)
    return str(value) if isinstance(value, Path) else value
