"""Doctor: what is right and wrong on this machine, in lines that can be pasted in public."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from typing import Final

from close_tui.cli import json_shapes, words
from close_tui.cli.call import Call
from close_tui.cli.commands import example, json_flag
from close_tui.cli.console import Console
from close_tui.operations.doctor_case import Case, Terminal
from close_tui.settings import read
from close_tui.text import clean
from close_tui.vault.checking import Finding

_LINE_LIMIT: Final = 2000


def doctor_arguments(parser: ArgumentParser) -> None:
    """Declare ``doctor``."""
    parser.description = (
        "Say what is right and wrong on this machine, and what to do.\n"
        "It looks at Python, the terminal, the settings, the vault and its key, the keyring, the\n"
        "certificate, the redirect URIs' ports, the proxy, the trust store, Close's API, the\n"
        "clock and PKCE. It shows no secret and no name: paste it where you ask for help.\n"
        "Exit code 1 when there is a problem; warnings are none."
    )
    parser.add_argument(
        "--offline", action="store_true", help="call nobody (default: ask Close, as nobody)"
    )
    json_flag(parser)
    parser.set_defaults(run=run_doctor)
    example(parser, "close-tui doctor", "close-tui doctor --offline --json")


def run_doctor(call: Call) -> int:
    """Look at everything, and say what was found."""
    import asyncio

    from close_tui.operations.doctor import examine

    console, offline = call.console, call.args.offline
    case = Case(read(console.environment), _terminal(console), console.environment, call.clock)
    found = asyncio.run(
        examine(
            case,
            offline=offline,
            waiting_for=lambda names: console.note(f"Looking at {', '.join(names)} …"),
        )
    )
    if call.args.json:
        findings = [each._asdict() for each in found]
        console.data(json_shapes.dumps(offline=offline, findings=findings))
    else:
        for each in found:
            _show(console, each)
    return int(any(each.level == "problem" for each in found))


def _show(console: Console, finding: Finding) -> None:
    """Write a finding, and below it what to do: whole, for a report that is cut helps nobody."""
    text, paint = words.level(finding.level)
    mark = f"{text:<9}"
    if console.in_colour(console.stdout):
        mark = f"\x1b[{paint}m{mark}\x1b[0m"
    console.data(f"{mark}  {finding.subject:<12}  {clean(finding.detail, _LINE_LIMIT)}")
    if finding.advice:
        console.data(f"{'':25}{clean(finding.advice, _LINE_LIMIT)}")


def _terminal(console: Console) -> Terminal:
    """Return the terminal, also where only one of the streams leads to it."""
    for stream in (console.stdout, console.stderr, console.stdin):
        if stream.isatty():
            try:
                size = os.get_terminal_size(stream.fileno())
            except (OSError, ValueError):
                continue
            return Terminal(True, size.columns, size.lines, stream.encoding or "")
    return Terminal(False)
