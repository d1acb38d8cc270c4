"""End: revoke, with a plan before and a verdict after for each target."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence

from close_tui.cli import json_shapes, key_queue, plan_words, words
from close_tui.cli.call import Call
from close_tui.cli.commands import example, json_flag, yes_flag
from close_tui.cli.live import Live
from close_tui.cli.session import Session, at_desk
from close_tui.cli.several import tell
from close_tui.close.urls import oauth_apps_page
from close_tui.errors import Cancelled, RevocationPending, UsageError, VaultDestroyed, VaultError
from close_tui.leaks import DEAD, Revocability
from close_tui.model import Connection, Result
from close_tui.operations import names
from close_tui.operations.kill import begin, kill, who
from close_tui.operations.pending import pending, retry
from close_tui.operations.plan import RENEWED, is_settled, plan, select
from close_tui.text import clean

_REASON_LIMIT = 400


def revoke_arguments(parser: ArgumentParser) -> None:
    """Declare ``revoke``."""
    parser.usage = (
        "close-tui revoke [-h] (NAME … | --organization ORG | --app APP | --user USER | --all | "
        "--pending)\n                        [--dry-run] [--yes] [--reason TEXT] [--json]"
    )
    parser.add_argument("names", metavar="NAME", nargs="*", help="name or id of a connection")
    parser.add_argument(
        "--organization",
        metavar="ORG",
        help="every connection of one: its id or name (default: none)",
    )
    parser.add_argument(
        "--app",
        metavar="APP",
        help="every connection of an OAuth app, when its secret has leaked (default: none)",
    )
    parser.add_argument(
        "--user",
        metavar="USER",
        help="every connection of a user: email address or id (default: none)",
    )
    parser.add_argument("--all", action="store_true", help="every connection that is not revoked")
    parser.add_argument(
        "--pending", action="store_true", help="try again what is frozen and not dead yet"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would happen; change and send nothing"
    )
    yes_flag(parser)
    parser.add_argument(
        "--reason", metavar="TEXT", default="", help="why, for the incident (default: none)"
    )
    json_flag(parser)
    parser.set_defaults(run=run_revoke)
    parser.description = (
        f"{parser.description}\nWhat could not be killed stays frozen and is kept, to be revoked "
        "again. An API key has\nto be deleted by hand: the page is opened, and the key watched."
    )
    example(
        parser,
        "close-tui revoke acme --dry-run",
        "close-tui revoke acme",
        "close-tui revoke --app reports --yes --reason 'client secret in a public repository'",
    )


def run_revoke(call: Call) -> int:
    """Revoke the targets, or say what that would come to."""
    with at_desk(call) as session:
        targets = _selected(call, session)
        advice = _about_secret(call, session)
        if call.args.dry_run:
            return _show_plan(call, plan(session.desk, targets), advice)
        if call.args.pending:
            return _finish(call, session, targets)
        now = call.clock()
        alive = [each for each in targets if not is_settled(each, now)]
        _confirm(call, plan(session.desk, alive))
        results, incident = _kill(call, session, targets, alive)
        code = _tell(call, targets, results, incident)
    if advice:
        call.console.note(advice)
    return code


def _selected(call: Call, session: Session) -> list[Connection]:
    args, vault = call.args, session.desk.vault
    if not args.pending:
        return select(
            vault,
            names=args.names,
            organization=args.organization,
            app=args.app,
            user=args.user,
            every=args.all,
        )
    if args.names or args.all or any((args.organization, args.app, args.user)):
        raise UsageError("--pending means all that is pending: name nothing else with it.")
    return pending(vault.connections(), call.clock())


def _about_secret(call: Call, session: Session) -> str:
    """Say what is to be done about a client secret that has leaked: revoking does not change it."""
    if call.args.app is None:
        return ""
    app = names.app(session.desk.vault, call.args.app, exact=True)
    return (
        "Revoking does not change the client secret. When everything is dead, replace it in Close: "
        f"{oauth_apps_page(call.settings.app_url)}, then store the new one: "
        f"close-tui set app {app.name} --secret. {RENEWED}"
    )


def _show_plan(call: Call, planned: Sequence[Revocability], advice: str) -> int:
    if call.args.json:
        call.console.data(plan_words.of_plan(planned, advice))
    elif planned:
        plan_words.show(call.console, planned)
    else:
        call.console.note(_NOTHING[bool(call.args.pending)])
    if advice:
        call.console.note(advice)
    return 0


def _confirm(call: Call, planned: Sequence[Revocability]) -> None:
    """Let a person confirm, who sees the plan; several by typing how many."""
    console = call.console
    if not planned or call.args.yes:
        return
    if not console.interactive:
        raise UsageError("There is no terminal to ask on.", advice="Say --yes if you mean it.")
    for each in planned:
        console.warn(f"{words.sentence(each.connection)}: {plan_words.sentence(each)}")
    for line in plan_words.others(planned):
        console.warn(line)
    first, count = planned[0].connection, str(len(planned))
    if len(planned) == 1:
        agreed = console.agrees(f"Revoke it, for {words.whose(first)}? There is no way back.")
    else:
        where = len({each.connection.organization.id for each in planned})
        agreed = count == console.ask(
            f"There is no way back. Type {count} to revoke these {count} connections of "
            f"{where} organization{'s' if where > 1 else ''}:"
        )
    if not agreed:
        raise Cancelled("Nothing was revoked.")


def _kill(
    call: Call, session: Session, targets: Sequence[Connection], alive: Sequence[Connection]
) -> tuple[list[Result], str]:
    """Freeze, then revoke; return the verdicts and the incident."""
    desk, live = session.desk, Live(call.console, alive)
    incident = begin(desk, alive, clean(call.args.reason, _REASON_LIMIT), who())
    try:
        if alive and call.console.interactive:
            _unlock(session)  # only now: a passphrase may take long, or never be given
        work = kill(desk, targets, incident, live.step, ended=live.verdict)
        results = session.run(work)
    except (KeyboardInterrupt, Cancelled):
        call.console.warn(_TO_FINISH)
        raise
    if call.console.interactive:
        results = key_queue.walk(session, results)
    return results, incident


def _unlock(session: Session) -> None:
    """Unlock the vault; RevocationPending, since something is frozen by now, when it cannot be."""
    try:
        session.unlock()
    except VaultDestroyed:
        raise
    except VaultError as error:
        raise RevocationPending(error, advice=f"{error.advice} {_TO_FINISH}".strip()) from error


def _finish(call: Call, session: Session, targets: Sequence[Connection]) -> int:
    """Try again what is pending: confirmed it was when it was frozen."""
    desk, live = session.desk, Live(call.console, targets)
    if call.console.interactive and (targets or desk.vault.old_grants()):
        _unlock(session)
    results = session.run(retry(desk, live.step, every=True, ended=live.verdict))
    if call.console.interactive:
        results = key_queue.walk(session, results)
    if not results and not call.args.json:
        call.console.note(_NOTHING[True])
        return 0
    _tell(call, targets, results, "")
    is_left = pending(desk.vault.connections(), call.clock())
    return 8 if is_left or any(each.outcome not in DEAD for each in results) else 0


def _tell(
    call: Call, targets: Sequence[Connection], results: Sequence[Result], incident: str
) -> int:
    if call.args.json:
        call.console.data(json_shapes.of_revocation(results, incident))
        return max((each.exit_code for each in results), default=0)
    code = tell(call, results)
    renewable = {each.id for each in targets if each.can_refresh}
    if call.args.app is None and any(
        each.outcome == "dead_proved" and each.id in renewable for each in results
    ):
        call.console.note(RENEWED)
    if incident:
        call.console.note(f"For the post-mortem: close-tui incident show {incident}")
    return code


_TO_FINISH = "What was begun stays frozen. To finish: close-tui revoke --pending"
_NOTHING = {True: "Nothing is pending.", False: "There is nothing to revoke."}
