"""The certificate for the local address: what it is, who trusts it, and how that is changed."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from close_tui.cli import json_shapes, words
from close_tui.cli.call import Call
from close_tui.cli.columns import Cell, table
from close_tui.cli.commands import example, json_flag, yes_flag
from close_tui.cli.json_shapes import Shape
from close_tui.cli.several import tell_advice
from close_tui.errors import Cancelled, NotFound
from close_tui.text import clean, rfc3339

if TYPE_CHECKING:
    from close_tui.callback.certificate import Certificate
    from close_tui.callback.trust import Standing, Step
    from close_tui.callback.trust_tools import Command
    from close_tui.operations.certificate import Done, State

BROWSERS: Final = ("chromium", "firefox", "system")
_LINE_LIMIT: Final = 2000


def certificate_arguments(parser: ArgumentParser) -> None:
    """Declare ``certificate show``, ``trust``, ``untrust`` and ``renew``."""
    choices = "show|trust|untrust|renew"
    what = parser.add_subparsers(dest="what", metavar=choices, required=True)
    example(parser, "close-tui certificate show", "close-tui certificate trust --dry-run")

    show = what.add_parser(
        "show",
        description="Show the certificate with which this machine answers the browser, and which "
        "browsers were told to trust it. Exit code 1 when it is unusable.",
    )
    json_flag(show)
    show.set_defaults(run=run_show)
    example(show, "close-tui certificate show", "close-tui certificate show --json")

    trust = what.add_parser(
        "trust",
        description="Have your browsers trust the certificate, so that they do not warn when they "
        "come back: Chromium and Chrome (also from snap and flatpak), every Firefox profile, the "
        "macOS login keychain, the Windows root certificates of your user. It is for localhost "
        "alone, and its key does not leave this machine. Every command is shown, and recorded for "
        "untrust. After a renewal the old certificate is taken out.",
    )
    _change_arguments(trust)
    yes_flag(trust)
    trust.set_defaults(run=run_trust)
    example(
        trust,
        "close-tui certificate trust",
        "close-tui certificate trust --dry-run",
        "close-tui certificate trust --browser chromium --yes --json",
    )

    untrust = what.add_parser(
        "untrust",
        description="Undo exactly what trust has done. A database that was made for it stays, "
        "empty: browsers make the same one.",
    )
    _change_arguments(untrust)
    yes_flag(untrust)
    untrust.set_defaults(run=run_untrust)
    example(untrust, "close-tui certificate untrust", "close-tui certificate untrust --dry-run")

    renew = what.add_parser(
        "renew",
        description="Make the certificate anew. It lives for 397 days, and authorizing renews it "
        "in its last 30. Browsers that trusted the old one warn until trust is given anew.",
    )
    yes_flag(renew)
    json_flag(renew)
    renew.set_defaults(run=run_renew)
    example(renew, "close-tui certificate renew")


def run_show(call: Call) -> int:
    """Show the certificate and who trusts it."""
    from close_tui.callback.trust_stores import Machine
    from close_tui.operations.certificate import look

    state = look(call.settings, Machine.here(call.console.environment))
    if call.args.json:
        problem = state.problem or state.unknown
        call.console.data(
            json_shapes.dumps(
                certificate=_certificate(call, state),
                stores=_stores(state.standings),
                problem=str(problem) if problem else None,
            )
        )
    else:
        _show(call, state)
    for error in filter(None, (state.problem, state.unknown)):
        call.console.error(error)
    return int(state.problem is not None or state.unknown is not None)


def run_trust(call: Call) -> int:
    """Show what is run, ask, and run it."""
    from close_tui.callback.trust_stores import Machine
    from close_tui.operations.certificate import plan_trust, trust

    args, console = call.args, call.console
    machine, browsers = Machine.here(console.environment), args.browser or BROWSERS
    steps = plan_trust(call.settings, machine, call.clock, browsers)
    if not steps:
        raise NotFound(
            "No browser of yours was found here whose trust could be changed.",
            advice="A browser's certificates are looked for where it keeps them: start it once, or "
            "accept its warning when it comes back.",
        )
    if args.dry_run:
        return _plan(call, steps)
    if not args.yes and any(step.commands for step in steps):
        call.require_person()
        for line in _lines(steps):
            console.warn(f"  {line}")
        if not console.agrees("Run these commands, and have your browsers trust the certificate?"):
            raise Cancelled("Nothing was changed.")
    return _tell(call, trust(call.settings, machine, call.clock, browsers, _announce(call)))


def run_untrust(call: Call) -> int:
    """Undo it."""
    from close_tui.callback.trust_stores import Machine
    from close_tui.operations.certificate import plan_untrust, untrust

    machine, browsers = Machine.here(call.console.environment), call.args.browser or BROWSERS
    if call.args.dry_run:
        return _plan(call, plan_untrust(call.settings, machine, call.clock, browsers))
    return _tell(call, untrust(call.settings, machine, call.clock, browsers, _announce(call)))


def run_renew(call: Call) -> int:
    """Make it anew, and say who will warn."""
    from close_tui.callback.trust_stores import Machine
    from close_tui.operations.certificate import look, renew

    console = call.console
    renew(call.settings, call.clock)
    state = look(call.settings, Machine.here(console.environment))
    if call.args.json:
        console.data(
            json_shapes.dumps(
                certificate=_certificate(call, state), stores=_stores(state.standings)
            )
        )
    else:
        _show(call, state)
    if state.old:
        names = ", ".join(each.store.name for each in state.old)
        console.warn(
            f"{names}: the old certificate was trusted, the new one is not. "
            "close-tui certificate trust gives trust anew and takes the old one out."
        )
    return 0


def _change_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--browser",
        action="append",
        choices=BROWSERS,
        help="only this one; may be given again (default: all that are found)",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="print the commands, and run nothing"
    )
    json_flag(parser)


def _announce(call: Call) -> Callable[[Command], None]:
    from close_tui.callback.trust_tools import shell_line

    return lambda command: call.console.note(f"$ {shell_line(command)}")


def _lines(steps: Sequence[Step]) -> list[str]:
    from close_tui.callback.trust_tools import shell_line

    return [shell_line(command) for step in steps for command in step.commands]


def _plan(call: Call, steps: Sequence[Step]) -> int:
    if call.args.json:
        shapes = [
            {
                "id": step.store.id,
                "name": step.store.name,
                "browser": step.store.browser,
                "commands": [list(command) for command in step.commands],
            }
            for step in steps
        ]
        call.console.data(json_shapes.dumps(steps=shapes))
    else:
        for line in _lines(steps):
            call.console.data(line)
        for step in steps:
            if not step.commands:
                call.console.note(f"{step.store.name}: nothing is to be done.")
    return 0


def _tell(call: Call, done: Sequence[Done]) -> int:
    results = [each.result for each in done]
    if call.args.json:
        shapes = [
            {
                **json_shapes.of_result(each.result),
                "commands": [list(command) for command in each.commands],
            }
            for each in done
        ]
        call.console.data(json_shapes.dumps(results=shapes))
    elif results:
        rows = [(Cell(each.name), words.outcome(each), each.detail) for each in results]
        table(call.console, rows)
        tell_advice(call.console, results)
    else:
        call.console.note("There is nothing to do.")
    return max((each.exit_code for each in results), default=0)


def _show(call: Call, state: State) -> None:
    """Write the facts whole: a fingerprint that is cut cannot be compared."""
    console, found = call.console, state.certificate
    if found is None:
        if state.problem is None:
            console.data("None yet: the first authorization makes it, and trust does.")
    else:
        whose = "yours" if found.is_brought else "made by close-tui"
        console.data(f"File     {clean(str(found.path), _LINE_LIMIT)} ({whose})")
        console.data(f"SHA-256  {found.sha256}")
        console.data(
            f"Valid    {words.moment(found.not_before)} to {words.moment(found.not_after)}"
        )
        console.data(f"For      {', '.join(_names_in(found))}")
    if state.is_brought:
        console.note("Which browsers trust it is not close-tui's to know.")
    elif state.standings:
        head = [Cell(word, words.BOLD) for word in ("BROWSER", "TRUSTED", "SINCE")]
        rows: list[list[Cell | str]] = [list(head)]
        rows += [
            [each.store.name, _standing(each), words.moment(each.since)] for each in state.standings
        ]
        table(console, rows)


def _standing(standing: Standing) -> Cell:
    if standing.trusts:
        return Cell("✓ yes", words.GREEN)
    return Cell("! only the old one" if standing.old else "– no", words.YELLOW)


def _certificate(call: Call, state: State) -> Shape | None:
    found = state.certificate
    if found is None:
        return None
    return {
        "file": str(found.path),
        "origin": "own" if found.is_brought else "close-tui",
        "sha256": found.sha256,
        "not_before": rfc3339(found.not_before),
        "not_after": rfc3339(found.not_after),
        "names": _names_in(found),
        "is_due": not found.is_brought and found.is_due(call.clock()),
    }


def _stores(standings: Sequence[Standing]) -> list[Shape]:
    return [
        {
            "id": each.store.id,
            "browser": each.store.browser,
            "name": each.store.name,
            "trusted": each.trusts,
            "trusted_at": rfc3339(each.since),
            "old_trusted": each.old,
        }
        for each in standings
    ]


def _names_in(certificate: Certificate) -> list[str]:
    from close_tui.callback.own_certificate import names_of

    return names_of(certificate)
