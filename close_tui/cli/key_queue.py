"""API keys that a person has to delete: one after another, each watched until it is dead."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import Final

from close_tui.cli.console import Console
from close_tui.cli.session import Session
from close_tui.errors import CloseTuiError
from close_tui.model import Result
from close_tui.operations import revoke_key
from close_tui.text import duration

WATCH_S: Final = 120.0
"""How long an API key is watched while a person deletes it."""


def walk(session: Session, results: Sequence[Result]) -> list[Result]:
    """Open the page where API keys are deleted, and walk through those that are left.

    Ctrl-C leaves the present one and those after it pending. Returns all results, with the
    verdicts that have come.
    """
    console, desk = session.console, session.desk
    keys = [each for each in results if each.outcome == "by_hand"]
    if not keys:
        return list(results)
    page, opened = session.run(revoke_key.open_settings(desk))
    console.warn(f"Open: {page}" + ("" if opened else " (no browser could be opened)"))
    ended: dict[str, Result] = {}
    try:
        for number, key in enumerate(keys, 1):
            console.warn(f"Key {number} of {len(keys)}, {key.name}: {_wanted(session, key)}")
            _copy_id(session, key)
            console.note(
                f"Watching until Close answers 401, at most {duration(WATCH_S)}. "
                f"Ctrl-C leaves {'it' if number == len(keys) else 'the rest'} pending."
            )
            try:
                ended[key.id] = session.run(revoke_key.watch(desk, key.id, WATCH_S))
            except CloseTuiError as error:
                console.error(error)
            else:
                console.note(f"{key.name}: {ended[key.id].detail}")
    except KeyboardInterrupt:
        console.warn("What is not dead stays frozen and pending: close-tui revoke --pending.")
    return [ended.get(each.id, each) for each in results]


def _copy_id(session: Session, key: Result) -> None:
    """Send the ID of a key, never its secret half, to the terminal's clipboard (OSC 52)."""
    console = session.console
    found = session.desk.vault.connection(key.id)
    if found is None or not found.key_id or not _takes_sequences(console):
        return
    coded = b64encode(found.key_id.encode()).decode("ascii")
    console.stderr.write(f"\x1b]52;c;{coded}\x07")
    console.stderr.flush()
    console.note("Its ID was sent to the terminal's clipboard (OSC 52), to search the page for it.")


def _takes_sequences(console: Console) -> bool:
    return console.stderr.isatty() and console.environment.get("TERM", "dumb") != "dumb"


def _wanted(session: Session, key: Result) -> str:
    found = session.desk.vault.connection(key.id)
    if found is None:
        return "it was removed."
    where = found.organization.name or found.organization.id
    return f"delete {found.key_id} in Close, signed in to {where}."
