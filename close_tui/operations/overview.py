"""What there is to see without a key: connections, apps, and the state of the vault."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from close_tui.errors import NoVault
from close_tui.model import App, ClockSkew, Connection, Event
from close_tui.operations.desk import Desk

WATCH_S: Final = 1.0
"""Seconds between two looks at whether another process has changed the vault."""


class VaultState(StrEnum):
    """Whether there is a vault, and whether its secrets can be used."""

    MISSING = "missing"
    LOCKED = "locked"
    OPEN = "open"
    DESTROYED = "destroyed"


class Overview(NamedTuple):
    """One look at the vault.

    Attributes:
        connections: all of them, by organization and name; revoked ones included.
        apps: the OAuth apps, by name.
        vault: missing, locked, open or destroyed.
        place: where the vault's key lives: ``keyring``, ``passphrase``, ``file``; or empty.
        version: changes when another process has changed the vault.
        changes: grows when this process has changed it.
        keeps_fresh: whether tokens are refreshed without being asked.
        skew: how wrong this machine's clock is; None when nothing speaks against it.
        apps_with_secret: ids of the OAuth apps whose client secret is stored.
        old_grants: ids of the live connections whose older grant is not revoked yet.

    """

    connections: tuple[Connection, ...]
    apps: tuple[App, ...]
    vault: VaultState
    place: str
    version: int
    changes: int = 0
    keeps_fresh: bool = True
    skew: ClockSkew | None = None
    apps_with_secret: frozenset[str] = frozenset()
    old_grants: frozenset[str] = frozenset()


def overview(desk: Desk, before: Overview | None = None) -> Overview:
    """Look at the vault; one that does not exist is empty.

    While nothing has changed since ``before``, its connections are taken over, the same objects:
    ten thousand take a while to read, and room.
    """
    try:
        vault = desk.vault
    except NoVault:
        return Overview((), (), VaultState.MISSING, "", 0)
    state = VaultState.LOCKED if vault.is_locked else VaultState.OPEN
    if state is VaultState.LOCKED and vault.destroyed_at is not None:
        state = VaultState.DESTROYED
    desk.remember_clock()
    version, changes = vault.version_of_others(), vault.changes()
    kept = vault.old_grants()
    if before is not None and _is_same(before, version, changes):
        connections = before.connections
    else:
        connections = tuple(vault.connections())
    return Overview(
        connections,
        tuple(vault.apps()),
        state,
        vault.place_kind,
        version,
        changes,
        vault.keeps_fresh(),
        vault.clock_skew(),
        vault.apps_with_secret(),
        frozenset(c.id for c in connections if c.id in kept and c.frozen_at is None)
        if kept
        else kept,
    )


def _is_same(before: Overview, version: int, changes: int) -> bool:
    is_there = before.vault is not VaultState.MISSING
    return is_there and (before.version, before.changes) == (version, changes)


def has_changed(desk: Desk, version: int) -> bool:
    """Tell whether another process has changed the vault since this version was seen."""
    try:
        return desk.vault.version_of_others() != version
    except NoVault:
        return version != 0


async def changed(desk: Desk, version: int) -> None:
    """Return when another process has changed the vault since this version was seen."""
    import asyncio  # ``list`` has no time for it

    while not has_changed(desk, version):  # noqa: ASYNC110 - another process sets no event
        await asyncio.sleep(WATCH_S)


def history(desk: Desk, connection_id: str | None = None, limit: int = 1000) -> list[Event]:
    """Return the newest events first; empty without a vault."""
    try:
        return desk.vault.history(connection_id, limit)
    except NoVault:
        return []
