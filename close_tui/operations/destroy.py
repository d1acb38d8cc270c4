"""Destroy: the last resort, once everything was revoked that could be.

Revoke first (:mod:`close_tui.operations.kill`): afterwards nothing can revoke any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final, NamedTuple

from close_tui.errors import Busy
from close_tui.leaks import DEAD
from close_tui.model import App, Connection, Event, Result
from close_tui.operations.desk import Desk
from close_tui.operations.plan import is_settled, newer_may_live
from close_tui.vault.alone import exclusively

_POLL_S: Final = 0.1
_MAY_BE_DEAD: Final = DEAD | {"accepted_not_proved", "skipped"}


class Left(NamedTuple):
    """What Close may still accept, read from the vault, destroyed or not.

    Attributes:
        alive: never revoked, as far as is known: only in Close can they be ended.
        unproved: accepted by Close, and a token of theirs may live.
        apps: whose client secrets stay valid, whatever was revoked.

    """

    alive: tuple[Connection, ...]
    unproved: tuple[Connection, ...]
    apps: tuple[App, ...]


class Destroyed(NamedTuple):
    """When a vault was destroyed, and what became of its key.

    ``key_is_gone``: nothing opens with it any more where it lived; ``key`` says how, or why not.
    """

    at: float
    key_is_gone: bool
    key: str


def to_revoke(desk: Desk) -> list[Connection]:
    """Return what must be revoked first. PlaceContradicted when the key lives elsewhere."""
    from close_tui.vault.destroying import place_of

    place_of(desk.vault)
    now = desk.clock()
    return [each for each in desk.vault.connections() if not is_settled(each, now)]


def still_alive(verdicts: Iterable[Result]) -> list[Result]:
    """Return the verdicts on what Close still accepts, as far as is known."""
    return [each for each in verdicts if each.outcome not in _MAY_BE_DEAD]


def left_at_close(desk: Desk) -> Left:
    """Return what Close may still accept now; needs neither key nor network."""
    now, vault = desk.clock(), desk.vault
    everything = vault.connections()
    return Left(
        tuple(each for each in everything if each.revoked_at is None),
        tuple(
            each for each in everything if each.revoked_at is not None and not _is_over(each, now)
        ),
        tuple(vault.apps()),
    )


def _is_over(connection: Connection, now: float) -> bool:
    return is_settled(connection, now) and not newer_may_live(connection)


async def destroy(desk: Desk, incident: str = "") -> Destroyed:
    """Delete everything sealed, then the key; on a vault that is destroyed, what is left of it.

    Waits (bounded) for a refresh under way. Busy or VaultBusy, and nothing is destroyed, when it
    does not end, or when a connection was added meanwhile.
    """
    from close_tui.vault import destroying

    vault = desk.vault
    with exclusively(desk.settings.home, 0, "is changing the vault's key"):
        if vault.destroyed_at is None:
            destroying.place_of(vault)
            names = ", ".join(each.name for each in left_at_close(desk).alive)
            left = f"Not revoked: {names}." if names else "Nothing that was left was known to live."
            detail = f"Everything sealed was deleted, and the key. {left}"
            await _patiently(desk, detail, incident)
        gone = destroying.take_key(vault)
    return Destroyed(vault.destroyed_at or desk.clock(), gone.is_proved, gone.sentence)


async def _patiently(desk: Desk, detail: str, incident: str) -> None:
    from close_tui.vault import destroying

    deadline = asyncio.get_running_loop().time() + desk.pauses.lock
    while True:
        event = Event(desk.clock(), None, "", "destroy", "ok", detail, incident=incident)
        try:
            return destroying.destroy(desk.vault, event)
        except Busy:
            if asyncio.get_running_loop().time() >= deadline:
                raise
        await asyncio.sleep(_POLL_S)
