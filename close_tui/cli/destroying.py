"""The last resort: ``vault destroy``, after an attempt to revoke everything."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Final

from close_tui.cli import json_shapes, words
from close_tui.cli.call import Call
from close_tui.cli.columns import Cell, table
from close_tui.cli.commands import example, json_flag, yes_flag
from close_tui.cli.session import Session, at_desk
from close_tui.errors import Cancelled, UsageError, VaultError
from close_tui.model import Connection, Kind, Result
from close_tui.operations.destroy import (
    Destroyed,
    Left,
    destroy,
    left_at_close,
    still_alive,
    to_revoke,
)
from close_tui.operations.incident_text import REMOVE_APP, verdict
from close_tui.operations.kill import begin, kill, who
from close_tui.operations.plan import newer_may_live
from close_tui.text import clean, rfc3339

_WORD: Final = "destroy"
_NOT_DEAD: Final = 8
_REASON: Final = "The vault is destroyed."


def destroy_arguments(parser: ArgumentParser) -> None:
    """Declare ``vault destroy``."""
    parser.description = (
        "The last resort. Everything is frozen and revoked at Close, as far as that is possible;\n"
        "then everything sealed is deleted, and the key, so that nothing of it can be opened\n"
        "again. What is still alive at Close is named, and asked about once more. List, history\n"
        "and incidents stay readable. Cut off at any point, it is finished by calling it again."
    )
    parser.add_argument(
        "--even-if-alive",
        action="store_true",
        help="also when something could not be revoked, and never can be after this",
    )
    parser.add_argument(
        "--reason",
        metavar="TEXT",
        default=_REASON,
        help="why, for the incident (default: %(default)s)",
    )
    yes_flag(parser)
    json_flag(parser)
    parser.set_defaults(run=run_destroy)
    example(
        parser,
        "close-tui vault destroy",
        "close-tui vault destroy --yes --even-if-alive --reason 'laptop stolen'",
    )


def run_destroy(call: Call) -> int:
    """Revoke everything, then destroy the vault."""
    with at_desk(call) as session:
        desk = session.desk
        if desk.vault.destroyed_at is not None:
            call.console.note("It was destroyed before. What may be left of it is taken away.")
            return _tell(call, [], session.run(destroy(desk)), left_at_close(desk))
        targets = to_revoke(desk)
        _confirm(call, targets, len(desk.vault.connections()))
        incident, verdicts = _revoke(call, session, targets)
        alive = still_alive(verdicts)
        if alive and not _goes_on(call, alive):
            return _refuse(call, verdicts, left_at_close(desk), incident)
        done = session.run(destroy(desk, incident))
        return _tell(call, verdicts, done, left_at_close(desk), incident)


def _confirm(call: Call, targets: Sequence[Connection], total: int) -> None:
    """Say what will happen, and let a person type the word."""
    console, home = call.console, call.settings.home
    say = console.note if call.args.yes else console.warn  # what a question is about
    keys = [each for each in targets if each.kind is Kind.API_KEY]
    say(f"The vault in {home} will be destroyed. Connections in it: {total}.")
    say(
        f"1. Frozen and revoked at Close: {len(targets) - len(keys)}. API keys, which only you can "
        f"delete in Close: {len(keys)}."
    )
    for each in keys:
        say(f"- {each.name}: {each.key_id} ({words.whose(each)})")
    say("2. Everything sealed is deleted, and the key that opens it. No way back.")
    say("3. The list, the history and the incidents stay.")
    if call.args.yes:
        return
    if not console.interactive:
        raise UsageError("There is no terminal to ask on.", advice="Say --yes if you mean it.")
    if console.ask(f"Type {_WORD} to go on:") != _WORD:
        raise Cancelled("Nothing was done.")


def _revoke(
    call: Call, session: Session, targets: Sequence[Connection]
) -> tuple[str, list[Result]]:
    """Freeze all, then revoke all; whatever keeps the vault locked stops neither."""
    console, desk = call.console, session.desk
    incident = begin(desk, targets, clean(call.args.reason, 400), who())
    if not incident:
        return "", []
    console.note(f"Frozen, nothing refreshes them any more. Incident: {incident}")
    try:
        if console.interactive:
            try:
                session.unlock()
            except VaultError as error:
                console.error(error)
                console.warn("Without the key nothing can be revoked.")

        def ended(result: Result) -> None:
            if console.interactive:
                console.note(f"{result.name}: {verdict(result.outcome)}")

        killing = kill(desk, targets, incident, lambda _: None, ended=ended)
        return incident, session.run(killing)
    except (KeyboardInterrupt, Cancelled):
        console.warn("Nothing was destroyed. What was begun stays frozen.")
        raise


def _goes_on(call: Call, alive: Sequence[Result]) -> bool:
    """Ask once more, where it was not said before; False where nobody can be asked."""
    console, count = call.console, len(alive)
    console.warn(f"Still alive, and after this nothing here can revoke them: {count}.")
    for each in alive:
        console.warn(f"- {each.name}: {verdict(each.outcome)}. {each.detail}")
    if call.args.even_if_alive:
        return True
    if not console.interactive:
        return False
    if console.ask(f"Type {count} to destroy the vault all the same:") != str(count):
        raise Cancelled("Nothing was destroyed. What was begun stays frozen: close-tui revoke.")
    return True


def _refuse(call: Call, verdicts: Sequence[Result], left: Left, incident: str) -> int:
    if call.args.json:
        call.console.data(_shape(verdicts, None, left, incident))
    call.console.warn(
        "Nothing was destroyed: everything stays frozen and kept. Revoke what is left, or say "
        "--even-if-alive."
    )
    return _NOT_DEAD


def _tell(
    call: Call, verdicts: Sequence[Result], done: Destroyed, left: Left, incident: str = ""
) -> int:
    """Say what is gone, what is still alive, and what is out of reach."""
    console = call.console
    if call.args.json:
        console.data(_shape(verdicts, done, left, incident))
    elif verdicts:
        table(console, [(Cell(r.name), words.outcome(r), r.detail) for r in verdicts])
    console.note(f"The vault was destroyed at {rfc3339(done.at)}. {done.key}")
    _tell_left(call, left)
    if incident:
        console.note(f"What was done stays readable: close-tui incident export {incident}")
    console.note(
        "Out of reach: exports, backups of vault.db, and backups of its key. Destroy them "
        "yourself. To begin anew, move "
        f"{call.settings.home} away."
    )
    if not done.key_is_gone:
        console.warn("The key is not gone for certain: call close-tui vault destroy again.")
    codes = [each.exit_code for each in verdicts if each.outcome != "already_revoked"]
    codes.append(_NOT_DEAD if left.alive or left.unproved else 0)
    return max(*codes, 0 if done.key_is_gone else VaultError.exit_code)


def _tell_left(call: Call, left: Left) -> None:
    """Name what Close may still accept, and where it is ended; the same at every call."""
    console = call.console
    if left.alive:
        console.warn(
            "Still alive at Close, where only you can end them now "
            f"({call.settings.app_url}/settings/developer):"
        )
    for each in left.alive:
        end = f"delete {each.key_id}" if each.kind is Kind.API_KEY else "remove its app's access"
        console.warn(f"- {words.sentence(each)}: {end}")
    if expiring := [each.name for each in left.unproved if not newer_may_live(each)]:
        console.warn(
            f"Accepted by Close and not proved dead: {', '.join(expiring)}. An access token that "
            "lives on expires within the hour."
        )
    if renewed := [each.name for each in left.unproved if newer_may_live(each)]:
        console.warn(
            f"Accepted by Close, and somebody may hold newer tokens: {', '.join(renewed)}. "
            f"{REMOVE_APP}"
        )
    if left.apps:
        names = ", ".join(f"{each.name} ({each.client_id})" for each in left.apps)
        console.warn(
            f"The client secrets of these OAuth apps stay valid at Close: {names}. Replace or "
            "delete them: Settings → Developer → OAuth Apps."
        )


def _shape(verdicts: Sequence[Result], done: Destroyed | None, left: Left, incident: str) -> str:
    return json_shapes.dumps(
        results=[json_shapes.of_result(each) for each in verdicts],
        vault={
            "destroyed_at": rfc3339(done.at) if done else None,
            "key_is_gone": bool(done and done.key_is_gone),
            "key": done.key if done else "",
        },
        incident=incident or None,
        alive=[_of_left(each) for each in left.alive],
        unproved=[_of_left(each) for each in left.unproved],
        apps=[{"name": each.name, "client_id": each.client_id} for each in left.apps],
    )


def _of_left(connection: Connection) -> json_shapes.Shape:
    return {
        "id": connection.id,
        "name": connection.name,
        "kind": connection.kind.value,
        "key_id": connection.key_id,
        "app": connection.app,
    }
