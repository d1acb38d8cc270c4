"""End: revoke, with a verdict for each target; API keys are watched until they are dead."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from close_tui.cli import words
from close_tui.cli.call import Call
from close_tui.cli.commands import example, json_flag, yes_flag
from close_tui.cli.session import Session, at_desk
from close_tui.cli.several import Verb, chosen, run_all, target_arguments, tell
from close_tui.errors import Cancelled, CloseTuiError, UsageError, VaultError
from close_tui.model import Connection, Result
from close_tui.operations import revoke_key
from close_tui.operations.desk import Desk
from close_tui.operations.revoke import freeze, revoke
from close_tui.text import clean, duration

WATCH_S: Final = 120.0
"""How long an API key is watched while a person deletes it."""

_STEPS: Final = {
    "frozen": "frozen, nothing refreshes it any more",
    "refresh_token_revoked": "Close accepted the revocation of the refresh token",
    "access_token_revoked": "Close accepted the revocation of the access token",
    "proving": "trying the old access token, which must be refused now",
}


def revoke_arguments(parser: ArgumentParser) -> None:
    """Declare ``revoke``."""
    target_arguments(parser, "every connection that is not revoked")
    yes_flag(parser)
    parser.add_argument(
        "--reason", metavar="TEXT", default="", help="why, for the history (default: none)"
    )
    json_flag(parser)
    parser.set_defaults(run=run_revoke)
    parser.description = (
        f"{parser.description}\nWhat could not be killed stays frozen and is kept, to be revoked "
        "again. An API key has\nto be deleted by hand: the page is opened, and the key watched."
    )
    example(parser, "close-tui revoke acme", "close-tui revoke --all --yes --reason 'laptop lost'")


def run_revoke(call: Call) -> int:
    """Revoke the targets."""
    with at_desk(call) as session:
        targets = chosen(call, session, lambda each: each.revoked_at is None)
        alive = [each for each in targets if each.revoked_at is None]
        _confirm(call, alive)
        try:
            if targets and call.console.interactive:
                for each in alive:  # first: a passphrase may take long, or never be given
                    freeze(session.desk, each, clean(call.args.reason))
                session.unlock()
            results = run_all(session, targets, _verb(call), "revoke")
        except (KeyboardInterrupt, Cancelled, VaultError):
            call.console.note("What was begun stays frozen. Revoke again to finish.")
            raise
        if call.console.interactive:
            results = _watch(session, results)
        return tell(call, results)


def _verb(call: Call) -> Verb:
    shown = call.console.stderr.isatty()

    async def verb(desk: Desk, target: Connection) -> Result:
        def progress(step: str) -> None:
            if shown:
                call.console.note(f"{target.name}: {_STEPS.get(step, words.spoken(step))}.")

        return await revoke(desk, target.id, reason=clean(call.args.reason), progress=progress)

    return verb


def _confirm(call: Call, targets: Sequence[Connection]) -> None:
    """Let a person confirm, who sees the organizations; several by typing how many."""
    console = call.console
    if not targets or call.args.yes:
        return
    if not console.interactive:
        raise UsageError("There is no terminal to ask on.", advice="Say --yes if you mean it.")
    for each in targets:
        console.note(words.sentence(each))
    if len(targets) == 1:
        agreed = console.agrees(f"Revoke it, for {words.whose(targets[0])}? There is no way back.")
    else:
        count = str(len(targets))
        where = len({each.organization.id for each in targets})
        agreed = count == console.ask(
            f"There is no way back. Type {count} to revoke these {count} connections of "
            f"{where} organization{'s' if where > 1 else ''}:"
        )
    if not agreed:
        raise Cancelled("Nothing was revoked.")


def _watch(session: Session, results: list[Result]) -> list[Result]:
    """Open the page where API keys are deleted, and watch those that are left until they die."""
    console, desk = session.console, session.desk
    keys = [each for each in results if each.outcome == "by_hand"]
    if not keys:
        return results
    page, opened = session.run(revoke_key.open_settings(desk))
    console.note(f"Open: {page}" + ("" if opened else " (no browser could be opened)"))
    for each in keys:
        console.note(f"{each.name}: {each.detail}")
    ended: dict[str, Result] = {}

    async def watch(key: Result) -> None:
        try:
            ended[key.id] = await revoke_key.watch(desk, key.id, WATCH_S)
        except CloseTuiError as error:
            console.error(error)

    async def watch_all() -> None:
        await asyncio.gather(*(watch(key) for key in keys))

    with suppress(KeyboardInterrupt):
        console.note(
            f"Watching until Close answers 401, at most {duration(WATCH_S)}. "
            "Ctrl-C leaves it pending."
        )
        session.run(watch_all())
    return [ended.get(each.id, each) for each in results]
